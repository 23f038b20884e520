# Everything a newcomer needs: run, test, check, bench. Each target installs what it uses, from the lock files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
RESOLVE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --quiet

.PHONY: run test check bench lock clean help

help: ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

run: $(VENV)/.run ## serve on http://127.0.0.1:8000 with an embedded MongoDB and a demo catalogue
	@$(BIN)/playledger serve --demo

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

lock: $(VENV)/.dev ## resolve the lock files anew from pyproject.toml
	@$(RESOLVE) -o requirements/app.lock
	@$(RESOLVE) --extra embedded --extra build -o requirements/run.lock
	@$(RESOLVE) --extra embedded --extra build --extra dev -o requirements/dev.lock
