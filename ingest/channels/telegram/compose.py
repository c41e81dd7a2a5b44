"""Gives a message the form in which Telegram takes it: one or several texts, each within Telegram's limit; pure.

Texts go as they are, without `parse_mode`: nothing in them is markup, so nothing in them can be escaped wrongly.
"""

import re
import unicodedata

import msgspec

from store.errors import Permanent
from store.outgoing import Outgoing

LONGEST_PART = 4096  # UTF-16 units; https://core.telegram.org/bots/api#sendmessage, https://limits.tginfo.me
MOST_PARTS = 20  # What a group takes in a minute; https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this

_MARK = "\n({number}/{of})"  # On a line of its own, so that it takes no part in the direction of the text before it.
_LEFT_OUT = "\n[…]"
_ROOM = LONGEST_PART - len(_MARK.format(number=MOST_PARTS, of=MOST_PARTS))
LONGEST_TEXT = MOST_PARTS * (_ROOM // 2)  # UTF-16 units; each part is at least half full, so this surely fits.

_CHAT = re.compile(r"-?[0-9]{1,16}")  # 52 bits at most; https://core.telegram.org/bots/api#chat


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one `sendMessage` says; the chat is named at the sending, because a group's number may change."""

    text: str
    reply_to: int | None = None  # The number of the message that it answers.
    silent: bool = False  # It comes without a sound.


def compose(outgoing: Outgoing) -> bytes:
    """The texts to send, in order, as a JSON list of `Part`.

    A text over LONGEST_TEXT is cut, and ends in "[…]". Raises Permanent where the address is no chat's number.
    """
    if not _CHAT.fullmatch(outgoing.address):
        raise Permanent(
            f"{outgoing.address[:40]!r} was given as a Telegram chat, and a chat's number was expected, such as "
            "611000001 for a person or -1002233445566 for a group: correct the address"
        )
    texts = divide(outgoing.text)
    first = Part(text=texts[0], reply_to=_answered(outgoing), silent=outgoing.silent)
    return msgspec.json.encode([first, *(Part(text=text, silent=outgoing.silent) for text in texts[1:])])


def parts_of(payload: bytes) -> tuple[Part, ...]:
    """What `compose` made. Raises Permanent where these bytes are nothing of the sort."""
    try:
        return msgspec.json.decode(payload, type=tuple[Part, ...])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Permanent(f"the stored message is not one for Telegram ({error}): send the answer anew") from error


def divide(text: str) -> tuple[str, ...]:
    """The text in parts that each fit into a message, marked "(1/3)" where there are several.

    Nothing is left out of a text of at most LONGEST_TEXT.
    """
    if units(text) <= LONGEST_PART:
        return (text,)
    if units(text) > LONGEST_TEXT:
        text = text[: _fitting(text, LONGEST_TEXT - len(_LEFT_OUT))] + _LEFT_OUT
    pieces: list[str] = []
    while text:
        end = _end_of_piece(text, _ROOM)
        pieces.append(text[:end])
        text = text[end:]
    return tuple(piece + _MARK.format(number=index, of=len(pieces)) for index, piece in enumerate(pieces, 1))


def units(text: str) -> int:
    """The length as Telegram counts it: in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def _end_of_piece(text: str, room: int) -> int:
    """Where to divide: after a paragraph, a line or a word in the second half, else between whole characters."""
    end = _fitting(text, room)
    if end == len(text):
        return end
    half = _fitting(text, room // 2)
    for gap in ("\n\n", "\n", " "):
        at = text.rfind(gap, half, end)
        if at >= 0:
            return at + len(gap)
    while end > half and _clings(text[end]):
        end -= 1
    return end


def _fitting(text: str, room: int) -> int:
    """How many characters from the start have at most `room` units."""
    window = text[:room]
    return len(window.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore"))


def _clings(character: str) -> bool:
    """Whether a character belongs to the one before it: an accent, a joiner, an emoji's variant."""
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf", "Sk")


def _answered(outgoing: Outgoing) -> int | None:
    """The message of the same chat that comes last in the conversation."""
    for reference in reversed(outgoing.references):
        chat, _, number = reference.partition(":")
        if chat == outgoing.address and re.fullmatch(r"[0-9]{1,10}", number):
            return int(number)
    return None
