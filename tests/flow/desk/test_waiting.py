"""What waits for a person: messages that are parked, and records that could not be processed."""

import pytest

from tests.desks import Around
from tests.flow.desk.loft import Loft
from tests.mail_sink import letter

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_absence_note_is_parked_until_a_person_accepts_it(around: Around) -> None:
    hugo = "hugo@customer.example"
    note = letter("I am on leave until Monday.", sender=hugo, subject="Out of office", Auto_Submitted="auto-replied")

    await around.desk.mail(note, sender=hugo)
    await around.desk.settled()
    _, listed = await around.desk.command("parked", "list")
    (line,) = [line for line in listed.splitlines() if hugo in line]
    before = await around.desk.tickets_of(hugo)
    code, said = await around.desk.command("parked", "accept", line.split()[0])
    ticket = await around.only_ticket(hugo)

    assert "auto-replied" in line
    assert before == []
    assert code == 0, said
    assert str(ticket.number) in said
    assert await around.desk.texts(ticket.number) == ["I am on leave until Monday."]
    assert around.sink.to(hugo) == []


async def test_a_poisonous_message_dies_alone_and_is_replayed_once_the_defect_is_mended(
    around: Around, loft: Loft
) -> None:
    desk, lena = around.desk, "lena@customer.example"
    neighbours = [("PL-1", "My roof leaks."), ("PL-2", "My floor is wet."), ("PL-3", "My window is open.")]

    loft.arrive([neighbours[0], ("PL-2", "This is poison."), *neighbours[1:]])
    await around.desk.until(lambda: loft.is_empty, "the pigeons are taken in")
    await desk.mail(letter("My door is shut.", sender=lena), sender=lena)
    audit = await desk.settled()
    (told,) = await desk.tickets_of("")  # It says that a message could not be read, and nobody knows whose.
    _, listed = await desk.command("dead", "list")
    (line,) = listed.splitlines()[1:2]
    _, shown = await desk.command("dead", "show", letter_id := line.split()[0])

    assert audit.dead == 1
    assert ("normalize" in line, "Undecodable" in line, "KeyError at pigeons.post" in shown) == (True, True, True)
    for customer, text in (*neighbours, (lena, "My door is shut.")):
        (ticket,) = await desk.tickets_of(customer)
        assert await desk.texts(ticket.number) == [text]

    decodes = "desk" if desk.backend.embedded else "normalize"
    assert await desk.stop(decodes) == 0
    loft.repair()
    await desk.restart(decodes)
    replayed = await desk.command("dead", "replay", letter_id)
    audit = await desk.settled()
    again = await desk.command("dead", "replay", letter_id)

    assert (replayed[0], again[0], audit.dead) == (0, 1, 0), replayed
    assert "nothing to replay" in again[1]
    assert await desk.texts((await around.only_ticket("PL-2")).number) == ["My floor is wet.", "This is poison."]
    assert await desk.tickets_of("") == [told]
