package auth

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/web"
)

type credentials struct{ armyNumber, password string }

func readCredentials(f *web.Form) credentials {
	return credentials{f.Text("army_number", office.Code), f.Secret("password")}
}

// errWrong is one answer for an unknown user and for a wrong password.
var errWrong = web.Fail(http.StatusUnauthorized, "The army number or the password is wrong.")

// login is POST /auth/login.
func (s *service) login(ctx context.Context, r *web.Request) (*web.Answer, error) {
	sent, err := web.Decode(r, web.Whole, readCredentials)
	if err != nil {
		return nil, err
	}
	user, err := s.authenticate(ctx, r, sent)
	if err != nil {
		return nil, err
	}
	signed, err := s.Keys.Issue(user)
	if err != nil {
		return nil, err
	}
	view, err := s.view(ctx, user)
	if err != nil {
		return nil, err
	}
	r.Caller.User = user
	r.Audit("login")
	return web.OK("You are logged in.", map[string]any{"token": signed, "user": view})
}

// authenticate finds the user whose credentials these are. An unknown user
// takes the same steps as a known one, so that neither the answer nor its time
// tells who exists.
func (s *service) authenticate(ctx context.Context, r *web.Request, sent credentials) (office.User, error) {
	// One that finds no room at the hasher costs nothing else.
	if err := s.Hasher.CheckRoom(callerOf(r)); err != nil {
		return office.User{}, err
	}
	user, err := s.Store.UserByArmyNumber(ctx, sent.armyNumber)
	if err != nil && !errors.Is(err, office.ErrNotFound) {
		return office.User{}, err
	}
	if err != nil {
		user.ArmyNumber = sent.armyNumber // of nobody
	}
	if err := s.check(ctx, r, user, sent.password); err != nil {
		if errors.Is(err, password.ErrMismatch) {
			r.Audit("login failed", target(user)...)
			return office.User{}, errWrong
		}
		return office.User{}, err
	}
	s.renewHash(ctx, r, user, sent.password)
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
// compared.
func (s *service) check(ctx context.Context, r *web.Request, user office.User, typed string) error {
	check := s.throttle.newCheck(r, user)
	if err := check.checkPause(ctx); err != nil {
		return err
	}
	if err := s.compare(ctx, callerOf(r), check, typed); err != nil {
		return err
	}
	return check.succeeded(ctx)
}

// callerOf is whom passwords are hashed for: who is logged in, or else everybody at
// one address.
func callerOf(r *web.Request) password.Caller {
	if r.Caller.ID.IsZero() {
		return password.Stranger(r.Network())
	}
	return password.Member(r.Caller.ID.Hex())
}

// compare counts the attempt only once it has a slot at the hasher: one that is given
// up before that does not count.
func (s *service) compare(ctx context.Context, caller password.Caller, check *passwordCheck, typed string) error {
	release, err := s.Hasher.Acquire(ctx, caller)
	if err != nil {
		return err
	}
	defer release()
	if err := check.reserve(ctx); err != nil {
		return err
	}
	err = s.Hasher.Compare(check.user.PasswordHash, typed)
	if errors.Is(err, password.ErrMismatch) {
		return cmp.Or(check.failed(ctx), err)
	}
	return err
}

// renewHash replaces a hash that is cheaper than configured, now that the password is
// known. If it fails, the login still succeeds.
func (s *service) renewHash(ctx context.Context, r *web.Request, user office.User, typed string) {
	if !s.Hasher.IsWeak(user.PasswordHash) {
		return
	}
	hash, err := s.Hasher.Hash(ctx, password.Member(user.ID.Hex()), typed)
	if err == nil {
		err = s.Store.RenewHash(ctx, user.ID, user.PasswordHash, hash)
	}
	if err != nil {
		r.Log().Warn("hash not renewed", "error", err.Error())
	}
}

// me is GET /auth/me.
func (s *service) me(ctx context.Context, r *web.Request) (*web.Answer, error) {
	view, err := s.view(ctx, r.Caller.User)
	if err != nil {
		return nil, err
	}
	return web.OK("This is you.", view)
}

// view spells out the user's databases.
func (s *service) view(ctx context.Context, user office.User) (office.UserView, error) {
	dbs, err := s.Store.DBsByID(ctx, user.AllowedDBs)
	return user.View(dbs), err
}
