package analytics

import (
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// Routes is the route table of the service.
func Routes(deps Deps) []web.Route {
	s := &service{deps}
	user := token.Guard{Keys: deps.Keys, Users: deps.Store}.User
	return []web.Route{
		web.On("GET", "/analytics/dashboard", user, s.dashboard),
		web.On("GET", "/analytics/personnels/db/{db_id}", user, s.db),
	}
}
