"""What a person hands in to be decided about, as payloads of the channels that would have accepted it."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

import msgspec

from config.samples import Sample, message_of
from config.settings import Channel
from store.errors import Permanent
from store.records import Envelope, Fact, Message, RawMessage

_HEAD = 64 * 1024  # Bytes of a mail in which its recipients are looked for.
_RECIPIENTS = re.compile(rb"(?im)^(?:to|cc|delivered-to|x-original-to):[^\r\n]*+(?:\r?\n[ \t][^\r\n]*+)*+")

Payload = RawMessage | Message  # To be decoded, or made up by who asks.


class Given(NamedTuple):
    """How what is handed in is to be taken."""

    channels: Mapping[str, Channel]
    channel: str  # By which it came; empty: as it says itself, else the first that takes such a thing.
    at: datetime  # When; aware.
    facts: Mapping[str, str] = {}  # Beside those that the channel sets, and over them.

    @property
    def own_facts(self) -> tuple[Fact, ...]:
        """The facts as a message carries them."""
        return tuple(Fact(name=name, value=value) for name, value in self.facts.items())


class _Plain(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}, forbid_unknown_fields=True):
    """A message in JSON, for who has no channel's payload."""

    text: str
    subject: str = ""
    channel: str = ""
    sender: str = ""
    language: str = ""
    facts: dict[str, str] = {}


def payloads_in(content: bytes, given: Given) -> Iterator[Payload]:
    """What one file holds: a mail, or JSON of one or several messages. Raises Permanent for JSON that is neither."""
    start = content[:_HEAD].lstrip()
    if not start.startswith((b"{", b"[")):
        yield mail(content, given)
        return
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Permanent(f"this begins like JSON and is none: {error}") from error
    for one in found if isinstance(found, list) else [found]:
        if not isinstance(one, dict):
            raise Permanent('a message in JSON is an object, such as {"text": "My VPN is down", "channel": "form"}')
        yield _of_json(one, given)


def mail(content: bytes, given: Given) -> RawMessage:
    """A mail as it would have been fetched from a mailbox: of its envelope only what stands in it is known."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")  # Files are kept with the line ends of a system.
    name, recipients = _mailbox(content[:_HEAD], given)
    return RawMessage(
        id=uuid4().hex,
        channel=name,
        received_at=given.at,
        content_type="message/rfc822",
        payload=lines,
        envelope=Envelope(recipients=recipients, fetched=True),
    )


def _of_json(one: Mapping[str, object], given: Given) -> Payload:
    if "text" in one and not {"update_id", "typed"} & one.keys():
        return _plain(one, given)
    kind = "telegram" if "update_id" in one else "web" if "typed" in one else ""
    name = given.channel or next((name for name, entry in given.channels.items() if entry.type == kind), "")
    if not name or name not in given.channels:
        raise Permanent(
            'this JSON is no message that a channel of this desk sends: write {"text": …}, or name the channel whose '
            "payload it is with --channel"
        )
    return RawMessage(
        id=uuid4().hex,
        channel=name,
        received_at=given.at,
        content_type="application/json",
        payload=msgspec.json.encode(one),
        envelope=Envelope(external_id=str(one.get("update_id", ""))),
    )


def _plain(one: Mapping[str, object], given: Given) -> Message:
    try:
        plain = msgspec.convert(one, _Plain)
    except msgspec.ValidationError as error:
        raise Permanent(f"a message in JSON has text, subject, channel, from, language and facts: {error}") from error
    sample = Sample(
        text=plain.text,
        subject=plain.subject,
        channel=given.channel or plain.channel,
        sender=plain.sender,
        language=plain.language,
        facts={**plain.facts, **given.facts},
    )
    return message_of(sample, given.channels, given.at)


def _mailbox(head: bytes, given: Given) -> tuple[str, tuple[str, ...]]:
    """The mail channel one of whose addresses the mail is to, and these addresses; else the first one."""
    mailboxes = {name: entry for name, entry in given.channels.items() if entry.type == "mail"}
    wanted = [given.channel] if given.channel else list(mailboxes)
    fields = b"\n".join(_RECIPIENTS.findall(head.replace(b"\r\n\r\n", b"\n\n").partition(b"\n\n")[0] + b"\n")).lower()
    for name in wanted:
        if name not in mailboxes:
            raise Permanent(f'"{name}" is no mail channel: there are: {", ".join(mailboxes) or "none"}')
        if found := tuple(dict.fromkeys(_addresses(fields, mailboxes[name]))):
            return name, found
    if not wanted:
        raise Permanent("this desk has no mail channel, and a mail was handed in: see channels: in its settings")
    return wanted[0], tuple(mailboxes[wanted[0]].settings.claims[:1])


def _addresses(fields: bytes, channel: Channel) -> Iterator[str]:
    """Our own addresses in these fields, with what stands behind their plus."""
    for claim in channel.settings.claims:
        local, _, domain = claim.lower().partition("@")
        pattern = rf"(?<![\w.+-]){re.escape(local)}(?:\+[^\s@<>]{{1,200}}+)?@{re.escape(domain)}(?![\w.-])"
        yield from (found.decode("ascii", "replace") for found in re.findall(pattern.encode(), fields))
