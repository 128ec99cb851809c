SHELL := /bin/bash
.DEFAULT_GOAL := help

GO ?= go
TOOLS := $(CURDIR)/bin/tools
# Packages that pull in the Graph SDK: minutes of compiling and 5 GB under the
# race detector, so they are tested without it.
GRAPH := tenure/internal/directory/entra|tenure/worker|tenure/cmd
RACED = $(shell $(GO) list ./... | grep -Ev '^($(GRAPH))(/|$$)')
GRAPHED = $(shell $(GO) list ./... | grep -E '^($(GRAPH))(/|$$)')

.PHONY: help
help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## run everything on this machine, with a sample organisation
	@bin/tenure-devstack --dir .tenure

.PHONY: build
build: ## make bin/tenure and bin/tenure-devstack
	@echo "building; the first time takes some minutes and 6 GB of memory (Temporal server, Graph SDK)"
	$(GO) build -o bin/tenure ./cmd/tenure
	cd deploy/devstack && $(GO) build -o ../../bin/tenure-devstack .

.PHONY: test
test: ## run all tests; what the machine lacks is skipped aloud
	$(GO) test -race -timeout 30m $(GOTESTFLAGS) $(RACED)
	$(GO) test -timeout 15m $(GOTESTFLAGS) $(GRAPHED)
	cd deploy/devstack && $(GO) test -timeout 25m $(GOTESTFLAGS) ./...

.PHONY: test-short
test-short: ## run the tests that need neither the Graph SDK nor the Temporal server
	$(GO) test $(RACED)

.PHONY: deps-test
deps-test: ## install what some tests need: PostgreSQL's server and Samba (Debian, as root)
	deploy/deps-test.sh

.PHONY: chaos
chaos: ## kill, break, shuffle and overload everything; an hour or so
	cd deploy/devstack && $(GO) run ./chaos

.PHONY: chaos-short
chaos-short: ## a part of that which covers every kind; minutes
	cd deploy/devstack && $(GO) run ./chaos -short

.PHONY: lint
lint: tools ## run the linters
	$(TOOLS)/golangci-lint run ./...
	cd deploy/devstack && $(TOOLS)/golangci-lint run --config ../../.golangci.yml ./...
	$(TOOLS)/workflowcheck ./workflows/...

.PHONY: tools
tools: ## build the pinned tools into bin/tools
	cd internal/tools && GOBIN=$(TOOLS) $(GO) install tool

.PHONY: fmt
fmt: tools ## format the code
	$(TOOLS)/golangci-lint fmt ./...

.PHONY: fixtures
fixtures: ## record replay/next again from this build
	cd deploy/devstack && $(GO) test -run TestRecordFixtures -count=1 ./e2e -record

.PHONY: bench
bench: ## measure what journeys cost, on SQLite and PostgreSQL: half an hour
	cd deploy/devstack && $(GO) build -o ../../bin/tenure-bench ./bench
	bin/tenure-bench -out bin/bench.json $(BENCHFLAGS)

.PHONY: ci
ci: ## what CI runs
	.ci/run

.PHONY: clean
clean: ## remove what make build and make run left
	rm -rf bin .tenure
