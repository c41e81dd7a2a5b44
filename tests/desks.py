"""Whole desks for tests: on one machine, and over Kafka and PostgreSQL."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from console.demo.botapi import BotApi, running
from console.demo.phones import Group, Person
from store.rows import Ticket
from tests.mail_sink import Sink
from tests.running_desk import BOT, GROUP, NETWORK, TEAM, Backend, RunningDesk, World
from tests.services import new_database

BACKENDS = ("embedded", "scaled-out")
TEAM_CHAT = Group(GROUP, "Help")


class Around(NamedTuple):
    """A desk and the world that it works for."""

    desk: RunningDesk
    sink: Sink
    api: BotApi

    async def say(self, person: Person, text: str) -> None:
        """A person writes to the bot, and the desk has it."""
        self.api.say(person, text)
        await self.confirmed()

    async def confirmed(self) -> None:
        """Wait until the desk has all that people wrote to the bot."""
        await self.desk.until(lambda: not len(self.api.phones.updates), "every update is confirmed")

    async def only_ticket(self, customer: str) -> Ticket:
        """The one ticket of a customer, when all is done and everything adds up."""
        await self.desk.settled()
        (ticket,) = await self.desk.tickets_of(customer)
        return ticket

    def alerts(self, ticket: Ticket) -> list[str]:
        """What the teams were told of a ticket, by mail or in their chat."""
        number = str(ticket.number)
        mails = [mail.text for mail in self.sink.to(NETWORK) + self.sink.to(TEAM) if number in mail.parsed["Subject"]]
        return mails + [shown.text for shown in self.api.chat(TEAM_CHAT).messages if number in shown.text]


@contextlib.contextmanager
def new_backend(request: pytest.FixtureRequest, kind: str) -> Iterator[Backend]:
    """A place for one more desk, on servers that all share. Enter it where a fixture begins: they outlive it then."""
    if kind == "embedded":
        yield Backend()
        return
    kafka, postgres = request.getfixturevalue("kafka"), request.getfixturevalue("postgres")
    with new_database(postgres) as store:
        yield Backend(kind, f"kafka://{kafka}/{uuid4().hex}", "${STORE_URL}", {"STORE_URL": store})


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Where the test's desk keeps everything, once for each way to run."""
    with new_backend(request, request.param) as found:
        yield found


@pytest.fixture
def scaled_out(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Kafka and PostgreSQL alone."""
    with new_backend(request, "scaled-out") as found:
        yield found


@contextlib.asynccontextmanager
async def surrounded(
    folder: Path, backend: Backend, people: Sequence[Person] = (), **settings: str
) -> AsyncIterator[Around]:
    """A desk that is not up yet, between a mail sink and a Bot API on which these people are.

    `settings` are further fields of its `World`.
    """
    sink = Sink()
    api = BotApi(BOT, [*people, TEAM_CHAT], now=lambda: datetime.now(UTC))
    async with sink.serving(), running(api) as url:
        world = World(sink.port, url, **settings)
        desk = RunningDesk(folder, backend, world)
        try:
            yield Around(desk, sink, api)
        finally:
            await desk.close()


@pytest.fixture
async def around(backend: Backend, tmp_path: Path) -> AsyncIterator[Around]:
    """A desk of the test's own, not up yet, and its world."""
    async with surrounded(tmp_path, backend) as found:
        yield found
