"""Who sent a mail, how far that is proven, and where an answer may go. Pure.

Readers of mail disagree about a From that is broken: `alice@example.org <bob@evil.example>` is Alice to some and Bob to
others, and DMARC is judged for one of them. So a From that is not strictly one mailbox names nobody.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from ingest.channels.mail.charset import to_text
from ingest.channels.mail.headers import MAX_STRUCTURED, Headers, decode_words, one_line
from store.records import Proof

_LOCAL = r"[^\s<>()\[\]\\,;:\"@\ufffd\x00-\x1f\x7f]{1,200}"
_DOMAIN = r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){0,20}[^\W_](?:[\w-]{0,61}[^\W_])?"
_ADDRESS = re.compile(rf"{_LOCAL}@{_DOMAIN}")

# A display name: quoted strings, comments, encoded words, and text without the characters that give an address its
# structure. "[" and "]" are among them and are let through, because mailers write "[Project] Name" and nobody reads an
# address into it; so is the comma that mailers leave in an encoded word.
_NAME = r'(?:"(?:[^"\\]|\\.)*+"|\([^()<>@"\\]*+\)|=\?[^?\s]++\?[bBqQ]\?[^?<>@"]*+\?=|[^"<>@,;:()\\])*+'
_NAMED = re.compile(rf"({_NAME})<\s*({_LOCAL}@{_DOMAIN})\s*>\s*(?:\([^()<>@]*\))?")
_BARE = re.compile(rf"({_LOCAL}@{_DOMAIN})\s*(?:\(([^()<>@]*)\))?")
_SAME_NAMED = re.compile(rf"\s*'?({_LOCAL}@{_DOMAIN})'?\s*<\s*({_LOCAL}@{_DOMAIN})\s*>\s*")

_LISTED = re.compile(rb'(?:"(?:[^"\\]|\\.)*+"|\\["\\]|[^",])++')  # See `people._PIECE` for the backslash.

# RFC 8601, 2.2: what a server of ours writes holds words of strangers, such as the local part of MAIL FROM. They stand
# in quotes or comments, and what they hold must not be read as results.
_QUOTED_OR_COMMENT = re.compile(r'\\.|"((?:[^"\\]|\\.)*+)"|\((?:[^()\\]|\\.)*+\)', re.DOTALL)
_STRUCTURE = re.compile(r'[\s;=()"\\]')
_NESTED = 5  # Comments inside comments; what has more is not read.
_DMARC = re.compile(r"\s*+dmarc\s*+(?:/\s*+[0-9]++\s*+)?=\s*+([a-z]++)(?![^\s])", re.IGNORECASE)
_HEADER_FROM = re.compile(r"(?<!\S)header\.from\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)


class Mailbox(NamedTuple):
    """One address, read strictly."""

    address: str  # In lower case.
    name: str  # What it calls itself, in one line.


class Trust(NamedTuple):
    """Whose words about a mail's origin are believed."""

    authserv_id: (
        str  # The name that our own server writes into Authentication-Results (RFC 8601, 2.5); empty: nobody's.
    )
    hops: int  # How many Received fields our own servers write above the first that a stranger could have written.


def is_address(text: str) -> bool:
    """Whether the text is one plain address, without quotes, comments or a literal for its domain."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None  # noqa: PLR2004 (RFC 5321, 4.5.3.1.3, less "<>")


def wire_address(address: str) -> str:
    """An address with its domain as DNS knows it; a local part beyond ASCII stays, and needs SMTPUTF8 (RFC 6531)."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{_ascii(domain)}"


def mailbox_in(values: Iterable[bytes]) -> Mailbox | None:
    """The mailbox that a field names, where it stands once and names exactly one without a defect; else None."""
    fields = list(values)
    if len(fields) != 1 or len(fields[0]) > MAX_STRUCTURED:
        return None
    text = to_text(fields[0]).strip()
    if named := _NAMED.fullmatch(text):
        name, address = named[1], named[2]
    elif bare := _BARE.fullmatch(text):
        name, address = bare[2] or "", bare[1]
    elif (same := _SAME_NAMED.fullmatch(text)) and same[1].lower() == same[2].lower():
        name, address = "", same[2]
    else:
        return None
    return Mailbox(address.lower(), _shown(name)) if len(address) <= 254 else None  # noqa: PLR2004 (see is_address)


def presumed_in(headers: Headers) -> Mailbox | None:
    """Whom a mail without a strict From seems to come from; None where it names nobody.

    To be shown to people: nothing is proven of it, and nothing may follow from it. A From with several mailboxes is
    right (RFC 5322, 3.6.2), and names the first of them; several From fields are not, and do the same.
    """
    pieces = (piece for name in ("from", "reply-to", "sender") for value in headers.all(name) for piece in _list(value))
    return next((found for piece in pieces if (found := mailbox_in([piece]))), None)


def _list(value: bytes) -> list[bytes]:
    """A field at its commas, those within quoted strings left alone."""
    return _LISTED.findall(value) if len(value) <= MAX_STRUCTURED else []


def proof_of(headers: Headers, sender: Mailbox | None, trust: Trust) -> Proof:
    """How far `sender`, the strict From, is proven by what a server of ours wrote about it."""
    if sender is None:
        return Proof.ANONYMOUS
    domain = _ascii(sender.address.rpartition("@")[2])
    results = [result for value in _believed(headers, trust) for result in _dmarc_results(value)]
    if any(result == "fail" for result, _ in results):
        return Proof.FAILED
    passed = bool(results) and all(result == "pass" and found == domain for result, found in results)
    return Proof.DOMAIN if passed else Proof.CLAIMED


def answer_address(headers: Headers, sender: Mailbox | None, proof: Proof, envelope_sender: str) -> str:
    """Where an answer goes; empty: nowhere.

    Reply-To is a wish, which only a proven sender may have: else anybody could have us write to anybody. A mail without
    a readable From is answered to where its transport says it came from (RFC 3834, 4).
    """
    if sender is None:
        return envelope_sender if is_address(envelope_sender) else ""
    wished = mailbox_in(headers.all("reply-to")) if proof is Proof.DOMAIN else None
    return wished.address if wished else sender.address


def _shown(name: str) -> str:
    """A display name without its quotes and escapes."""
    text = name.strip()
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return one_line(decode_words(text))[:200]


def _believed(headers: Headers, trust: Trust) -> list[bytes]:
    """The results that our own server wrote: above the Received fields that strangers could have written."""
    found: list[bytes] = []
    received = 0
    for name, value in headers.fields:
        received += name == "received"
        if received > trust.hops or not trust.authserv_id:
            break
        if name == "authentication-results" and len(value) <= MAX_STRUCTURED and _writer(value) == trust.authserv_id:
            found.append(value)
    return found


def _writer(value: bytes) -> str:
    """The authserv-id of a field, without its version; its case says nothing (RFC 8601, 2.5)."""
    return next(iter(_plain(value).split(";", 1)[0].lower().split()), "")


def _dmarc_results(value: bytes) -> list[tuple[str, str]]:
    """Each DMARC result with the From domain that it was found for."""
    found: list[tuple[str, str]] = []
    for clause in _plain(value).split(";")[1:]:
        if result := _DMARC.match(clause):
            domains = {_ascii(domain.rpartition("@")[2].lower()) for domain in _HEADER_FROM.findall(clause)}
            found.append((result[1].lower(), domains.pop() if len(domains) == 1 else ""))
    return found


def _plain(value: bytes) -> str:
    """A field without its comments, and its quoted strings as words without structure; empty where they do not end."""
    text = to_text(value)
    for _ in range(_NESTED):
        text, changed = _QUOTED_OR_COMMENT.subn(_as_word, text)
        if not changed:
            break
    return "" if re.search(r'["()]', text) else text


def _as_word(match: re.Match[str]) -> str:
    if match[0].startswith("\\"):
        return "_"
    return " " if match[1] is None else _STRUCTURE.sub("_", match[1])


def _ascii(domain: str) -> str:
    """A domain as it stands in DNS, so that both of its spellings are equal; one that is none stays as it is."""
    try:
        return domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain
