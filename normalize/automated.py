"""Recognises automatic replies by their words, where their headers did not tell."""

import re

from msgspec.structs import replace

from normalize.automatic_phrases import ABSENCE_SUBJECTS, AUTOMATIC_OPENINGS, AUTOMATIC_SUBJECTS, AWAY
from store.records import Message

AUTO_REPLIED = "auto-replied"  # The keyword of RFC 3834, section 5.

# The phrase stands before a colon or dash, behind which the subject of our mail follows, or it is the whole subject, so
# that "Out of office printer is broken" stays a person's message.
_AUTOMATIC = re.compile(rf"(?:{'|'.join(AUTOMATIC_SUBJECTS)})(\s?[:\uff1a]|\s[-\u2013\u2014]\s|$)")
_ABSENT = re.compile(rf"(?:{'|'.join(ABSENCE_SUBJECTS)})(?:\s?[:\uff1a]|\s[-\u2013\u2014]\s|$)")
# The sentence ends there, or says to what it is a reply: "This is an automatic reply I got" is a person's.
_OPENING = re.compile(
    rf"(?:{'|'.join(AUTOMATIC_OPENINGS)})\w*(?:\s*$|\s*[.,!:;*(\u060c\u3002\uff0c\uff01\u2026-]"
    r"|\s(?:to|from|by|and|auf|und|von|vom|à|de|du|a|al|di|na|od|til|från|fra|på|на|от|и|від|از|به|من|für|per)\s)"
)
_AWAY = re.compile("|".join(AWAY))
_FIRST_LINES = 3  # A greeting may stand before the sentence.
_MORE_LINES = 12  # In which somebody who is away has said so.
_LINE = 200  # Characters of a line that are looked at.


def mark_automated(message: Message) -> Message:
    """The step: "auto-replied" for a mail whose words say so; what the decoder found stays.

    Words count where they speak of the mail itself: "Automatic reply: ..." as the subject, or a sentence at the
    beginning. That somebody is away counts only where subject and text, or subject and reference to a mail, agree; a
    customer who is out of the office and asks for something is a customer.

    Only mail: no other way in carries automatic replies, and a person may well quote one.
    """
    if message.automated or message.sender.kind != "mail":
        return message
    return replace(message, automated=AUTO_REPLIED) if _is_automatic(message) else message


def _is_automatic(message: Message) -> bool:
    lines = [_folded(line.strip("*-_=# ")[:_LINE]) for line in message.text[: 20 * _LINE].split("\n") if line.strip()]
    if any(_OPENING.match(line) for line in lines[:_FIRST_LINES]):
        return True
    subject = _folded(message.subject)
    declared = _AUTOMATIC.match(subject)
    if declared is not None and declared[1]:
        return True  # No person writes that before another subject.
    if declared is None and _ABSENT.match(subject) is None:
        return False
    return bool(message.references) or any(_AWAY.search(line) for line in lines[:_MORE_LINES])


def _folded(text: str) -> str:
    """Without case; the Turkish capital I with a dot becomes a plain one."""
    return text.casefold().replace("i\u0307", "i")
