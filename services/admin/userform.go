package admin

import (
	"cmp"
	"context"
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
	var sent userForm // also that of a body with problems
	_, problems := web.Decode(r, mode, func(f *web.Form) userForm {
		sent = read(f)
		return sent
	})
	dbs, err := s.Store.DBsByID(ctx, sent.allowed.IDs)
	if err != nil {
		return sent, err
	}
	invalid := sent.allowed.Invalid
	for _, id := range sent.allowed.IDs {
		exists := slices.ContainsFunc(dbs, func(db office.DB) bool { return db.ID == id })
		if !exists {
			invalid = append(invalid, id.Hex())
		}
	}
	if len(invalid) == 0 {
		return sent, problems
	}
	unknown := web.FieldError{Field: "allowed_dbs", Message: "must name databases that exist"}
	refused := web.InvalidFields(append(web.Problems(problems), unknown)...)
	refused.Data["invalid"] = invalid
	return sent, refused
}
