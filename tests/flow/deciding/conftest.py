"""A desk of the company for each way to run, which tests share: each has customers of its own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from console.demo.phones import Person
from tests.desks import BACKENDS, Around, new_backend, surrounded
from tests.flow.deciding.company import company

SARA = Person(611000001, "Sara Ahmadi")


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=BACKENDS)
async def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Around]:
    """The desk, up, and its world."""
    folder = tmp_path_factory.mktemp("desk")
    with new_backend(request, request.param) as backend:
        async with surrounded(folder, backend, [SARA], decisions=company()) as found:
            await found.desk.up()
            yield found
