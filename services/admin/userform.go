package admin

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// userForm is the body that creates a user or changes one.
type userForm struct {
	user     office.User // a new one
	password string
	patch    office.UserPatch
	allowed  web.IDList
}

func readNewUser(f *web.Form) userForm {
	sent := userForm{user: office.User{Role: office.RoleUser, IsGenerated: true}}
	readUserPatch(f).Apply(&sent.user)
	sent.password, sent.allowed = f.NewPassword("password", sent.user.ArmyNumber), readAllowedDBs(f)
	return sent
}

func readUserChange(f *web.Form) userForm {
	if f.Has("password") {
		f.Refuse("password", "cannot be changed here: use Change Password in the list of users (POST /admin/reset-password)")
	}
	sent := userForm{patch: readUserPatch(f), allowed: readAllowedDBs(f)}
	if f.Has("allowed_dbs") {
		sent.patch.AllowedDBs = &sent.allowed.IDs
	}
	return sent
}

// readUserPatch reads everything but the databases.
func readUserPatch(f *web.Form) office.UserPatch {
	return office.UserPatch{
		FirstName:  f.Required("first_name", office.Name),
		LastName:   f.Required("last_name", office.Name),
		ArmyNumber: f.Required("army_number", office.Code),
		Role:       web.Choice(f, "role", office.Roles, "must be user or admin"),
		ReadOnly:   f.Flag("read_only"),
	}
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

// decodeUser is web.Decode. Its 400 also lists the values of allowed_dbs that are not the
// id of an existing database.
func (s *service) decodeUser(ctx context.Context, r *web.Request, mode web.Mode, read func(*web.Form) userForm) (userForm, error) {
	var invalid []any
	var failed error
	sent, err := web.Decode(r, mode, func(f *web.Form) userForm {
		sent := read(f)
		if invalid, failed = s.invalidDBs(ctx, sent.allowed); len(invalid) > 0 {
			f.Refuse("allowed_dbs", "must name databases that exist")
		}
		return sent
	})
	if refused, ok := errors.AsType[*web.Error](err); ok && len(invalid) > 0 {
		refused.Data["invalid"] = invalid
	}
	return sent, cmp.Or(failed, err)
}

func (s *service) invalidDBs(ctx context.Context, list web.IDList) ([]any, error) {
	dbs, err := s.Store.DBsByID(ctx, list.IDs)
	invalid := list.Invalid
	for _, id := range list.IDs {
		if !slices.ContainsFunc(dbs, func(db office.DB) bool { return db.ID == id }) {
			invalid = append(invalid, id.Hex())
		}
	}
	return invalid, err
}
