module officepay.example/deploy/stack

go 1.26.0
