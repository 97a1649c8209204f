package admin

import (
	"net/url"
	"time"

	"officepay.example/shared/limit"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// Routes is the route table of the service.
func Routes(deps Deps) []web.Route {
	s := &service{deps}
	guard := token.Guard{Keys: deps.Keys, Users: deps.Store}
	// A long list is in memory until it is read: of databases, up to 50 MB.
	lists := web.Limits{Timeout: 30 * time.Second, Memory: web.Limit{Limiter: limit.New("pages", limit.Size{Slots: 2, Waiting: 56}), Slots: listSlots}}
	deletion := web.Limits{Timeout: 2 * time.Minute} // of up to a million records
	return []web.Route{
		web.On("POST", "/admin/users", guard.Admin, s.createUser),
		web.On("GET", "/admin/users", guard.Admin, s.listUsers).Within(lists),
		web.On("GET", "/admin/users/{id}", guard.Admin, s.getUser),
		web.On("PATCH", "/admin/users/{id}", guard.Admin, s.updateUser),
		web.On("DELETE", "/admin/users/{id}", guard.Admin, s.deleteUser),
		web.On("POST", "/admin/reset-password", guard.Admin, s.resetPassword),

		web.On("POST", "/admin/dbs", guard.Admin, s.createDB),
		web.On("GET", "/admin/dbs", guard.User, s.listDBs).Within(lists),
		web.On("PATCH", "/admin/dbs/{id}", guard.Admin, s.updateDB),
		web.On("DELETE", "/admin/dbs/{id}", guard.Admin, s.deleteDB).Within(deletion),
	}
}

// listSlots is how many slots a list takes: one for more than 64 items, and otherwise none.
func listSlots(query url.Values) int {
	if page, err := web.ReadPage(query); err != nil || page.Limit <= 64 {
		return 0
	}
	return 1
}
