package auth

import (
	"errors"
	"net/http"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

type credentials struct{ armyNumber, password string }

func readCredentials(f *web.Form) credentials {
	return credentials{f.Text("army_number", office.Code), f.Secret("password")}
}

// errWrong is one answer for an unknown user and for a wrong password.
var errWrong = web.Fail(http.StatusUnauthorized, "The army number or the password is wrong.")

func (s *service) login(w http.ResponseWriter, r *http.Request) error {
	sent, err := web.Decode(r, web.Whole, readCredentials)
	if err != nil {
		return err
	}
	// First of all: a flood of logins that find no place costs nothing else.
	turn, err := s.Hasher.Queue()
	if err != nil {
		return err
	}
	defer turn.Leave()
	user, err := s.authenticate(r, turn, sent)
	if err != nil {
		return err
	}
	signed, err := s.Keys.Issue(user)
	if err != nil {
		return err
	}
	view, err := s.view(r, user)
	if err != nil {
		return err
	}
	web.SetUser(r.Context(), user.ID)
	web.Audit(r.Context(), "login")
	return web.OK(w, "You are logged in.", map[string]any{"token": signed, "user": view})
}

// authenticate finds the user whose credentials these are. An unknown user
// takes the same steps as a known one, so that neither the answer nor its time
// tells who exists.
func (s *service) authenticate(r *http.Request, turn password.Turn, sent credentials) (office.User, error) {
	ctx := r.Context()
	user, err := s.Store.UserByArmyNumber(ctx, sent.armyNumber)
	if err != nil && !errors.Is(err, office.ErrNotFound) {
		return office.User{}, err
	}
	user.ArmyNumber = sent.armyNumber // also of nobody
	if err := s.check(r, turn, user, sent.password); err != nil {
		if errors.Is(err, password.ErrMismatch) {
			web.Audit(ctx, "login failed", target(user)...)
			return office.User{}, errWrong
		}
		return office.User{}, err
	}
	s.renewHash(r, user, sent.password)
	return user, nil
}

// target names an account in the log, by its id. Where there is none, nothing
// is named: people type passwords into the field of the army number.
func target(user office.User) []any {
	if user.ID.IsZero() {
		return nil
	}
	return []any{"target", user.ID.Hex()}
}

// check compares a password as one attempt on a user's account. It returns
// password.ErrMismatch when it is wrong, and another error when it was not
// looked at. The turn comes before the count: an attempt that does not live to
// see its turn counts for nothing.
func (s *service) check(r *http.Request, turn password.Turn, user office.User, typed string) error {
	ctx := r.Context()
	attempt := s.throttle.attempt(user, web.ClientAddr(ctx))
	if err := attempt.checkPause(ctx); err != nil {
		return err
	}
	if err := turn.Await(ctx); err != nil {
		return err
	}
	if err := attempt.begin(ctx); err != nil {
		return err
	}
	err := turn.Compare(user.PasswordHash, typed)
	turn.Leave()
	if err != nil {
		return err
	}
	return attempt.succeeded(ctx)
}

// renewHash replaces a hash that is cheaper than configured, now that the
// password is at hand. That it may fail is no reason to refuse the login.
func (s *service) renewHash(r *http.Request, user office.User, typed string) {
	if !s.Hasher.IsWeak(user.PasswordHash) {
		return
	}
	ctx := r.Context()
	hash, err := s.Hasher.Hash(ctx, typed)
	if err == nil {
		err = s.Store.RenewHash(ctx, user.ID, user.PasswordHash, hash)
	}
	if err != nil {
		web.Log(ctx).Warn("hash not renewed", "error", err.Error())
	}
}

func (s *service) me(w http.ResponseWriter, r *http.Request, caller token.Caller) error {
	view, err := s.view(r, caller.User)
	if err != nil {
		return err
	}
	return web.OK(w, "This is you.", view)
}

// view spells out the user's databases.
func (s *service) view(r *http.Request, user office.User) (office.UserView, error) {
	dbs, err := s.Store.DBsByID(r.Context(), user.AllowedDBs)
	return user.View(dbs), err
}
