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
		web.On("POST", "/admin/users", guard.RequireAdmin(s.createUser)),
		web.On("GET", "/admin/users", guard.RequireAdmin(s.listUsers)),
		web.On("GET", "/admin/users/{id}", guard.RequireAdmin(s.getUser)),
		web.On("PATCH", "/admin/users/{id}", guard.RequireAdmin(s.updateUser)),
		web.On("DELETE", "/admin/users/{id}", guard.RequireAdmin(s.deleteUser)),
		web.On("POST", "/admin/reset-password", guard.RequireAdmin(s.resetPassword)),

		web.On("POST", "/admin/dbs", guard.RequireAdmin(s.createDB)),
		web.On("GET", "/admin/dbs", guard.RequireUser(s.listDBs)),
		web.On("PATCH", "/admin/dbs/{id}", guard.RequireAdmin(s.updateDB)),
		web.On("DELETE", "/admin/dbs/{id}", guard.RequireAdmin(s.deleteDB)).Within(web.DefaultMaxBody, deleteTimeout),
	}
}
