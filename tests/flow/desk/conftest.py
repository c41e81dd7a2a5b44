"""One desk for each way to run, which the tests of this folder share: each test has customers of its own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from console.demo.phones import Person
from tests.desks import BACKENDS, Around, new_backend, surrounded
from tests.flow.desk.loft import Loft

PEOPLE = {
    "sara": Person(611000001, "Sara Ahmadi", "fa"),
    "ivan": Person(611000002, "Иван Петров", "ru"),
    "tom": Person(611000003, "Tom Fox", "en"),
}
OLA = "ola@staff.example"
STAFF = f"people:\n  ola: {{name: Ola, mail: {OLA}}}\n"


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=BACKENDS)
async def around(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Around]:
    """The desk, up, and its world."""
    folder = tmp_path_factory.mktemp("desk")
    loft = Loft(folder / "pigeonry").build()
    with new_backend(request, request.param) as backend, pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(loft.folder)  # Tests read the desk's settings, which name the module there.
        people = list(PEOPLE.values())
        world = {"channels": loft.entry, "python_path": str(loft.folder), "extra": STAFF}
        async with surrounded(folder, backend, people, **world) as found:
            await found.desk.up()
            yield found


@pytest.fixture
def loft(around: Around) -> Loft:
    """The desk's pigeons."""
    return Loft(around.desk.folder / "pigeonry")
