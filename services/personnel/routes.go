package personnel

import (
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// Routes is the route table of the service.
func Routes(deps Deps) []web.Route {
	s := newService(deps)
	guard := token.Guard{Keys: deps.Keys, Users: deps.Store}
	return []web.Route{
		web.On("POST", "/personnels", guard.RequireUser(s.create)),
		web.On("GET", "/personnels", guard.RequireUser(s.list)).Within(web.DefaultMaxBody, streamTimeout),
		web.On("GET", "/personnels/{id}", guard.RequireUser(s.get)),
		web.On("PATCH", "/personnels/{id}", guard.RequireUser(s.update)),
		web.On("DELETE", "/personnels/{id}", guard.RequireUser(s.delete)),
		web.On("GET", "/personnels/db/{db_id}", guard.RequireUser(s.listDB)),
		web.On("POST", "/personnels/upload", guard.RequireUser(s.upload)).Within(maxUpload, uploadTimeout),
		web.On("DELETE", "/personnels/bulk-delete", guard.RequireUser(s.bulkDelete)).Within(maxBulkDelete, uploadTimeout),
	}
}
