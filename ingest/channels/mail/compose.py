"""An outgoing message to the bytes of a mail. Pure: the same message gives the same bytes, so that a retry is known."""

import re
from datetime import timedelta
from email.utils import format_datetime
from html import escape

import msgspec

from ingest.channels.mail.encode import MAX_LINE, body, ids_field, mailbox_field, text_field
from ingest.channels.mail.headers import one_line, split_header
from ingest.channels.mail.identity import is_address, wire_address
from ingest.channels.mail.machines import LOOP
from store.codec import digest_of
from store.errors import Permanent
from store.outgoing import Outgoing, Purpose
from store.tokens import PATTERN, Token, sign

LONGEST_TEXT = 200_000  # Characters: more than anybody writes, and with its HTML twin under 2 MB on the wire.
MAX_REFERENCES = 20  # The first and the last ones of a long conversation (RFC 5322, 3.6.4, lets it be trimmed).
MAX_SUBJECT = 250  # Characters; mail programs show about a third of it.

_DEFECT = "report this as a defect"
_CUT = "\n[...]\n"
_ID = re.compile(r"<[!-;=?-~]{1,248}>")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")  # BCP 47, as far as texts of ours have it.
_LIFETIMES = {"c": timedelta(days=365), "s": timedelta(days=30)}


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who a channel's mails are from."""

    address: str  # "it@nordwind.example"
    name: str  # "Nordwind Help Desk"; may be empty.
    key: bytes  # Signs reply tokens.
    loop: str  # Marks automatic mail of ours.
    plus_addressing: bool  # Whether mail to it+anything@nordwind.example reaches the channel.


def compose(outgoing: Outgoing, sender: Sender) -> bytes:
    """The whole mail, with CRLF line ends and without a line over 998 octets.

    Raises Permanent where the address is none, or where the bytes would not be the mail that was meant.
    """
    if not is_address(outgoing.address):
        raise Permanent(
            "a mail was to be sent to something that is no plain mail address: correct the customer's address, "
            "then answer again"
        )
    token = _token(outgoing, sender)
    effect = digest_of(outgoing.key.encode("utf-8", "replace"), outgoing.address.encode())[:24]
    fields = [
        ("Date", f"Date: {format_datetime(outgoing.at)}\r\n".encode()),
        ("From", mailbox_field("From", one_line(sender.name), wire_address(sender.address))),
        ("To", mailbox_field("To", "", wire_address(outgoing.address))),
        *_reply_to(sender, token),
        ("Subject", text_field("Subject", _subject(outgoing.subject))),
        ("Message-ID", ids_field("Message-ID", (_message_id(sender, token, effect),))),
        *_threading(outgoing),
        *_automatic(outgoing.purpose, sender),
        ("MIME-Version", b"MIME-Version: 1.0\r\n"),
    ]
    header = b"".join(field for _, field in fields)
    payload = header + _bodies(outgoing, f"=_{effect}".encode())
    _check(payload, [*(name for name, _ in fields), "Content-Type"])
    return payload


def _token(outgoing: Outgoing, sender: Sender) -> str:
    """The right of this one reader to add to this ticket by replying; empty where there is none to give."""
    if not outgoing.actor or outgoing.ticket is None:
        return ""
    purpose = "s" if outgoing.purpose is Purpose.ALERT else "c"
    token = Token(outgoing.ticket, outgoing.actor, purpose)
    signed = sign(sender.key, token, now=outgoing.at, lifetime=_LIFETIMES[purpose])
    if not PATTERN.fullmatch(signed):
        raise Permanent(
            f"a reply token was to be made out to {outgoing.actor!r}, which is no name of a reader: {_DEFECT}"
        )
    return signed


def _message_id(sender: Sender, token: str, effect: str) -> str:
    """Found again in the References of a reply, where its token says which ticket it belongs to."""
    local = f"{token}.{effect}" if token else effect
    return f"<{local}@{wire_address(sender.address).rpartition('@')[2]}>"


def _reply_to(sender: Sender, token: str) -> list[tuple[str, bytes]]:
    if not token or not sender.plus_addressing:
        return []
    local, _, domain = wire_address(sender.address).rpartition("@")
    return [("Reply-To", mailbox_field("Reply-To", one_line(sender.name), f"{local}+{token}@{domain}"))]


def _subject(text: str) -> str:
    return one_line(text)[:MAX_SUBJECT] or "(no subject)"


def _threading(outgoing: Outgoing) -> list[tuple[str, bytes]]:
    """What is answered, for mail programs to sort by (RFC 5322, 3.6.4)."""
    ids = tuple(found for found in outgoing.references if _ID.fullmatch(found))
    if not ids:
        return []
    kept = ids if len(ids) <= MAX_REFERENCES else (ids[0], *ids[1 - MAX_REFERENCES :])
    return [
        ("In-Reply-To", ids_field("In-Reply-To", kept[-1:])),
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


def _bodies(outgoing: Outgoing, boundary: bytes) -> bytes:
    """The text, and the same text as HTML, where each paragraph runs in the direction of its own letters."""
    text = outgoing.text
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - len(_CUT)] + _CUT
    language = outgoing.language if _LANGUAGE.fullmatch(outgoing.language) else "en"
    lines = "".join([f'<p dir="auto" style="margin:0">{line or "<br>"}</p>\n' for line in escape(text).splitlines()])
    page = f'<!DOCTYPE html>\n<html lang="{language}"><body>\n{lines}</body></html>\n'
    return b"".join(
        (
            b'Content-Type: multipart/alternative; boundary="' + boundary + b'"\r\n\r\n',
            _part(b"text/plain", text, language, boundary),
            _part(b"text/html", page, language, boundary),
            b"--" + boundary + b"--\r\n",
        )
    )


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
