"""Fetches updates by long polling, and confirms them to Telegram only when they are durable.

`telegram.ext.Updater` would confirm each update before it is handled, and so lose it in a crash. Here a batch is
accepted, then the number that confirms it is stored, then it is sent with the next call of `getUpdates`. A crash
between any two of these fetches the same updates again, which their fingerprints tell.
"""

import asyncio
import json
import random
from collections.abc import Sequence

import structlog
from sqlalchemy import Connection
from telegram.error import TelegramError

from ingest.channels.telegram.decode import KINDS
from ingest.channels.telegram.line import Line, Wire
from ingest.channels.telegram.trouble import of_polling
from ingest.channels.telegram.updates import Update, updates_of
from ingest.intake import Intake
from store import progress
from store.database import Database
from store.errors import Permanent, Temporary
from store.leases import Lease, assert_held
from store.records import Envelope

log = structlog.get_logger()

_MOST = 100  # Updates an answer; https://core.telegram.org/bots/api#getupdates
_SLACK = 10.0  # Seconds that an answer may take beyond the time for which Telegram holds it back.
_REST = 0.2  # Seconds after an answer without updates, so that a server which never waits is not called in a rush.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # Seconds, ours: as long as a stage pauses for a server in trouble.


class Poller:
    """Reads one bot's updates, as the only one: Telegram refuses a second (409)."""

    def __init__(self, channel: str, line: Line, database: Database, lease: Lease, *, hold: int) -> None:
        """`hold` is for how many seconds Telegram may hold an answer back while nothing comes."""
        self._channel = channel
        self._line = line
        self._database = database
        self._lease = lease
        self._hold = hold
        self._name = f"telegram:{channel}"
        self._confirming = 0  # The number to send next; what is below it is durable. 0: nothing is to be confirmed.
        self._accepted: set[int] = set()  # Of the batch at hand, so that a retry does not accept them again.

    async def run(self, intake: Intake) -> None:
        """Poll until cancelled. Raises Permanent where the token is wrong, Fenced where the lease is lost."""
        failures = 0
        stored = False
        async with self._line.open(self._hold + _SLACK) as wire:
            while True:
                try:
                    if not stored:
                        self._confirming = await self._read()
                        stored = True
                    await self._round(wire, intake)
                except Temporary as error:
                    failures += 1
                    pause = pause_after(failures, error.retry_after, random.random())  # noqa: S311 (spreads, hides nothing)
                    log.warning("updates cannot be read", channel=self._channel, pause=pause, detail=str(error))
                    await asyncio.sleep(pause)
                else:
                    failures = 0

    async def _round(self, wire: Wire, intake: Intake) -> None:
        updates = await self._fetch(wire)
        for update in updates:
            if update.number not in self._accepted:
                await self._accept(intake, update)
                self._accepted.add(update.number)
        # What was sent along with this call is confirmed now, and is sent no more: after a week of silence Telegram
        # begins anew at any number, and an old one could then confirm what was never seen.
        following = updates[-1].number + 1 if updates else 0
        if following != self._confirming:
            await self._write(following)
            self._confirming = following
        self._accepted.clear()
        if not updates:
            await asyncio.sleep(_REST)

    async def _fetch(self, wire: Wire) -> Sequence[Update]:
        values: dict[str, str | int] = {
            "offset": self._confirming,
            "limit": _MOST,
            "timeout": self._hold,
            "allowed_updates": json.dumps(KINDS),
        }
        try:
            answer = await self._line.get(wire, "getUpdates", values, within=self._hold + 2 * _SLACK)
            return updates_of(answer)
        except TelegramError as error:
            raise of_polling(error) from error
        except TimeoutError as error:
            raise Temporary("Telegram did not answer in time: check the network") from error
        except ValueError as error:
            raise Temporary(f"Telegram's answer cannot be read ({error}): check `base_url` where it is set") from error

    async def _accept(self, intake: Intake, update: Update) -> None:
        try:
            raw = await intake.accept(
                channel=self._channel,
                source=update.source,
                payload=update.payload,
                content_type="application/json",
                envelope=Envelope(sender=update.source, external_id=str(update.number)),
            )
        except Permanent as error:
            # It would be refused again and again, and hold up all updates behind it.
            log.error("update refused", channel=self._channel, update=update.number, detail=str(error))  # noqa: TRY400
        else:
            log.info("accepted", channel=self._channel, raw=raw, update=update.number)

    async def _read(self) -> int:
        stored = await self._database.read(lambda connection: progress.get(connection, self._name))
        return int(stored) if stored.isdecimal() else 0

    async def _write(self, following: int) -> None:
        def write(connection: Connection) -> None:
            assert_held(connection, self._lease)
            progress.put(connection, self._name, str(following))

        await self._database.write(write)


def pause_after(failures: int, asked: float | None, chance: float) -> float:
    """Seconds to wait: what Telegram asked for, or ever longer; spread by `chance`, from 0 to 1, over half as much."""
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(failures - 1, 16)) if asked is None else asked
    return pause * (1 + chance / 2)
