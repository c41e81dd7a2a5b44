"""How commands speak: results to standard output, talk to standard error, tables that fit a terminal."""

import sys
from collections.abc import Sequence
from datetime import datetime

import click
import msgspec
from rich.console import Console
from rich.table import Table

from store.errors import Permanent


class Refused(Permanent):
    """A command ends with findings or refuses to work; `code` is its exit code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


def complain(text: str) -> None:
    """Say what went wrong; nothing for an empty text."""
    if text:
        click.echo(text, err=True)


def say(text: str) -> None:
    """A line of the result."""
    click.echo(text)


def document(kind: str, content: object) -> None:
    """The result as one JSON document; `kind` names its form and the version of it."""
    click.echo(msgspec.json.format(msgspec.json.encode({"schema": f"deskwire.{kind}/1", "result": content})).decode())


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Rows under their headings, as wide as the terminal; what does not fit is cut, and never wraps.

    Where there are none, `empty` says so on standard error, and nothing is the result.
    """
    if not rows:
        complain(empty)
        return
    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for column in drawn.columns:
        column.no_wrap = True
        column.overflow = "ellipsis"
    for row in rows:
        drawn.add_row(*(shown(cell) for cell in row))
    width = None if sys.stdout.isatty() else 200
    Console(width=width, highlight=False, markup=False, soft_wrap=False).print(drawn)


JOINERS = "\u200c\u200d"  # Invisible, and harmless: without them Persian is misspelt.


def counted(number: int, thing: str) -> str:
    """Such as "1 team" or "3 teams"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def shown(text: str) -> str:
    """A stranger's text, safe on a terminal: no control or direction characters, one line."""
    return "".join(char if char.isprintable() or char in JOINERS else " " for char in text)


def cut(text: str, longest: int) -> str:
    """A stranger's text on one line of at most so many characters."""
    line = " ".join(shown(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def until(at: datetime | None, now: datetime) -> str:
    """How long until a moment, or how long ago it was, in its largest unit: "in 2h", "late 3d"; "-" for never."""
    if at is None:
        return "-"
    seconds = abs((at - now).total_seconds())
    unit, name = next(((unit, name) for unit, name in _UNITS if seconds >= unit), (60, "m"))
    return f"{'late' if at < now else 'in'} {int(seconds // unit)}{name}"


_UNITS = ((86_400, "d"), (3_600, "h"))  # Seconds of each; less than an hour is told in minutes.


def moment(at: datetime) -> str:
    """A time as people read it, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
