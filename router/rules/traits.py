"""What rules see of a message before anything is decided about it."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from router.customer.customers import Customer, customer_of, is_believed
from router.known import Facts
from router.policy import Policy
from router.rules.condition_names import (
    AFFECTS,
    AGE,
    ATTACHMENTS,
    CHANNEL,
    CUSTOMER_TAG,
    HOURS,
    LANGUAGE,
    ORGANISATION,
    SENDER,
    SIZE,
    compared,
    ways_to_say,
)
from router.rules.conditions import Pair, Traits
from router.rules.phrases import normalised
from store.records import Attachment, Message

# A whole number at the beginning, in digits of any script; thousands may be parted, as in "1,200 people".
_NUMBER = re.compile(r"\s*(\d{1,3}(?:[ ,.'\u00a0\u202f]\d{3})++|\d{1,9})(?!\d)")
_ENDINGS = 3  # Of a name such as "backup.tar.gz" that are looked at.


def traits_of(message: Message, facts: Facts, policy: Policy) -> Traits:
    """Its words, who wrote it, when, how much, and its facts; nothing that the time of deciding would change."""
    customer = customer_of(message, facts, policy)
    tags = {(CUSTOMER_TAG, compared(CUSTOMER_TAG, tag)): told for tag, told in customer.tags.items()}
    return Traits(
        words=policy.phrases.found_in(normalised(f"{message.subject}\n{message.text}")),
        values=frozenset(
            (
                *_plain_values(message, message.language or customer.language, policy),
                *_of_sender(message, customer),
                *tags,
            )
        ),
        numbers=_numbers(message),
        told=tags,
        # The stand-in of a message that could not be handled is no message: the plug-in may be what broke.
        message=None if message.unreadable else message,
    )


def _plain_values(message: Message, language: str, policy: Policy) -> Iterator[Pair]:
    yield CHANNEL, message.channel
    if language:
        yield LANGUAGE, language
    for fact in message.facts:
        yield fact.name, compared(fact.name, fact.value)
    for calendar, hours in policy.hours.items():
        yield HOURS, f"{'in' if hours.is_open(message.received_at) else 'outside'} {calendar}"
    yield ATTACHMENTS, "some" if message.attachments else "none"
    for file in message.attachments:
        yield from _endings(file)


def _endings(file: Attachment) -> Iterator[Pair]:
    stem, *endings = file.name.lower().rsplit(".", maxsplit=_ENDINGS)
    if stem or endings[1:]:
        yield from ((ATTACHMENTS, "." + ".".join(endings[place:])) for place in range(len(endings)))


def _of_sender(message: Message, customer: Customer) -> Iterator[Pair]:
    """Who is named as the sender, unless a check says that it was somebody else."""
    if is_believed(message):
        yield from ((SENDER, way) for way in ways_to_say(message.sender.value))
    if customer.organisation:
        yield ORGANISATION, compared(ORGANISATION, customer.organisation)


def _numbers(message: Message) -> Mapping[str, float]:
    size = len(message.text.encode(errors="replace")) + sum(file.size for file in message.attachments)
    numbers: dict[str, float] = {SIZE: size, ATTACHMENTS: len(message.attachments)}
    if message.sent_at is not None:
        numbers[AGE] = (message.received_at - message.sent_at) / timedelta(seconds=1)
    for fact in message.facts:
        if fact.name == AFFECTS and (number := _NUMBER.match(fact.value)):
            numbers[AFFECTS] = int("".join(filter(str.isdecimal, number[1])))
    return numbers
