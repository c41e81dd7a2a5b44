"""Tickets are found by state, team, person, priority, deadline, customer and what was said in them."""

import pytest

from tests.desks import Around
from tests.mail_sink import letter

pytestmark = pytest.mark.asyncio(loop_scope="session")

EWA, FILIP = "ewa@acme.example", "filip@customer.example"


async def test_each_filter_finds_what_it_says_and_nothing_else(shared: Around) -> None:
    for customer, subject, text in (
        (EWA, "VPN", "Nasz VPN w Łodzi jest wolny od rana, proszę o pomoc."),
        (FILIP, "Chair", "My chair squeaks in the quietest office."),
    ):
        await shared.desk.mail(letter(text, sender=customer, subject=subject, proven=True), sender=customer)
    urgent, plain = await shared.only_ticket(EWA), await shared.only_ticket(FILIP)
    assert (await shared.desk.command("ticket", "claim", str(plain.number)))[0] == 0
    mine = (await shared.desk.story(plain.number)).ticket.assignee.removeprefix("operator:")

    async def found(*filters: str) -> set[int]:
        """Which of the two."""
        code, said = await shared.desk.command("ticket", "list", "--limit", "10000", *filters)
        assert code == 0, said
        return {ticket for ticket in (urgent.number, plain.number) if f"{ticket} " in said}

    assert (urgent.priority, urgent.team, urgent.person) == ("P2", "network", "person:ola")
    assert mine
    both, first, second, none = {urgent.number, plain.number}, {urgent.number}, {plain.number}, set[int]()
    for filters, expected in (
        ([], both),
        (["--state", "new"], first),
        (["--state", "open"], second),
        (["--state", "new", "--state", "open"], both),
        (["--team", "network"], first),
        (["--person", "ola"], first),
        (["--person", "Ola Nowak"], first),
        (["--person", "me"], second),
        (["--priority", "P2"], first),
        (["--category", "other"], second),
        (["--customer", FILIP], second),
        (["--due", "2h"], first),
        (["--due", "overdue"], none),
        (["--text", "LODZI wolny"], first),  # However it is typed.
        (["--text", "squeak"], second),  # The beginning of a word.
        (["--text", "squeak lodzi"], none),  # No message has both.
        (["--team", "network", "--priority", "P4"], none),
    ):
        assert await found(*filters) == expected, filters
