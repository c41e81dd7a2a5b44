"""Who else a mail was sent to, read as strictly as its sender. Pure and linear."""

import re
from collections.abc import Callable, Iterable, Iterator

from ingest.channels.mail.headers import MAX_STRUCTURED, Headers
from ingest.channels.mail.identity import Mailbox, mailbox_in
from store.records import MAX_OTHERS, Address

MAX_LIST = 64 * 1024  # Bytes of a field of addresses that are read: some 1,500 people.
_MAX_FIELDS = 10  # RFC 5322, 3.6, allows one of each.

# What may hold a comma that parts no addresses: a quoted string, a comment, an address in brackets. A quote behind a
# backslash opens none: where one quote has no end, the field is not read to its end for each of those behind it.
_PIECE = re.compile(rb'(?:"(?:[^"\\]|\\.)*+"|\([^()]*+\)|<[^<>]*+>|\\["\\]|[^,;"(<]|["(<])*+', re.DOTALL)
_GROUP = re.compile(rb"\s*+[^\s<>@\",:;][^<>@\",:;]{0,100}:(?!//)")  # "Everybody: a@x.example, b@x.example;"


def mailboxes_in(values: Iterable[bytes]) -> Iterator[Mailbox]:
    """Every mailbox that is named without a defect, in order; a piece that is none is passed over."""
    for value, _ in zip(values, range(_MAX_FIELDS), strict=False):
        for match in _PIECE.finditer(value[:MAX_LIST]):
            piece = _GROUP.sub(b"", match[0], count=1).strip()
            if piece and len(piece) <= MAX_STRUCTURED and (mailbox := mailbox_in([piece])):
                yield mailbox


def others_in(headers: Headers, sender: str, is_ours: Callable[[str], bool]) -> tuple[Address, ...]:
    """Whom To and Cc name beside the sender and us, each once, at most MAX_OTHERS."""
    found: dict[str, Address] = {}
    for address, name in mailboxes_in((*headers.all("to"), *headers.all("cc"))):
        if address != sender and not is_ours(address) and len(found) < MAX_OTHERS:
            found.setdefault(address, Address(kind="mail", value=address, name=name))
    return tuple(found.values())
