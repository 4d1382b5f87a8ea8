# The door of the house. `make` alone lists what it can do.
SHELL := bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help env run book world browser database test quick lint lock clean

PORT ?= 8000
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: env ## start the course on this machine: book, assignments and a hub with a demonstration class
	@$(BIN)/python -m hub --port $(PORT)

env: .venv/made ## make the environment in .venv (done by the other targets when needed)

book: env ## build the book in _build/html
	@$(BIN)/jupyter-book build . --path-output . -W -n --keep-going

world: env ## build the public world in data/public, if what makes it has changed
	@$(BIN)/python -m world build

test: env browser database ## install what the tests need and run all of them
	@$(BIN)/python -m pytest -n 2 --dist loadfile

quick: env ## run the fast tests only
	@$(BIN)/python -m pytest -m "not slow and not browser"

lint: env ## put the code in order: ruff, lint and format
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

lock: env ## choose versions anew: requirements.txt and environment.yml from pyproject.toml
	@$(BIN)/python tools/lock.py

browser: env
	@bash tools/browser.sh $(BIN)

database:
	@bash tools/database.sh

clean: ## remove what was built; the environment and the class stay
	@rm -rf _build

.venv/made: requirements.txt pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "The course needs Python 3.11, 3.12 or 3.13, and found none. Install one of them, then: make PYTHON=/path/to/python3.12 run"; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13. Name one that is: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make environments. On Debian and Ubuntu: sudo apt install python3-venv. Then run make again."; exit 1; }
	@echo "Making the environment in .venv: some minutes the first time."
	@[ -x $(BIN)/python ] && $(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@total=$$(grep -c '^[a-z0-9].*==' requirements.txt); if [ -t 1 ]; then every=1 back='\r'; else every=50 back='\n'; fi; \
	$(PIP) install --require-hashes -r requirements.txt 2>.venv/pip-said \
	| awk -v total=$$total -v every=$$every -v back="$$back" \
		'/^(Collecting|Requirement already)/ && ++n % every == 0 {printf "  package %d of about %d %s", n, total, back; fflush()} \
		/^Installing/ {printf "  unpacking, the longest part     %s", back; fflush()} END {print ""}' \
	|| { grep -v '^WARNING' .venv/pip-said | tail -5; \
		echo "The packages could not be installed. Is this machine connected, and is the disk full? Then run make again."; exit 1; }
	@$(PIP) install --quiet --no-deps --no-build-isolation -e . 2>.venv/pip-said || { cat .venv/pip-said; exit 1; }
	@touch $@
