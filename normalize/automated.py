"""Recognises automatic replies by their words, where their headers did not tell."""

import re

from msgspec.structs import replace

from normalize.phrases import AUTOMATIC_OPENINGS, AUTOMATIC_SUBJECTS
from store.records import Message

AUTO_REPLIED = "auto-replied"  # The keyword of RFC 3834, section 5.

# The phrase must be the whole subject or stand before a colon or dash, so that "Out of office printer is broken" stays
# a person's message.
_SUBJECT = re.compile(rf"(?:{'|'.join(AUTOMATIC_SUBJECTS)})(?:\s?[:\uff1a]|\s[-\u2013\u2014]\s|$)")
_OPENING = re.compile("|".join(AUTOMATIC_OPENINGS))
_FIRST_LINES = 3  # A greeting may stand before the sentence.
_LINE = 200  # Characters of a line that are looked at.


def mark_automated(message: Message) -> Message:
    """The step: "auto-replied" for a mail whose subject or first words say so; what the decoder found stays.

    Only mail: no other way in carries automatic replies, and a person may well quote one.
    """
    if message.automated or message.sender.kind != "mail":
        return message
    told = _SUBJECT.match(message.subject.casefold()) is not None or _opens_as_automatic(message.text)
    return replace(message, automated=AUTO_REPLIED) if told else message


def _opens_as_automatic(text: str) -> bool:
    lines = [line.strip("*-_= ") for line in text[: 10 * _LINE].split("\n") if line.strip()][:_FIRST_LINES]
    return any(_OPENING.match(line[:_LINE].casefold()) for line in lines)
