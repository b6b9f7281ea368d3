# Everything happens in .venv; a target does what it needs first and nothing twice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help venv demo test test-fresh test-crates lint docs maps bench bench-cargo fuzz clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

venv: $(STAMP)  ## make .venv with the project (editable) and the test tools

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip  # old ones write slow console scripts
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

demo:  ## build three real programs for glibc 2.19, verify them, run them on a real 2.17 and here (DEMO_SKIP_OLD=1: only here)
	$(PYTHON) tools/set_up.py demo
	@$(MAKE) --no-print-directory venv
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python demo/run.py

test:  ## all set-up a test run needs, then lint and every test
	$(PYTHON) tools/set_up.py test
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2

FRESH := demo test
SUITES := bookworm trixie sid
test-fresh:  ## both commands in bare roots of three Debian releases, as root (FRESH="demo test" SUITES="bookworm trixie sid")
	$(PYTHON) tools/set_up.py fresh
	$(PYTHON) tools/fresh_roots.py --suites $(SUITES) --targets $(FRESH)

test-crates: $(STAMP)  ## build real crates for 2.17 and run them there and here (half an hour the first time)
	SYMVER_PIN_CRATES=all $(BIN)/pytest tests/crates

lint: $(STAMP)  ## ruff and mypy --strict over everything
	$(BIN)/ruff check src tools tests demo $(wildcard bench)
	$(BIN)/ruff format --check --quiet src tools tests demo $(wildcard bench)
	$(BIN)/mypy --strict src/symver_pin
	MYPYPATH=src:tools:tests:demo $(BIN)/mypy --strict tools tests demo/run.py $(wildcard bench/*.py)

docs: $(STAMP)  ## make docs/compat-symbols.md anew from the table of compat objects
	$(BIN)/symver-pin compat list --glibc 2.12 --arch x86_64 --format markdown > docs/compat-symbols.md

maps: $(STAMP)  ## make glibc_maps anew from the real libraries (and GLIBC=a git checkout of glibc); fails when it differs
	PATH="$(CURDIR)/$(BIN):$$PATH" symver-pin harvest --merge $(GLIBC) $$($(BIN)/python tools/library_sets.py) -o glibc_maps
	git diff --exit-code --stat glibc_maps

bench: $(STAMP)  ## link time, kit creation, gen, compile time, exceptions, verdicts: with symver-pin over without, and over others
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/cost.py
	$(BIN)/python bench/tables.py
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/unwind.py
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/verdict.py

fuzz: $(STAMP)  ## feed the verifier with broken files until it breaks or is stopped
	$(BIN)/python tests/verify/fuzz.py

bench-cargo: $(STAMP)  ## cargo build: plain, ours, and cargo-zigbuild, cold and incremental
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/cargo_build.py

clean:  ## remove .venv and what builds left (the runtimes' cache stays)
	rm -rf $(VENV) demo/build demo/rust/target build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
