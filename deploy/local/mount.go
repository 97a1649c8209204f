package main

import (
	"net/http"
	"slices"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/services/admin"
	"officepay.example/services/analytics"
	"officepay.example/services/auth"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// routes are those of the four services, on one database, and the address of
// the origin itself.
func routes(db *sqlitestore.DB, keys *token.Keys, hasher *password.Hasher) []web.Route {
	return slices.Concat(
		[]web.Route{web.On("GET", "/", about)},
		auth.Routes(auth.Deps{Store: db.Auth(), Keys: keys, Hasher: hasher, Now: office.Now}),
		admin.Routes(admin.Deps{Store: db.Admin(), Keys: keys, Hasher: hasher, Now: office.Now}),
		personnel.Routes(personnel.Deps{Store: db.Personnel(), Keys: keys, Now: office.Now}),
		analytics.Routes(analytics.Deps{Store: db.Analytics(), Keys: keys, Now: office.Now}),
	)
}

// about says what is at this address.
func about(w http.ResponseWriter, _ *http.Request) error {
	return web.OK(w, "This is the API of Office Payment Management.", map[string]any{
		"name":          "Office Payment Management",
		"documentation": "README.md of the project",
		"endpoints":     []string{"/auth", "/admin", "/personnels", "/analytics", "/healthz", "/readyz"},
	})
}
