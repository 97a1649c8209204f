# `make help` lists what there is. Go and make are all that is needed.

MODULES  := shared services/auth services/admin services/personnel services/analytics deploy/local
BIN      := $(CURDIR)/bin
CC_FOUND := $(shell command -v $$(go env CC) 2>/dev/null)
# The race detector needs a C compiler.
RACE     := $(if $(CC_FOUND),-race,)

.DEFAULT_GOAL := help
.PHONY: help build docs run stack build-stack up down logs scale demo test soak bench bench-million check lint lint-openapi fuzz fmt clean race-note

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: docs ## build the all-in-one into bin/
	@[ -x $(BIN)/office-payment ] || echo "building (a minute or two the first time)"
	@go -C deploy/local build -o $(BIN)/office-payment .

run: build ## serve the whole API on http://127.0.0.1:8080
	@exec $(BIN)/office-payment

stack: build-stack ## serve it as Caddy and four services, without Docker (on MONGO_URI, or a test server)
	@exec $(BIN)/stack

build-stack: $(BIN)/caddy docs
	@for service in auth admin personnel analytics; do \
		go -C services/$$service build -o $(BIN)/$$service ./cmd/$$service || exit 1; done
	@GOWORK=off go -C deploy/stack build -o $(BIN)/stack ./cmd/stack
	@[ -n "$$MONGO_URI" ] || GOWORK=off go -C deploy/testdb build -o $(BIN)/testdb .

# What the API says of itself; the programs look for it beside them.
docs:
	@GOWORK=off go -C deploy/docs run . ../openapi.yaml $(BIN)/docs

$(BIN)/caddy: deploy/tools/go.mod
	@echo "building Caddy (two minutes the first time)"
	@GOWORK=off go -C deploy/tools build -o $@ github.com/caddyserver/caddy/v2/cmd/caddy

up: ## serve it as Caddy, four services and MongoDB, with docker compose
	@deploy/up.sh

down: ## stop what make up started (the data stays)
	@docker compose down

logs: ## follow the logs of make up
	@docker compose logs --follow --tail 100

scale: ## run more of one service: make scale SERVICE=personnel N=3
	@docker compose up --detach --no-recreate --scale "$$SERVICE=$$N" "$$SERVICE"

demo: ## do what the frontend does, on a running API (needs ADMIN_PASSWORD)
	@GOWORK=off go -C deploy/e2e build -o $(BIN)/demo ./demo
	@$(BIN)/demo

# Where nothing is measured, two packages run beside each other.
test: race-note build build-stack ## run every test, each module alone, with the race detector
	@GOWORK=off go -C deploy/testdb build -o $(BIN) . ./mongofiles
	@set -e; for module in $(MODULES) deploy/docs deploy/e2e deploy/stack deploy/testdb deploy/bench; do \
		echo "== $$module"; \
		case $$module in services/*|deploy/local|deploy/e2e) beside=2 ;; *) beside=1 ;; esac; \
		(cd $$module && GOWORK=off REQUIRE_MONGO=1 STACK_BIN=$(BIN) go test -count=1 -p $$beside $(RACE) \
			$$(GOWORK=off go list ./... | grep -v /e2e/faults)); \
	done
	@echo "== deploy/e2e/faults"
	@cd deploy/e2e && GOWORK=off STACK_BIN=$(BIN) go test -count=1 -parallel 4 -timeout 12m ./faults
	@echo "== deploy/e2e, on Caddy and four services"
	@cd deploy/e2e && GOWORK=off E2E_PROGRAM=$(BIN)/stack STACK_BIN=$(BIN) STACK_CADDYFILE=$(CURDIR)/deploy/Caddyfile \
		E2E_LARGE=$(if $(value MONGO_URI),,500) go test -count=1 .

soak: build build-stack ## run the long form of the tests, and fuzzing: 15 minutes, a line for each promise
	@GOWORK=off go -C deploy/e2e build -o $(BIN)/soak ./soak
	@$(BIN)/soak

bench: build ## measure each call beside what the machine can do, with 10,000 and 100,000 records: 5 minutes
	@GOWORK=off go -C deploy/bench build -o $(BIN)/load ./load
	@$(BIN)/load

bench-million: build ## the same with 10,000 and a million: 10 minutes, 2 GB on the disk
	@GOWORK=off go -C deploy/bench build -o $(BIN)/load ./load
	@$(BIN)/load -sizes 10000,1000000

check: lint ## ready to commit: lint, and the tests that need no other program
	@set -e; for module in $(MODULES); do \
		echo "== $$module"; (cd $$module && GOWORK=off go test ./...); \
	done

lint: $(BIN)/staticcheck lint-openapi ## gofmt, vet, staticcheck, and the linter of openapi.yaml
	@unformatted=$$(gofmt -l shared services deploy); \
		if [ -n "$$unformatted" ]; then echo "run make fmt; not formatted:"; echo "$$unformatted"; exit 1; fi
	@set -e; for module in $(MODULES) deploy/docs deploy/e2e deploy/stack deploy/testdb deploy/bench; do \
		echo "== lint $$module"; (cd $$module && GOWORK=off go vet ./... && GOWORK=off $(BIN)/staticcheck ./...); \
	done

# The linter of the API's description is an npm package: it runs where Node is.
lint-openapi:
	@if command -v npx >/dev/null; then \
		REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
			npx --yes @redocly/cli@2.77.0 lint --extends recommended-strict --format stylish deploy/openapi.yaml; \
	else echo "NOTE: no Node found, so deploy/openapi.yaml is not linted."; fi

$(BIN)/staticcheck: deploy/tools/go.mod
	@GOWORK=off go -C deploy/tools build -o $@ honnef.co/go/tools/cmd/staticcheck

race-note:
	@[ -n "$(RACE)" ] || echo "NOTE: no C compiler found, so the race detector is left out."

fuzz: build ## call everything in openapi.yaml with random data (needs Python, and PyPI the first time)
	@deploy/e2e/fuzz.sh

fmt: ## format all Go files
	@gofmt -w shared services deploy

clean: ## remove what was built (the data stays)
	@rm -rf $(BIN)
