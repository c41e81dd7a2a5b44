"""An outgoing message to the bytes of a mail. Pure: the same message gives the same bytes, so that a retry is known."""

import re
from datetime import timedelta
from email.utils import format_datetime
from html import escape

import msgspec

from ingest.channels.mail.dkim import FIELD as SIGNATURE
from ingest.channels.mail.dkim import Signer, signature
from ingest.channels.mail.encode import (
    MAX_LINE,
    body,
    file_part,
    ids_field,
    mailbox_field,
    mailboxes_field,
    text_field,
)
from ingest.channels.mail.headers import one_line, split_header
from ingest.channels.mail.identity import is_address, wire_address
from ingest.channels.mail.machines import LOOP
from store.codec import digest_of
from store.errors import Permanent
from store.outgoing import REPLY_ADDRESS, Outgoing, OutgoingFile, Purpose
from store.records import Address
from store.tokens import Token, actor_of, sign

RETURN_PATH = "Return-Path"  # The first field of what is composed: MAIL FROM, which the relay's lane takes off again.
LONGEST_TEXT = 200_000  # Characters: more than anybody writes, and with its HTML twin under 2 MB on the wire.
MAX_REFERENCES = 20  # The first and the last ones of a long conversation (RFC 5322, 3.6.4, lets it be trimmed).
MAX_SUBJECT = 250  # Characters; mail programs show about a third of it.

_DEFECT = "report this as a defect"
_CUT = "\n[...]\n"
_ID = re.compile(r"<[!-;=?-~]{1,248}>")
_ENVELOPE = re.compile(rb"%s: <([^<>\s]*)>\r\n" % RETURN_PATH.encode())
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")  # BCP 47, as far as texts of ours have it.
# A link of ours behind its name; what others wrote is isolated or quoted, so that none of it becomes a link.
_NAMED_LINK = re.compile("([^:>\u2066-\u2069]{1,40}): (mailto:[!-~]{1,500})")
_ACTOR = re.compile(r"[0-9a-f]{10}")  # As `actor_of` writes it.
_LONGEST_LOCAL = 64  # Octets (RFC 5321, 4.5.3.1.1).
_LONGEST_NAME = 150  # Characters of a file's name.
# By `tokens.Token.purpose`: how long somebody may answer, and how late a bounce may come.
_LIFETIMES = {
    "c": timedelta(days=365),
    "s": timedelta(days=30),
    "n": timedelta(days=30),
    "b": timedelta(days=14),
}


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who a channel's mails are from."""

    address: str  # "it@nordwind.example"
    name: str  # "Nordwind Help Desk"; may be empty.
    key: bytes  # Signs reply tokens.
    loop: str  # Marks automatic mail of ours.
    plus_addressing: bool  # Whether mail to it+anything@nordwind.example reaches the channel.
    signer: Signer | None = None  # None: mails are not signed here.


def compose(outgoing: Outgoing, sender: Sender) -> bytes:
    """The whole mail behind its envelope's sender, with CRLF line ends and without a line over 998 octets.

    Raises Permanent where the address is none, or where the bytes would not be the mail that was meant.
    """
    if not is_address(outgoing.address):
        raise Permanent(
            "a mail was to be sent to something that is no plain mail address: correct the customer's address, "
            "then answer again"
        )
    token = _token(outgoing, sender, outgoing.actor, outgoing.reply)
    outgoing = msgspec.structs.replace(outgoing, text=_with_reply_address(outgoing.text, _plus(sender, token)))
    effect = digest_of(outgoing.key.encode("utf-8", "replace"), outgoing.address.encode())[:24]
    fields = [
        ("Date", f"Date: {format_datetime(outgoing.at)}\r\n".encode()),
        ("From", mailbox_field("From", one_line(sender.name), wire_address(sender.address))),
        ("To", mailbox_field("To", "", wire_address(outgoing.address))),
        *_copies(outgoing),
        *_reply_to(sender, token),
        ("Subject", text_field("Subject", _subject(outgoing.subject))),
        ("Message-ID", ids_field("Message-ID", (_message_id(sender, token, effect),))),
        *_threading(outgoing, sender),
        *_automatic(outgoing.purpose, sender),
        ("MIME-Version", b"MIME-Version: 1.0\r\n"),
    ]
    mail = b"".join(field for _, field in fields) + _content(outgoing, effect.encode())
    signed = signature(mail, sender.signer, outgoing.at) if sender.signer is not None else b""
    payload = b"".join((_envelope(outgoing, sender), signed, mail))
    named = [RETURN_PATH, *([SIGNATURE] if signed else ()), *(name for name, _ in fields), "Content-Type"]
    _check(payload, named)
    return payload


def envelope_and_mail(payload: bytes) -> tuple[str | None, bytes]:
    """MAIL FROM (empty: the null sender) and the mail as it goes out; None where the payload does not name it."""
    found = _ENVELOPE.match(payload)
    return (found[1].decode(), payload[found.end() :]) if found else (None, payload)


def _token(outgoing: Outgoing, sender: Sender, actor: str, purpose: str) -> str:
    """What this one person may do by writing to us; empty where there is nobody to make it out to."""
    if not actor or outgoing.ticket is None:
        return ""
    lifetime = _LIFETIMES.get(purpose)
    if lifetime is None or not _ACTOR.fullmatch(actor):
        raise Permanent(
            f"a token {purpose!r} was to be made out to {actor!r}: its purpose or its reader is none that there is; "
            f"{_DEFECT}"
        )
    return sign(sender.key, Token(outgoing.ticket, actor, purpose), now=outgoing.at, lifetime=lifetime)


def _plus(sender: Sender, token: str) -> str:
    """The channel's address with a token in it; empty where there is no token, or no server would take it."""
    local, _, domain = wire_address(sender.address).rpartition("@")
    tagged = f"{local}+{token}"
    fits = token and sender.plus_addressing and len(tagged.encode()) <= _LONGEST_LOCAL
    return f"{tagged}@{domain}" if fits else ""


def _with_reply_address(text: str, address: str) -> str:
    """The text with its reader's reply address; without the lines that need one, where there is none."""
    if address:
        return text.replace(REPLY_ADDRESS, address)
    return "\n".join(line for line in text.split("\n") if REPLY_ADDRESS not in line)


def _envelope(outgoing: Outgoing, sender: Sender) -> bytes:
    """Where bounces go: of a courtesy nowhere (RFC 3834, 3.3), else to an address that says whose mail it was."""
    if outgoing.purpose.is_courtesy:
        return f"{RETURN_PATH}: <>\r\n".encode()
    recipient = actor_of(Address(kind="mail", value=outgoing.address.lower()))
    token = _token(outgoing, sender, recipient, "b")
    return f"{RETURN_PATH}: <{_plus(sender, token) or wire_address(sender.address)}>\r\n".encode()


def _message_id(sender: Sender, token: str, effect: str) -> str:
    """Found again in the References of a reply, where its token says which ticket it belongs to."""
    local = f"{token}.{effect}" if token else effect
    return f"<{local}@{wire_address(sender.address).rpartition('@')[2]}>"


def _reply_to(sender: Sender, token: str) -> list[tuple[str, bytes]]:
    address = _plus(sender, token)
    return [("Reply-To", mailbox_field("Reply-To", one_line(sender.name), address))] if address else []


def _copies(outgoing: Outgoing) -> list[tuple[str, bytes]]:
    """Who gets the same in a mail of their own, so that everybody sees who reads along."""
    others = tuple(wire_address(other) for other in outgoing.others if is_address(other))
    return [("Cc", mailboxes_field("Cc", others))] if others else []


def _subject(text: str) -> str:
    return one_line(text)[:MAX_SUBJECT] or "(no subject)"


def _threading(outgoing: Outgoing, sender: Sender) -> list[tuple[str, bytes]]:
    """What is answered, for mail programs to sort by (RFC 5322, 3.6.4).

    The ticket's own id stands in every mail of a ticket, so that they keep together where the customer's first message
    has no id, or may not be named. It is made up and never evidence: whoever knows the number can write it.
    """
    ids = tuple(found for found in outgoing.references if _ID.fullmatch(found))
    host = wire_address(sender.address).rpartition("@")[2]
    anchor = (f"<ticket-{outgoing.ticket}@{host}>",) if outgoing.ticket is not None else ()
    kept = (*ids[:1], *anchor, *ids[1:][2 - MAX_REFERENCES :])
    if not kept:
        return []
    return [
        ("In-Reply-To", ids_field("In-Reply-To", ids[-1:] or kept)),
        ("References", ids_field("References", kept)),
    ]


def _automatic(purpose: Purpose, sender: Sender) -> list[tuple[str, bytes]]:
    """What tells other machines not to answer (RFC 3834, 5; MS-OXCMAIL 2.2.3.2.14); nothing on a person's words."""
    if purpose is Purpose.ANSWER:
        return []
    kind = b"auto-replied" if purpose is Purpose.ACKNOWLEDGEMENT else b"auto-generated"
    return [
        ("Auto-Submitted", b"Auto-Submitted: " + kind + b"\r\n"),
        ("X-Auto-Response-Suppress", b"X-Auto-Response-Suppress: All\r\n"),
        (LOOP, f"X-Deskwire-Loop: {sender.loop}\r\n".encode("ascii")),
    ]


def _content(outgoing: Outgoing, effect: bytes) -> bytes:
    """The text in both forms, then the files; no boundary is the beginning of the other, or of a line of base64."""
    bodies = _bodies(outgoing, b"=_" + effect)
    if not outgoing.files:
        return bodies
    boundary = b"=_files_" + effect
    parts = (bodies, *(_file(one) for one in outgoing.files))
    return b"".join(
        (
            b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n',
            *(piece for part in parts for piece in (b"--" + boundary + b"\r\n", part)),
            b"--" + boundary + b"--\r\n",
        )
    )


def _file(one: OutgoingFile) -> bytes:
    return file_part(one_line(one.name)[:_LONGEST_NAME] or "file", one.content_type, one.content)


def _bodies(outgoing: Outgoing, boundary: bytes) -> bytes:
    """The text, and the same text as HTML, where each paragraph runs in the direction of its own letters."""
    text = outgoing.text
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - len(_CUT)] + _CUT
    language = outgoing.language if _LANGUAGE.fullmatch(outgoing.language) else "en"
    told = _linked if outgoing.purpose is Purpose.ALERT else escape
    lines = "".join([f'<p dir="auto" style="margin:0">{told(line) or "<br>"}</p>\n' for line in text.splitlines()])
    page = f'<!DOCTYPE html>\n<html lang="{language}"><body>\n{lines}</body></html>\n'
    return b"".join(
        (
            b'Content-Type: multipart/alternative; boundary="' + boundary + b'"\r\n\r\n',
            _part(b"text/plain", text, language, boundary),
            _part(b"text/html", page, language, boundary),
            b"--" + boundary + b"--\r\n",
        )
    )


def _linked(line: str) -> str:
    """A line as HTML, where a link is its name: the address behind it is three lines long and nobody's to read."""
    link = _NAMED_LINK.fullmatch(line)
    return f'<a href="{escape(link[2])}">{escape(link[1])}</a>' if link else escape(line)


def _part(kind: bytes, text: str, language: str, boundary: bytes) -> bytes:
    encoding, lines = body(text)
    return b"".join(
        (
            b"--" + boundary + b"\r\nContent-Type: " + kind + b"; charset=utf-8\r\nContent-Language: ",
            language.encode("ascii") + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n",
            lines,
        )
    )


def _check(payload: bytes, meant: list[str]) -> None:
    """The last look at what leaves us: no bare line end, no long line, and exactly the fields that were meant.

    Whatever text slipped through the functions above, it cannot become a field of the mail.
    """
    lines = split_header(payload)[0].decode("latin-1").split("\r\n")
    found = [line.partition(":")[0].lower() for line in lines if not line.startswith((" ", "\t"))]
    if found != [name.lower() for name in meant]:
        raise Permanent(f"a mail was composed with the fields {found}, and {meant} were meant: {_DEFECT}")
    ends = payload.count(b"\r\n")
    whole = ends == payload.count(b"\n") == payload.count(b"\r") and b"\x00" not in payload
    if not whole or max(map(len, payload.split(b"\r\n"))) > MAX_LINE:
        raise Permanent(f"a mail was composed with a bare or missing line end or a NUL: {_DEFECT}")
