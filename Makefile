# The two commands of a fresh machine, and what developers need. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: help demo run setup test check bench soak letters lock dev format words screenshots

help: ## list these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: setup ## the case of 1998, played through the real path (ARGS=--once: print it and stop)
	$(BIN)/python manage.py demo $(ARGS)

run: setup ## the system with your own configuration
	$(BIN)/python manage.py serve

setup: $(VENV)/.installed ## own virtual environment, locked dependencies, database, static files
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py compile_words --verbosity 0
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0

test: dev ## everything that is tested, on SQLite and on PostgreSQL
	tests/run $(ARGS)

check: dev ## lint, format, types, import contracts, migrations, configuration
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run --verbosity 0
	MEYASU_HTTPS=yes $(BIN)/python manage.py check --deploy --fail-level ERROR

bench: dev ## measurements, as ratios within one run
	$(BIN)/pytest tests/bench -o python_files='*.py' -n 0 -s $(ARGS)

soak: dev ## 10,000 mails from a real Dovecot while everything is killed 100 times (hours on a small machine)
	MEYASU_SOAK_MAILS=10000 MEYASU_SOAK_KILLS=100 $(BIN)/pytest tests/walk/test_soak.py -n 0 -s --timeout 0 $(ARGS)

letters: dev ## 1,000 letters: senders killed while they leave, two desks that write to each other (half an hour)
	MEYASU_TEST_LETTERS=1000 $(BIN)/pytest tests/walk/test_two_desks.py \
	  tests/incidents/correspondence/test_killed_sender.py \
	  tests/incidents/correspondence/test_threading.py -n 0 -s --timeout 3600 $(ARGS)

format: dev ## put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

words: dev ## collect new words of the screens into locale/, to be translated (needs gettext)
	$(BIN)/python manage.py makemessages -l ja --no-wrap --add-location file --no-obsolete \
	  --ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*'

screenshots: dev ## pictures of the screens into var/screenshots/, the README's into docs/screenshots/
	MEYASU_SCREENSHOTS=1 $(BIN)/pytest tests/browser -n 0 $(ARGS)

dev: setup $(VENV)/.developer

lock: dev ## make the locks anew from pyproject.toml; they hold hashes and no addresses
	$(BIN)/uv pip compile -q --upgrade --generate-hashes --universal --no-emit-index-url --no-header \
	  --no-annotate --python-version 3.11 pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --no-header \
	  --no-annotate --python-version 3.11 --extra dev -c requirements.txt pyproject.toml \
	  -o requirements-dev.txt

$(VENV)/.installed: requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "This Python cannot make a virtual environment (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@echo "Installing the locked dependencies ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.developer: requirements-dev.txt $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
