"""Reads a file of a set as the desk would: as a mail that was fetched, through the decoder and all steps."""

import base64
import re
from datetime import UTC, datetime
from hashlib import md5

import msgspec

from ingest.channels.mail.attachments import attachment_bytes
from ingest.channels.mail.decode import Decoding, decode, message_of
from normalize import pipeline
from store.records import DeliveryReport, Envelope, Message, RawMessage
from tests.corpora.folder import TEXTS, TNEF, Case

_HEADER = re.compile(rb"(?:[!-9;-~]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n)*){3}")  # Three fields, as no text begins.
_RECEIVED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a mail."""

    name: str
    size: int
    md5: str
    plain_size: int  # With lines that end in LF: what a source finds whose files have no others.
    plain_md5: str


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk makes of a file."""

    mail: Message  # As decoded, with its whole text, whatever sort of mail it is.
    message: Message | None  # In its normal form; None for a report of a delivery.
    reports: tuple[DeliveryReport, ...]
    files: tuple[Found, ...]


def read(name: str, case: Case) -> Reading:
    """The reading of a file of the set called `name`; raises whatever the desk raises."""
    payload = _payload(name, case)
    raw = RawMessage(
        id="raw",
        channel="mail",
        received_at=_RECEIVED,
        content_type="message/rfc822",
        payload=payload,
        envelope=Envelope(fetched=True),
    )
    settings = Decoding(addresses=())
    mail = message_of(raw, settings)
    records = [pipeline.normalize(record) for record in decode(raw, settings)]
    if not records:
        raise AssertionError("the decoder gave no record: the mail is lost")
    return Reading(
        mail=mail,
        message=next((record for record in records if isinstance(record, Message)), None),
        reports=tuple(record for record in records if isinstance(record, DeliveryReport)),
        files=tuple(_found(payload, mail)),
    )


def _found(payload: bytes, mail: Message) -> list[Found]:
    found = []
    for file in mail.attachments:
        content = attachment_bytes(payload, file.part, file.member)
        if content is None or len(content) != file.size:
            raise AssertionError(
                f"the file {file.name} has {file.size} bytes, and {content and len(content)} are there"
            )
        plain = content.replace(b"\r\n", b"\n")
        found.append(
            Found(
                name=file.name,
                size=file.size,
                md5=md5(content, usedforsecurity=False).hexdigest(),
                plain_size=len(plain),
                plain_md5=md5(plain, usedforsecurity=False).hexdigest(),
            )
        )
    return found


def _payload(name: str, case: Case) -> bytes:
    """A whole mail: what is only its text or a part of it gets a header."""
    if name in TEXTS and not _HEADER.match(case.content):
        kind = b"html" if case.expected.is_html else b"plain"
        return b"From: a@customer.example\r\nContent-Type: text/" + kind + b"; charset=utf-8\r\n\r\n" + case.content
    if name in TNEF:
        head = b"From: a@customer.example\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
        return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(case.content)
    return case.content
