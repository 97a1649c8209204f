package officetest

import (
	"context"
	"strings"
	"testing"

	"officepay.example/shared/office"
)

// UserCases are the cases of UserByID, which every store has.
func UserCases[S Users]() Cases[S] {
	return Cases[S]{
		"UserByID/missing":      userMissing[S],
		"UserByID/every field":  userFields[S],
		"UserByID/no databases": userWithoutDBs[S],
	}
}

func userMissing[S Users](t *testing.T, f Fixture[S]) {
	f.WantNoUser(t, User(1).ID)
	f.AddUsers(t, User(1))
	f.WantNoUser(t, User(2).ID)
	f.WantNoUser(t, office.ID{})
}

func userFields[S Users](t *testing.T, f Fixture[S]) {
	users := []office.User{
		User(1, Admin, InSession),
		User(2, Allowed(DB(3).ID, Missing, DB(1).ID)), // order kept; gone ones too
		User(3, func(u *office.User) { u.FirstName, u.LastName = "Zoë \"%_\\", "O'Brien 日本 🎖" }),
		User(4, func(u *office.User) { u.FirstName = strings.Repeat("É", office.MaxName) }),
	}
	f.AddUsers(t, users...)
	for _, user := range users {
		f.WantUser(t, user)
	}
}

func userWithoutDBs[S Users](t *testing.T, f Fixture[S]) {
	f.AddUsers(t, User(1, Allowed(nil...)), User(2, Allowed([]office.ID{}...)))
	f.WantUser(t, User(1))
	f.WantUser(t, User(2))
}

// DBReader is a store that can look databases up.
type DBReader interface {
	Users
	// DBsByID returns those of the databases that exist, in any order.
	DBsByID(ctx context.Context, ids []office.ID) ([]office.DB, error)
}

// DBCases are the cases of DBsByID.
func DBCases[S DBReader]() Cases[S] {
	return Cases[S]{
		"DBsByID/which exist": dbsWhichExist[S],
		"DBsByID/every field": dbFields[S],
	}
}

func dbsWhichExist[S DBReader](t *testing.T, f Fixture[S]) {
	f.AddDBs(t, DBs(3)...)
	one, two, three := DB(1).ID, DB(2).ID, DB(3).ID
	many := []office.ID{}
	for n := range 1500 { // more than some stores take as arguments of one query
		many = append(many, DB(1501-n).ID)
	}
	for _, c := range []struct {
		name      string
		ids, want []office.ID
	}{
		{"no ids", nil, nil},
		{"an empty list", []office.ID{}, nil},
		{"only missing ones", []office.ID{Missing, {}}, nil},
		{"all", []office.ID{three, one, two}, []office.ID{one, two, three}},
		{"some missing", []office.ID{two, Missing}, []office.ID{two}},
		{"one named twice", []office.ID{two, two}, []office.ID{two}},
		{"more than a thousand", many, []office.ID{two, three}},
	} {
		got, err := f.Store.DBsByID(t.Context(), c.ids)
		Must(t, err)
		if got == nil {
			t.Errorf("%s: the list is nil", c.name)
		}
		SameIDs(t, c.name, idsOf(got), c.want)
	}
}

func idsOf(dbs []office.DB) []office.ID {
	ids := make([]office.ID, len(dbs))
	for i, db := range dbs {
		ids[i] = db.ID
	}
	return ids
}

func dbFields[S DBReader](t *testing.T, f Fixture[S]) {
	for n, edit := range []func(*office.DB){
		func(*office.DB) {},
		func(db *office.DB) { db.Description = "" },
		func(db *office.DB) { db.Name, db.ShortCode = "Zoë's \"%_\\", "É/日本" },
		func(db *office.DB) { db.Description = strings.Repeat("É", office.MaxNote) },
	} {
		want := DB(n, edit)
		f.AddDBs(t, want)
		got, err := f.Store.DBsByID(t.Context(), []office.ID{want.ID})
		Must(t, err)
		Equal(t, "the database", got, []office.DB{want})
	}
}
