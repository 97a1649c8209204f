package admin

import (
	"errors"
	"net/http"

	"officepay.example/shared/office"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

var errUserNotFound = web.Fail(http.StatusNotFound, "This user does not exist.")

func (s *service) createUser(w http.ResponseWriter, r *http.Request, _ token.Caller) error {
	sent, err := web.Decode(r, web.Whole, readNewUser)
	if err != nil {
		return err
	}
	if err := s.checkDBs(r, sent.allowed); err != nil {
		return err
	}
	user := sent.user
	user.AllowedDBs = sent.allowed.ids
	user.ID, user.CreatedAt = office.NewID(), s.Now()
	if user.PasswordHash, err = s.Hasher.Hash(r.Context(), sent.password); err != nil {
		return err
	}
	if err := s.Store.CreateUser(r.Context(), user); err != nil {
		return err
	}
	web.Audit(r.Context(), "user created", "target", user.ID.Hex(), "role", user.Role)
	return web.Created(w, "The user is created.", map[string]any{"id": user.ID})
}

func (s *service) listUsers(w http.ResponseWriter, r *http.Request, _ token.Caller) error {
	query := r.URL.Query()
	page, words, err := web.ReadList(query)
	if err != nil {
		return err
	}
	role, err := readRoleFilter(query.Get("role"))
	if err != nil {
		return err
	}
	users, total, err := s.Store.Users(r.Context(),
		UserQuery{Words: words, Role: role, Offset: page.Offset(), Limit: page.Limit})
	if err != nil {
		return err
	}
	views, err := s.views(r, users)
	if err != nil {
		return err
	}
	return web.OK(w, "The users.", web.NewList(views, page, total))
}

func (s *service) getUser(w http.ResponseWriter, r *http.Request, _ token.Caller) error {
	user, err := s.pathUser(r)
	if err != nil {
		return err
	}
	views, err := s.views(r, []office.User{user})
	if err != nil {
		return err
	}
	return web.OK(w, "The user.", views[0])
}

// pathUser finds the user whose id is in the path.
func (s *service) pathUser(r *http.Request) (office.User, error) {
	id, err := web.PathID(r, "id")
	if err != nil {
		return office.User{}, err
	}
	user, err := s.Store.UserByID(r.Context(), id)
	return user, asUserNotFound(err)
}

func (s *service) updateUser(w http.ResponseWriter, r *http.Request, _ token.Caller) error {
	id, err := web.PathID(r, "id")
	if err != nil {
		return err
	}
	change, err := web.Decode(r, web.Partial, readUserChange)
	if err != nil {
		return err
	}
	if err := s.checkDBs(r, change.allowed); err != nil {
		return err
	}
	patch := change.patch()
	if err := s.Store.UpdateUser(r.Context(), id, patch); err != nil {
		return asUserNotFound(err)
	}
	web.Audit(r.Context(), "user changed", audited(id, patch)...)
	user, err := s.Store.UserByID(r.Context(), id)
	if err != nil {
		return asUserNotFound(err)
	}
	views, err := s.views(r, []office.User{user})
	if err != nil {
		return err
	}
	return web.OK(w, "The user is changed.", views[0])
}

// audited is what the log says of a change: who was changed, and what of it is
// no name.
func audited(id office.ID, patch office.UserPatch) []any {
	attrs := []any{"target", id.Hex()}
	if patch.Role != nil {
		attrs = append(attrs, "role", *patch.Role)
	}
	if patch.AllowedDBs != nil {
		attrs = append(attrs, "dbs", len(*patch.AllowedDBs))
	}
	return attrs
}

func (s *service) deleteUser(w http.ResponseWriter, r *http.Request, caller token.Caller) error {
	id, err := web.PathID(r, "id")
	if err != nil {
		return err
	}
	if id == caller.ID {
		return web.Fail(http.StatusBadRequest, "You cannot delete yourself. Ask another admin to do it.")
	}
	if err := s.Store.DeleteUser(r.Context(), id); err != nil {
		return asUserNotFound(err)
	}
	web.Audit(r.Context(), "user deleted", "target", id.Hex())
	return web.OK(w, "The user is deleted.", nil)
}

// views spells out the databases of the users, all with one look at the store.
func (s *service) views(r *http.Request, users []office.User) ([]office.UserView, error) {
	named := map[office.ID]bool{}
	var ids []office.ID
	for _, user := range users {
		for _, id := range user.AllowedDBs {
			if !named[id] {
				named[id] = true
				ids = append(ids, id)
			}
		}
	}
	dbs, err := s.Store.DBsByID(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	views := make([]office.UserView, len(users))
	for i, user := range users {
		views[i] = user.View(dbs)
	}
	return views, nil
}

func asUserNotFound(err error) error {
	if errors.Is(err, office.ErrNotFound) {
		return errUserNotFound
	}
	return err
}
