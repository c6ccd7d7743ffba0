# The one place for commands. `make help` lists them.

PYTHON ?= python3
PORT ?= 3000
VENV := .venv
STANDIN := .runtime
SETUP := $(VENV)/.done

# The built artifact calls `python3` and `pip`; sam must neither phone home nor ask.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONPATH := $(CURDIR)/functions:$(CURDIR)/layers/zego_token:$(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help setup run test test-corpora lint invoke bench build build-local validate deploy lock clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(SETUP) ## make .venv from the locked requirements

$(SETUP): requirements-dev.txt local/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with PYTHON=..." >&2; exit 1; }
	rm -rf $(VENV) $(STANDIN)
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --no-deps --require-hashes --only-binary :all: -r requirements-dev.txt
	$(VENV)/bin/python -m pip install --quiet --no-deps --require-hashes --only-binary :all: --target $(STANDIN) -r local/requirements.txt
	@touch $@

run: $(SETUP) ## serve the API on http://127.0.0.1:3000 with an embedded AWS (PORT=, ZEGO_APP_ID=, ZEGO_SERVER_SECRET=)
	@$(VENV)/bin/python -m local.run --port $(PORT)

test: $(SETUP) build-local ## run all tests
	@$(VENV)/bin/python -m pytest

test-corpora: $(SETUP) ## run other people's corpora, see docs/testing.md (CORPORA=)
	@CORPORA="$(abspath $(CORPORA))" $(VENV)/bin/python -m pytest tests/corpora

lint: $(SETUP) ## ruff and strict mypy
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

invoke: $(SETUP) build-local ## run the built function on an event: make invoke EVENT=events/http_api_token04.json
	@$(VENV)/bin/python -m local.invoke $(EVENT)

bench: $(SETUP) ## measure tokens a second, cold start and warm path
	@$(VENV)/bin/python -m benchmarks.tokens $(if $(OFFICIAL),--official $(OFFICIAL))
	@$(VENV)/bin/python -m benchmarks.handler

build: $(SETUP) ## build what `make deploy` deploys
	sam build

build-local: $(SETUP)
	@$(VENV)/bin/python -m local.build

validate: $(SETUP) ## lint the template
	sam validate --lint

deploy: build ## build and deploy (CONFIG=dev or prod)
	sam deploy --config-env $(or $(CONFIG),dev) --parameter-overrides $$($(VENV)/bin/python -m local.deploy_parameters $(or $(CONFIG),dev))

lock: $(SETUP) ## renew the locked requirements
	$(VENV)/bin/python -m pip install --quiet uv
	for name in layers/zego_token/requirements requirements-dev local/requirements; do \
		uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" $$name.in -o $$name.txt || exit 1; \
	done

clean: ## remove what the other commands made
	rm -rf $(VENV) $(STANDIN) .aws-sam .hypothesis .mypy_cache .pytest_cache .ruff_cache
