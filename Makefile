# In: this checkout. Out: a demo to play with (make demo), or a verdict on the whole house (make test).
# What continuous integration runs is `.ci/run`, and that is `make test`: nothing stands there that is not here.

PYTHON ?= python3
BIN := .venv/bin
# A server's own suggestion where no screen is; root only where one is root already.
LAB_OPTIONS := $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),,--no-browser) \
	$(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.PHONY: help demo test test-all setup chromium kernels checks lint types page build unit browser clean

help:
	@echo 'make demo      JupyterLab on notebooks/quickstart.ipynb; no key and no Node needed'
	@echo 'make test      everything that is checked, with seeded samples of the large sets'
	@echo 'make test-all  the same with the whole of every set: each kernel x front end, recorded stream, SDK'
	@echo 'parts:         lint types page build unit browser (each sets up what it needs)'

demo: .venv/.demo
	@echo 'JupyterLab prints its address below; end it with Ctrl+C.'
	$(BIN)/python -m jupyterlab $(LAB_OPTIONS) --LabApp.default_url=/lab/tree/notebooks/quickstart.ipynb

# The tests come last, so that the last words are theirs: what was skipped and why, and the counts. Those in a browser
# mostly wait for it; the others run meanwhile.
test:
	@$(MAKE) --no-print-directory -j3 $(SYNC) checks
	@$(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory -j2 $(SYNC) unit browser

SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

checks: lint types page kernels chromium

test-all: export NOTEBOOK_STREAM_WHOLE = 1
test-all: test

setup: .venv/.test js/node_modules/.installed chromium

.venv/.demo: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[demo]'
	@touch $@

.venv/.test: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@

js/node_modules/.installed: js/package-lock.json
	cd js && npm ci --no-audit --no-fund
	@touch $@

chromium:
	@if [ -n "$$CHROMIUM" ]; then [ -x "$$CHROMIUM" ] || { echo "\$$CHROMIUM is no program: $$CHROMIUM"; exit 1; }; \
	elif command -v chromium || command -v chromium-browser || command -v google-chrome \
		|| command -v google-chrome-stable; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq chromium; \
	else echo 'The browser tests need Chromium: install it, or name one: make test CHROMIUM=/path/to/it'; exit 1; fi

# The environments of the other kernel versions, which the browser tests would build one by one.
kernels: .venv/.test
	$(BIN)/python -m tests.browser.kernels

lint: .venv/.test
	$(BIN)/ruff check

types: .venv/.test
	$(BIN)/mypy

page: js/node_modules/.installed
	cd js && npm run --silent check && npm test --silent

# The built page is committed, for a `pip install` has no Node: so it must be what the sources give.
build: js/node_modules/.installed
	@old=$$(mktemp -d) && trap 'rm -rf "$$old"' EXIT && cp -R notebook_stream/static/. "$$old" \
	&& (cd js && npm run --silent build) && diff -rq "$$old" notebook_stream/static \
	|| { echo 'notebook_stream/static/ was not what js/src gives; it is now: look at it and commit it'; exit 1; }

unit: .venv/.test
	$(BIN)/python -m pytest -m 'not browser'

browser: .venv/.test chromium
	$(BIN)/python -m pytest -m browser

# Figures, no verdict: for a quiet machine. Each part by its name; benchmarks/README.md says what it measures.
BENCHES := cell stop render kernel many grid start recording replay
.PHONY: bench $(BENCHES:%=bench-%)
bench: $(BENCHES:%=bench-%)

$(BENCHES:%=bench-%): bench-%: .venv/.bench js/node_modules/.installed chromium
	$(BIN)/python -m benchmarks.$* $(BENCH_OPTIONS)

bench-cell: BENCH_OPTIONS = --picture benchmarks/cell.png

.venv/.bench: .venv/.test
	$(BIN)/python -m pip install --quiet --editable '.[test,bench]'
	@touch $@

clean:
	rm -rf .venv .venvs js/node_modules test-results .pytest_cache .mypy_cache .ruff_cache
