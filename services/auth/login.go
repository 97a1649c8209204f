package auth

import (
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

// errWrongCredentials is the answer both to an unknown army number and to a wrong password.
var errWrongCredentials = web.Fail(http.StatusUnauthorized, "The army number or the password is wrong.")

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

// authenticate returns the user with these credentials. An unknown army number takes the
// same steps as a known one, so that neither the answer nor its time tells who exists.
func (s *service) authenticate(ctx context.Context, r *web.Request, sent credentials) (office.User, error) {
	// A login that the hasher has no room for costs nothing else.
	if err := s.Hasher.CheckRoom(requesterOf(r)); err != nil {
		return office.User{}, err
	}
	user, err := s.Store.UserByArmyNumber(ctx, sent.armyNumber)
	switch {
	case errors.Is(err, office.ErrNotFound):
		user.ArmyNumber = sent.armyNumber // an attempt on it counts too
	case err != nil:
		return office.User{}, err
	}
	err = s.throttle.check(ctx, r, user, sent.password)
	if errors.Is(err, password.ErrMismatch) {
		r.Audit("login failed", target(user)...)
		err = errWrongCredentials
	}
	if err != nil {
		return office.User{}, err
	}
	s.renewHash(ctx, r, user, sent.password)
	return user, nil
}

// renewHash replaces a hash of a lower cost than configured, now that the password is at
// hand. If that fails, the login still succeeds.
func (s *service) renewHash(ctx context.Context, r *web.Request, user office.User, typed string) {
	if !s.Hasher.IsWeak(user.PasswordHash) {
		return
	}
	hash, err := s.Hasher.Hash(ctx, password.Member(user.ID.Hex()), typed)
	if err == nil {
		err = s.Store.RenewHash(ctx, user.ID, user.PasswordHash, hash)
	}
	if err != nil {
		r.Log().Warn("the password hash was not renewed", "error", err.Error())
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

func (s *service) view(ctx context.Context, user office.User) (office.UserView, error) {
	dbs, err := s.Store.DBsByID(ctx, user.AllowedDBs)
	return user.View(dbs), err
}
