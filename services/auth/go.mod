module officepay.example/services/auth

go 1.26.0

require officepay.example/shared v0.0.0

require (
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	go.mongodb.org/mongo-driver/v2 v2.10.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
)

replace officepay.example/shared => ../../shared
