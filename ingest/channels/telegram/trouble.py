"""What an error of the Bot API means for the work at hand, by how far the request had got."""

import httpx
from telegram.error import TelegramError

from ingest.channels.telegram.line import Refusal
from store.errors import InDoubt, Permanent, Temporary

# Raised before the first byte of a request has left.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)

_BAD_TOKEN = (401, 404)  # 404 for one that has not even the shape of a token.
_CONFLICT = 409
_FLOOD = 429
_REFUSED = range(400, 500)
_BROKEN = range(500, 600)

# What Telegram says (https://github.com/tdlib/telegram-bot-api, Client.cpp), and what a technician can do about it.
_REMEDIES = {
    "bot was blocked by the user": "the customer has blocked the bot, so answer on another channel",
    "user is deactivated": "the customer's account is gone, so answer on another channel",
    "bot can't initiate conversation": "the customer must write to the bot first",
    "chat not found": "the bot has no such chat: a person must write to it first, a group must have it as a member",
    "bot was kicked": "the bot was removed from the group: add it again",
    "bot is not a member": "the bot is not in the group: add it",
    "not enough rights": "the bot may not write in the group: let it send messages there",
    "have no rights": "the bot may not write in the group: let it send messages there",
    "group chat was deactivated": "the group is gone: give the team another one",
}


def of_sending(error: TelegramError) -> Temporary | Permanent | InDoubt:
    """What became of one `sendMessage`."""
    if isinstance(error.__cause__, _NOT_SENT):
        return _unreachable(error)
    if not isinstance(error, Refusal) or error.code in _BROKEN:
        return InDoubt(f"Telegram did not confirm a message that was sent ({error}): it may have arrived or not")
    if error.code == _FLOOD:
        return _flood(error)
    return _refused(error)


def _refused(error: Refusal) -> Temporary | Permanent:
    if error.code in _BAD_TOKEN:
        return Temporary(_bad_token(error))  # The message is good, and can go once the token is.
    if error.code not in _REFUSED:
        return _unreachable(error)
    if error.moved_to is not None:
        return Permanent(
            f"the group has become a supergroup with the number {error.moved_to}: put this number into the "
            "team's settings"
        )
    return Permanent(f"Telegram refused the message ({error}): {_remedy(str(error))}")


def of_polling(error: TelegramError) -> Temporary | Permanent:
    """What to do about a `getUpdates` that failed; nothing is lost by it."""
    if not isinstance(error, Refusal):
        return _unreachable(error)
    if error.code == _FLOOD:
        return _flood(error)
    if error.code in _BAD_TOKEN:
        return Permanent(_bad_token(error))
    if error.code == _CONFLICT:
        return Temporary(
            f"Telegram gives this bot's messages to somebody else ({error}): stop the other program that uses its "
            "token, or delete its webhook with https://core.telegram.org/bots/api#deletewebhook"
        )
    return _unreachable(error)


def _flood(error: Refusal) -> Temporary:
    return Temporary(f"Telegram asks to wait ({error})", retry_after=error.retry_after)


def _unreachable(error: TelegramError) -> Temporary:
    return Temporary(f"Telegram cannot be reached ({error}): check the network, and `base_url` where it is set")


def _bad_token(error: Refusal) -> str:
    return (
        f"Telegram does not know the bot's token ({error}): copy the token from @BotFather again, "
        "and check `base_url` where it is set"
    )


def _remedy(said: str) -> str:
    found = (remedy for words, remedy in _REMEDIES.items() if words in said.lower())
    return next(found, "look at the message and at its chat")
