module officepay.example/deploy/e2e

go 1.26.0

require (
	officepay.example/deploy/stack v0.0.0
	officepay.example/shared v0.0.0
)

replace (
	officepay.example/deploy/stack => ../stack
	officepay.example/shared => ../../shared
)
