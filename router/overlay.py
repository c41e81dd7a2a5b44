"""A mapping that is never changed: adding to it gives a new one, and the old one goes on to hold what it held."""

from collections.abc import Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Overlay(Generic[Key, Value]):
    """A few mappings, the newest of which wins.

    They are merged as in a log-structured tree, each at least twice as large as the one above it: a look-up asks few
    of them, and an addition copies little.
    """

    __slots__ = ("_layers",)

    def __init__(self, *layers: Mapping[Key, Value]) -> None:
        """The newest first; the caller changes none of them afterwards."""
        self._layers = layers

    def get(self, key: Key) -> Value | None:
        """The newest value of this key; None where there is none."""
        for layer in self._layers:
            value = layer.get(key)
            if value is not None:
                return value
        return None

    def adding(self, changes: Mapping[Key, Value]) -> "Overlay[Key, Value]":
        """This mapping with these values over it."""
        top, below = changes, self._layers
        while below and len(below[0]) < 2 * len(top):
            top, below = {**below[0], **top}, below[1:]
        return Overlay(top, *below)
