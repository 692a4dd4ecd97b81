# Everything a person needs, from a clean checkout with only Python 3.10+ and make.
PYTHON ?= python3
PORT ?= 3000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export IRACING_DATA_DIR ?= $(CURDIR)/.iracing

.PHONY: help install demo test ui ui-demo lint format lock image check-deploy bench dictionary promises clean

help:
	@echo "make demo     run the whole sync against the simulated API: no account needed"
	@echo "make ui       Dagster UI and daemon on http://127.0.0.1:3000 over the same data"
	@echo "make ui-demo  the same, with the simulated API behind it"
	@echo "make test     lint, types and the whole test suite, offline"
	@echo "make install  only create .venv with everything in it"
	@echo "make lint | format | lock | image | check-deploy | bench | dictionary | promises   for developers, see docs/development.md"

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not there: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 10) <= v < (3, 15) else "Python 3.10 to 3.14 is needed, $(PYTHON) is %d.%d: make PYTHON=python3.12 ..." % v)'
	@echo "Installing everything into $(VENV): half a minute or so ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
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
	$(BIN)/python -m pytest -n 3 --dist worksteal

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Universal: for every Python and platform, and they name no package index. The second is the image's: no tools and
# no embedded Postgres, everything in the version of the first.
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.10 \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --upgrade
lock: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) --extra docker --extra k8s --extra embedded --extra dev -o requirements.lock
	$(COMPILE) --extra docker --extra k8s --extra cloud --constraint requirements.lock -o deploy/requirements.lock

# The image for deploy/, with what docker or another engine of its manners is called: make image ENGINE=podman
ENGINE ?= docker
image: $(STAMP)
	$(ENGINE) build --file deploy/Dockerfile --tag iracing-pipeline \
	  --build-arg VERSION=$$($(BIN)/iracing-pipeline --version | sed 's/.* //') \
	  --build-arg REVISION=$$(git rev-parse HEAD) .

check-deploy: $(STAMP)
	deploy/check.sh

bench: $(STAMP)
	$(BIN)/python benchmarks/run.py

dictionary: $(STAMP)
	$(BIN)/iracing-pipeline db dictionary > docs/data-dictionary.md

promises: $(STAMP)
	$(BIN)/python -m iracing_pipeline_tests.support.promises > docs/promises.md

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
