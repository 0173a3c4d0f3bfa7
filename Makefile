# Everything a newcomer needs: `make demo` and `make test`. Each target prepares what it needs by itself.
SHELL := /bin/bash
# The first interpreter that really runs, is new enough and can make an environment (a shim on the PATH may do none of it).
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; exit; }; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
export PYTHONPATH := src
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup browser compiler demo demo-report chaos test check bench up format lock outdated advisories

help: ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

$(STAMP): requirements.lock tools/setup.sh
	@bash tools/setup.sh "$(PYTHON)" "$(VENV)"

setup: $(STAMP) ## make the virtual environment and install the locked packages

browser: $(STAMP)
	@bash tools/browser.sh

demo: $(STAMP) ## run the whole story and open the console
	@$(BIN)/python -m linli_demo.run

demo-report: $(STAMP) ## run the story in a directory of its own and write demo-report.json (FAULTS=1: everything goes wrong)
	@$(BIN)/python -m linli_demo.run --report $(if $(filter 1,$(FAULTS)),--faults)

up: $(STAMP) ## run Linli for a real corp
	@$(BIN)/python -m linli.project.cli up

compiler: $(STAMP)
	@bash tools/compiler.sh

# One more than there are cores, at most four: a quarter of the time a test waits for a process or a page.
WORKERS ?= $(shell n=$$(($$(nproc 2>/dev/null || echo 2) + 1)); echo $$((n > 4 ? 4 : n)))

test: $(STAMP) browser compiler ## all tests, on a real PostgreSQL, the sandbox and Chromium
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

check: $(STAMP) ## lint, types, import contracts, sizes, migrations, promises
	@bash tools/check.sh $(BIN)

outdated: $(STAMP) ## newer releases of the pinned packages, asked of the package index (needs the network; docs/security/updates.md)
	@$(BIN)/python tools/outdated.py

advisories: ## what is publicly known against the pinned packages, by pip-audit (needs the network)
	@bash tools/advisories.sh "$(PYTHON)" .venv-advisories

bench: $(STAMP) ## benchmarks: ratios against a baseline in the same run
	@$(BIN)/python -m bench.all

format: $(STAMP)
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

lock: ## renew requirements.lock from pyproject.toml
	@$(BIN)/pip install -q pip-tools && $(BIN)/pip-compile -q --strip-extras --extra dev --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate -o requirements.lock pyproject.toml

chaos: $(STAMP) ## small stories of both kinds under random faults and kills: make chaos SEEDS=20 [KIND=trade|turnover] [FIRST=1] [EVENTS=200] [LANES=2] [WITHIN=seconds]; docs/chaos.md
	@$(BIN)/python -m linli_chaos --seeds $(or $(SEEDS),20) --first $(or $(FIRST),1) --events $(or $(EVENTS),200) $(if $(KIND),--kind $(KIND)) $(if $(LANES),--lanes $(LANES)) $(if $(WITHIN),--within $(WITHIN))
