"""What is written to a closed ticket opens one that follows it, and goes there from then on."""

from collections.abc import AsyncIterator

import pytest

from store.database import Database
from store.records import Message
from tests.contract.router_desk import Desk
from tests.unit.router.given import BOB, message

FIRST = 100009  # The first number of six digits.


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk whose rows must agree with each other, whatever the test did."""
    opened = Desk(database)
    yield opened
    assert await opened.differences() == []


def reply(number: int, **changes: object) -> Message:
    """To the mail that opened the first ticket."""
    plain = {
        "id": f"m{number}",
        "external_id": f"<m{number}@x>",
        "fingerprint": f"f{number}",
        "digest": f"d{number}",
        "references": ("<m1@acme.example>",),
    }
    return message(**plain | changes)


@pytest.mark.parametrize("together", [True, False])
async def test_all_that_is_written_to_a_closed_ticket_goes_to_the_one_that_follows_it(
    desk: Desk, *, together: bool
) -> None:
    await desk.handle(message())
    await desk.put_state(FIRST, "closed")
    records = [reply(n) for n in (2, 3)]

    for batch in [records] if together else [[one] for one in records]:
        assert not any(await desk.handle(*batch))

    (_, _), (second, _) = await desk.rows("tickets", "number", "state")
    assert await desk.rows("messages", "ticket", "id") == [(FIRST, "m1"), (second, "m2"), (second, "m3")]


async def test_what_follows_a_ticket_whose_followers_are_closed_follows_the_last_of_them(desk: Desk) -> None:
    await desk.handle(message())
    for number in (2, 3):
        for (ticket,) in await desk.rows("tickets", "number"):
            await desk.put_state(int(str(ticket)), "closed")
        await desk.handle(reply(number))

    _, second, third = (number for (number,) in await desk.rows("tickets", "number"))
    assert (third, second, "follows") in await desk.rows("links", "ticket", "other", "because")


async def test_somebody_else_s_words_to_a_closed_ticket_join_nobody_s(desk: Desk) -> None:
    await desk.handle(message(others=(BOB,)))
    await desk.put_state(FIRST, "closed")
    await desk.handle(reply(2))

    await desk.handle(reply(3, sender=BOB))

    tickets = [ticket for ticket, _ in await desk.rows("messages", "ticket", "id")]
    assert len(set(tickets)) == 3
