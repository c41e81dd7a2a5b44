"""A message that somebody makes up to see what would become of it: as its channel would have read it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from config.settings import Channel
from normalize.pipeline import run
from store.codec import derived_id
from store.errors import Permanent
from store.records import Address, Fact, Message, Proof, ReplyPath

CUSTOMER = "customer@example.org"  # Who writes where nobody is named; of a chat, the person whose number is 1.
CHATTER = "1"


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a message that is made up."""

    text: str
    subject: str = ""
    channel: str = ""  # Empty: the first one in the file.
    sender: str = ""  # A mail address or a chat user's number; empty: some customer.
    language: str = ""  # Empty: told as of every message.
    facts: Mapping[str, str] = {}  # Beside those that the channel sets, and over them.


def message_of(sample: Sample, channels: Mapping[str, Channel], at: datetime) -> Message:
    """The message, through the same steps as every other; received at `at`, aware.

    Who writes is proven as far as the channel can prove anybody. Raises Permanent for a channel that is not there.
    """
    name = sample.channel or next(iter(channels))
    if name not in channels:
        raise Permanent(f'there is no channel called "{name}": there are: {", ".join(channels)}')
    settings = channels[name].settings
    sender, proof = _sender(sample, channels[name])
    through = settings.replies_through or name
    answerable = channels[through].settings.sends_to == sender.kind if through in channels else False
    message = Message(
        id=derived_id("sample", name, sample.subject, sample.text),
        raw="",
        channel=name,
        sender=sender,
        proof=proof,
        reply_path=ReplyPath(channel=through, address=sender.value) if answerable else None,
        subject=sample.subject,
        text=sample.text,
        language=sample.language,
        facts=tuple(Fact(name=fact, value=value) for fact, value in {**settings.sets, **sample.facts}.items()),
        received_at=at,
        fingerprint=derived_id("sample", name, sample.text),
    )
    return run(message)


def _sender(sample: Sample, channel: Channel) -> tuple[Address, Proof]:
    is_chat = channel.settings.sends_to not in ("mail", "") and "@" not in sample.sender
    if is_chat:
        return Address(kind=channel.settings.sends_to, value=sample.sender or CHATTER), Proof.SESSION
    address = Address(kind="mail", value=(sample.sender or CUSTOMER).lower())
    return address, Proof.CLAIMED if channel.settings.replies_through else Proof.DOMAIN
