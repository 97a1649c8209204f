package auth

import (
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// Routes is the route table of the service.
func Routes(deps Deps) []web.Route {
	s := &service{deps, &throttle{counts: counts{store: deps.Store}, hasher: deps.Hasher, now: deps.Now}}
	guard := token.Guard{Keys: deps.Keys, Users: deps.Store}
	return []web.Route{
		web.On("POST", "/auth/login", nil, s.login),
		web.On("POST", "/auth/change-password", guard.Self, s.changePassword),
		web.On("GET", "/auth/me", guard.User, s.me),
	}
}
