package admin

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/web"
)

var errUserNotFound = web.Fail(http.StatusNotFound, "This user does not exist.")

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

// readRoleFilter returns the role of the users to list; an empty one means any.
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

// createUser is POST /admin/users.
func (s *service) createUser(ctx context.Context, r *web.Request) (*web.Answer, error) {
	sent, err := s.decodeUser(ctx, r, web.Whole, readNewUser)
	if err != nil {
		return nil, err
	}
	user := sent.user
	user.AllowedDBs = sent.allowed.IDs
	user.ID, user.CreatedAt = office.NewID(), office.Now()
	if user.PasswordHash, err = s.Hasher.Hash(ctx, password.Member(r.Caller.ID.Hex()), sent.password); err != nil {
		return nil, err
	}
	if err := s.Store.CreateUser(ctx, user); err != nil {
		return nil, err
	}
	r.Audit("user created", "target", user.ID.Hex(), "role", user.Role, "read_only", user.ReadOnly)
	return web.Created("The user is created.", map[string]any{"id": user.ID})
}

// listUsers is GET /admin/users.
func (s *service) listUsers(ctx context.Context, r *web.Request) (*web.Answer, error) {
	page, words, err := web.ReadList(r.Query)
	role, roleErr := readRoleFilter(r.Query.Get("role"))
	if err := cmp.Or(err, roleErr); err != nil {
		return nil, err
	}
	users, total, err := s.Store.Users(ctx,
		UserQuery{Words: words, Role: role, Offset: page.Offset(), Limit: page.Limit})
	if err != nil {
		return nil, err
	}
	return web.StreamPage("The users.", page, &total, func(yield func([]office.UserView, error) bool) {
		for some := range slices.Chunk(users, viewStep) {
			if views, err := s.views(ctx, some); !yield(views, err) || err != nil {
				return
			}
		}
	})
}

// viewStep is how many users are shown at a time, each with all of their databases.
const viewStep = 16

// getUser is GET /admin/users/{id}.
func (s *service) getUser(ctx context.Context, r *web.Request) (*web.Answer, error) {
	return s.showUser(ctx, r.ID, "The user.")
}

func (s *service) showUser(ctx context.Context, id office.ID, message string) (*web.Answer, error) {
	user, err := s.Store.UserByID(ctx, id)
	if err != nil {
		return nil, asUserError(err)
	}
	views, err := s.views(ctx, []office.User{user})
	if err != nil {
		return nil, err
	}
	return web.OK(message, views[0])
}

// updateUser is PATCH /admin/users/{id}.
func (s *service) updateUser(ctx context.Context, r *web.Request) (*web.Answer, error) {
	change, err := s.decodeUser(ctx, r, web.Partial, readUserChange)
	if err != nil {
		return nil, err
	}
	if err := s.Store.UpdateUser(ctx, r.ID, change.patch); err != nil {
		return nil, asUserError(err)
	}
	r.Audit("user changed", auditAttrs(r.ID, change.patch)...)
	return s.showUser(ctx, r.ID, "The user is changed.")
}

// auditAttrs are what the log says about a change: nothing of names and army numbers.
func auditAttrs(id office.ID, patch office.UserPatch) []any {
	attrs := []any{"target", id.Hex()}
	if patch.Role != nil {
		attrs = append(attrs, "role", *patch.Role)
	}
	if patch.ReadOnly != nil {
		attrs = append(attrs, "read_only", *patch.ReadOnly)
	}
	if patch.AllowedDBs != nil {
		attrs = append(attrs, "dbs", len(*patch.AllowedDBs))
	}
	return attrs
}

// deleteUser is DELETE /admin/users/{id}.
func (s *service) deleteUser(ctx context.Context, r *web.Request) (*web.Answer, error) {
	if r.ID == r.Caller.ID {
		return nil, web.Fail(http.StatusBadRequest, "You cannot delete yourself. Ask another admin to do it.")
	}
	if err := s.Store.DeleteUser(ctx, r.ID); err != nil {
		return nil, asUserError(err)
	}
	r.Audit("user deleted", "target", r.ID.Hex())
	return web.OK("The user is deleted.", nil)
}

type passwordReset struct {
	userID   *office.ID
	password string
}

func readPasswordReset(f *web.Form) passwordReset {
	return passwordReset{f.ID("user_id"), f.NewPassword("new_password", "")}
}

// resetPassword is POST /admin/reset-password. It ends all sessions of the user.
func (s *service) resetPassword(ctx context.Context, r *web.Request) (*web.Answer, error) {
	reset, err := web.Decode(r, web.Whole, readPasswordReset)
	if err != nil {
		return nil, err
	}
	user, err := s.Store.UserByID(ctx, *reset.userID)
	if err != nil {
		return nil, asUserError(err)
	}
	if err := password.Check(reset.password, user.ArmyNumber); err != nil {
		return nil, web.Invalid("new_password", err.Error())
	}
	hash, err := s.Hasher.Hash(ctx, password.Member(r.Caller.ID.Hex()), reset.password)
	if err != nil {
		return nil, err
	}
	err = s.Store.ResetPassword(ctx, *reset.userID, office.PasswordChange{Hash: hash, IsGenerated: true})
	if err != nil {
		return nil, asUserError(err)
	}
	r.Audit("password reset", "target", reset.userID.Hex())
	return web.OK("The password is reset. The user has to log in again.", nil)
}

// views shows the users with the names of their databases, which it reads in one call.
func (s *service) views(ctx context.Context, users []office.User) ([]office.UserView, error) {
	var named []office.ID
	for _, user := range users {
		named = append(named, user.AllowedDBs...)
	}
	slices.SortFunc(named, office.CompareIDs)
	dbs, err := s.Store.DBsByID(ctx, slices.Compact(named))
	if err != nil {
		return nil, err
	}
	return office.Convert(users, func(u office.User) office.UserView { return u.View(dbs) }), nil
}

func asUserError(err error) error {
	if errors.Is(err, office.ErrNotFound) {
		return errUserNotFound
	}
	return err
}
