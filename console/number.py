"""Reads ticket numbers as people paste them: out of mails, cards and subjects, in any digits."""

import re

import click

# What stands around a number in our texts: its mark, brackets, and the isolates that keep it in one piece among
# letters that run from right to left (UAX 9, 2.4.2), which nobody sees and every clipboard takes along.
_AROUND = re.compile(r"[#№\[\]\s\u200e\u200f\u2066-\u2069]+")
MOST_DIGITS = 18  # Those that surely fit the 64 bits of a database's number.
_LONGEST = 40  # Characters of a wrong one that are told again.


def is_like_a_number(text: str) -> bool:
    """Whether it is digits and nothing else, as a ticket's number is; not that there is such a ticket."""
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


class TicketNumber(click.ParamType[int]):
    """The argument NUMBER of the commands about one ticket."""

    name = "number"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; a usage error for anything else."""
        digits = _AROUND.sub("", str(value))
        if not digits.isdecimal() or len(digits) > MOST_DIGITS:
            told = repr(value) if len(str(value)) <= _LONGEST else f"{str(value)[:_LONGEST]!r}…"
            self.fail(f"{told} is no ticket number: write its digits, such as 482917", param, ctx)
        return int(digits)
