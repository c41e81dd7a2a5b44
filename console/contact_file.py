"""A file of customers, as spreadsheets save it: CSV to cards, or every line of it that cannot be one."""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from router.customer.contact_cards import unfit
from store.errors import Permanent
from store.mailboxes import spelled
from store.records import Address, ContactCard

COLUMNS = ("address", "name", "organisation", "tags", "language")
LARGEST = 50_000_000  # Bytes of a file.
_BETWEEN = re.compile(r"[\s,;]+")
_SIGNS = ",;\t"  # That may part columns; which one it is shows in the first line.


class Line(NamedTuple):
    """One customer of the file."""

    number: int  # Of the line that it begins on, from 1.
    card: ContactCard


class Bad(NamedTuple):
    """A line that is no customer, and why."""

    number: int
    why: str


class Read(NamedTuple):
    """What a file holds."""

    lines: Sequence[Line]
    bad: Sequence[Bad]


def read(path: Path) -> Read:
    """The file's customers; raises Permanent where it cannot be read at all or its first line is not understood."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Permanent(f"{path} cannot be read ({error.strerror}): name a file of comma separated values") from error
    if len(content) > LARGEST:
        raise Permanent(f"{path} has more than {LARGEST:,} bytes: part it into several files")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Permanent(f"line {line} of {path} is no UTF-8: save it as CSV in UTF-8") from error
    return parsed(text)


def parsed(text: str) -> Read:
    """The customers in the text of a file; raises Permanent where its first line is not understood."""
    first = text.partition("\n")[0]
    rows = csv.reader(text.splitlines(keepends=True), delimiter=max(_SIGNS, key=first.count))
    found: list[Line | Bad] = []
    seen: dict[Address, int] = {}
    columns: list[str] = []
    number = 1
    try:
        for row in rows:
            is_empty = not any(cell.strip() for cell in row)
            if not columns and not is_empty:
                columns = _columns(row)
            elif not is_empty:
                found.append(_line(number, row, columns, seen))
            number = rows.line_num + 1
    except csv.Error as error:
        raise Permanent(f"line {number} is no CSV ({error}): save the file as CSV in UTF-8") from error
    if not columns:
        raise Permanent(f"the file is empty: its first line must name its columns, of {', '.join(COLUMNS)}")
    return Read([one for one in found if isinstance(one, Line)], [one for one in found if isinstance(one, Bad)])


def _columns(row: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in row]
    known = f"there are {', '.join(COLUMNS)}, in any order, of which only address is needed"
    if unknown := [name for name in names if name not in COLUMNS]:
        raise Permanent(f'the first line names a column "{unknown[0]}" that nobody knows: {known}')
    if twice := [name for name in names if names.count(name) > 1]:
        raise Permanent(f'the first line names the column "{twice[0]}" twice: keep one')
    if "address" not in names:
        raise Permanent(f"the first line names no column address: {known}")
    return names


def _line(number: int, row: Sequence[str], columns: Sequence[str], seen: dict[Address, int]) -> Line | Bad:
    if len(row) != len(columns):
        return Bad(number, f"it has {len(row)} values, and the first line names {len(columns)} columns")
    values = {name: " ".join(cell.split()) for name, cell in zip(columns, row, strict=True)}
    card = ContactCard(
        addresses=tuple(_addresses(values["address"], values.get("name", ""))),
        organisation=values.get("organisation", ""),
        tags=tuple(filter(None, _BETWEEN.split(values.get("tags", "")))),
        language=values.get("language", "").lower(),
    )
    if wrong := [one for one in _BETWEEN.split(values["address"]) if one and spelled(one) is None]:
        return Bad(number, f'"{wrong[0]}" is no address: write one as ann@acme.example, a domain, or telegram:12345')
    if why := unfit(card):
        return Bad(number, why)
    plain = [Address(kind=one.kind, value=one.value) for one in card.addresses]
    if earlier := next((seen[one] for one in plain if one in seen), 0):
        return Bad(number, f"one of its addresses stands in line {earlier} already: keep one of the lines")
    seen.update(dict.fromkeys(plain, number))
    return Line(number, card)


def _addresses(written: str, name: str) -> Iterator[Address]:
    found = [spelled(one) for one in _BETWEEN.split(written) if one]
    for pair in dict.fromkeys(filter(None, found)):
        yield Address(kind=pair[0], value=pair[1], name=name)
