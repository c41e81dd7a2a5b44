PYTHON ?= .venv/bin/python

.PHONY: check lint types test demo

check: lint types test  ## Everything that CI runs.

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m deptry .

types:
	$(PYTHON) -m mypy

test:
	$(PYTHON) -m pytest

demo:
	$(PYTHON) -m console demo

.venv:
	python3 -m venv .venv
	.venv/bin/python -m pip install -e '.[dev]'
