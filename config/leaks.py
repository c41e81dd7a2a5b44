"""Secrets that nobody needs a key to recognize, wherever in a settings file they stand: in comments, texts and keys."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from config.masks import BOT_TOKEN, CONNECTION_SECRET, PRIVATE_KEY, URL_PASSWORD, Span, hidden_lines
from config.problems import Position, Problem

_REMOVE = "remove it, put it into an environment variable or a file of mode 600, and revoke the one that stood here"
_BOT_FATHER = (
    "remove it, write ${TELEGRAM_TOKEN} where it is needed, and revoke the one that stood here with @BotFather"
)
# What they look like is told by those who make them: docs.github.com, api.slack.com, docs.aws.amazon.com and others.
_AWS = re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])")
_SERVICE = re.compile(
    r"(?<![\w-])(?:xox[abeoprs]-[\w-]{10,400}|xapp-[\w-]{20,400}|gh[pousr]_[A-Za-z0-9]{30,400}|github_pat_\w{22,400}"
    r"|glpat-[\w-]{20,400}|[sr]k_live_[A-Za-z0-9]{16,400}|SG\.[\w-]{16,100}\.[\w-]{16,100}|AIza[\w-]{35})"
)
_SIGNED = re.compile(
    r"(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{2,4000}\.[\w-]{8,4000}"
)  # RFC 7519, 3: {" is eyJ in Base64.
_BEARER = re.compile(r"\bBearer +(?P<secret>(?=[\w.~+/-]{0,40}[0-9])[\w.~+/-]{20,4000}=*)", re.IGNORECASE)
# A key that was taken out of use by a mark before it keeps its secret.
_COMMENTED = re.compile(
    r"#\s*(?:password|passwd|token|secret|client_secret|api_key)\s*[:=]\s*(?P<quote>[\"']?)(?P<secret>[^\s\"'#,}]{6,200})"
    r"(?P=quote)\s*[},]*\s*$",
    re.IGNORECASE,
)
_STANDS_FOR_ONE = re.compile(
    r"[A-Z_]+|[*x.…]+|<.*|\{.*|\$.*|%.*|file:.*|(?:your[_-]?)?(?:password|passwd|pass|pw|pwd|secret)", re.IGNORECASE
)
_IN_CAPITALS = re.compile(r"[A-Z_]+|[*x.…]+|[<{$%].*")


class _Kind(NamedTuple):
    """A sort of secret."""

    what: str
    pattern: re.Pattern[str]
    remedy: str = _REMOVE


_KINDS = (
    _Kind("a Telegram token", BOT_TOKEN, _BOT_FATHER),
    _Kind("a private key", re.compile(rf"{PRIVATE_KEY.pattern}[^\"']*")),
    _Kind("an access key of AWS", _AWS),
    _Kind("the key of a service", _SERVICE),
    _Kind("a signed token", _SIGNED),
    _Kind("a bearer token", _BEARER),
    _Kind("a password", URL_PASSWORD),
    _Kind("a password", CONNECTION_SECRET),
)


class _Leak(NamedTuple):
    """A secret that was found."""

    line: int  # From 1.
    span: Span
    what: str
    remedy: str
    level: str


def leaks(texts: Mapping[str, str], told: Sequence[Problem]) -> Iterator[Problem]:
    """A problem for each secret that stands in these files and is not among those that are told already.

    `texts` by `Position.file`.
    """
    for file, text in texts.items():
        known = [one for one in told if one.code == "secret-in-file" and one.at.file == file]
        below = hidden_lines(text)
        lines = text.split("\n")
        for number, line in enumerate(lines, start=1):
            for found in _on_line(number, line):
                if not (number in below and known) and not any(_is_at(one.at, found) for one in known):
                    width = found.span.end - found.span.start
                    at = Position(number, found.span.start + 1, width, file)
                    what = f"{found.what} is written in this file"
                    yield Problem(at, "secret-in-file", what, found.remedy, level=found.level, secret=True)


def _on_line(number: int, line: str) -> Iterator[_Leak]:
    """The secrets of a line, of those that overlap the first alone."""
    found = [
        _Leak(number, _quoted(_span(match), line), kind.what, kind.remedy, "error")
        for kind in _KINDS
        for match in kind.pattern.finditer(line)
        if not _stands_for_one(match, line)
    ]
    found += [
        _Leak(number, _span(match), "what looks like a secret", _REMOVE, "warning")
        for match in _COMMENTED.finditer(line)
        if _is_mixed(match["secret"]) and not _STANDS_FOR_ONE.fullmatch(match["secret"])
    ]
    behind = 0
    for leak in sorted(found, key=lambda one: one.span):
        if leak.span.start >= behind:
            yield leak
            behind = leak.span.end


def _span(match: re.Match[str]) -> Span:
    return Span(*match.span("secret" if "secret" in match.re.groupindex else 0))


def _quoted(span: Span, line: str) -> Span:
    """With the quotes of a value that is nothing else."""
    start, end = span
    before, behind = line[max(start - 1, 0) : start], line[end : end + 1]
    return Span(start - 1, end + 1) if before == behind and before in ('"', "'") else span


def _stands_for_one(match: re.Match[str], line: str) -> bool:
    """Whether only the place of a password is meant, as in postgresql://USER:PASSWORD@HOST/NAME."""
    if match.re not in (URL_PASSWORD, CONNECTION_SECRET):
        return False
    comment = line.find("#")
    words = _STANDS_FOR_ONE if 0 <= comment < match.start() else _IN_CAPITALS
    return words.fullmatch(match["secret"]) is not None


def _is_mixed(secret: str) -> bool:
    """Whether letters and digits stand in it together, as in few words of people."""
    return any(sign.isdigit() for sign in secret) and any(sign.isalpha() for sign in secret)


def _is_at(at: Position, leak: _Leak) -> bool:
    """Whether a problem is about the value that holds the secret; one of several lines is marked by its first sign."""
    start = at.column - 1
    return at.line == leak.line and start <= leak.span.start and (at.width == 1 or leak.span.start < start + at.width)
