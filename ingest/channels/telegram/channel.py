"""The channel that a Telegram bot is: customers write to it in private, teams hear of it in groups."""

import re
import uuid
from collections.abc import Awaitable, Sequence
from datetime import timedelta

from pydantic import Field, SecretStr, field_validator
from starlette.routing import BaseRoute

from ingest.channel import Capabilities, ChannelSettings, Parts
from ingest.channels.telegram.compose import LONGEST_TEXT, compose
from ingest.channels.telegram.decode import Decoding
from ingest.channels.telegram.line import Line
from ingest.channels.telegram.receive import Poller
from ingest.channels.telegram.send import send
from ingest.intake import Intake
from store.durations import Duration
from store.lease_holder import while_held
from store.leases import Lease
from store.outgoing import Outgoing, Receipt
from store.records import Address, Fact
from store.secrets import Secret

DECODER = "ingest.channels.telegram.decode:decode"

_TOKEN = re.compile(r"[0-9]{1,16}:[A-Za-z0-9_-]{30,}")  # https://core.telegram.org/bots/api#authorizing-your-bot


class Settings(ChannelSettings):
    """A bot under `channels:`."""

    token: Secret = Field(description="The bot's token from @BotFather, as ${NAME} or file:/path.")
    base_url: str = Field(
        default="https://api.telegram.org/bot",
        pattern=r"^https?://\S+$",
        description="What the token is put behind: Telegram's own server, or a Bot API server of yours.",
    )
    poll_timeout: Duration = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=1),
        le=timedelta(seconds=50),
        description="How long Telegram may hold an answer back while nothing comes, in whole seconds.",
    )
    send_timeout: Duration = Field(
        default=timedelta(seconds=20),
        le=timedelta(minutes=5),
        description="When a message that Telegram does not answer is in doubt.",
    )

    @property
    def sends_to(self) -> str:
        """Chats."""
        return "telegram"

    @field_validator("token")
    @classmethod
    def _looks_like_a_token(cls, token: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError(
                "this is no bot token, which is a number, a colon and at least 30 letters, such as 123456:ABC...: "
                "copy the token from @BotFather again"
            )
        return token


class Telegram:
    """One bot."""

    def __init__(self, name: str, settings: Settings, parts: Parts) -> None:
        """Does no I/O."""
        self.name = name
        # In UTF-16 units. What is longer than one message of Telegram's goes as several.
        self.capabilities = Capabilities(longest_text=LONGEST_TEXT)
        self._settings = settings
        self._database = parts.database
        self._line = Line(settings.token.get_secret_value(), settings.base_url)

    @property
    def decoding(self) -> Decoding:
        """What the decoder needs; the number before the token's colon is the bot's public one."""
        bot = self._settings.token.get_secret_value().partition(":")[0]
        return Decoding(
            bot=bot, facts=tuple(Fact(name=name, value=value) for name, value in self._settings.sets.items())
        )

    @property
    def addresses(self) -> Sequence[Address]:
        """The bot itself."""
        return (Address(kind="telegram", value=self.decoding.bot),)

    async def receive(self, intake: Intake) -> None:
        """Poll whenever no other process does, until cancelled. Raises Permanent where the token is wrong."""

        def poll(lease: Lease) -> Awaitable[None]:
            hold = round(self._settings.poll_timeout.total_seconds())
            poller = Poller(self.name, self._line, self._database, lease, hold=hold)
            return poller.run(intake)

        await while_held(self._database, f"telegram:{self.name}", uuid.uuid4().hex, poll)

    def prepare(self, outgoing: Outgoing) -> bytes:
        """The texts to send; see `compose`."""
        return compose(outgoing)

    async def send(self, payload: bytes, address: str) -> Receipt:
        """Send to the chat of this number; see `send.send`."""
        return await send(self._line, payload, address, within=self._settings.send_timeout.total_seconds())

    def routes(self) -> Sequence[BaseRoute]:
        """None: updates are fetched."""
        return []

    async def close(self) -> None:
        """Nothing is kept open between messages."""


def open_channel(name: str, settings: Settings, parts: Parts) -> Telegram:
    """The configured bot."""
    return Telegram(name, settings, parts)
