"""A desk for the router alone: batches go in, and everything that it wrote can be read back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, event, insert, select, update

from router.policy import Policy
from router.worker import Router, Work
from store import deadletters
from store.audit_checks import rules
from store.bus import Stored, TopicPartition
from store.codec import encode
from store.database import Database
from store.failures import attempt
from store.records import Action, DeadLetter, Inbound
from store.schema import (
    addresses,
    awaited,
    contacts,
    counters,
    dead_letters,
    deliveries,
    drafts,
    endpoints,
    events,
    greetings,
    inbox,
    links,
    messages,
    metadata,
    outbox,
    parked,
    participants,
    sketches,
    texts,
    tickets,
    timers,
    turns,
)
from store.topics import ACTIONS, MESSAGES
from tests.unit.router.given import NOW, policy

WRITTEN = (
    addresses,
    awaited,
    contacts,
    counters,
    deliveries,
    drafts,
    endpoints,
    events,
    greetings,
    inbox,
    links,
    messages,
    parked,
    participants,
    sketches,
    tickets,
    timers,
    turns,
)

Picture = Mapping[str, Sequence[tuple[object, ...]]]


class Desk:
    """One database, and any number of routers that take turns on it."""

    def __init__(self, database: Database, policy_of: Policy | None = None, routers: int = 1) -> None:
        self._database = database
        self._routers = [Router(policy_of or policy(), now=lambda: NOW) for _ in range(routers)]
        self._turn = 0

    async def handle(self, *records: Inbound | Action | Stored) -> list[Exception | None]:
        """One batch in one transaction, by the router whose turn it is; returns how each record failed."""
        router = self._routers[self._turn % len(self._routers)]
        self._turn += 1
        stored = [record if isinstance(record, Stored) else as_stored(record) for record in records]
        prepared = await router.prepare(stored)

        def transact(connection: Connection) -> list[Exception | None]:
            works = [work for work in prepared if isinstance(work, Work)]
            facts = router.gather(connection, works)
            failures: list[Exception | None] = []
            for work in prepared:
                if isinstance(work, Exception):
                    failures.append(work)
                    continue
                folded, error = attempt(
                    connection, lambda work=work, facts=facts: router.apply(connection, facts, [work])
                )
                facts = facts if folded is None else folded
                failures.append(error)
            return failures

        return await self._database.write(transact)

    async def questions(self, *records: Inbound | Action) -> int:
        """How many statements it takes to gather the facts for these records."""
        router = self._routers[0]
        works = [work for work in await router.prepare(list(map(as_stored, records))) if isinstance(work, Work)]

        def count(connection: Connection) -> int:
            asked: list[str] = []

            def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
                asked.append(statement)

            event.listen(connection, "before_cursor_execute", listen)
            router.gather(connection, works)
            event.remove(connection, "before_cursor_execute", listen)
            return len(asked)

        return await self._database.write(count)

    async def bury(self, record: Stored, reason: str = "ValueError at decide.py:1") -> int | None:
        """Give a record up, as the stage loop does."""
        letter = DeadLetter(
            id=f"letter-{record.offset}",
            stage="router",
            topic=record.at.topic,
            partition=0,
            offset=record.offset,
            key=record.key,
            value=record.value,
            reason=reason,
            detail="",
            attempts=3,
            first_at=NOW,
            last_at=NOW,
            code_version="1",
            config_version="1",
        )

        def work(connection: Connection) -> int | None:
            deadletters.bury(connection, letter)
            ticket = self._routers[0].bury(connection, record, letter)
            if ticket is not None:
                deadletters.tell(connection, letter.id, ticket)
            return ticket

        return await self._database.write(work)

    async def rows(self, table: str, *columns: str) -> list[tuple[object, ...]]:
        """These columns of a table, sorted."""
        named = metadata.tables[table]
        query = select(*(named.c[column] for column in columns))
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return sorted((tuple(row) for row in found), key=repr)

    async def outcomes(self) -> dict[str, str]:
        """What became of each record."""
        return {str(record): str(outcome) for record, outcome in await self.rows("inbox", "id", "outcome")}

    async def picture(self) -> Picture:
        """All that the router wrote."""

        def look(connection: Connection) -> Picture:
            found = {table.name: [tuple(row) for row in connection.execute(select(table))] for table in WRITTEN}
            sent = select(outbox.c.topic, outbox.c.key, outbox.c.value).order_by(outbox.c.id)
            return {
                **{name: sorted(rows, key=repr) for name, rows in found.items()},
                "outbox": [tuple(row) for row in connection.execute(sent)],
            }

        return await self._database.read(look)

    async def differences(self) -> list[str]:
        """What the audit finds to be wrong between the rows; deliveries, which the tests make up, aside."""
        own = [rule for rule in rules() if not rule.words.startswith("deliveries")]

        def look(connection: Connection) -> list[str]:
            return [rule.words for rule in own if connection.execute(rule.broken.limit(1)).first() is not None]

        return await self._database.read(look)

    async def put(self, table: str, **values: object) -> None:
        """Write a row that another stage writes."""
        await self._database.write(lambda connection: connection.execute(insert(metadata.tables[table]), [values]))

    async def put_state(self, ticket: int, state: str) -> None:
        """Put a ticket into a state that no action leads to yet."""
        which = update(tickets).where(tickets.c.number == ticket).values(state=state)
        await self._database.write(lambda connection: connection.execute(which))

    async def deliver(self, delivery: str, ticket: int, external_id: str = "", **changes: object) -> None:
        """Write a delivery, as the notifier does."""
        await self.put(
            "deliveries",
            id=delivery,
            effect=delivery,
            ticket=ticket,
            payload=b"",
            external_id=external_id,
            attempts=1,
            due_at=NOW,
            created_at=NOW,
            **changes,
        )

    async def put_moment(self, delivery: str, at: datetime) -> None:
        """Let a delivery be written at another moment."""
        which = update(deliveries).where(deliveries.c.id == delivery).values(created_at=at)
        await self._database.write(lambda connection: connection.execute(which))

    async def clear(self) -> None:
        """Forget everything, so that the next run begins anew."""

        def work(connection: Connection) -> None:
            for table in (events, sketches, texts, messages, awaited, drafts, participants, links, tickets):
                connection.execute(delete(table))
            for table in (
                addresses,
                contacts,
                counters,
                endpoints,
                greetings,
                inbox,
                parked,
                outbox,
                turns,
                deliveries,
                dead_letters,
                timers,
            ):
                connection.execute(delete(table))

        await self._database.write(work)


def as_stored(record: Inbound | Action, offset: int = 0) -> Stored:
    """The record as it stands on its topic."""
    topic = ACTIONS if isinstance(record, Action) else MESSAGES
    return Stored(TopicPartition(topic, 0), offset, "key", encode(record))


def naive(record: Inbound) -> Inbound:
    """A record that fails when it is applied: its moment has no time zone."""
    return msgspec.structs.replace(record, received_at=datetime(2026, 11, 22))  # noqa: DTZ001
