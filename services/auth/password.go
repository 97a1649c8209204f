package auth

import (
	"context"
	"errors"
	"net/http"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/web"
)

type passwordChange struct{ old, new string }

func readPasswordChange(armyNumber string) func(*web.Form) passwordChange {
	return func(f *web.Form) passwordChange {
		change := passwordChange{f.Secret("old_password"), f.NewPassword("new_password", armyNumber)}
		if change.new != "" && change.new == change.old {
			f.Refuse("new_password", "must differ from the old one")
		}
		return change
	}
}

// changePassword is POST /auth/change-password. It ends all other sessions of the caller.
func (s *service) changePassword(ctx context.Context, r *web.Request) (*web.Answer, error) {
	change, err := web.Decode(r, web.Whole, readPasswordChange(r.Caller.ArmyNumber))
	if err != nil {
		return nil, err
	}
	err = s.throttle.check(ctx, r, r.Caller.User, change.old)
	if errors.Is(err, password.ErrMismatch) {
		r.Audit("password change failed")
		err = web.Invalid("old_password", "is wrong")
	}
	if err != nil {
		return nil, err
	}
	hash, err := s.Hasher.Hash(ctx, requesterOf(r), change.new)
	if err != nil {
		return nil, err
	}
	err = s.Store.SetPassword(ctx, r.Caller.ID, r.Caller.PasswordHash,
		office.PasswordChange{Hash: hash, KeptToken: r.Caller.TokenID})
	if errors.Is(err, office.ErrNotFound) {
		return nil, web.Fail(http.StatusConflict, "Your password was changed elsewhere at the same time. Please try again.")
	}
	if err != nil {
		return nil, err
	}
	r.Audit("password changed")
	return web.OK("Your password is changed.", nil)
}
