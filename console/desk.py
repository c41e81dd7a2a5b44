"""A desk as a command sees it: reads its database, and hands actions to whoever applies them."""

import contextlib
import getpass
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
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
from store.errors import Permanent
from store.migrate import check_migrated
from store.records import Action

Result = TypeVar("Result")


class Desk(NamedTuple):
    """An open desk."""

    configuration: Configuration
    database: Database

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` on a snapshot of the database."""
        return await self.database.read(work)

    async def act(self, kind: str, *, ticket: int | None = None, item: str = "", text: str = "") -> Told:
        """Hand an action over, and tell what became of it. Raises Permanent where it was refused, Temporary."""
        action = Action(
            id=uuid.uuid4().hex,
            kind=kind,
            actor=f"operator:{getpass.getuser()}",
            ticket=ticket,
            item=item,
            text=text,
            at=datetime.now(UTC),
        )
        told = await self._handed_over(action)
        if told.error or told.detail:
            raise Permanent(told.error or told.detail)
        return told

    async def _handed_over(self, action: Action) -> Told:
        if not self.configuration.embedded:
            return await self._published(action, patience=5.0)
        folder = data_folder(self.configuration)
        told = await control.ask(folder, action)
        if told is not None:
            return told
        lock = FolderLock(folder)  # Nothing runs: this command is the one writer for a moment.
        try:
            return await self._published(action, patience=0.0)
        finally:
            lock.release()

    async def _published(self, action: Action, *, patience: float) -> Told:
        bus, blobs = bus_of(self.configuration), blobs_of(self.configuration)
        await bus.start()
        try:
            intake = intake_of(self.configuration, bus, blobs)
            return await perform(action, intake=intake, database=self.database, patience=patience)
        finally:
            await bus.close()
            await blobs.close()


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
