# Everything a newcomer needs: run, test, check, bench. Each target installs what it uses, from the lock files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
IN_TWO := --numprocesses=2 --dist=loadfile --no-loadscope-reorder
RESOLVE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-emit-index-url --no-header --no-annotate --quiet

.PHONY: run test check bench docs lock clean help

help: ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

run: $(VENV)/.run ## serve on http://127.0.0.1:8000 with an embedded MongoDB and a demo catalogue
	@$(BIN)/playledger serve --demo

test: check ## every test, the browser ones included, over real servers
	@$(BIN)/pytest $(IN_TWO) -m "not slow" --cov --cov-fail-under=95
	@$(BIN)/pytest $(IN_TWO) -m slow

check: $(VENV)/.dev ## format, lint, types, import contracts
	@$(BIN)/ruff format --check --quiet . || (echo "Say '$(BIN)/ruff format' to mend the format"; exit 1)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo > $(VENV)/.imports.log 2>&1 || (cat $(VENV)/.imports.log; exit 1)
	@echo "Format, lint, types and import contracts are kept"

bench: $(VENV)/.dev ## the benchmarks, as a table and as JSON in benchmarks/results/
	@$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/.dev ## write docs/reference/ from the application
	@$(BIN)/python -m reference

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Playledger needs Python 3.11 or newer; say make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing from requirements/run.lock ..."
	@$(PIP) install --require-hashes -r requirements/run.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing from requirements/dev.lock ..."
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

clean: ## remove what was installed and built; data in .playledger stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* tests/realtime/client/node_modules clients/js/node_modules tests/browser/tools/node_modules

lock: $(VENV)/.dev ## resolve the lock files anew from pyproject.toml
	@$(RESOLVE) pyproject.toml -o requirements/app.lock
	@$(RESOLVE) pyproject.toml --extra embedded --extra build -o requirements/run.lock
	@$(RESOLVE) pyproject.toml --extra embedded --extra build --extra dev -o requirements/dev.lock
	@$(RESOLVE) requirements/build.in -o requirements/build.lock
