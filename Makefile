# Two commands do everything: `make run` and `make test`. Python 3.11 or newer is all they need.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed-to-run
TEST_STAMP := $(VENV)/.installed-to-test
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 4
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

.DEFAULT_GOAL := help
.PHONY: help run test check format openapi translations coverage bench gauntlet locks clean

help:  ## Show what can be made
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20

run: $(RUN_STAMP)  ## Start everything on http://127.0.0.1:8000, with demo data the first time
	@$(BIN)/rewards init --demo
	@exec $(BIN)/rewards serve

test: $(TEST_STAMP)  ## Run every test, on SQLite and on PostgreSQL
ifdef REWARDS_TEST_COVERAGE
	@$(MAKE) --no-print-directory coverage
else
	@$(PYTEST)
endif

check: $(TEST_STAMP)  ## Format, lint, types, layers, architecture
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/architecture tests/migrations/test_revisions.py

format: $(TEST_STAMP)  ## Put the code into its one format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

openapi: $(TEST_STAMP)  ## Write docs/openapi.json anew from the API
	@REWARDS_RENEW_OPENAPI=1 $(BIN)/python -m pytest -q tests/architecture/test_openapi.py

translations: $(TEST_STAMP)  ## Write the template and the catalogs of the translations anew from the sources
	@REWARDS_RENEW_TRANSLATIONS=1 $(BIN)/python -m pytest -q tests/architecture/test_translations.py

# The whole suite again, measured. Every branch of what holds value is taken; elsewhere nearly every one.
coverage: $(TEST_STAMP)  ## Run every test and hold branch coverage to its gates
	@rm -f .coverage .coverage.*
	@$(PYTEST) --cov --cov-report=
	@$(BIN)/coverage report --skip-covered --show-missing --include='catalog/*' --fail-under=100
	@$(BIN)/coverage report --skip-covered --show-missing --include='rewards_service/ledger/*' --fail-under=100
	@$(BIN)/coverage report --skip-covered --show-missing --include='rewards_service/kit/*' --fail-under=100
	@$(BIN)/coverage report --skip-covered --show-missing --omit='catalog/*,rewards_service/ledger/*,rewards_service/kit/*' --fail-under=98

bench: $(TEST_STAMP)  ## Measure each goal of speed
	@$(BIN)/python -m benchmarks

gauntlet: $(TEST_STAMP)  ## Long reliability runs, with crashes and races
	@$(BIN)/rewards gauntlet

locks: $(TEST_STAMP)  ## Pin the newest versions that pyproject.toml allows
	@$(LOCK) --group build --output-file .ci/run.lock pyproject.toml
	@$(LOCK) --constraint .ci/run.lock --group dev --output-file .ci/test.lock pyproject.toml

clean:  ## Remove the environment and caches; the data in instance/ stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* build dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Install what lets Python make environments (Debian: python3-venv)." >&2; exit 1; }

$(RUN_STAMP): .ci/run.lock pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV) …"
	@$(PIP) --no-deps --require-hashes -r .ci/run.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(TEST_STAMP): .ci/test.lock $(RUN_STAMP)
	@echo "Installing what tests need …"
	@$(PIP) --no-deps --require-hashes -r .ci/test.lock
	@touch $@
