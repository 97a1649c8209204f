package storetest

import (
	"cmp"
	"math/rand/v2"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var listUserCases = cases{
	"Users/none":               listNoUsers,
	"Users/in order, in parts": listUsersInOrder,
	"Users/created together":   listUsersCreatedTogether,
	"Users/by role":            listUsersByRole,
	"Users/by words":           listUsersByWords,
	"Users/after a change":     listUsersAfterChange,
	"Users/random questions":   listUsersRandom,
}

// userLister lists the parts of what a query asks for.
func userLister(t *testing.T, f Fixture, query admin.UserQuery) officetest.Lister[office.User] {
	return func(offset, limit int) ([]office.User, int, error) {
		query.Offset, query.Limit = offset, limit
		return f.Store.Users(t.Context(), query)
	}
}

func wantUsers(t *testing.T, f Fixture, query admin.UserQuery, want ...office.User) {
	t.Helper()
	officetest.Pages(t, userLister(t, f, query), want)
}

func listNoUsers(t *testing.T, f Fixture) {
	wantUsers(t, f, admin.UserQuery{})
	f.AddUsers(t, boss)
	wantUsers(t, f, admin.UserQuery{Role: office.RoleUser})
	wantUsers(t, f, admin.UserQuery{Words: []string{"nobody"}})
}

func listUsersInOrder(t *testing.T, f Fixture) {
	var users []office.User
	for n := range 14 { // crosses a whole second
		users = append(users, officetest.User(n, officetest.Allowed(officetest.DB(n).ID)))
	}
	f.AddUsers(t, officetest.Shuffled(users)...)
	wantUsers(t, f, admin.UserQuery{}, users...)
}

// listUsersCreatedTogether: in whatever order they come, it is the same for
// every page.
func listUsersCreatedTogether(t *testing.T, f Fixture) {
	ids := []office.ID{}
	for n := range 9 {
		user := officetest.User(n, func(u *office.User) { u.CreatedAt = officetest.At(0) })
		f.AddUsers(t, user)
		ids = append(ids, user.ID)
	}
	id := func(u office.User) office.ID { return u.ID }
	officetest.EachOnce(t, userLister(t, f, admin.UserQuery{}), id, ids)
}

func listUsersByRole(t *testing.T, f Fixture) {
	first, second := officetest.User(1), officetest.User(3)
	other := officetest.User(2, officetest.Admin, officetest.InSession)
	f.AddUsers(t, second, other, boss, first)
	wantUsers(t, f, admin.UserQuery{}, boss, first, other, second)
	wantUsers(t, f, admin.UserQuery{Role: office.RoleUser}, first, second)
	wantUsers(t, f, admin.UserQuery{Role: office.RoleAdmin}, boss, other)
}

func listUsersByWords(t *testing.T, f Fixture) {
	user := officetest.User(1, func(u *office.User) { u.FirstName, u.LastName, u.ArmyNumber = "Zoë 100%", "O'Brien", "NA/7K" })
	f.AddUsers(t, officetest.User(2), user)
	for typed, found := range map[string]bool{
		"zoë": true, "ZOË": true, "zoe": false, "o'b": true, "na/7\u212a": true, "brien zo": true,
		"0%": true, "%0": false, "_": false, "zo.": false, "zoë musa": false, "%o'": false,
		"$2b$": false, "user": false, user.ID.Hex(): false,
	} {
		t.Run(typed, func(t *testing.T) {
			wantUsers(t, f, admin.UserQuery{Words: office.SearchWords(typed)}, officetest.Only(found, user)...)
		})
	}
}

// listUsersAfterChange: a search finds a user by what he is called now.
func listUsersAfterChange(t *testing.T, f Fixture) {
	user := officetest.User(1)
	f.AddUsers(t, boss, user)
	patch := office.UserPatch{FirstName: new("Zoë"), ArmyNumber: new("Z/1"), Role: new(office.RoleAdmin)}
	officetest.Must(t, f.Store.UpdateUser(t.Context(), user.ID, patch))
	patch.Apply(&user)
	wantUsers(t, f, admin.UserQuery{Words: []string{"ibrahim1", "z/1", "zoë"}, Role: office.RoleAdmin}, user)
	wantUsers(t, f, admin.UserQuery{Words: []string{"musa1"}})
	wantUsers(t, f, admin.UserQuery{Role: office.RoleUser})
}

func listUsersRandom(t *testing.T, f Fixture) {
	users := randomUsers(40)
	f.AddUsers(t, officetest.Shuffled(users)...)
	officetest.Search[admin.UserQuery, office.User]{
		All: users, Text: office.User.SearchText,
		Ask: func(rng *rand.Rand, offset, limit int) admin.UserQuery {
			role := officetest.Pick(rng, "", office.RoleUser, office.RoleAdmin)
			return admin.UserQuery{Words: officetest.RandomWords(rng), Role: role, Offset: offset, Limit: limit}
		},
		Matches: func(query admin.UserQuery, u office.User, text string) bool {
			return cmp.Or(query.Role, u.Role) == u.Role && office.MatchesAll(text, query.Words)
		},
		List: f.Store.Users,
	}.Check(t, f.Questions()/4)
}

func randomUsers(count int) []office.User {
	rng := officetest.Rand()
	var users []office.User
	for n := range count {
		users = append(users, officetest.User(n, func(u *office.User) {
			u.FirstName, u.LastName = officetest.RandomName(rng), officetest.RandomName(rng)
			u.ArmyNumber += officetest.RandomName(rng)
			u.Role = officetest.Pick(rng, office.Roles...)
		}))
	}
	return users
}
