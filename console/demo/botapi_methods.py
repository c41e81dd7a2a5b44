"""The methods that our Bot API server knows: one function each, and a table of them.

They are as strict as Telegram about what this product sends; what they do not know they refuse rather than ignore.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec

from console.demo.botapi_objects import Me, MessageObject, Parameters, Refused, WebhookInfo
from console.demo.botapi_pace import Meter
from console.demo.phones import Chat, Phones

LONGEST_TEXT = 4096  # UTF-16 units; https://core.telegram.org/bots/api#sendmessage
_MOST_UPDATES = 100  # https://core.telegram.org/bots/api#getupdates
_LONGEST_HOLD = 50  # Seconds; what Telegram holds an answer back at most.

Wanted = TypeVar("Wanted")
Values = Mapping[str, str]  # Parameters by name, as text; objects and lists as JSON.
Method = Callable[[Phones, Meter, Values], Awaitable[object]]


class _Reply(msgspec.Struct, frozen=True):
    """https://core.telegram.org/bots/api#replyparameters, as far as it is known here."""

    message_id: int
    allow_sending_without_reply: bool = False


async def get_me(phones: Phones, _meter: Meter, _values: Values) -> Me:
    """The bot itself."""
    return Me(
        id=phones.bot.id,
        is_bot=True,
        first_name=phones.bot.first_name,
        username=phones.bot.username,
        can_join_groups=True,
        can_read_all_group_messages=False,
        supports_inline_queries=False,
    )


async def get_updates(phones: Phones, _meter: Meter, values: Values) -> list[msgspec.Raw]:
    """Unconfirmed updates; `offset` confirms those before it."""
    if "allowed_updates" in values:
        phones.updates.allow(_json(values, "allowed_updates", list[str]))
    limit = min(max(_number(values, "limit", _MOST_UPDATES), 1), _MOST_UPDATES)
    hold = min(max(_number(values, "timeout", 0), 0), _LONGEST_HOLD)
    return await phones.updates.fetch(_number(values, "offset", 0), limit, hold)


async def send_message(phones: Phones, meter: Meter, values: Values) -> MessageObject:
    """Show a text in a chat."""
    chat = phones.find(_chat_number(values))
    text = values.get("text", "").strip()
    if not text:
        raise Refused(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
        raise Refused(400, "Bad Request: message is too long")
    if values.get("parse_mode"):
        raise Refused(400, "Bad Request: unsupported parse_mode")
    answers = _answered(chat, values)
    wait = meter.wait(chat.of.id, phones.now())
    if wait:
        raise Refused(429, f"Too Many Requests: retry after {wait}", Parameters(retry_after=wait))
    shown = chat.show(text, at=phones.now(), answers=answers)
    return MessageObject(
        message_id=shown.number,
        sender=phones.bot,
        chat=chat.object,
        date=int(shown.at.timestamp()),
        text=shown.text,
    )


async def delete_webhook(_phones: Phones, _meter: Meter, _values: Values) -> bool:
    """There never is one."""
    return True


async def get_webhook_info(phones: Phones, _meter: Meter, _values: Values) -> WebhookInfo:
    """That there is none."""
    return WebhookInfo(url="", has_custom_certificate=False, pending_update_count=len(phones.updates))


# Telegram does not mind the case of a method's name.
METHODS: Mapping[str, Method] = {
    "getme": get_me,
    "getupdates": get_updates,
    "sendmessage": send_message,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
}


def _chat_number(values: Values) -> int:
    if not values.get("chat_id"):
        raise Refused(400, "Bad Request: chat_id is empty")
    try:
        return int(values["chat_id"])
    except ValueError:
        raise Refused(400, "Bad Request: chat not found") from None


def _answered(chat: Chat, values: Values) -> int | None:
    if "reply_parameters" not in values:
        return None
    reply = _json(values, "reply_parameters", _Reply)
    if 0 < reply.message_id <= chat.last:
        return reply.message_id
    if not reply.allow_sending_without_reply:
        raise Refused(400, "Bad Request: message to be replied not found")
    return None


def _number(values: Values, name: str, absent: int) -> int:
    try:
        return int(values.get(name) or absent)
    except ValueError:
        raise Refused(400, f"Bad Request: parameter {name} is no number") from None


def _json(values: Values, name: str, kind: type[Wanted]) -> Wanted:
    try:
        return msgspec.json.decode(values[name], type=kind)
    except msgspec.DecodeError:
        raise Refused(400, f"Bad Request: can't parse {name} JSON object") from None
