# `make run` and `make test` each set up all they need, on a machine with Python 3.11 and nothing else.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
BIN := .venv/bin
RECIPE := pyproject.toml constraints.txt hatch_build.py package.json package-lock.json
# what the build makes may have been swept away by a `git clean`
RECIPE += $(if $(wildcard town/static/vendor/manifest.json),,anew)

.PHONY: anew help run test check lint test-postgres faults bench browser constraints screens mutants

help:
	@echo "make run            the demo town on http://localhost:$(PORT)"
	@echo "make test           every check and test, in a real browser too"
	@echo "make check          style, types, who imports whom, fast tests: before each commit"
	@echo "make mutants        seeded faults of the offline worker, which its walks must see"
	@echo "make test-postgres  the whole suite on PostgreSQL"
	@echo "make faults         kill, fill and break a running town, and see what it keeps (ONLY=kill-9)"
	@echo "make bench          what pages cost, beside their budgets; ONLY=feed for a part"

run: .venv/installed
	@TOWN_ENV=$${TOWN_ENV:-development} $(BIN)/town demo
	@TOWN_ENV=$${TOWN_ENV:-development} exec $(BIN)/town serve --port $(PORT)

# Files of tests go to two workers in the order of their names: the walks, which take longest, start early.
test: lint browser
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder

check: lint
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not browser and not slow and not postgres"

test-postgres: .venv/installed-dev browser
	TOWN_TEST_ENGINE=postgresql $(BIN)/pytest -q

# Root is needed for the full disk, a C compiler for the broken one, nginx for the proxy: without, they are skipped.
faults: .venv/installed-dev
	$(BIN)/python -m tests.faults $(ONLY)
	$(if $(ONLY),,$(BIN)/pytest -q -rs tests/faults tests/kernel/test_troubles.py)

bench: .venv/installed-dev browser
	@$(BIN)/python -m bench $(ONLY)

lint: .venv/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --cache-dir .import_linter_cache

# Seeded faults of the worker: each must make its walk fail. Ten minutes.
mutants: browser
	$(BIN)/python -m tests.browser.mutants

# What phones show before the town is put on their home screen: committed, made anew when pages look otherwise.
screens: browser
	$(BIN)/python -m tests.browser.screens

browser: .venv/installed-dev
	@.ci/chromium

# The versions everybody runs: written anew after a change of pyproject.toml, read before it is committed.
constraints:
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install -q -e '.[dev]'
	$(BIN)/pip freeze -q --exclude-editable > constraints.txt
	@touch .venv/installed .venv/installed-dev

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit("Clocher needs Python 3.11 or newer: make PYTHON=...") if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "This Python cannot make environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

.venv/installed: .venv/pyvenv.cfg $(RECIPE)
	@echo "Installing Clocher: a minute or two the first time…"
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/installed-dev: .venv/pyvenv.cfg $(RECIPE)
	@echo "Installing Clocher and what its tests need: a minute or two the first time…"
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch .venv/installed $@
