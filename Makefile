# The two commands are `make run` and `make test`. Needed: Python 3.11 or newer, and make.
.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
# The files list everything with its hash, so nothing is left to resolve; Python compiles what it loads.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
	--require-hashes --no-deps --no-compile
# One file for all systems and every Python from 3.11 on. What is pinned stays until it is asked to move.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
JOBS ?= 2
# The machine's Node.js, or the one that pip carries; 127 where none can be had
NODE := $(BIN)/python -m contactcenter.up.node
# What Python compiles is kept beside what it was installed to, also where the environment (a container's, often) says
# that nothing is: else each of the product's and the tests' processes compiles 1,700 modules, 3 of its 4 s of start.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/compiled

.PHONY: help run test deep faults bench shots lighthouse lint scripts requirements chromium clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: $(VENV)/requirements.txt $(if $(CC_FILES_S3_BUCKET),$(VENV)/requirements-s3.txt) ## start everything; Ctrl-C stops it (PORT, CC_DATA, DATABASE_URL, REDIS_URL)
	@$(BIN)/python manage.py up $(ARGS)

test: $(VENV)/requirements-dev.txt chromium ## all tests, in parallel (JOBS=2; ARGS go to pytest)
	@$(NODE) node --test --test-reporter=dot tests/scripts/*.test.js || [ $$? = 127 ]
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --ignore=tests/faults -m "not product" $(ARGS)
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --ignore=tests/faults -m product $(ARGS)

deep: $(VENV)/requirements-dev.txt ## the property tests with many more examples, an hour or more (for the night)
	@CC_HYPOTHESIS=deep $(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "hypothesis and not product" \
	  -o timeout=7200 $(ARGS)

faults: $(VENV)/requirements-dev.txt ## programs killed, stores gone, sockets cut: nothing lost, nothing doubled
	@$(BIN)/python -m pytest tests/faults $(ARGS)

bench: $(VENV)/requirements-dev.txt ## measure, each figure beside its limit
	@$(BIN)/python -m benchmarks $(ARGS)

shots: $(VENV)/requirements-dev.txt chromium ## screenshots of every view
	@$(BIN)/python -m tests.shots $(ARGS)

lighthouse: $(VENV)/requirements-dev.txt chromium ## accessibility by an independent checker (needs Node.js)
	@$(BIN)/python -m tests.lighthouse

lint: $(VENV)/requirements-dev.txt ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory scripts

scripts: node_modules/.package-lock.json ## the same of the browser's scripts, and their tests without a browser
	$(NODE) node node_modules/@biomejs/biome/bin/biome lint --error-on-warnings
	$(NODE) node node_modules/typescript/bin/tsc
	$(NODE) node node_modules/typescript/bin/tsc --project tsconfig.strict.json
	$(NODE) node --test --test-reporter=dot tests/scripts/*.test.js

requirements: | $(BIN)/python ## compile the requirement files from pyproject.toml (ARGS=--upgrade takes newer versions)
	@$(PIP) -r .ci/pip.txt -r .ci/uv.txt
	@$(COMPILE) pyproject.toml --output-file requirements.txt $(ARGS)
	@$(COMPILE) --group s3 --constraints requirements.txt --output-file requirements-s3.txt $(ARGS)
	@$(COMPILE) --group dev --constraints requirements.txt --constraints requirements-s3.txt \
	  --output-file requirements-dev.txt $(ARGS)

chromium:
	@.ci/chromium

clean: ## forget the virtual environment (the data folder stays)
	rm -rf $(VENV)

# A copy of the requirements is kept beside what it led to: they are installed again when it differs.
$(VENV)/requirements.txt: requirements.txt | $(VENV)/bin/python
	@echo "Installing requirements (once)."
	@$(PIP) -r .ci/pip.txt
	@$(PIP) -r requirements.txt
	@cp requirements.txt $@

$(VENV)/requirements-s3.txt: requirements-s3.txt $(VENV)/requirements.txt
	@echo "Installing requirements for files in S3 (once)."
	@$(PIP) -r requirements-s3.txt
	@cp requirements-s3.txt $@

$(VENV)/requirements-dev.txt: requirements-dev.txt $(VENV)/requirements.txt
	@echo "Installing requirements for development (once)."
	@$(PIP) -r requirements-dev.txt
	@cp requirements-dev.txt $@

node_modules/.package-lock.json: package-lock.json package.json $(VENV)/requirements-dev.txt
	@echo "Installing what checks scripts (once)."
	@$(NODE) npm ci --no-progress
	@touch $@

# The first Python that is new enough and can make an environment. PYTHON=… chooses another.
$(VENV)/bin/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  exec "$$python" -m venv $(VENV); \
	done; \
	echo "Python 3.11 or newer with its venv module is needed, and none was found (Debian: apt install python3-venv)."; \
	exit 1
