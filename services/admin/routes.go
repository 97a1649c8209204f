package admin

import (
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// Routes is the route table of the service.
func Routes(deps Deps) []web.Route {
	s := &service{deps}
	guard := token.Guard{Keys: deps.Keys, Users: deps.Store}
	return []web.Route{
		web.On("POST", "/admin/users", guard.Admin, s.createUser),
		web.On("GET", "/admin/users", guard.Admin, s.listUsers),
		web.On("GET", "/admin/users/{id}", guard.Admin, s.getUser),
		web.On("PATCH", "/admin/users/{id}", guard.Admin, s.updateUser),
		web.On("DELETE", "/admin/users/{id}", guard.Admin, s.deleteUser),
		web.On("POST", "/admin/reset-password", guard.Admin, s.resetPassword),

		web.On("POST", "/admin/dbs", guard.Admin, s.createDB),
		web.On("GET", "/admin/dbs", guard.User, s.listDBs),
		web.On("PATCH", "/admin/dbs/{id}", guard.Admin, s.updateDB),
		web.On("DELETE", "/admin/dbs/{id}", guard.Admin, s.deleteDB).Within(web.Limits{Timeout: deleteTimeout}),
	}
}
