package admin

import (
	"net/http"

	"officepay.example/shared/office"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

type passwordReset struct {
	userID   *office.ID
	password string
}

func readPasswordReset(f *web.Form) passwordReset {
	return passwordReset{f.ID("user_id"), f.NewPassword("new_password")}
}

// resetPassword sets somebody's password and ends all his sessions.
func (s *service) resetPassword(w http.ResponseWriter, r *http.Request, _ token.Caller) error {
	reset, err := web.Decode(r, web.Whole, readPasswordReset)
	if err != nil {
		return err
	}
	hash, err := s.Hasher.Hash(r.Context(), reset.password)
	if err != nil {
		return err
	}
	err = s.Store.ResetPassword(r.Context(), *reset.userID,
		office.PasswordChange{Hash: hash, IsGenerated: true})
	if err != nil {
		return asUserNotFound(err)
	}
	web.Audit(r.Context(), "password reset", "target", reset.userID.Hex())
	return web.OK(w, "The password is reset. The user has to log in again.", nil)
}
