# The one place for commands. `make help` lists them.

PYTHON ?= python3
VENV := .venv
# Commands install what they need into one .venv. A mark in it says what is installed.
RUN := $(VENV)/.run
TEST := $(VENV)/.test
LINT := $(VENV)/.lint
DEPLOY := $(VENV)/.deploy
PACKAGE := $(VENV)/.package
MUTATION := $(VENV)/.mutation
BENCH := .bench/.done
CLIENTS := $(VENV)/.clients
SDKS := .clients/.done
BACKEND := .backend/.done
MINISTACK := .stack/.done
RUNTIME := .runtime/.done
# Looked up before .venv is in the path: a setup may have to replace .venv.
SYSTEM_PYTHON := $(shell command -v $(PYTHON) 2>/dev/null)
ifeq ($(SYSTEM_PYTHON)$(filter file default,$(origin PYTHON)),)
$(error PYTHON=$(PYTHON) is not a program; name Python 3.11 or newer, such as PYTHON=python3.13)
endif

# `sam build` calls python3; sam must not phone home.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# npm trusts the certificates that this machine trusts, a company's proxy among them.
export NODE_USE_SYSTEM_CA := 1
export PYTHONPATH := $(CURDIR)/functions:$(CURDIR)/layers/zego_token:$(CURDIR)/cli:$(CURDIR)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run provision package test test-all attack test-stack test-clients test-corpora screenshots mutate lint invoke local-aws bench load cost openapi diagnosis walk settings build validate release-notes deploy verify-live lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { \
		line = sprintf("%-13s", $$1); count = split($$2, words, " "); \
		for (i = 1; i <= count; i++) { \
			if (length(line " " words[i]) > 80) { print line; line = sprintf("%-13s", "") } \
			line = line " " words[i] } \
		print line }' Makefile

setup: $(LINT) ## install into .venv all that development needs

$(VENV)/bin/python:
	@"$(SYSTEM_PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with PYTHON=..." >&2; exit 1; }
	@"$(SYSTEM_PYTHON)" -m venv --clear --without-pip $(VENV)

$(VENV)/pyvenv.cfg: | $(VENV)/bin/python ;

# The requirements of these commands include those of others.
HELD_test := run deploy package cli
HELD_lint := test $(HELD_test)

# Tests turn warnings into errors, and some packages warn when they are compiled.
$(VENV)/.%: requirements/%.txt | $(VENV)/bin/python
	@echo "Setting up $(VENV) for make $* ..."
	@$(VENV)/bin/python -m local.install $< $(if $(filter test lint,$*),--compile)
	@touch $@ $(HELD_$*:%=$(VENV)/.%)

# What stands in for AWS's managed runtime.
$(RUNTIME): local/requirements.txt $(VENV)/pyvenv.cfg | $(TEST)
	@rm -rf $(@D)
	@echo "Setting up $(@D) ..."
	@$(VENV)/bin/python -m local.install $< --target $(@D) --compile
	@touch $@

# Passed by the environment, as typed: no shell reads the values.
run: override export PORT := $(value PORT)
run: override export JWT := $(value JWT)
run: override export HOST := $(value HOST)
run: override export HOSTS := $(value HOSTS)
run: override export CORS := $(value CORS)
run: $(RUN) ## serve the API on http://127.0.0.1:3000 with an embedded AWS (PORT=, JWT=1, HOST=, HOSTS=, CORS=, ZEGO_APP_ID=, ZEGO_SERVER_SECRET=)
	@$(VENV)/bin/python -m local.run

provision: override export FILE := $(value FILE)
provision: override export BUCKET := $(value BUCKET)
provision: override export APP_ID := $(value APP_ID)
provision: override export TOLERATED := $(value TOLERATED)
provision: override export FORCE := $(value FORCE)
provision: $(RUN) ## check a roster and run it locally: make provision FILE=roster.csv (BUCKET= uploads it; APP_ID=, TOLERATED=5, FORCE=1)
	@$(VENV)/bin/python -m local.provision

test: $(TEST) $(RUNTIME) ## run the tests
	@$(VENV)/bin/python -m pytest -m "not exploration" --numprocesses auto --dist worksteal

test-all: $(TEST) $(RUNTIME) ## run the tests with the long explorations, which take minutes more
	@$(VENV)/bin/python -m pytest --hypothesis-profile wide --numprocesses auto --dist worksteal

# Laws that no input may break; the statistics say how many inputs were tried.
ATTACKS := tests/unit/test_policy_law.py tests/unit/test_rights_law.py tests/unit/test_roster_law.py \
	tests/unit/test_rfc3339.py tests/unit/test_bad_rows.py tests/integration/test_event_shapes.py \
	tests/integration/test_misdirected_events.py tests/integration/test_refusals.py \
	tests/integration/rooms/test_grant_law.py tests/integration/test_attacks.py

attack: $(TEST) ## try claims, grants, rosters, times and events of any shape, and print how many
	@$(VENV)/bin/python -m pytest --hypothesis-profile wide --hypothesis-show-statistics \
		-m "not exploration" -q $(ATTACKS)

# Apart from .venv, since ministack pins its botocore.
$(MINISTACK): tests/stack/requirements.txt | $(TEST)
	@$(VENV)/bin/python -m venv --clear --without-pip $(@D)
	@echo "Setting up $(@D) for make test-stack ..."
	@$(@D)/bin/python -m local.install $< --compile
	@touch $@

# npm's packages, as a package-lock.json pins them.
define NPM_CI
	@rm -rf $(@D) && mkdir $(@D) && cp $(addprefix $(<D)/,package.json package-lock.json .npmrc) $(@D)
	@echo "Setting up $(@D), for the examples ..."
	@cd $(@D) && $(CURDIR)/$(VENV)/bin/npm ci --ignore-scripts --no-progress --loglevel=error
	@touch $@
endef

# ZEGO's SDKs and a bundler.
$(SDKS): examples/package-lock.json examples/package.json | $(CLIENTS)
	$(NPM_CI)

# AWS's signer.
$(BACKEND): examples/backend/package-lock.json examples/backend/package.json | $(CLIENTS)
	$(NPM_CI)

# For tests that take seconds.
A_LINE_EACH := --no-header -p tests.reporting -o verbosity_test_cases=-1 -o console_output_style=classic

test-stack: $(TEST) $(MINISTACK) $(CLIENTS) $(BACKEND) ## deploy the stack to an AWS in one process, and use it there as its users do (ONLY=)
	@$(VENV)/bin/python -m tests.debian curl
	@STACK_TESTS=1 $(VENV)/bin/python -m pytest $(or $(ONLY),tests/stack) --capture=sys $(A_LINE_EACH)

test-clients: $(TEST) $(CLIENTS) $(SDKS) ## log in with ZEGO's web SDKs in Chromium, which it installs where it may (ONLY=)
	@$(VENV)/bin/python -m tests.debian chromium
	@CLIENT_TESTS=1 $(VENV)/bin/python -m pytest $(or $(ONLY),tests/clients) --capture=no $(A_LINE_EACH)

test-corpora: $(TEST) ## run other people's corpora, see docs/testing.md (CORPORA=)
	@CORPORA="$(abspath $(CORPORA))" $(VENV)/bin/python -m pytest tests/corpora

screenshots: $(TEST) $(CLIENTS) ## take the pictures of docs/console.md, with Chromium
	@$(VENV)/bin/python -m tests.debian chromium
	@$(VENV)/bin/python -m tests.clients.screenshots

$(MUTATION): tests/mutation/requirements.txt | $(TEST)
	@echo "Setting up $(VENV) for make mutate ..."
	@$(VENV)/bin/python -m local.install $<
	@touch $@

mutate: $(MUTATION) ## break policy, limits and packing in some 1,300 places; the tests must notice 90 %
	@$(VENV)/bin/python -m tests.mutation.run

lint: $(LINT) ## ruff and strict mypy
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

invoke: override export EVENT := $(value EVENT)
invoke: $(TEST) $(RUNTIME) ## run the built function on an event: make invoke EVENT=events/http_api_token04_room.json
	@$(VENV)/bin/python -m local.invoke

local-aws: override export PORT := $(value PORT)
local-aws: override export ADDRESS := $(value ADDRESS)
local-aws: $(TEST) ## serve an embedded AWS for sam local invoke and write env.json (PORT=, ADDRESS=172.17.0.1 for Docker on Linux)
	@$(VENV)/bin/python -m local.local_aws

# What the naive handler ships.
$(BENCH): benchmarks/requirements.txt $(VENV)/pyvenv.cfg | $(TEST)
	@rm -rf $(@D)
	@echo "Setting up $(@D) for make bench ..."
	@$(VENV)/bin/python -m local.install $< --target $(@D) --compile
	@touch $@

bench: override export OFFICIAL := $(value OFFICIAL)
bench: $(TEST) $(RUNTIME) $(BENCH) ## measure cold start, warm path, tokens a second and what the checks add (OFFICIAL=a checkout of ZEGO's generators)
	@$(VENV)/bin/python -m benchmarks.run

# Under another name, since SECONDS is a variable of bash's own.
load: override export SOAK_SECONDS := $(value SECONDS)
load: $(TEST) $(RUNTIME) ## put the local API and the artifact under load, then soak both (SECONDS=600); make cost
	@$(VENV)/bin/python -m benchmarks.load
	@$(VENV)/bin/python -m benchmarks.cost

cost: $(TEST) ## write docs/cost.md: what tokens cost, from measured durations and a dated table of prices
	@$(VENV)/bin/python -m benchmarks.cost

openapi: $(RUN) ## write functions/token_api/openapi.json and the routes of docs/api.md
	@$(VENV)/bin/python -m openapi.document
	@$(VENV)/bin/python -m openapi.reference

diagnosis: $(TEST) ## write the tables of docs/diagnosis.md
	@$(VENV)/bin/python -m tests.diagnosis.document

walk: $(TEST) ## time a stranger's first steps in a new clone, and write docs/walk.md
	@$(VENV)/bin/python -m tests.documentation.walk

settings: $(TEST) ## write docs/settings.md
	@$(VENV)/bin/python -m tests.documentation.settings

build: $(DEPLOY) ## build what `make deploy` deploys, and print its hash
	$(VENV)/bin/sam build
	@$(VENV)/bin/python -m local.artifact

validate: $(DEPLOY) ## lint the template
	$(VENV)/bin/sam validate --lint

package: $(PACKAGE) ## build the wheel and the source archive of zego-token into dist/
	@rm -rf dist
	@$(VENV)/bin/python -m hatchling build -d dist

release-notes: override export TAG := $(value TAG)
release-notes: ## compare a tag with the version and print its part of CHANGELOG.md: make release-notes TAG=v1.0.0
	@"$(SYSTEM_PYTHON)" -m local.release

# Passed by the environment, as typed: values may have spaces, quotes and $.
deploy: override export APP_ID := $(value APP_ID)
deploy: override export CONFIG := $(value CONFIG)
deploy: override export REGION := $(value REGION)
deploy: override export STACK := $(value STACK)
deploy: override export PARAMS := $(value PARAMS)
deploy: override export YES := $(value YES)
deploy: $(DEPLOY) ## deploy the stack: make deploy APP_ID=... (CONFIG=dev|prod, REGION=, STACK=, PARAMS="Name=Value ...", YES=1)
	@$(VENV)/bin/python -m local.deploy

verify-live: override export APP_ID := $(value APP_ID)
verify-live: override export REGION := $(value REGION)
verify-live: override export STACK := $(value STACK)
verify-live: override export PARAMS := $(value PARAMS)
verify-live: override export PORT := $(value PORT)
verify-live: override export SECRET_FILE := $(value SECRET_FILE)
verify-live: override export YES := $(value YES)
verify-live: override export CLEAN := $(value CLEAN)
verify-live: $(TEST) $(CLIENTS) $(SDKS) ## with an AWS account and a ZEGO app: deploy, check, join real rooms (APP_ID=, YES=1, CLEAN=1|only, REGION=, STACK=, PARAMS=, PORT=, SECRET_FILE=)
	@$(VENV)/bin/python -m local.verify_live

# .venv and the layer are resolved together: a package has the same version in both.
LOCKED := layers/zego_token/requirements local/requirements tests/mutation/requirements benchmarks/requirements \
	$(addprefix requirements/,run deploy package cli test clients lint)
# yattag has no wheel. Only cosmic-ray's HTML report needs it.
COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-package yattag --custom-compile-command "make lock"

lock: $(LINT) ## renew the locked requirements
	$(VENV)/bin/python -m pip install --quiet uv
	$(COMPILE) --upgrade $(LOCKED:=.in) --output-file .lock.txt
	for name in $(LOCKED); do \
		cp .lock.txt $$name.txt && $(COMPILE) $$name.in --output-file $$name.txt || exit 1; \
	done
	rm .lock.txt
	$(COMPILE) --upgrade tests/stack/requirements.in --output-file tests/stack/requirements.txt

clean: ## remove what the other commands made
	rm -rf $(VENV) .bench .stack .clients .backend .runtime .aws-sam dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .schemathesis
