module officepay.example/deploy/bench

go 1.26.0

require (
	officepay.example/deploy/local v0.0.0
	officepay.example/deploy/stack v0.0.0-00010101000000-000000000000
	officepay.example/services/analytics v0.0.0
	officepay.example/services/personnel v0.0.0
	officepay.example/shared v0.0.0
)

require (
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	go.mongodb.org/mongo-driver/v2 v2.10.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	modernc.org/libc v1.79.0 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
	modernc.org/sqlite v1.61.1 // indirect
	officepay.example/services/admin v0.0.0 // indirect
	officepay.example/services/auth v0.0.0 // indirect
)

replace (
	officepay.example/deploy/local => ../local
	officepay.example/deploy/stack => ../stack
	officepay.example/services/admin => ../../services/admin
	officepay.example/services/analytics => ../../services/analytics
	officepay.example/services/auth => ../../services/auth
	officepay.example/services/personnel => ../../services/personnel
	officepay.example/shared => ../../shared
)
