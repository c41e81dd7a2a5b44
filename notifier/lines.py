"""Untrusted text made safe to stand inside ours: on one line, cut, and in a direction of its own."""

import re

# Unicode Standard Annex 9, section 2.4: an isolate keeps what is inside from reordering what is around it.
_FIRST_STRONG_ISOLATE = "\u2068"
_POP_DIRECTIONAL_ISOLATE = "\u2069"

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef]")  # And the noncharacters, which are ours.
# All that change the direction of text; the joiners beside them stay, because Persian is written with them.
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")


def one_line(text: str, longest: int) -> str:
    """The text on one line of at most `longest` characters, without controls; a cut one ends in "…"."""
    if len(text) <= longest and text.isprintable() and "  " not in text:
        return text.strip()  # What most texts are; the only printable space is the usual one.
    # What is far beyond the end is not looked at, so that a huge text costs no more than a long one.
    plain = _CONTROLS.sub(" ", _DIRECTIONS.sub("", text[: 4 * longest]))
    line = _SPACES.sub(" ", plain).strip()
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def isolated(text: str) -> str:
    """The text in a direction of its own; nothing stays nothing."""
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_DIRECTIONAL_ISOLATE}" if text else ""


def excerpt(text: str, *, longest: int, lines: int) -> tuple[str, ...]:
    """The beginning of a text: its lines that are not empty, `longest` characters in all; "…" where it goes on."""
    kept: list[str] = []
    left = longest
    for part in _BREAKS.split(text[: 4 * longest]):
        line = one_line(part, left + 1)
        if not line:
            continue
        if len(kept) == lines or len(line) > left:
            kept.append(one_line(line, left) if left > 1 and len(kept) < lines else "…")
            return tuple(kept)
        kept.append(line)
        left -= len(line)
    return (*kept, "…") if len(text) > 4 * longest else tuple(kept)


def cut_to_units(text: str, longest: int) -> str:
    """At most `longest` UTF-16 code units of the text, which is how chats count; a cut one ends in "…"."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * longest:
        return text
    return units[: 2 * (longest - 1)].decode("utf-16-le", "ignore").rstrip() + "…"
