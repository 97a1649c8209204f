# `make help` lists what there is. Go and make are all that is needed.

MODULES  := deploy/local services/personnel services/admin shared services/auth services/analytics
BIN      := $(CURDIR)/bin
# Each module by itself, as it is released.
export GOWORK := off
# A compiler process lives for a second or two: without garbage collection it takes a
# fifth less time. The limit is for SQLite, which needs that much memory anyway. Without
# debug information it takes another tenth less.
export GOFLAGS := $(GOFLAGS) '-toolexec=env GOGC=off GOMEMLIMIT=1GiB' -gcflags=all=-dwarf=false -ldflags=-w
compiled  = $(1:%=-gcflags="%=-dwarf=false $(2)")
# Without inlining it takes another quarter less: for tests, and for what they and the
# stack need besides the services. What runs most would be too slow without it: SQLite,
# which was translated from C, and the runtime.
INLINED  := modernc.org/... golang.org/x/crypto/blowfish runtime internal/runtime/...
# Most of the test server's work is decoding whole collections.
DECODING := encoding/json reflect internal/abi unicode/utf8 $(addprefix github.com/FerretDB/FerretDB/internal/,handler/sjson types)
QUICK    := $(call compiled,all,-l) $(call compiled,$(INLINED) $(DECODING))
CC_FOUND := $(shell command -v $$(go env CC) 2>/dev/null)
# The race detector needs a C compiler. It makes loops 50 times as slow, so it covers the
# code written here, and those parts of Go's library that share anything. Its checks of
# unsafe pointers are off, since this code has none. SQLite's driver is not inlined
# either: inlining would bring in a copy of sync.Map's internals that hides their ordering
# from the race detector, and the linker may use that copy for the whole program.
RACE     := $(if $(CC_FOUND),-race $(call compiled,all,-l -race=false) $(call compiled,std officepay.example/...,-l -d=checkptr=0) \
	$(call compiled,regexp strings strconv unicode/...,-l -race=false) $(call compiled,$(INLINED),-race=false) $(call compiled,modernc.org/sqlite,-l -race=false))

.DEFAULT_GOAL := help
.PHONY: help build docs run stack build-stack up down logs scale demo test test-all test-mongo soak bench bench-million check lint-openapi fuzz fmt clean race-note

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
	@go -C deploy/stack build $(QUICK) -o $(BIN)/stack ./cmd/stack
	@[ -n "$$MONGO_URI" ] || go -C deploy/testdb build $(QUICK) $(TESTDB) -o $(BIN)/testdb .

# The description of the API; the programs look for it beside themselves.
docs:
	@go -C deploy/docs run $(QUICK) . ../openapi.yaml $(BIN)/docs

# The test server needs only its SQLite store. What it shares with Caddy and the suite has
# the same version in their go.mod files, so that it is compiled once.
TESTDB := -tags=ferretdb_no_postgresql

# With the tags of Caddy's own releases.
$(BIN)/caddy: deploy/tools/go.mod deploy/tools/caddy/main.go
	@echo "building Caddy (two minutes the first time)"
	@deploy/step.sh Caddy go -C deploy/tools build $(QUICK) -tags nobadger,nomysql,nopgx -o $@ ./caddy

up: ## serve it as Caddy, four services and MongoDB, with docker compose
	@deploy/up.sh

down: ## stop what make up started (the data stays)
	@docker compose down

logs: ## follow the logs of make up
	@docker compose logs --follow --tail 100

scale: ## run more of one service: make scale SERVICE=personnel N=3
	@docker compose up --detach --no-recreate --scale "$$SERVICE=$$N" "$$SERVICE"

demo: ## do what the frontend does, on a running API (needs ADMIN_PASSWORD)
	@go -C deploy/e2e build -o $(BIN)/demo ./demo
	@$(BIN)/demo

# Tests run in steps, with a line for each finished step. Tests that measure are named
# TestMeasured..., and run alone, in test-all. It also runs the tests that stop something
# midway, again and again.
STOPPED  := (Interrupted(Anywhere)?|Killed)$$
STEP     := @deploy/step.sh
BESIDE   := --no-print-directory --keep-going --jobs=3
ALONE    := --no-print-directory --keep-going --jobs=1
GO_TEST  := go test $(QUICK) -count=1 -vet=off -timeout=20m
# Otherwise the race detector adds a second to the end of each program.
export GORACE := atexit_sleep_ms=0
TESTED   := $(MODULES) deploy/docs deploy/stack deploy/testdb
ON_STACK := E2E_PROGRAM=$(BIN)/stack STACK_CADDYFILE=$(CURDIR)/deploy/Caddyfile
# What only the stack has: each route through the proxy, and four services that agree.
ITS_OWN  := ^Test(Matrix|UnknownPath|WrongMethod|RequestID|CORS|Preflight|Health|Root|Head|Body|DatabaseIsGiven|PromotedAndDemoted|DeletedUser|DocsAreServed|RequestIsLogged)
# What handlers refuse or ignore before they ask a store: the all-in-one has the same
# handlers.
HANDLERS := ^Test(NotJSON|Odd(Documents|JSON)|Bad(JSON|Fields|Bank|Choice|Page)|MissingFields|MessageNames|DuplicateOfAKnownKey|WrongContentType)
export REQUIRE_MONGO := 1

# What several steps need is built first, with and without the race detector, since
# compilers that run at the same time share nothing. Then comes what takes longest.
test: race-note ## run what every change must pass, in steps
	@$(MAKE) $(BESIDE) $(COMMON)
	@$(MAKE) --no-print-directory docs
	@$(MAKE) $(BESIDE) $(COMMON:%=-o %) -o docs $(BIN)/caddy test-api test-stack $(TESTED:%=test/%)

test-all: test build build-stack ## run make test, and the whole API on the stack, moves, faults and measurements
	@$(MAKE) $(BESIDE) test-api-on-stack test-moves test-stopped test/deploy/bench test-large
	@$(MAKE) $(ALONE) test-faults test-measured

COMMON := test-server test-program

TEST_STEPS := $(addprefix test/,$(TESTED) deploy/bench)
.PHONY: $(TEST_STEPS) $(COMMON) test-services test-api test-large test-stack test-api-on-stack test-moves test-stopped test-faults test-measured

# The test server is tested without the race detector, which would need its own copy of
# everything.
$(TEST_STEPS): test/%:
	$(STEP) $* sh -c 'cd $* && STACK_BIN=$(BIN) $(GO_TEST) -parallel=8 -skip="^TestMeasured|$(STOPPED)" $(if $(filter deploy/testdb,$*),$(TESTDB),$(RACE)) ./...'

$(addprefix test/,shared $(filter services/%,$(MODULES))): test-server

test-server:
	$(STEP) "test server" go -C deploy/testdb build $(QUICK) $(TESTDB) -o $(BIN)/ . ./mongofiles

# The programs that the API is tested on are built with the race detector.
test-services: docs
	@mkdir -p $(BIN)/race && ln -sf ../caddy ../testdb ../docs $(BIN)/race
	$(STEP) "services to test" sh -c 'go -C deploy/stack build $(QUICK) -o $(BIN)/stack ./cmd/stack && \
		for service in auth admin personnel analytics; do \
			go -C services/$$service build $(RACE) -o $(BIN)/race/$$service ./cmd/$$service || exit 1; done'

test-program:
	@mkdir -p $(BIN)/race && ln -sf ../docs $(BIN)/race
	$(STEP) "all-in-one to test" go -C deploy/local build $(RACE) -o $(BIN)/race/office-payment .

# It sends only part of the largest upload, in which the race detector finds no less. The
# browser that looks at /docs is as much work as a third of the rest, so test-all has it.
test-api: test-program docs
	$(STEP) "API on the all-in-one" sh -c 'cd deploy/e2e && E2E_LARGE=2000 E2E_PROGRAM=$(BIN)/race/office-payment \
		$(GO_TEST) -skip=^TestDocsPage$$ $$(go list ./... | grep -vE "/(demo|faults|moving|proxy|soak)$$")'

test-large:
	$(STEP) "largest upload" sh -c 'cd deploy/e2e && E2E_PROGRAM=$(BIN)/office-payment $(GO_TEST) -run=^TestLargeUpload$$ .'

test-stack: $(BIN)/caddy test-server test-services
	$(STEP) "stack" env $(ON_STACK) STACK_BIN=$(BIN)/race sh -c 'cd deploy/e2e && $(GO_TEST) -run="$(ITS_OWN)" .'

test-api-on-stack:
	$(STEP) "API on the stack" env $(ON_STACK) STACK_BIN=$(BIN) E2E_LARGE=$(if $(value MONGO_URI),,100) \
		sh -c 'cd deploy/e2e && $(GO_TEST) -skip="$(ITS_OWN)|$(HANDLERS)" .'

test-moves: test-server
	$(STEP) "moves, proxy, demo, soak" sh -c 'cd deploy/e2e && STACK_BIN=$(BIN) $(GO_TEST) ./moving ./proxy ./demo ./soak'

# test-faults and test-measured measure real time, so a test that fails is tried again.
test-faults: test-server
	$(STEP) "faults" sh -c 'cd deploy/e2e && STACK_BIN=$(BIN) ../again.sh $(GO_TEST) -parallel=4 ./faults'

# Chosen by name, wherever they are.
test-stopped: test-server
	$(STEP) "stopped midway" sh -c 'for module in $(MODULES); do \
		(cd $$module && STACK_BIN=$(BIN) $(GO_TEST) -parallel=8 -run="$(STOPPED)" $(RACE) ./...) || exit 1; done'

# Chosen by name too; compiled as for a release.
test-measured:
	$(STEP) "measurements" sh -c 'for module in $(MODULES); do \
		(cd $$module && $(CURDIR)/deploy/again.sh $(GO_TEST) -gcflags=all=-dwarf=false -run=^TestMeasured ./...) || exit 1; done'

# On a MongoDB. Its databases are not touched: the tests create their own, named test-...,
# and drop them.
ON_MONGO := shared/mongodb $(wildcard services/*/mongostore) deploy/e2e/moving
MONGO_STEPS := $(addprefix test-mongo/,$(ON_MONGO)) test-mongo-api
.PHONY: $(MONGO_STEPS) mongo-is-named

test-mongo: mongo-is-named build build-stack test-server ## test the stores, moves and the whole API on the MongoDB that MONGO_URI names
	@$(MAKE) $(ALONE) $(MONGO_STEPS)

mongo-is-named:
	@[ -n "$$MONGO_URI" ] || { echo "MONGO_URI must name the MongoDB to test on"; exit 2; }

$(filter-out test-mongo-api,$(MONGO_STEPS)): test-mongo/%:
	$(STEP) $* sh -c 'cd $* && STACK_BIN=$(BIN) $(GO_TEST) -timeout=30m ./...'

test-mongo-api:
	$(STEP) "API on the stack" env $(ON_STACK) STACK_BIN=$(BIN) sh -c 'export MONGO_DB=test-e2e-$$(date +%s); \
		(cd deploy/e2e && $(GO_TEST) -timeout=30m .); status=$$?; \
		$(BIN)/mongofiles drop "$$MONGO_URI" $$MONGO_DB; exit $$status'

soak: build build-stack ## run the long form of the tests, and fuzzing: half an hour, a line for each promise
	@go -C deploy/e2e build -o $(BIN)/soak ./soak
	@$(BIN)/soak

bench: build ## compare each call with what the machine can do, with 10,000 and 100,000 records: 5 minutes
	@go -C deploy/bench build -o $(BIN)/load ./load
	@$(BIN)/load

bench-million: build ## the same with 10,000 and a million: 10 minutes, 2 GB on the disk
	@go -C deploy/bench build -o $(BIN)/load ./load
	@$(BIN)/load -sizes 10000,1000000

check: $(BIN)/staticcheck $(BIN)/govulncheck lint-openapi ## gofmt, vet, staticcheck, known vulnerabilities, and the linter of openapi.yaml
	@unformatted=$$(gofmt -l shared services deploy); \
		if [ -n "$$unformatted" ]; then echo "run make fmt; not formatted:"; echo "$$unformatted"; exit 1; fi
	@set -e; for module in $(TESTED) deploy/e2e deploy/bench; do \
		echo "== check $$module"; (cd $$module && go vet $(TESTDB) ./... && $(BIN)/staticcheck $(TESTDB) ./...); \
	done

	@if $(BIN)/govulncheck -version 2>/dev/null | grep -q 'DB updated'; then set -e; for module in $(MODULES); do \
		echo "== vulnerabilities of $$module"; (cd $$module && $(BIN)/govulncheck ./...); \
	done; else echo "NOTE: the database of known vulnerabilities cannot be reached, so they are not looked for."; fi

# The linter of the API's description is an npm package: it runs where Node is.
lint-openapi:
	@if command -v npx >/dev/null; then \
		REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
			npx --yes @redocly/cli@2.77.0 lint --extends recommended-strict --format stylish deploy/openapi.yaml; \
	else echo "NOTE: no Node found, so deploy/openapi.yaml is not linted."; fi

$(BIN)/staticcheck: deploy/tools/go.mod
	@go -C deploy/tools build -o $@ honnef.co/go/tools/cmd/staticcheck

$(BIN)/govulncheck: deploy/tools/go.mod
	@go -C deploy/tools build -o $@ golang.org/x/vuln/cmd/govulncheck

race-note:
	@[ -n "$(CC_FOUND)" ] || echo "NOTE: no C compiler found, so the race detector is left out."

fuzz: build ## call everything in openapi.yaml with random data (needs Python, and PyPI the first time)
	@deploy/e2e/fuzz.sh

fmt: ## format all Go files
	@gofmt -w shared services deploy

clean: ## remove what was built (the data stays)
	@rm -rf $(BIN)
