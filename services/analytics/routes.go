package analytics

import (
	"officepay.example/shared/limit"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// Routes is the route table of the service.
func Routes(deps Deps) []web.Route {
	s := &service{deps}
	user := token.Guard{Keys: deps.Keys, Users: deps.Store}.User
	// Each breakdown reads a whole database.
	breakdowns := web.Limit{Limiter: limit.New("breakdowns", limit.Size{Slots: limit.HalfOfProcessors(), Waiting: 48})}
	return []web.Route{
		web.On("GET", "/analytics/dashboard", user, s.dashboard),
		web.On("GET", "/analytics/personnels/db/{db_id}", user, s.database),
		web.On("GET", "/analytics/personnels/db/{db_id}/breakdown", user, s.breakdown).Within(web.Limits{Work: breakdowns}),
		web.On("GET", "/analytics/personnels/db/{db_id}/trend", user, s.trend),
	}
}
