"""A channel by a module outside the tree, which touches no file of ours, does the main job like any other."""

import pytest

from tests.desks import Around
from tests.flow.desk.loft import Loft

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_channel_from_outside_the_tree_does_the_main_job(around: Around, loft: Loft) -> None:
    ring = "PL-9"

    loft.arrive([(ring, "Drukarka nie działa od rana, proszę o pomoc.")])
    await around.desk.until(lambda: loft.is_empty, "the pigeons are taken in")
    ticket = await around.only_ticket(ring)
    acknowledgement = loft.nest(ring)
    await around.desk.answer(ticket.number, "Proszę ją włączyć.")
    await around.desk.settled()

    assert (ticket.channel, ticket.language, ticket.team) == ("pigeons", "pl", "help")
    alert, copy = around.alerts(ticket)
    assert alert.startswith("REPLY = ANSWER TO THE CUSTOMER")
    assert "Proszę ją włączyć." in copy  # What colleagues hear of the answer.
    assert acknowledgement.count(str(ticket.number)) == 1
    assert loft.nest(ring).removeprefix(acknowledgement).startswith("Proszę ją włączyć.")
