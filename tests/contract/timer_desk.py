"""A desk whose time a test sets: a router, and what fires for its tickets."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from router.due.firing import Firing
from router.due.timer_settings import TimerSettings
from router.policy import Policy
from router.worker import Router, Work
from store import timers
from store.audit_checks import rules
from store.codec import decode
from store.database import Database
from store.events import TicketEvent
from store.records import Action, Inbound
from store.rows import Timer
from store.schema import events, metadata, tickets
from tests.unit.router.ladder_desk import NOW, desk

SETTINGS = TimerSettings()


class TimerDesk:
    """One database, and its time."""

    def __init__(self, database: Database, policy: Policy | None = None) -> None:
        self.database = database
        self.at = NOW
        self.policy = policy or desk()
        self.router = Router(self.policy, now=lambda: self.at)

    def firing(self) -> Firing:
        """What fires, as any process does it."""
        return Firing(self.policy, SETTINGS, lambda: self.at)

    async def handle(self, *records: Inbound | Action) -> None:
        """One batch."""
        works = [Work(record, "key") for record in records]
        await self.database.write(lambda connection: self.apply(connection, works))

    def apply(self, connection: Connection, works: list[Work]) -> None:
        self.router.apply(connection, self.router.gather(connection, works), works)

    async def pass_time(self, time: timedelta) -> int:
        """Let time pass, then fire all that is due; returns how many there were."""
        self.at += time
        return await self.fire()

    async def fire(self) -> int:
        fired, firing = 0, self.firing()
        while some := await self.database.write(lambda connection: firing.fire(connection, self.at)):
            fired += some
        return fired

    async def plan(self) -> None:
        """Do what the service does first."""
        await self.database.write(self.firing().plan)

    async def timers(self) -> list[Timer]:
        return await self.database.read(
            lambda connection: timers.due(connection, datetime.max.replace(tzinfo=self.at.tzinfo), 1000)
        )

    async def events(self, *kinds: str) -> list[TicketEvent]:
        """Those of these kinds, ticket by ticket."""

        def look(connection: Connection) -> list[TicketEvent]:
            rows = connection.execute(events.select().order_by(events.c.ticket, events.c.seq)).mappings()
            return [decode(row["record"], TicketEvent) for row in rows if row["kind"] in kinds]

        return await self.database.read(look)

    async def states(self) -> list[tuple[str, str, int]]:
        """State, team and level of each ticket."""

        def look(connection: Connection) -> list[tuple[str, str, int]]:
            rows = connection.execute(tickets.select().order_by(tickets.c.number)).mappings()
            return [(row["state"], row["team"], row["level"]) for row in rows]

        return await self.database.read(look)

    async def count(self, table: str) -> int:
        found = metadata.tables[table]
        return await self.database.read(lambda connection: len(connection.execute(found.select()).all()))

    async def differences(self) -> list[str]:
        """What the audit finds to be wrong between the rows."""

        def look(connection: Connection) -> list[str]:
            return [rule.words for rule in rules() if connection.execute(rule.broken.limit(1)).first() is not None]

        return await self.database.read(look)
