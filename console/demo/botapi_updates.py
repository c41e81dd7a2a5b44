"""The queue of updates that a bot has not confirmed, and the one call that may wait on it."""

import asyncio
import contextlib
from collections.abc import Collection
from typing import NamedTuple

import msgspec

from console.demo.botapi_objects import Refused

# Without `allowed_updates` Telegram leaves these out; https://core.telegram.org/bots/api#getupdates
_UNASKED = ("chat_member", "message_reaction", "message_reaction_count")


class Waiting(NamedTuple):
    """An update, ready to be handed out."""

    number: int
    body: bytes  # JSON.


class Updates:
    """Updates in order, numbered from `first`; kept until a call confirms them."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._waiting: list[Waiting] = []
        self._allowed: tuple[str, ...] = ()
        self._calls = 0
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def numbers(self) -> list[int]:
        """Of the updates that are not confirmed, in order."""
        return [update.number for update in self._waiting]

    def allow(self, kinds: Collection[str]) -> None:
        """Queue only these kinds from now on; none named means all but three."""
        self._allowed = tuple(kinds)

    def add(self, kind: str, content: bytes) -> None:
        """Queue an update of this kind, `content` being the JSON in its field; a kind that nobody asked for is lost."""
        wanted = kind in self._allowed if self._allowed else kind not in _UNASKED
        if wanted:
            self._waiting.append(
                Waiting(self._next, b'{"update_id":%d,"%s":%s}' % (self._next, kind.encode(), content))
            )
            self._next += 1
            self._wake()

    def jump(self, number: int) -> None:
        """Number on from here, as Telegram does after a week of silence."""
        self._next = number

    def repeat(self, update: Waiting) -> None:
        """Hand this out once more, as if it had never been confirmed."""
        self._waiting.insert(0, update)
        self._wake()

    async def fetch(self, offset: int, limit: int, hold: float) -> list[msgspec.Raw]:
        """The updates from `offset` on, waiting up to `hold` seconds for one; those before it are confirmed.

        Raises Refused where another call comes meanwhile.
        """
        self._calls += 1
        mine = self._calls
        self._wake()
        self._confirm(offset)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(hold):
                while not self._waiting and mine == self._calls:
                    await self._news.wait()
        if mine != self._calls:
            raise Refused(
                409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
            )
        return [msgspec.Raw(update.body) for update in self._waiting[:limit]]

    def end_calls(self) -> None:
        """Let nobody wait any longer."""
        self._calls += 1
        self._wake()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self._waiting = self._waiting[offset:]
        elif offset <= self._next + 10:  # A number further on is another queue's: https://github.com/tdlib/td, TQueue.
            self._waiting = [update for update in self._waiting if update.number >= offset]

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
