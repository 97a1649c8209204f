module officepay.example/deploy/docs

go 1.26.0

require github.com/swaggest/swgui v1.8.5
