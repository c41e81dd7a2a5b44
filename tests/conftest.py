"""Fixtures of the whole suite come from `tests/services.py`; a folder's own come from its own conftest."""

pytest_plugins = ["tests.services"]
