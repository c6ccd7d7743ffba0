# The one place for commands. `make help` lists them.

PYTHON ?= python3
PORT ?= 3000
CONFIG ?= dev
VENV := .venv
SETUP := $(VENV)/.done
RUNTIME := .runtime/.done
MUTATION := $(VENV)/.mutation
PIP := $(VENV)/bin/python -m pip install --quiet --no-deps --require-hashes --only-binary :all:
# Before .venv goes into the path, which a setup may have to replace.
SYSTEM_PYTHON := $(shell command -v $(PYTHON) 2>/dev/null)

# `sam build` calls python3; sam must not phone home.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONPATH := $(CURDIR)/functions:$(CURDIR)/layers/zego_token:$(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help setup run provision test test-corpora mutate lint invoke bench openapi build validate deploy lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s%s\n", $$1, $$2 }' Makefile

setup: $(SETUP) ## make .venv from the locked requirements

$(SETUP): requirements-dev.txt
	@"$(SYSTEM_PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with PYTHON=..." >&2; exit 1; }
	@echo "Setting up $(VENV), which takes a minute or two ..."
	@rm -rf $(VENV)
	@"$(SYSTEM_PYTHON)" -m venv $(VENV)
	@$(PIP) -r requirements-dev.txt
	@touch $@

# What stands in for AWS's managed runtime.
$(RUNTIME): local/requirements.txt $(SETUP)
	@rm -rf $(@D)
	@$(PIP) --target $(@D) -r local/requirements.txt
	@touch $@

run: $(SETUP) ## serve the API on http://127.0.0.1:3000 with an embedded AWS (PORT=, JWT=1, ZEGO_APP_ID=, ZEGO_SERVER_SECRET=)
	@$(VENV)/bin/python -m local.run --port $(PORT) $(if $(JWT),--jwt)

# A file's name may have spaces and quotes, so that it goes through the environment.
provision: export FILE := $(FILE)
provision: export BUCKET := $(BUCKET)
provision: $(SETUP) ## check a roster and run it locally: make provision FILE=roster.csv (BUCKET= uploads it; APP_ID=, TOLERATED=5, FORCE=1)
	@$(VENV)/bin/python -m local.provision "$$FILE" --bucket "$$BUCKET" $(if $(APP_ID),--app-id $(APP_ID)) \
		$(if $(TOLERATED),--tolerated $(TOLERATED)) $(if $(FORCE),--force)

test: $(RUNTIME) ## run all tests
	@$(VENV)/bin/python -m pytest --numprocesses auto --dist loadgroup

test-corpora: $(SETUP) ## run other people's corpora, see docs/testing.md (CORPORA=)
	@CORPORA="$(abspath $(CORPORA))" $(VENV)/bin/python -m pytest tests/corpora

$(MUTATION): tests/mutation/requirements.txt $(SETUP)
	@$(PIP) -r $<
	@touch $@

mutate: $(MUTATION) ## break policy, limits and packing in some 700 places; the tests must notice 90 %
	@$(VENV)/bin/python -m tests.mutation.run

lint: $(SETUP) ## ruff and strict mypy
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

invoke: $(RUNTIME) ## run the built function on an event: make invoke EVENT=events/http_api_token04_room.json
	@$(VENV)/bin/python -m local.invoke $(EVENT)

bench: $(RUNTIME) ## measure tokens a second, cold start, warm path and what the checks add to it
	@$(VENV)/bin/python -m benchmarks.tokens $(if $(OFFICIAL),--official $(OFFICIAL))
	@$(VENV)/bin/python -m benchmarks.handler
	@$(VENV)/bin/python -m benchmarks.checks
	@$(VENV)/bin/python -m benchmarks.provisioning

openapi: $(SETUP) ## write functions/token_api/openapi.json
	@$(VENV)/bin/python -m local.openapi

build: $(SETUP) ## build what `make deploy` deploys
	$(VENV)/bin/sam build

validate: $(SETUP) ## lint the template
	$(VENV)/bin/sam validate --lint

deploy: build ## build and deploy (CONFIG=dev or prod)
	@$(VENV)/bin/python -m local.deploy $(CONFIG)

# yattag, which has no wheel, is for cosmic-ray's HTML report alone.
lock: $(SETUP) ## renew the locked requirements
	$(VENV)/bin/python -m pip install --quiet uv
	for name in layers/zego_token/requirements requirements-dev local/requirements tests/mutation/requirements; do \
		$(VENV)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-package yattag --custom-compile-command "make lock" $$name.in -o $$name.txt || exit 1; \
	done

clean: ## remove what the other commands made
	rm -rf $(VENV) .runtime .aws-sam .hypothesis .mypy_cache .pytest_cache .ruff_cache
