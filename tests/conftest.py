"""Fixtures of the whole suite: `tests/services.py` and `tests/desks.py`. A folder's own are in its own conftest."""

pytest_plugins = ["tests.services", "tests.desks"]
