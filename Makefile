# Everything happens in .venv; a target does what it needs first and nothing twice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CODE := src tools tests demo $(wildcard bench)

.PHONY: help venv demo quick test test-all test-pythons test-fresh links test-hosts test-crates test-arches test-repair test-fleet test-world test-install lint ruff types docs tables site maps agree bench bench-cargo bench-wheels bench-repair bench-ways draw fuzz stress clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

venv: $(STAMP)  ## make .venv with the project (editable) and the test tools

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip  # old ones know no groups and write slow console scripts
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group test --group lint
	@touch $@

demo:  ## build three real programs for glibc 2.19, verify them, run them on a real 2.17 and here (DEMO_SKIP_OLD=1: only here)
	$(PYTHON) tools/set_up.py demo
	@$(MAKE) --no-print-directory venv
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python demo/run.py

quick:  ## ruff and the quick tests, which need one compiler and no old runtime: under a minute
	$(PYTHON) tools/set_up.py quick
	@$(MAKE) --no-print-directory ruff
	$(BIN)/pytest -n 2 --quick

COVERAGE := --cov --cov-report=term:skip-covered
test:  ## all set-up a test run needs, then lint and every test, which must reach the floor of coverage (COVERAGE= leaves that out)
	$(PYTHON) tools/set_up.py test
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 --durations=40 $(COVERAGE)

test-all:  ## the same with every cell of the matrices of tests/covering.py, of which `make test` runs a covering subset
	$(PYTHON) tools/set_up.py test
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 --every-combination --durations=40 $(COVERAGE)

PYTHONS := trixie sid
test-pythons:  ## the quick part under Python 3.13 and 3.14, in bare roots of the Debian releases that have them, as root
	$(PYTHON) tools/set_up.py fresh
	$(PYTHON) tools/fresh_roots.py --suites $(PYTHONS) --targets quick

FRESH := demo test
SUITES := bookworm trixie sid
test-fresh:  ## both commands in bare roots of three Debian releases, as root (FRESH="demo test" SUITES="bookworm trixie sid")
	$(PYTHON) tools/set_up.py fresh
	$(PYTHON) tools/fresh_roots.py --suites $(SUITES) --targets $(FRESH)

LINKS := tests/kit tests/toolchain tests/gen
links:  ## all set-up a test run needs, then only the tests that link programs
	$(PYTHON) tools/set_up.py test
	@$(MAKE) --no-print-directory venv
	$(BIN)/pytest -n 2 $(LINKS)

HOSTS := trixie sid
test-hosts:  ## the tests that link programs, with the compilers and linkers of newer Debian releases, as root
	$(PYTHON) tools/set_up.py fresh
	$(PYTHON) tools/fresh_roots.py --suites $(HOSTS) --targets links

test-crates: $(STAMP)  ## build real crates for 2.17 and run them there and here (half an hour the first time)
	SYMVER_PIN_CRATES=all $(BIN)/pytest tests/crates

test-arches:  ## build, verify and run programs of nine architectures on their oldest and newest glibc; writes docs/architectures.md
	$(PYTHON) tools/set_up.py test
	@$(MAKE) --no-print-directory venv
	rm -rf build/arches
	SYMVER_PIN_ARCHES=all $(BIN)/pytest -n 2 tests/arches

test-repair: $(STAMP)  ## repair and all its tests: wheels in a CPython built for 2.17, ten programs of Debian 13
	SYMVER_PIN_REPAIR=all $(BIN)/pytest -n 2 tests/repair

test-world:  ## build real projects of each build system and wheels by every backend for 2.17, run them there and here; writes the table of docs/build-systems.md
	$(PYTHON) tools/set_up.py world
	@$(MAKE) --no-print-directory venv
	rm -rf build/world
	SYMVER_PIN_WORLD=all $(BIN)/pytest -n 2 tests/builds tests/wheels

test-fleet: $(STAMP)  ## surveys and all their tests: 500 real packages, 100,000 synthetic ones (half an hour; 500 MB of packages)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group object-store
	SYMVER_PIN_FLEET=all $(BIN)/pytest -s tests/fleet

INSTALL_SUITES := bookworm trixie sid
test-install:  ## the wheel by pip, pipx and uv in bare roots of three Debian releases (as root), and the hook in pre-commit
	$(PYTHON) tools/set_up.py fresh
	@$(MAKE) --no-print-directory venv
	$(PYTHON) tools/fresh_roots.py --suites $(INSTALL_SUITES) --targets install-here
	SYMVER_PIN_INSTALL=all $(BIN)/pytest tests/integrations/test_hook.py tests/integrations/test_install_ways.py

install-here:  ## build the wheel and install it by pip, pipx and uv, on this machine, in a folder that is removed again
	$(PYTHON) tools/set_up.py quick
	$(PYTHON) tools/install_ways.py

lint: ruff types  ## ruff and mypy --strict over everything

ruff: $(STAMP)  ## the checks and the format of ruff
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check --quiet $(CODE)

types: $(STAMP)  ## mypy --strict
	$(BIN)/mypy --strict src/symver_pin
	MYPYPATH=src:tools:tests:demo $(BIN)/mypy --strict tools tests $(wildcard demo/*.py bench/*.py)

docs: tables site  ## the tables of docs/, then the site

site: $(STAMP)  ## build the documentation site into build/site; a broken link or anchor fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

tables: $(STAMP)  ## make docs/compat-symbols.md, the table of docs/compat.md, the tables of docs/verify.md, the lists of docs/semantics.md, the man page
	$(BIN)/symver-pin compat list --glibc 2.12 --arch x86_64 --format markdown > docs/compat-symbols.md
	$(BIN)/python tools/finding_tables.py
	$(BIN)/python tools/semantics_lists.py
	$(BIN)/python tools/safety_table.py
	$(BIN)/python tools/man_page.py

maps: $(STAMP)  ## make glibc_maps again from the real libraries (and GLIBC=a git checkout of glibc); fails when it differs
	PATH="$(CURDIR)/$(BIN):$$PATH" symver-pin harvest --merge $(GLIBC) $$($(BIN)/python tools/library_sets.py) -o glibc_maps
	git diff --exit-code --stat glibc_maps

agree:  ## judge every program and library of the machine, with fifty more Debian packages, beside its own loader (as root)
	$(PYTHON) tools/set_up.py quick
	@$(MAKE) --no-print-directory venv
	$(BIN)/python tools/whole_system.py --install

bench: $(STAMP)  ## link time, kit creation, gen, compile time, exceptions, verdicts: with symver-pin over without, and over others
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/cost.py
	$(BIN)/python bench/tables.py
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/unwind.py
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/verdict.py

draw: $(STAMP)  ## compare the verdicts on thousands of small files with five real loaders, kind by kind
	$(BIN)/python tests/verify/draw/compare.py --differences

fuzz: $(STAMP)  ## feed the verifier with broken files until it breaks or is stopped
	$(BIN)/python tests/verify/fuzz.py

bench-ways: $(STAMP)  ## the kit beside gcc, the pin header, zig cc and musl, on a real 2.17; verdicts beside auditwheel's
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/ways.py

bench-wheels: $(STAMP)  ## the verdicts of the manylinux policies on a hundred wheels, beside auditwheel's
	$(BIN)/python bench/wheel_policies.py

POLYFILL :=
bench-repair: $(STAMP)  ## repair every program and library of this machine for 2.17 and count (POLYFILL=a polyfill-glibc: beside it)
	$(BIN)/python bench/repaired.py $(if $(POLYFILL),--polyfill $(POLYFILL))

SECONDS := 600
stress: $(STAMP)  ## attack the compat objects on the host's libc and on a real 2.17, in loops, for SECONDS=600
	$(PYTHON) tools/set_up.py test
	$(BIN)/python tests/compat/stress.py $(SECONDS)

bench-cargo: $(STAMP)  ## cargo build: plain, ours, and cargo-zigbuild, cold and incremental
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/cargo_build.py

clean:  ## remove .venv and what builds left (the runtimes' cache stays)
	rm -rf $(VENV) demo/build demo/rust/target build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
