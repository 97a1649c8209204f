package auth

import (
	"errors"
	"net/http"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

type passwordChange struct{ old, new string }

func readPasswordChange(f *web.Form) passwordChange {
	change := passwordChange{f.Secret("old_password"), f.NewPassword("new_password")}
	if change.new != "" && change.new == change.old {
		f.Refuse("new_password", "must differ from the old one")
	}
	return change
}

// changePassword ends every session of the caller but the one that calls.
func (s *service) changePassword(w http.ResponseWriter, r *http.Request, caller token.Caller) error {
	change, err := web.Decode(r, web.Whole, readPasswordChange)
	if err != nil {
		return err
	}
	if err := s.checkOld(r, caller, change.old); err != nil {
		return err
	}
	hash, err := s.Hasher.Hash(r.Context(), change.new)
	if err != nil {
		return err
	}
	err = s.Store.SetPassword(r.Context(), caller.ID, caller.PasswordHash,
		office.PasswordChange{Hash: hash, KeptToken: caller.TokenID})
	if errors.Is(err, office.ErrNotFound) {
		return web.Fail(http.StatusConflict, "Your password was changed elsewhere at the same time. Please try again.")
	}
	if err != nil {
		return err
	}
	web.Audit(r.Context(), "password changed")
	return web.OK(w, "Your password is changed.", nil)
}

func (s *service) checkOld(r *http.Request, caller token.Caller, old string) error {
	turn, err := s.Hasher.Queue()
	if err != nil {
		return err
	}
	defer turn.Leave()
	err = s.check(r, turn, caller.User, old)
	if errors.Is(err, password.ErrMismatch) {
		web.Audit(r.Context(), "password change failed")
		return web.Invalid(web.FieldError{Field: "old_password", Message: "is wrong"})
	}
	return err
}
