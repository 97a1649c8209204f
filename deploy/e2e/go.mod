module officepay.example/deploy/e2e

go 1.26.0
