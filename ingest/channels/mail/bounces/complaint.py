"""Who called a mail of ours spam, as a provider reports it (RFC 5965). Pure."""

import re

from ingest.channels.mail.bounces.addresses import address_of
from ingest.channels.mail.bounces.letter import Letter
from ingest.channels.mail.bounces.original import sole_recipient
from ingest.channels.mail.bounces.status import MAX_RECIPIENTS, Failure
from ingest.channels.mail.headers import Headers, split_header

_RECIPIENT = re.compile(r"^(?:original-rcpt-to|removal-recipient):[ \t]*+(.{3,300})$", re.IGNORECASE | re.MULTILINE)
_TYPE = re.compile(r"^feedback-type:[ \t]*+([\w-]{1,40})", re.IGNORECASE | re.MULTILINE)


def complaints_of(letter: Letter) -> list[Failure]:
    """One for each address that complains; at least one, of an empty address where the provider hides it."""
    fields = "\n".join(letter.feedback)
    kind = _TYPE.search(fields)
    detail = f"feedback type {kind[1].lower()}" if kind else letter.subject
    named = [address_of(match[1]) for match, _ in zip(_RECIPIENT.finditer(fields), range(MAX_RECIPIENTS), strict=False)]
    found = list(dict.fromkeys(address for address in named if address)) or [_hotmail(letter) or sole_recipient(letter)]
    return [Failure(address, "complained", "", detail) for address in found]


def _hotmail(letter: Letter) -> str:
    """Whom Hotmail names in a field of its own within the mail that it gives back."""
    if not letter.enclosed:
        return ""
    headers = Headers(split_header(letter.enclosed[0].lstrip())[0])
    return address_of(headers.line("x-hmxmroriginalrecipient"))
