"""The way to Telegram's Bot API, for one bot."""

import asyncio
import json
import logging
import ssl
from collections.abc import Mapping
from functools import cached_property
from urllib.parse import urlencode

import httpx
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from ingest.channels.telegram.fields import read

_CONNECTING = 10.0  # Seconds to connect in; whatever a request may take, a host that is there answers sooner.

# They would write the bot's token, which stands in each request's address, and the words of messages.
_TALKATIVE = ("httpx", "httpcore", "telegram")


class Refusal(TelegramError):
    """An answer that is not a success, with its status.

    PTB's own errors lose the status, and its `RetryAfter` cannot be made without a warning of what it will become.
    """

    def __init__(self, code: int, said: str, *, retry_after: int | None = None, moved_to: int | None = None) -> None:
        """https://core.telegram.org/bots/api#responseparameters; `retry_after` in seconds."""
        super().__init__(said)
        self.code = code
        self.retry_after = retry_after
        self.moved_to = moved_to


class Wire(HTTPXRequest):
    """A connection that never logs what it cannot read: that may be a customer's words."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, object]:
        """The JSON object in an answer; raises TelegramError where there is none."""
        try:
            value: object = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            raise TelegramError("its answer is not JSON") from error
        if not isinstance(value, dict):
            raise TelegramError("its answer is no JSON object")
        return value


class Line:
    """Where the Bot API is, and with which token.

    Each piece of work opens its own wire. One that stood idle may be closed by the far end just when a request goes
    out, which cannot be told from a lost answer: it would make sends doubtful that never happened.
    """

    def __init__(self, token: str, base_url: str) -> None:
        """`base_url` is what the token is put behind: "https://api.telegram.org/bot"."""
        self._token = token
        self._base_url = base_url
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """Reading the certificates takes longer than a request, so it is done once, and not before it is needed."""
        return httpx.create_ssl_context()

    def open(self, timeout: float) -> Wire:
        """A wire, to be used in `async with`; `timeout`, in seconds, is for each wait for the network."""
        return Wire(
            connection_pool_size=1,
            connect_timeout=min(_CONNECTING, timeout),
            read_timeout=timeout,
            write_timeout=timeout,
            pool_timeout=timeout,
            httpx_kwargs={"verify": self._trust, "event_hooks": {"response": [_refuse]}},
        )

    def bot(self, wire: Wire) -> Bot:
        """The bot, whose methods go over this wire."""
        return Bot(self._token, base_url=self._base_url, request=wire, get_updates_request=wire)

    async def get(self, wire: Wire, method: str, values: Mapping[str, str | int], *, within: float) -> bytes:
        """The answer to one method, byte for byte. Raises TelegramError, and TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            return await wire.retrieve(f"{self._base_url}{self._token}/{method}?{urlencode(values)}")


async def _refuse(response: httpx.Response) -> None:
    """Raise Refusal for an answer that is not a success."""
    if response.is_success:
        return
    body = read(await response.aread())
    parameters = body.part("parameters")
    raise Refusal(
        response.status_code,
        body.text("description") or f"status {response.status_code}",
        retry_after=parameters.number("retry_after"),
        moved_to=parameters.number("migrate_to_chat_id"),
    )
