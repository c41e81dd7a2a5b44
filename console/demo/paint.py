"""Colour for terminals that want it."""

from collections.abc import Mapping

import click


class Paint:
    """Gives words a colour, or leaves them plain."""

    def __init__(self, *, on: bool) -> None:
        self._on = on

    def strong(self, text: str) -> str:
        """What the eye should find first."""
        return click.style(text, bold=True) if self._on else text

    def good(self, text: str) -> str:
        """What went as it should."""
        return click.style(text, fg="green") if self._on else text

    def odd(self, text: str) -> str:
        """What was set aside."""
        return click.style(text, fg="yellow") if self._on else text

    def faint(self, text: str) -> str:
        """What is there to be looked up."""
        return click.style(text, dim=True) if self._on else text


def wanted(environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to use colour: https://no-color.org."""
    return terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
