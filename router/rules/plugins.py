"""Conditions that a desk wrote itself: functions in Python that the settings name."""

import traceback
from collections.abc import Callable
from typing import NamedTuple

from store.errors import NotOurs
from store.records import Message


class PluginFailed(NotOurs):
    """A plug-in raised, or gave no answer. The message that it was asked about is tried again, then a dead letter."""

    def __init__(self, plugin: str, what: str, cause: str) -> None:
        """`what` it did, and the same in a few words; neither says anything of the message."""
        remedy = "mend it, start the router again, then `deskwire dead replay`"
        super().__init__(f"the plug-in {plugin} {what}: {remedy}", cause=f"plug-in {plugin}: {cause}")


class Plugin(NamedTuple):
    """A function that a condition names. It is called in the router's transaction: it must be quick, and not wait."""

    name: str  # As in the settings: "acme.is_key_account".
    function: Callable[[Message], object]

    def holds(self, message: Message) -> bool:
        """What it says of a message. Raises PluginFailed, whose text names it and says nothing of the message."""
        try:
            answer = self.function(message)
        except (Exception, SystemExit) as error:  # A plug-in that leaves must not end the router.
            cause = f"{type(error).__name__} at {_place(error)}"
            raise PluginFailed(self.name, f"raised {cause}", cause) from error
        if not isinstance(answer, bool):
            kind = type(answer).__name__
            raise PluginFailed(self.name, f"returned {kind}, and a bool was expected", f"returned {kind}")
        return answer


def _place(error: BaseException) -> str:
    """The innermost line of the traceback, "acme.py:12"."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    _, _, file = frame.filename.rpartition("/")
    return f"{file}:{frame.lineno}"
