"""What of a file or a log line is secret: bot tokens, passwords in URLs, and what stands where a secret may."""

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MASK = "… (hidden)"

BOT_TOKEN = re.compile(
    r"(?<![0-9])[0-9]{6,12}:[A-Za-z0-9_-]{30,50}"
)  # https://core.telegram.org/bots/api#authorizing-your-bot
URL_PASSWORD = re.compile(r"(?<=://)([^\s:@/]{0,64}:)(?P<secret>[^\s\"']{1,256})(?=@)")
PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,10} ){0,3}PRIVATE KEY-----")  # RFC 7468, 10 and 11.
# In strings by which programs connect: "Server=db;Password=x", "host=db password=x", "AccountName=x;AccountKey=y".
CONNECTION_SECRET = re.compile(
    r"(?<=[;\s\"'])(?:password|pwd|accountkey|sharedaccesskey|accesskey)=(?P<secret>[^\s;\"']{4,400})", re.IGNORECASE
)
# A key that sounds like a secret, with anything behind it that is neither ${NAME} nor file:, up to the line's end.
_SOUNDING = (
    r"(?:passw|passphrase|pwd|psw|token|secret|credential|bearer|private|(?:api|auth|account|access)_?-?key)[\w-]*"
    r"|(?<![\w-])(?:pass|pw|pin)(?![\w-])"
)
_NAMED = re.compile(
    rf"(?:{_SOUNDING})[\"']?\s*[:=]\s*(?![\"']?(?:\$\{{\w+\}}|file:))(?P<secret>[^\s#].*)", re.IGNORECASE
)
_BARE_KEY = re.compile(
    rf"\s*(?:- +)*+[\"']?[\w-]{{0,40}}(?:{_SOUNDING})[\"']?\s*:\s*[|>]?[-+]?\s*(?:#.*)?$", re.IGNORECASE
)
_ANY_KEY = re.compile(
    r"(?<![\w-])(?P<key>[\w-]{4,20})[\"']?\s*:\s+(?![\"']?(?:\$\{\w+\}|file:)|[{\[]|\||>)(?P<secret>[^\s#].*)"
)
_ALMOST = ("password", "passphrase", "token", "secret")  # Misspelt they are as secret.
_OWN_KEY = re.compile(r"\s*(?:- +)*+[\w-]+:(?:\s|$)")
# Keys of well-known services, and long words of mixed letters and digits, as only machines make them.
_SERVICE_KEY = re.compile(
    r"(?<![\w-])(?:sk|pk|rk|gh[pousr]_|github_pat|glpat|xox[a-z]|xapp|AKIA|ASIA|AIza|SG\.|eyJ)[\w.-]{12,4000}"
)
_BEARER = re.compile(r"\bBearer +(?P<secret>[^\s\"']{12,4000})", re.IGNORECASE)
_END_OF_KEY = "PRIVATE KEY-----"
_MIXED = r"(?=[^\s\"']{0,40}[0-9])(?=[^\s\"']{0,40}[A-Z])(?=[^\s\"']{0,40}[a-z])"
_RANDOM = re.compile(
    rf"(?<![\w/+.=@-]){_MIXED}(?:[\w=-]{{24,400}}|(?=[\w/-]{{0,60}}[+=])[\w+/=-]{{24,400}})(?![\w.@/:])"
)
_IN_QUERY = re.compile(r"[?&][\w-]*(?:token|key|sig|secret|passw)[\w-]*=(?P<secret>[^\s&\"']{1,400})", re.IGNORECASE)


class Span(NamedTuple):
    """Columns of a line, from 0, the second one not included."""

    start: int
    end: int


def hidden_spans(line: str) -> list[Span]:
    """The parts of a line that must not be shown, in order, none inside another."""
    return _apart((*_shaped(line), *_named(line)))


def hidden_lines(text: str) -> frozenset[int]:
    """The lines, counted from 1, that are nothing but a secret whose key stands above, or a private key."""
    hidden: set[int] = set()
    below: int | None = None  # How far the key is set in.
    first = False  # The first line below it, which is its value however it is set in.
    inside = False  # A private key.
    for number, line in enumerate(text.splitlines(), start=1):
        if inside:
            hidden.add(number)
        inside = PRIVATE_KEY.search(line) is not None or (inside and _END_OF_KEY not in line)
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        if below is not None and (first or indent > below):
            if not _OWN_KEY.match(line):
                hidden.add(number)
            first = False
            continue
        first = _BARE_KEY.match(line) is not None
        below = indent if first else None
    return frozenset(hidden)


def masked(text: str) -> str:
    """Words of ours without what looks like a secret by itself."""
    for start, end in reversed(_apart(_shaped(text))):
        text = f"{text[:start]}{MASK}{text[end:]}"
    return text


def _apart(spans: Iterable[Span]) -> list[Span]:
    """In order, those that overlap as one."""
    kept: list[Span] = []
    for span in sorted({*spans}):
        if kept and span.start < kept[-1].end:
            kept[-1] = Span(kept[-1].start, max(kept[-1].end, span.end))
        else:
            kept.append(span)
    return kept


def _shaped(line: str) -> Iterator[Span]:
    for pattern in (BOT_TOKEN, _SERVICE_KEY, _RANDOM):
        for match in pattern.finditer(line):
            yield Span(*match.span())
    for pattern in (URL_PASSWORD, CONNECTION_SECRET, _BEARER, _IN_QUERY):
        for match in pattern.finditer(line):
            yield Span(*match.span("secret"))
    for match in PRIVATE_KEY.finditer(line):
        yield Span(match.end(), len(line))


def _named(line: str) -> Iterator[Span]:
    for match in _NAMED.finditer(line):
        yield Span(*match.span("secret"))
    for found in _keys(line):
        if difflib.get_close_matches(found["key"].lower(), _ALMOST, n=1, cutoff=0.75):
            yield Span(*found.span("secret"))


def _keys(line: str) -> Iterator[re.Match[str]]:
    """The keys of a line, those too that stand in the value of another."""
    at = 0
    while (found := _ANY_KEY.search(line, at)) is not None:
        yield found
        at = found.end("key")
