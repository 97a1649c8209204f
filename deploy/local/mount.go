package main

import (
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

func routes(db *sqlitestore.DB, keys *token.Keys, hasher *password.Hasher) []web.Route {
	return slices.Concat(
		auth.Routes(auth.Deps{Store: db.Auth(), Keys: keys, Hasher: hasher, Now: office.Now}),
		admin.Routes(admin.Deps{Store: db.Admin(), Keys: keys, Hasher: hasher}),
		personnel.Routes(personnel.Deps{Store: db.Personnel(), Keys: keys, Now: office.Now}),
		analytics.Routes(analytics.Deps{Store: db.Analytics(), Keys: keys, Now: office.Now}),
	)
}
