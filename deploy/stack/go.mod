module officepay.example/deploy/stack

go 1.26.0

require officepay.example/shared v0.0.0

replace officepay.example/shared => ../../shared
