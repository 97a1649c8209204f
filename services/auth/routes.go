package auth

import (
	"officepay.example/shared/limit"
	"officepay.example/shared/password"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// Routes is the route table of the service.
func Routes(deps Deps) []web.Route {
	s := &service{deps, newThrottle(deps.Store, deps.Now)}
	guard := token.Guard{Keys: deps.Keys, Users: deps.Store}
	// A request that finds no room at the hasher costs nothing else.
	checks := web.Limit{PerUser: limit.NewPerUser("passwords", password.Capacity(), 0)}
	return []web.Route{
		web.On("POST", "/auth/login", nil, s.login).Within(web.Limits{Work: checks}),
		web.On("POST", "/auth/change-password", guard.Self, s.changePassword).Within(web.Limits{Work: checks}),
		web.On("GET", "/auth/me", guard.User, s.me),
	}
}
