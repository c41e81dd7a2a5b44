"""Whom a report in plain words is about, and what it says of each. Pure, and linear in the text."""

import re
from collections.abc import Collection, Iterable, Iterator

from ingest.channels.mail.bounces.addresses import DOMAIN, LOCAL, address_of, addresses_in
from ingest.channels.mail.bounces.codes import status_in
from ingest.channels.mail.bounces.foreign import Named, named_by_flufl
from ingest.channels.mail.bounces.letter import Letter
from ingest.channels.mail.bounces.status import MAX_RECIPIENTS, Failure, failures_in
from ingest.channels.mail.bounces.wordings import LABELS, OVER, WAITING
from ingest.channels.mail.charset import to_text
from ingest.channels.mail.headers import MAX_STRUCTURED

_MAX_DETAIL_LINES = 6
_MAX_DETAIL = 1_000  # Characters.

# An address that begins a line and stands alone or before a colon, a bracket or a dash: qmail, Postfix, Exim.
_HEADING = re.compile(
    rf"[\s>*|-]{{0,16}}(?:\d{{1,3}}[.)] )?[<\"'(]{{0,2}}({LOCAL}@{DOMAIN})"
    r"[>\"')]{0,2}\s{0,20}(?:$|[:;,(\[-]|\.{3})"
)
_LABELLED = [re.compile(rf"(?<!\w){label}\W{{1,12}}({LOCAL}@{DOMAIN})") for label in LABELS]
_NOT_ABOUT = re.compile(
    r"[>\s]{0,8}(?:mail from|from|reply-to|sender|message-?id|date|received|return-path|subject|x-[\w-]{1,40}"
    r"|contact|if you|reporting-mta|for (?:further )?(?:help|assistance))\b"
)
_OFFICE = re.compile(r"(?:post[-_]?master|mailer-daemon|abuse|hostmaster|support|help(?:desk)?|no-?reply)@")
_WAITING = re.compile("|".join(WAITING))
_OVER = re.compile("|".join(OVER))


def failures_of(letter: Letter) -> list[Failure]:
    """One for each recipient that the words name; none where they name nobody."""
    whole = f"{letter.text}\n{letter.given_back}"
    if fields := [failure for failure in failures_in(whole) if failure.recipient and failure.outcome]:
        return fields
    default = outcome_of(letter)
    named = _in_the_header(letter) or named_by_flufl(letter)
    if not named.failed and not named.delayed:
        named = Named(tuple(_named(letter))[:MAX_RECIPIENTS], ())
    found = dict.fromkeys(named.delayed, "delayed") | dict.fromkeys(named.failed, default)
    if len(found) == 1:
        return [_failure(address, outcome, _sole_detail(letter, address)) for address, outcome in found.items()]
    details = _details(letter.text, found)
    return [_failure(address, outcome, details.get(address, "")) for address, outcome in found.items()]


def outcome_of(letter: Letter) -> str:
    """What the words mean: "delayed" where it will be tried again, else "bounced"."""
    text = f"{letter.subject}\n{letter.text[:4000].casefold()}"
    return "delayed" if _WAITING.search(text) and not _OVER.search(text) else "bounced"


def _failure(address: str, outcome: str, detail: str) -> Failure:
    status = status_in(detail)
    if outcome == "delayed" and status:
        status = f"4{status[1:]}"
    return Failure(address, outcome, status, detail)


def _named(letter: Letter) -> list[str]:
    """The addresses of the first way of naming that gives any, except our own and those of offices."""
    own = {*letter.recipients, letter.sender}
    lines = letter.text.split("\n")
    for way in (_headings, _labelled, _anywhere):
        found = [address for address in way(lines) if address not in own and not _OFFICE.match(address)]
        if found:
            return list(dict.fromkeys(found))
    return []


def _in_the_header(letter: Letter) -> Named | None:
    """What Exim writes there; None where it does not."""
    values = (to_text(value[:MAX_STRUCTURED]) for value in letter.headers.all("x-failed-recipients")[:MAX_RECIPIENTS])
    found = (address_of(one) for value in values for one in value.split(",")[:MAX_RECIPIENTS])
    addresses = tuple(dict.fromkeys(address for address in found if address))[:MAX_RECIPIENTS]
    return Named(addresses, ()) if addresses else None


def _headings(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if "@" in line and (match := _HEADING.match(line)):
            yield address_of(match[1])


def _labelled(lines: list[str]) -> Iterator[str]:
    """Those behind the first label that has any."""
    about = [line.casefold() for line in lines if "@" in line]
    about = [line for line in about if not _NOT_ABOUT.match(line)]
    for label in _LABELLED:
        found = [address_of(match[1]) for line in about for match in label.finditer(line)]
        if any(found):
            yield from (address for address in found if address)
            return


def _anywhere(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if not _NOT_ABOUT.match(line.casefold()):
            yield from addresses_in(line)


def _sole_detail(letter: Letter, address: str) -> str:
    """What stands with the address; where that says nothing, the whole text, which is about nobody else."""
    detail = _details(letter.text, (address,)).get(address, "")
    return detail if status_in(detail) else " ".join(letter.text.split())[:_MAX_DETAIL]


def _details(text: str, addresses: Collection[str]) -> dict[str, str]:
    """What stands behind and below each address, up to the next one or an empty line."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.split("\n"):
        here = next((address for address in addresses_in(line) if address in addresses), "")
        if here and here not in found:
            current = found.setdefault(here, [])
        elif not line.strip() and any(current[1:]):
            current = []
        if len(current) < _MAX_DETAIL_LINES:
            current.append(line.strip())
    return {address: _without(address, " ".join(filter(None, lines))) for address, lines in found.items()}


def _without(address: str, detail: str) -> str:
    """The detail without the address that it begins with."""
    bare = detail.lstrip("<\"'")
    return bare[len(address) :].lstrip("<>\"':;, ") if bare.lower().startswith(address) else detail
