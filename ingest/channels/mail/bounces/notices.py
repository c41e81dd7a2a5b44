"""Notices of Amazon SES about bounces, which come as JSON in a mail. Pure.

Source: docs.aws.amazon.com/ses/latest/dg/notification-contents.html.
"""

import msgspec

from ingest.channels.mail.bounces.addresses import address_of
from ingest.channels.mail.bounces.codes import status_in
from ingest.channels.mail.bounces.letter import Letter
from ingest.channels.mail.bounces.status import MAX_RECIPIENTS, Failure

_KINDS = {"Bounce": "bounced", "Complaint": "complained", "Delivery": "delivered"}


class _Recipient(msgspec.Struct, frozen=True, rename="camel"):
    email_address: str = ""
    status: str = ""
    diagnostic_code: str = ""


class _Bounce(msgspec.Struct, frozen=True, rename="camel"):
    bounce_type: str = ""
    bounced_recipients: list[_Recipient] = []


class _Complaint(msgspec.Struct, frozen=True, rename="camel"):
    complained_recipients: list[_Recipient] = []


class _Delivery(msgspec.Struct, frozen=True, rename="camel"):
    recipients: list[str] = []


class _Field(msgspec.Struct, frozen=True):
    name: str = ""
    value: str | None = None


class _Mail(msgspec.Struct, frozen=True, rename="camel"):
    headers: list[_Field] = []


class Notice(msgspec.Struct, frozen=True, rename="camel"):
    """What is read of a notice."""

    notification_type: str
    bounce: _Bounce = _Bounce()
    complaint: _Complaint = _Complaint()
    delivery: _Delivery = _Delivery()
    mail: _Mail = _Mail()


class _Envelope(msgspec.Struct, frozen=True, rename="pascal"):
    message: str = ""  # What Amazon SNS wraps the notice in, unless raw delivery is configured.


_NOTICE = msgspec.json.Decoder(Notice)
_ENVELOPE = msgspec.json.Decoder(_Envelope)


def notice_of(letter: Letter) -> Notice | None:
    """The notice that the text begins with; None where it is none, or not about a delivery."""
    text = letter.beginning.lstrip()
    if not text.startswith("{") or not letter.headers.has("x-amz-sns-message-id"):
        return None
    # SNS puts its own words below, and relays break the long line.
    content = text.split("\n\n--\n", 1)[0].replace("\n", "").strip()
    try:
        content = _ENVELOPE.decode(content).message or content
        notice = _NOTICE.decode(content)
    except msgspec.MsgspecError:
        return None
    return notice if notice.notification_type in _KINDS else None


def failures_told(notice: Notice) -> list[Failure]:
    """One for each recipient."""
    outcome = _KINDS[notice.notification_type]
    if outcome == "bounced" and notice.bounce.bounce_type == "Transient":
        outcome = "delayed"
    people = notice.bounce.bounced_recipients or notice.complaint.complained_recipients
    people = people or [_Recipient(email_address=address) for address in notice.delivery.recipients]
    said = f"Amazon SES: {notice.notification_type}"
    return [
        Failure(address_of(person.email_address), outcome, status_in(person.status), person.diagnostic_code or said)
        for person in people[:MAX_RECIPIENTS]
    ]


def ids_told(notice: Notice) -> tuple[str, ...]:
    """The Message-ID that the mail left us with, where SES was asked to tell it."""
    found = (field.value or "" for field in notice.mail.headers if field.name.lower() == "message-id")
    return tuple(value.strip() for value in found if value.strip().startswith("<"))[:1]
