"""One desk for each way to run, which the tests of the main job share: each has customers of its own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from console.demo.phones import Person
from tests.desks import BACKENDS, Around, NewBackend, surrounded

PEOPLE = {
    "sara": Person(611000001, "Sara Ahmadi", "fa"),
    "ivan": Person(611000002, "Иван Петров", "ru"),
    "tom": Person(611000003, "Tom Fox", "en"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=BACKENDS)
async def around(
    request: pytest.FixtureRequest, new_backend: NewBackend, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Around]:
    """The desk, up, and its world."""
    folder = tmp_path_factory.mktemp("desk")
    async with surrounded(folder, new_backend(request.param), list(PEOPLE.values())) as found:
        await found.desk.up()
        yield found
