package admin

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

type newUser struct {
	user     office.User
	password string
	allowed  web.IDList
}

func readNewUser(f *web.Form) newUser {
	user := office.User{
		FirstName:   f.Text("first_name", office.Name),
		LastName:    f.Text("last_name", office.Name),
		ArmyNumber:  f.Text("army_number", office.Code),
		Role:        *cmp.Or(readRole(f), new(office.RoleUser)),
		ReadOnly:    *cmp.Or(f.Flag("read_only"), new(false)),
		IsGenerated: true,
	}
	return newUser{user, f.NewPassword("password", user.ArmyNumber), readAllowedDBs(f)}
}

type userChange struct {
	patch   office.UserPatch
	allowed web.IDList
}

func readUserChange(f *web.Form) userChange {
	if f.Has("password") {
		f.Refuse("password", "cannot be changed here: use Change Password in the list of users (POST /admin/reset-password)")
	}
	change := userChange{
		patch: office.UserPatch{
			FirstName:  f.Required("first_name", office.Name),
			LastName:   f.Required("last_name", office.Name),
			ArmyNumber: f.Required("army_number", office.Code),
			Role:       readRole(f),
			ReadOnly:   f.Flag("read_only"),
		},
		allowed: readAllowedDBs(f),
	}
	if f.Has("allowed_dbs") {
		change.patch.AllowedDBs = &change.allowed.IDs
	}
	return change
}

func readRole(f *web.Form) *office.Role {
	return web.Choice(f, "role", office.Roles, "must be user or admin")
}

// readRoleFilter takes the role of the users to list; an empty one means any.
func readRoleFilter(text string) (office.Role, error) {
	const all = "all"
	role, err := web.ReadChoice("role", strings.ToLower(text), append([]office.Role{all}, office.Roles...))
	if role == all {
		return "", nil
	}
	return cmp.Or(role, office.RoleUser), err
}

// maxAllowed is how many databases a user may be given. A token that lists about 400
// would no longer fit into the headers of a request.
const maxAllowed = 200

func readAllowedDBs(f *web.Form) web.IDList { return f.IDs("allowed_dbs", maxAllowed, "databases") }

func (u newUser) allowedDBs() web.IDList    { return u.allowed }
func (c userChange) allowedDBs() web.IDList { return c.allowed }

// decodeUser is web.Decode, and checks that the databases in the body exist.
func decodeUser[T interface{ allowedDBs() web.IDList }](ctx context.Context, s *service, r *web.Request, mode web.Mode, read func(*web.Form) T) (T, error) {
	var allowed web.IDList // also of a body with problems
	sent, err := web.Decode(r, mode, func(f *web.Form) T {
		sent := read(f)
		allowed = sent.allowedDBs()
		return sent
	})
	return sent, s.checkDBs(ctx, allowed, err)
}

// checkDBs returns a 400 that lists the values of allowed_dbs that are not the id of an
// existing database, beside the problems that decoding found; or else the error of that.
func (s *service) checkDBs(ctx context.Context, allowed web.IDList, decoding error) error {
	dbs, err := s.Store.DBsByID(ctx, allowed.IDs)
	if err != nil {
		return err
	}
	invalid := allowed.Invalid
	for _, id := range allowed.IDs {
		exists := slices.ContainsFunc(dbs, func(db office.DB) bool { return db.ID == id })
		if !exists {
			invalid = append(invalid, id.Hex())
		}
	}
	if len(invalid) == 0 {
		return decoding
	}
	problem := web.FieldError{Field: "allowed_dbs", Message: "must name databases that exist"}
	refused := web.InvalidFields(append(web.Problems(decoding), problem)...)
	refused.Data["invalid"] = invalid
	return refused
}
