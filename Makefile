# Every command sets up what it needs by itself. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# No Python is downloaded; compiled files make every start four times as fast where PYTHONDONTWRITEBYTECODE is set.
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
export UV_NO_PROGRESS := 1
# Where the machine keeps certificates of its own (a company's proxy), they hold for uv as they do for pip.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS := 1
endif

PYTHON ?= $(shell for p in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
UV := .tools/uv/bin/uv
UV_VERSION := 0.13.9
BIN := .venv/bin
MODEL ?=

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# uv in a folder of the project's own; python3-venv comes by apt only when it is missing and we may.
$(UV):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed. On Debian or Ubuntu: apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing python3-venv …"; apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; \
		else echo "Python's venv is missing. Run: sudo apt install python3-venv"; exit 1; fi; }
	@$(PYTHON) -m venv .tools/uv && .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# One environment that grows: run < test < dev. A stamp a lock file, so that an unchanged one costs nothing.
.venv/%.stamp: requirements/%.lock pyproject.toml | $(UV)
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@echo "Installing $* packages …"
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements/$*.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@rm -f .venv/*.stamp && touch $@ $(if $(filter dev,$*),.venv/test.stamp .venv/run.stamp) $(if $(filter test,$*),.venv/run.stamp)

.PHONY: setup
setup: .venv/dev.stamp ## Install everything for development

.PHONY: run
run: .venv/run.stamp ## Write an article from the examples, publish it, serve the blog (MODEL=local, ARTICLE_LANG=ko)
	@$(if $(MODEL),LLM_MODEL=$(MODEL)) $(BIN)/ai-seo-blogger quickstart

# One more than there are cores: tests wait for servers and leases more than they count. Two cores, 96 tests of jobs
# and fleets: 152 and 160 s with two, 115 and 120 s with three.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: test
test: .venv/test.stamp ## Run all tests against real services
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(if $(CI),--require-services) $(ARGS)

.PHONY: check
check: .venv/dev.stamp ## Format, lint, import contracts, types, house rules, migrations
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	@$(BIN)/basedpyright
	@$(BIN)/python tools/house.py
	@$(BIN)/python tools/migrations.py
	@$(BIN)/codespell app chaos tests docs tools README.md CONTRIBUTING.md CHANGELOG.md
	@$(BIN)/python tools/reference.py --check
	@$(BIN)/python tools/deploy.py --check

.PHONY: bench
bench: .venv/test.stamp ## Measure; results go to bench/results
	@PYTHONPATH=. $(BIN)/python bench/pipeline.py
	@PYTHONPATH=. $(BIN)/python bench/claims.py
	@PYTHONPATH=. $(BIN)/python bench/analysis.py
	@if command -v npm >/dev/null; then PYTHONPATH=. $(BIN)/python bench/agreement.py; else echo "bench/agreement.py needs node and npm: apt install nodejs npm"; fi
	@PYTHONPATH=. $(BIN)/python bench/keyphrases.py
	@PYTHONPATH=. $(BIN)/python bench/upkeep.py
	@PYTHONPATH=. $(BIN)/python bench/upkeep.py --postgresql
	@PYTHONPATH=. $(BIN)/python bench/repairing.py
	@PYTHONPATH=. $(BIN)/python bench/health.py
	@PYTHONPATH=. $(BIN)/python bench/cache.py
	@PYTHONPATH=. $(BIN)/python bench/proof.py
	@PYTHONPATH=. $(BIN)/python bench/progress.py
	@PYTHONPATH=. $(BIN)/python bench/copying.py
	@PYTHONPATH=. $(BIN)/python bench/starting.py
	@if command -v rsyslogd >/dev/null || test -x /usr/sbin/rsyslogd; then PYTHONPATH=. $(BIN)/python bench/shipping.py; else echo "bench/shipping.py needs rsyslog: apt install rsyslog"; fi
	@PYTHONPATH=. $(BIN)/python bench/scaling.py
	@PYTHONPATH=. $(BIN)/python bench/charts.py
	@if command -v wrk >/dev/null; then PYTHONPATH=. $(BIN)/python bench/pages.py && PYTHONPATH=. $(BIN)/python bench/balancers.py; \
		else echo "bench/pages.py and bench/balancers.py need wrk: apt install wrk"; fi

.PHONY: cluster
cluster: .venv/test.stamp ## Run a whole cluster here: balancer, INSTANCES (3), PostgreSQL, Valkey, S3
	@$(BIN)/ai-seo-blogger cluster up $(if $(INSTANCES),--instances $(INSTANCES))

.PHONY: chaos
chaos: .venv/test.stamp ## Break fleets at random and measure what becomes of the work (SEED=n, SCENARIO=name, SHORT=1)
	@$(if $(SCENARIO),true,$(BIN)/python -m pytest tests/generation/test_kill.py --kills 20 $(if $(SEED),--seed $(SEED)) -p no:randomly -n 0)
	@$(if $(SCENARIO),true,$(BIN)/python -m pytest tests -m chaos -p no:randomly -n 0)
	@$(BIN)/python -m chaos $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(SEED),--seed $(SEED)) $(if $(SHORT),--short)

.PHONY: docs
docs: .venv/dev.stamp ## Write docs/reference anew from the code
	@$(BIN)/python tools/reference.py

.PHONY: deploy
deploy: .venv/dev.stamp ## Write deploy/ anew from the policy
	@$(BIN)/python tools/deploy.py

.PHONY: lock
lock: | $(UV) ## Write the lock files anew, without releases younger than a week
	@newest=$$(date -u -d '7 days ago' +%F); for set in "run" "traces --extra traces" "test --extra cluster --extra traces --group test" \
		"dev --extra cluster --extra traces --group test --group dev"; do \
		name=$${set%% *}; groups=$${set#$$name}; \
		$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
			--python-version 3.11 --exclude-newer $$newest pyproject.toml $$groups --output-file requirements/$$name.lock --upgrade || exit 1; done

.PHONY: migration
migration: .venv/dev.stamp ## Write a migration from the models: make migration m="add x"
	@$(BIN)/python tools/migration.py $(m)

.PHONY: clean
clean: ## Remove the environment and caches; articles in data/ stay
	@rm -rf .venv .tools .ruff_cache .pytest_cache .hypothesis .import_linter_cache
