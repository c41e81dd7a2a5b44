"""What of a file or a log line is secret: bot tokens, passwords in URLs, and what stands where a secret may."""

import re
from collections.abc import Iterator
from typing import NamedTuple

MASK = "… (hidden)"

BOT_TOKEN = re.compile(
    r"(?<![0-9])[0-9]{6,12}:[A-Za-z0-9_-]{30,50}"
)  # https://core.telegram.org/bots/api#authorizing-your-bot
URL_PASSWORD = re.compile(r"(?<=://)([^\s:@/]{0,64}:)[^\s\"']{1,256}(?=@)")
# A key that sounds like a secret, with anything behind it that is neither ${NAME} nor file:, up to the line's end.
_NAMED = re.compile(
    r"[\w-]*(?:passw|pwd|passphrase|token|secret|credential|api_?key)[\w-]*[\"']?\s*:\s*"
    r"(?![\"']?(?:\$\{\w+\}|file:))(?P<secret>\S.*)",
    re.IGNORECASE,
)


class Span(NamedTuple):
    """Columns of a line, from 0, the second one not included."""

    start: int
    end: int


def hidden_spans(line: str) -> list[Span]:
    """The parts of a line that must not be shown, in order, none inside another."""
    found = sorted({*_found(line)})
    kept: list[Span] = []
    for span in found:
        if kept and span.start < kept[-1].end:
            kept[-1] = Span(kept[-1].start, max(kept[-1].end, span.end))
        else:
            kept.append(span)
    return kept


def masked(text: str) -> str:
    """The text without its secrets."""
    for start, end in reversed(hidden_spans(text)):
        text = f"{text[:start]}{MASK}{text[end:]}"
    return text


def _found(line: str) -> Iterator[Span]:
    for match in BOT_TOKEN.finditer(line):
        yield Span(*match.span())
    for match in URL_PASSWORD.finditer(line):
        yield Span(match.end(1), match.end())
    for match in _NAMED.finditer(line):
        yield Span(*match.span("secret"))
