# make install, make run and make test work from a clean clone: Python >= 3.11, Node >= 20, make; Java >= 17 for one check.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
ASSETS := $(shell find endpoint/assets -type f)

.DEFAULT_GOAL := help
.PHONY: help install run build serve test check conformance lint types format lock bench bench-federation clean

help:  ## say what each target does
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1 \t/' | expand -t 26

install: $(STAMPS)/python $(STAMPS)/node $(STAMPS)/assets  ## prepare .venv (with .venv/bin/atlas), the map of France and the web assets

run: install  ## build the atlas from real files and serve it on http://127.0.0.1:8000
	@$(BIN)/atlas build
	@exec $(BIN)/atlas serve --host $(HOST) --port $(PORT)

build: install  ## build a generation without serving it
	@$(BIN)/atlas build

serve: install  ## serve the last generation
	@exec $(BIN)/atlas serve --host $(HOST) --port $(PORT)

test: install  ## run the whole suite
	@$(BIN)/python -m pytest -q

check: install  ## the ontology's own checks
	@$(BIN)/atlas check

conformance: install  ## run the W3C suites against a server, write docs/conformance
	@$(BIN)/python -m tests.conformance

lint: install  ## style of the code, form of the ontology
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/atlas format --check

types: install  ## static types
	@$(BIN)/mypy

format: install  ## write code and ontology in their stable form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/atlas format

bench: install  ## figures that take minutes; BENCH="http page-peers" names others, BENCH=--help lists them
	@$(BIN)/python -m benchmarks $(BENCH)

bench-federation: install  ## figures of joins over other sites, beside other federations: hours; with ATLAS_BENCH_QUERIES=3 minutes
	@$(BIN)/python -m benchmarks federation

lock: $(STAMPS)/python  ## pin what install installs to the newest versions that setup.cfg allows
	@$(BIN)/python -m pip install --quiet pip-tools
	@$(BIN)/pip-compile --quiet --upgrade --extra test --strip-extras --allow-unsafe --no-header \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --output-file requirements.lock setup.cfg

clean:  ## remove what install and build made; state in instance/ stays
	rm -rf $(VENV) node_modules endpoint/static/dist build *.egg-info

$(STAMPS)/python: requirements.lock setup.cfg pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python is missing: install Python 3.11 or newer, or name it with make PYTHON=…"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11: install a newer Python, or name it with make PYTHON=…"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make environments: install its venv package (python3-venv on Debian)."; exit 2; }
	@test -x $(BIN)/python || { echo "Making the environment in $(VENV) …"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the Python packages of requirements.lock …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock || { echo "The Python packages could not be installed: is the package index reachable? Run make install again when it is."; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . || { echo "The program itself could not be installed into $(VENV); remove $(VENV) and run make install again."; exit 2; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/node: package-lock.json package.json | $(STAMPS)/python
	@command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || { echo "Node.js is missing: install Node.js 20 or newer with npm; it brings the map of France."; exit 2; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node.js is older than 20: install a newer one; it brings the map of France."; exit 2; }
	@echo "Installing the map of France and the web tools of package-lock.json …"
	@npm ci --silent || { echo "npm could not install package-lock.json: is the npm registry reachable? Run make install again when it is."; exit 2; }
	@touch $@

$(STAMPS)/assets: $(ASSETS) $(STAMPS)/node
	@rm -rf endpoint/static/dist/chunks
	@npm run --silent build -- --log-level=error || { echo "The web assets could not be bundled; remove node_modules and run make install again."; exit 2; }
	@touch $@
