"""A desk as a command sees it: reads its database, and hands actions to whoever applies them."""

import asyncio
import contextlib
import getpass
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection

from config import control
from config.build import intake_of
from config.commands import perform
from config.control import Told
from config.folder import FolderLock
from config.settings import Configuration
from config.stores import blobs_of, bus_of, data_folder, database_of, desk_file
from store.database import Database
from store.errors import Permanent, Temporary
from store.migrate import check_migrated
from store.records import Action, ContactCard

Result = TypeVar("Result")


class Desk(NamedTuple):
    """An open desk."""

    configuration: Configuration
    database: Database

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` on a snapshot of the database."""
        return await self.database.read(work)

    async def act(
        self,
        kind: str,
        *,
        actor: str = "",
        ticket: int | None = None,
        item: str = "",
        text: str = "",
        value: str = "",
        why: str = "",
        until: datetime | None = None,
    ) -> Told:
        """Hand an action over, and tell what became of it; without an actor it is the operator's who types.

        Raises Permanent where it was refused, Temporary.
        """
        action = Action(
            id=uuid.uuid4().hex,
            kind=kind,
            actor=actor or f"operator:{getpass.getuser()}",
            ticket=ticket,
            item=item,
            text=text,
            value=value,
            why=why,
            until=until,
            at=datetime.now(UTC),
        )
        (told,) = await self._handed_over([action])
        if told.error or told.detail:
            raise Permanent(told.error or told.detail)
        return told

    async def say_who(self, said: Sequence[tuple[ContactCard, str]]) -> list[Told]:
        """Hand over what is said of customers, each with changes of tags, and tell what became of each. Temporary."""
        actor, at = f"operator:{getpass.getuser()}", datetime.now(UTC)
        return await self._handed_over(
            [
                Action(id=uuid.uuid4().hex, kind="contact", actor=actor, card=card, value=changes, at=at)
                for card, changes in said
            ]
        )

    async def _handed_over(self, actions: Sequence[Action]) -> list[Told]:
        """What became of each, in their order; several are under way at once."""
        if not actions:
            return []
        if not self.configuration.embedded:
            return await self._published(actions, patience=5.0)
        folder = data_folder(self.configuration)
        first = await control.ask(folder, actions[0])
        if first is not None:
            return [first, *await _each(actions[1:], partial(_asked, folder))]
        lock = FolderLock(folder)  # Nothing runs: this command is the one writer for a moment.
        try:
            return await self._published(actions, patience=0.0)
        finally:
            lock.release()

    async def _published(self, actions: Sequence[Action], *, patience: float) -> list[Told]:
        bus, blobs = bus_of(self.configuration), blobs_of(self.configuration)
        await bus.start()
        try:
            intake = intake_of(self.configuration, bus, blobs)
            do = partial(perform, intake=intake, database=self.database)
            first = await do(actions[0], patience=patience)
            # Where no router took the first one, none need be waited for.
            return [first, *await _each(actions[1:], partial(do, patience=patience if first.outcome else 0.0))]
        finally:
            await bus.close()
            await blobs.close()


_AT_ONCE = 16  # Actions that are under way: enough to share the disk's syncs, few for the running desk.


async def _each(actions: Sequence[Action], do: Callable[[Action], Awaitable[Told]]) -> list[Told]:
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(action: Action) -> Told:
        async with free:
            return await do(action)

    return await asyncio.gather(*map(one, actions))


async def _asked(folder: Path, action: Action) -> Told:
    told = await control.ask(folder, action)
    if told is None:
        raise Temporary("the running deskwire stopped meanwhile: start it, and repeat the command")
    return told


@contextlib.asynccontextmanager
async def opened(configuration: Configuration) -> AsyncIterator[Desk]:
    """The desk of these settings. Raises Permanent where it was never started or migrated, Temporary."""
    if configuration.embedded and not desk_file(configuration).is_file():
        raise Permanent("this desk has no data yet: start it with `deskwire run`")
    database = database_of(configuration)
    try:
        await check_migrated(database)
        yield Desk(configuration, database)
    finally:
        await database.close()
