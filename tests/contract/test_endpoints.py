"""What is known of addresses that something could not reach, over both databases."""

import msgspec
import pytest

from store import endpoints
from store.database import Database
from store.endpoints import UNWELCOME
from store.rows import COMPLAINED, FAILING, REACHABLE, SUSPENDED, Endpoint
from tests.unit.router.given import ANN, BOB, NOW

ANNS, BOBS = ("mail", ANN.value), ("mail", BOB.value)


def endpoint(state: str, **changes: object) -> Endpoint:
    plain = Endpoint(kind="mail", value=ANN.value, state=state, reason="550 unknown", since=NOW, changed_at=NOW)
    return msgspec.structs.replace(plain, **changes)


async def test_an_address_is_known_by_what_was_written_last(database: Database) -> None:
    await database.write(lambda connection: endpoints.put(connection, [endpoint(FAILING, failures=2)]))
    await database.write(lambda connection: endpoints.put(connection, [endpoint(SUSPENDED, failures=3)]))

    found = await database.read(lambda connection: endpoints.by_address(connection, {ANNS, BOBS}))

    assert found == {ANNS: endpoint(SUSPENDED, failures=3)}


@pytest.mark.parametrize(
    ("state", "shown", "is_welcome"),
    [(FAILING, True, True), (SUSPENDED, True, False), (COMPLAINED, True, False), (REACHABLE, False, True)],
)
async def test_only_addresses_with_trouble_have_a_state(
    database: Database, state: str, shown: bool, is_welcome: bool
) -> None:
    await database.write(lambda connection: endpoints.put(connection, [endpoint(state)]))

    found = await database.read(lambda connection: endpoints.states(connection, [ANNS, BOBS, ("telegram", ANN.value)]))

    assert found == ({ANNS: state} if shown else {})
    assert (found.get(ANNS) not in UNWELCOME) is is_welcome


async def test_many_addresses_are_asked_for_at_once(database: Database) -> None:
    many = [("mail", f"p{number}@acme.example") for number in range(20_001)]
    await database.write(
        lambda connection: endpoints.put(connection, [endpoint(SUSPENDED, value=value) for _, value in many[::5_000]])
    )

    found = await database.read(lambda connection: endpoints.states(connection, many))

    assert found == dict.fromkeys(many[::5_000], SUSPENDED)


async def test_nothing_to_write_writes_nothing(database: Database) -> None:
    await database.write(lambda connection: endpoints.put(connection, []))

    assert await database.read(lambda connection: endpoints.states(connection, [])) == {}
