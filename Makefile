# The front door. `make help` lists what there is. A fresh clone needs Python >= 3.11 (with venv) and make;
# everything else comes from the hash-locked requirements.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
# Standard output belongs to the command that was asked for: set-up talks to standard error.
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet install

.DEFAULT_GOAL := help
.PHONY: help demo test check-full lint bench serve docs lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.product ## Harvest a sample of two provinces and serve it (ARGS="--once --json": print the table and end)
	@$(BIN)/mulu demo $(ARGS)

test: $(VENV)/.tools ## Run the tests (ARGS passes options to pytest)
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check-full: $(VENV)/.tools ## Run every test at full size, and more examples
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "full or not full" --timeout 3600 --hypothesis-profile=full $(ARGS)

lint: $(VENV)/.tools ## Check style, types and import contracts
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.tools ## Measure the product against the floor (table and plot in benchmarks/)
	@$(BIN)/python -m benchmarks $(ARGS)

serve: $(VENV)/.product ## Serve, and harvest what is due
	@$(BIN)/mulu serve $(ARGS)

docs: $(VENV)/.product ## Write the generated pages anew (docs/schema.md, docs/rules.md)
	@$(BIN)/python -m schemas.describe > docs/schema.md
	@$(BIN)/python -m harvester.commands.describe_rules > docs/rules.md

lock: $(VENV)/.tools ## Resolve the requirements in setup.cfg anew
	@$(BIN)/uv pip compile $(LOCK) --extra postgresql --extra queue --extra oidc --extra build -o requirements.lock setup.cfg
	@$(BIN)/uv pip compile $(LOCK) --all-extras -c requirements.lock -o requirements-dev.lock setup.cfg

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"

clean: ## Remove what the other targets have made
	@rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.made:
	@echo "creating $(VENV)" >&2
	@$(PYTHON) -c 'import sys; sys.exit("Mulu needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) >&2
	@touch $@

$(VENV)/.product: $(VENV)/.made requirements.lock setup.cfg pyproject.toml
	@echo "installing requirements.lock" >&2
	@$(PIP) --require-hashes -r requirements.lock >&2
	@$(PIP) --no-deps --no-build-isolation -e . >&2
	@touch $@

$(VENV)/.tools: $(VENV)/.product requirements-dev.lock
	@echo "installing requirements-dev.lock" >&2
	@$(PIP) --require-hashes -r requirements-dev.lock >&2
	@touch $@
