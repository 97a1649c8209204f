# `make help` lists what there is. Go and make are all that is needed.

MODULES  := shared services/auth services/admin services/personnel services/analytics deploy/local
BIN      := $(CURDIR)/bin
CC_FOUND := $(shell command -v $$(go env CC) 2>/dev/null)
# The race detector needs a C compiler.
RACE     := $(if $(CC_FOUND),-race,)

.DEFAULT_GOAL := help
.PHONY: help build run demo test check fmt clean race-note

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build the all-in-one into bin/
	@go -C deploy/local build -o $(BIN)/office-payment .

run: build ## serve the whole API on http://127.0.0.1:8080
	@exec $(BIN)/office-payment

demo: ## do what the frontend does, against a running origin (needs ADMIN_PASSWORD)
	@go -C deploy/e2e build -o $(BIN)/demo ./demo
	@$(BIN)/demo

test: race-note ## every test, each module alone, race detector on
	@set -e; for module in $(MODULES) deploy/e2e; do \
		echo "== $$module"; (cd $$module && GOWORK=off go test -count=1 $(RACE) ./...); \
	done

check: $(BIN)/staticcheck ## gofmt, vet, staticcheck and the fast tests: ready to commit
	@unformatted=$$(gofmt -l shared services deploy); \
		if [ -n "$$unformatted" ]; then echo "run make fmt; not formatted:"; echo "$$unformatted"; exit 1; fi
	@set -e; for module in $(MODULES); do \
		echo "== $$module"; cd $(CURDIR)/$$module; go vet ./...; $(BIN)/staticcheck ./...; go test -short ./...; \
	done
	@cd deploy/e2e && GOWORK=off go vet ./... && GOWORK=off $(BIN)/staticcheck ./...

$(BIN)/staticcheck: deploy/tools/go.mod
	@GOWORK=off go -C deploy/tools build -o $@ honnef.co/go/tools/cmd/staticcheck

race-note:
	@[ -n "$(RACE)" ] || echo "NOTE: no C compiler found, so the race detector is left out."

fmt: ## format all Go files
	@gofmt -w shared services deploy

clean: ## remove what was built (the data stays)
	@rm -rf $(BIN)
