"""From a submission to a message: what the parser's child runs for this channel."""

import unicodedata
from collections.abc import Sequence

import msgspec

from ingest.channels.web.submission import fingerprint_of
from ingest.channels.web.validate import Typed, mail_address
from store.codec import derived_id
from store.records import Address, Fact, Message, Proof, RawMessage, ReplyPath

MAX_SUBJECT = 80  # Characters, so that it fits a line of a list.


class Submission(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the channel accepts: the payload, as JSON with sorted keys."""

    typed: Typed
    language: str = ""  # Of the page on which it was typed.
    suspect: str = ""  # Why a person should look first: "honeypot"; empty: nothing is odd.


class Decoding(msgspec.Struct, frozen=True, kw_only=True):
    """What the decoder needs of the channel's settings."""

    reply_through: str  # The channel that carries answers; empty: there are none.
    sets: tuple[Fact, ...] = ()  # What every message of this form carries.


def to_payload(submission: Submission) -> bytes:
    """The bytes to accept: the same for the same submission."""
    return msgspec.json.encode(submission, order="sorted")


def decode(raw: RawMessage, settings: Decoding) -> Sequence[Message]:
    """One message, also for a payload that cannot be read, which then says so. Never raises on bad input."""
    try:
        submission = msgspec.json.decode(raw.payload, type=Submission)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = _clean(raw.payload.decode("utf-8", "replace"))
        submission = Submission(typed=Typed(message=text))
        unreadable = f"the submission is not the JSON that the form writes ({type(error).__name__})"
    else:
        unreadable = ""
    typed = submission.typed
    reference = raw.envelope.external_id
    address = mail_address(typed.email)
    return (
        Message(
            id=derived_id(raw.id, "0"),
            raw=raw.id,
            channel=raw.channel,
            external_id=reference,
            sender=_sender(typed, address, reference or raw.id),
            proof=Proof.CLAIMED if address else Proof.ANONYMOUS,
            reply_path=ReplyPath(channel=settings.reply_through, address=address)
            if address and settings.reply_through
            else None,
            subject=_subject(typed),
            text=_clean(typed.message).strip(),
            unreadable=unreadable,
            facts=_facts(submission, settings),
            received_at=raw.received_at,
            fingerprint=fingerprint_of(raw.channel, reference),
        ),
    )


def _sender(typed: Typed, address: str | None, reference: str) -> Address:
    """Without an address every submission has a writer of its own: nobody knows whether two are the same."""
    name = _line(typed.name)
    return (
        Address(kind="mail", value=address, name=name) if address else Address(kind="web", value=reference, name=name)
    )


def _facts(submission: Submission, settings: Decoding) -> tuple[Fact, ...]:
    said = (
        ("topic", submission.typed.topic),
        ("affects", submission.typed.affects),
        ("language_hint", submission.language),
        ("suspect", submission.suspect),
    )
    return tuple(Fact(name=name, value=value) for name, value in said if value) + settings.sets


def _subject(typed: Typed) -> str:
    """The first line with something to see, cut at a word; else the topic."""
    lines = (_line(line) for line in typed.message.splitlines())
    line = next((line for line in lines if any(sign.isprintable() and not sign.isspace() for sign in line)), "")
    if len(line) <= MAX_SUBJECT:
        return line or _line(typed.topic)[:MAX_SUBJECT]
    head, space, _ = line[:MAX_SUBJECT].rpartition(" ")
    return (head if space and len(head) > MAX_SUBJECT // 2 else line[: MAX_SUBJECT - 1]) + "…"


def _line(text: str) -> str:
    """On one line, without control characters."""
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    """Without control characters but line ends and tabs: databases and terminals stumble over them."""
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) != "Cc")
