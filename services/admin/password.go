package admin

import (
	"context"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/web"
)

type passwordReset struct {
	userID   *office.ID
	password string
}

func readPasswordReset(f *web.Form) passwordReset {
	return passwordReset{f.ID("user_id"), f.NewPassword("new_password", "")}
}

// resetPassword is POST /admin/reset-password. It sets a user's password and ends all
// of that user's sessions.
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
