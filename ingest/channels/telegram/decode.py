"""Turns one update of the Bot API into records; pure.

A customer talks to the bot in a private chat, so a message there is a customer's message. What is said in a group, or
posted in a channel, is talk among others and gives no record, and so does an update of a kind that is not in `KINDS`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from ingest.channels.telegram.content import contents, files, is_service, line_of
from ingest.channels.telegram.fields import Fields, read
from store.codec import derived_id, digest_of
from store.records import MAX_TEXT, Address, Edit, Fact, Inbound, Membership, Message, Proof, RawMessage, ReplyPath

# The kinds of updates that give records, and the only ones that we ask Telegram for.
# https://core.telegram.org/bots/api#update
KINDS = ("message", "edited_message", "my_chat_member")

_AWAY = ("left", "kicked")  # https://core.telegram.org/bots/api#chatmember
_LONGEST_NAME = 256  # Characters; Telegram allows 64 for each of the two names.
_LAST_SECOND = 2**32  # Telegram's dates are seconds since 1970; a later one is no date of a message.


class Decoding(msgspec.Struct, frozen=True, kw_only=True):
    """What decoding needs of the settings."""

    bot: str  # The bot's number: updates of two bots of one channel's name are never taken for one another.
    facts: tuple[Fact, ...] = ()  # That every message of this channel carries.


def decode(raw: RawMessage, settings: Decoding) -> Sequence[Inbound]:
    """The records that one update gives: one or none. Never raises.

    Bytes that hold no update become a message that says so, and so does a message of a customer that has no content
    that Telegram shows to bots.
    """
    update = read(raw.payload)
    number = update.number("update_id")
    kind = next((kind for kind in KINDS if kind in update), "")
    content = update.part(kind)
    place = str(content.part("chat").number("id") or "")
    if number is None or (kind and not place):
        return [_unreadable(raw, settings)]
    mark = _fingerprint(raw, settings, str(number), place, str(content.number("message_id")))
    moved_to = content.number("migrate_to_chat_id")
    if kind == "my_chat_member":
        return _membership(raw, content, mark)
    if kind == "message" and moved_to is not None:
        return [_change(raw, content, mark, change="migrated", moved_to=str(moved_to))]
    if not _is_private(content.part("chat")) or is_service(content):
        return []
    return [_edit(raw, content, mark) if kind == "edited_message" else _message(raw, settings, content, mark)]


def source_of(update: Fields) -> str:
    """Whose order an update keeps: a private chat's, or in a group the person's."""
    content = next((update.part(name) for name in update if name != "update_id"), Fields(None))
    person, chat = content.part("from").number("id"), content.part("chat")
    number = chat.number("id") if _is_private(chat) or person is None else person
    return str(number or "")


def _is_private(chat: Fields) -> bool:
    """A private chat has its person's number; those of groups and channels are negative."""
    return (chat.text("type") or "private") == "private" and (chat.number("id") or 0) > 0


def _message(raw: RawMessage, settings: Decoding, content: Fields, mark: str) -> Message:
    chat = str(content.part("chat").number("id"))
    answered = content.part("reply_to_message").number("message_id")
    text = _text(content)
    return Message(
        id=derived_id(raw.id, "0"),
        raw=raw.id,
        channel=raw.channel,
        external_id=_external_id(content),
        references=() if answered is None else (f"{chat}:{answered}",),
        sender=_sender(content),
        proof=Proof.SESSION,
        reply_path=ReplyPath(channel=raw.channel, address=chat),
        text=text,
        automated="bot" if content.part("from").says("is_bot") else "",
        unreadable="" if text else "Telegram shows nothing of this message to bots: ask the customer what it says",
        facts=settings.facts + _facts(content),
        sent_at=_instant(content.number("date")),
        received_at=raw.received_at,
        fingerprint=mark,
    )


def _edit(raw: RawMessage, content: Fields, mark: str) -> Edit:
    return Edit(
        id=derived_id(raw.id, "0"),
        raw=raw.id,
        channel=raw.channel,
        external_id=_external_id(content),
        sender=_sender(content),
        text=_text(content),
        edited_at=_instant(content.number("edit_date")) or raw.received_at,
        fingerprint=mark,
    )


def _membership(raw: RawMessage, content: Fields, mark: str) -> Sequence[Membership]:
    was = content.part("old_chat_member").text("status") in _AWAY
    away = content.part("new_chat_member").text("status") in _AWAY
    if was == away:
        return []  # A change of rights: whoever is in the chat still is.
    changes = ("unblocked", "blocked") if _is_private(content.part("chat")) else ("joined", "left")
    return [_change(raw, content, mark, change=changes[away])]


def _change(raw: RawMessage, content: Fields, mark: str, *, change: str, moved_to: str = "") -> Membership:
    return Membership(
        id=derived_id(raw.id, "0"),
        raw=raw.id,
        channel=raw.channel,
        chat=str(content.part("chat").number("id")),
        change=change,
        moved_to=moved_to,
        at=_instant(content.number("date")) or raw.received_at,
        fingerprint=mark,
    )


def _unreadable(raw: RawMessage, settings: Decoding) -> Message:
    return Message(
        id=derived_id(raw.id, "0"),
        raw=raw.id,
        channel=raw.channel,
        sender=Address(kind="telegram", value=""),
        proof=Proof.ANONYMOUS,
        unreadable="these bytes hold no update of Telegram's Bot API: look at the original",
        facts=settings.facts,
        received_at=raw.received_at,
        fingerprint=digest_of(b"telegram", raw.channel.encode(), settings.bot.encode(), raw.payload),
    )


def _fingerprint(raw: RawMessage, settings: Decoding, *parts: str) -> str:
    """An update's number alone would do, if Telegram did not choose it anew after a week of silence."""
    return digest_of(*(part.encode() for part in ("telegram", raw.channel, settings.bot, *parts)))


def _external_id(content: Fields) -> str:
    number = content.number("message_id")
    return "" if number is None else f"{content.part('chat').number('id')}:{number}"


def _sender(content: Fields) -> Address:
    """Who wrote; in a private chat the chat's number is the person's own."""
    person, chat = content.part("from"), content.part("chat")
    number = person.number("id") or chat.number("id")
    names = (person.text(name) or chat.text(name) for name in ("first_name", "last_name"))
    return Address(kind="telegram", value=str(number), name=" ".join(" ".join(names).split())[:_LONGEST_NAME])


def _text(content: Fields) -> str:
    """The words of a message, and a line for each thing that it brings beside them."""
    words = content.text("text") or content.text("caption")
    lines = [line_of(content, kind) for kind in contents(content)]
    return "\n".join(filter(None, (words, *lines)))[:MAX_TEXT]


def _facts(content: Fields) -> tuple[Fact, ...]:
    language = content.part("from").text("language_code").split("-")[0].lower()
    hints = (Fact(name="language_hint", value=language),) if language else ()
    return hints + tuple(Fact(name="unfetched_file", value=kind) for kind in files(content))


def _instant(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and 0 < seconds < _LAST_SECOND else None
