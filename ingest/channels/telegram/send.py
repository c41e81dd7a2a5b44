"""Sends a composed message to a chat, and says what became of it."""

import asyncio

from telegram import Bot, ReplyParameters
from telegram.error import TelegramError

from ingest.channels.telegram.compose import Part, parts_of
from ingest.channels.telegram.line import Line
from ingest.channels.telegram.trouble import of_sending
from store.errors import InDoubt, Permanent, Temporary
from store.outgoing import Receipt


async def send(line: Line, payload: bytes, chat: str, *, within: float) -> Receipt:
    """Send the parts in order; the receipt names the first one, as "chat:message".

    `within`, in seconds, is for each part. Raises Temporary (nothing was sent), Permanent (Telegram refuses) or
    InDoubt (something was sent, or may have been). A message of several parts whose later part fails is in doubt as a
    whole: where it is sent again, the chat gets its first parts twice, which their marks "(1/3)" make plain.
    """
    sent: list[int] = []
    parts = parts_of(payload)
    async with line.open(within) as wire:
        bot = line.bot(wire)
        for part in parts:
            try:
                sent.append(await _send_part(bot, part, chat, within))
            except (Temporary, InDoubt, Permanent) as error:
                raise _after(len(sent), len(parts), error) from error
    return Receipt(external_id=f"{chat}:{sent[0]}")


async def _send_part(bot: Bot, part: Part, chat: str, within: float) -> int:
    """The number that Telegram gave the message."""
    answered = (
        None if part.reply_to is None else ReplyParameters(message_id=part.reply_to, allow_sending_without_reply=True)
    )
    try:
        async with asyncio.timeout(within):
            message = await bot.send_message(
                chat, part.text, reply_parameters=answered, disable_notification=part.silent or None
            )
    except TimeoutError as error:
        raise InDoubt(f"Telegram did not answer a sent message in {within:g} s: it may have arrived or not") from error
    except TelegramError as error:
        raise of_sending(error) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # PTB stumbles so over an answer that says neither yes nor no.
        raise InDoubt("Telegram's answer to a sent message cannot be read: it may have arrived or not") from error
    return message.message_id


def _after(sent: int, parts: int, error: Temporary | InDoubt | Permanent) -> Temporary | InDoubt | Permanent:
    """The same trouble, for the message as a whole."""
    if not sent:
        return error
    text = f"{sent} of {parts} parts were sent, then: {error}"
    return Permanent(text) if isinstance(error, Permanent) else InDoubt(text)
