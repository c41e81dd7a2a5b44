"""Whole desks for tests: on one machine, and over Kafka and PostgreSQL."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from console.demo.botapi import BotApi, running
from console.demo.phones import Group, Person
from tests.mail_sink import Sink
from tests.running_desk import BOT, GROUP, Backend, RunningDesk, World
from tests.services import new_database

BACKENDS = ("embedded", "scaled-out")
TEAM_CHAT = Group(GROUP, "Help")

NewBackend = Callable[[str], Backend]


class Around(NamedTuple):
    """A desk and the world that it works for."""

    desk: RunningDesk
    sink: Sink
    api: BotApi


@pytest.fixture(scope="module")
def new_backend(request: pytest.FixtureRequest) -> Iterator[NewBackend]:
    """Makes a place for one more desk, by its kind; servers are shared, and nothing that is kept on them."""
    with contextlib.ExitStack() as databases:

        def make(kind: str) -> Backend:
            if kind == "embedded":
                return Backend()
            kafka, postgres = request.getfixturevalue("kafka"), request.getfixturevalue("postgres")
            store = databases.enter_context(new_database(postgres))
            return Backend(kind, f"kafka://{kafka}/{uuid4().hex}", "${STORE_URL}", {"STORE_URL": store})

        yield make


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, new_backend: NewBackend) -> Backend:
    """Where the test's desk keeps everything, once for each way to run."""
    return new_backend(request.param)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    """Where the test's desk sends its mail."""
    async with Sink().serving() as serving:
        yield serving


@contextlib.asynccontextmanager
async def surrounded(folder: Path, backend: Backend, people: Sequence[Person] = ()) -> AsyncIterator[Around]:
    """A desk that is not up yet, between a mail sink and a Bot API on which these people are."""
    sink = Sink()
    api = BotApi(BOT, [*people, TEAM_CHAT], now=lambda: datetime.now(UTC))
    async with sink.serving(), running(api) as url:
        desk = RunningDesk(folder, backend, World(sink.port, url))
        try:
            yield Around(desk, sink, api)
        finally:
            await desk.close()
