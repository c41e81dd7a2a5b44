"""What mail does to tickets over both databases: people who join, weak evidence, the same mail again, floods."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import msgspec
import pytest

from router.floods import SUSPECTED
from router.settings import FloodSettings
from store import lookups
from store.codec import decode
from store.database import Database
from store.events import TicketEvent
from store.numbers import numbered
from store.records import Address, Inbound, Message, Proof
from store.tokens import Token, actor_of, sign
from tests.contract.router_desk import Desk
from tests.unit.router.given import ANN, BOB, KEY, NOW, message, policy

FIRST, SECOND = 100009, 100014
JANE = Address(kind="mail", value="jane@acme.example", name="Jane")
EVE = Address(kind="mail", value="eve@evil.example")


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk whose rows must agree with each other, whatever the test did."""
    opened = Desk(database, policy(floods=FloodSettings(tickets=3, within="10m")))
    yield opened
    assert await opened.differences() == []


def mail(n: int, **changes: object) -> Message:
    """The nth mail: another one in every respect but its sender."""
    plain = message(id=f"m{n}", raw=f"raw{n}", external_id=f"<m{n}@x>", fingerprint=f"f{n}", digest=f"d{n}")
    return msgspec.structs.replace(plain, **changes)


def token(who: Address, ticket: int = FIRST) -> str:
    return sign(KEY, Token(ticket, actor_of(who), "c"), now=NOW, lifetime=timedelta(days=9))


async def events_of(desk: Desk) -> list[TicketEvent]:
    """All events, in the order of their tickets and numbers."""
    rows = await desk.rows("events", "ticket", "seq", "record")
    return [decode(record, TicketEvent) for *_, record in rows if isinstance(record, bytes)]


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("together", [True, False])
async def test_whoever_is_named_joins_in_their_order_and_takes_part_from_then_on(
    desk: Desk, database: Database, together: bool
) -> None:
    log = [
        mail(1, others=(JANE, BOB)),
        mail(2, others=(EVE,), tokens=(token(ANN),)),
        mail(3, sender=JANE, tokens=(token(JANE),), proof=Proof.CLAIMED),
        mail(4, sender=BOB, references=("<m1@x>",)),
    ]

    for batch in [log] if together else [[record] for record in log]:
        await desk.handle(*batch)

    assert await desk.outcomes() == {"m1": "opened", "m2": "continued", "m3": "continued", "m4": "continued"}
    assert await desk.rows("participants", "ticket", "seq", "value", "cause") == [
        (FIRST, 1, JANE.value, "m1"),
        (FIRST, 2, BOB.value, "m1"),
        (FIRST, 3, EVE.value, "m2"),
    ]
    story = await database.read(lambda connection: lookups.show(connection, FIRST))
    assert story is not None
    assert story.ticket.participants == (JANE, BOB, EVE)
    assert [len(happened.ticket.participants) for happened in story.events] == [2, 3, 3, 3]
    assert story.ticket.customer == ANN
    assert await desk.rows("tickets", "reply_address") == [(ANN.value,)]


async def test_a_participant_cannot_let_an_attacker_in_without_proof_nor_a_stranger_themselves(desk: Desk) -> None:
    """Row L13."""
    await desk.handle(mail(1, others=(JANE,)))

    await desk.handle(
        mail(2, sender=JANE, tokens=(token(JANE),), proof=Proof.CLAIMED, others=(EVE,)),
        mail(3, sender=EVE, references=("<m1@x>",), others=(EVE, ANN)),
    )

    assert await desk.rows("participants", "ticket", "value") == [(FIRST, JANE.value), (SECOND, ANN.value)]
    assert await desk.outcomes() == {"m1": "opened", "m2": "continued", "m3": "opened"}
    assert await desk.rows("links", "ticket", "other") == [(SECOND, FIRST)]


# ── weak evidence, and the same mail again ───────────────────────────────────────────────────────────────────────


async def test_weak_evidence_links_the_new_ticket_to_the_old_one(desk: Desk, database: Database) -> None:
    await desk.handle(mail(1), mail(2, sender=BOB))
    await desk.handle(mail(3, sender=EVE, tokens=(token(ANN),), subject=f"Re: [Nordwind {SECOND}]"))

    listed = await database.read(lookups.list_tickets)
    assert [ticket.related for ticket in listed] == [(FIRST, SECOND), (), ()]
    assert [(ticket, other) for ticket, other, _ in await desk.rows("links", "ticket", "other", "because")] == [
        (listed[0].number, FIRST),
        (listed[0].number, SECOND),
    ]
    assert len(await desk.rows("messages", "id")) == 3


@pytest.mark.parametrize("together", [True, False])
async def test_one_mail_to_two_of_our_addresses_is_one_ticket(desk: Desk, together: bool) -> None:
    """Each channel has a fingerprint of its own, and a list changes the header."""
    log = [mail(1), mail(1, id="m2", channel="mail-hr", fingerprint="f2"), mail(1, id="m3", fingerprint="f3")]

    for batch in [log] if together else [[record] for record in log]:
        await desk.handle(*batch)

    assert await desk.outcomes() == {"m1": "opened", "m2": "joined", "m3": "joined"}
    assert await desk.rows("messages", "seq", "direction") == [(1, "in"), (2, "note"), (3, "note")]


async def test_other_content_under_a_message_id_is_kept_and_told(desk: Desk) -> None:
    """Row S17: whoever guesses an id makes no mail disappear."""
    await desk.handle(mail(1, sender=EVE, external_id="<same@x>"), mail(2, external_id="<same@x>"))

    assert await desk.outcomes() == {"m1": "opened", "m2": "opened"}
    decisions = [happened.decision for happened in await events_of(desk) if happened.decision]
    assert [reason.result for decision in decisions for reason in decision.because].count("collision") == 1
    assert await desk.rows("links", "ticket", "other") == [(SECOND, FIRST)]


@pytest.mark.parametrize("external_id", ["", "<" + "x" * 10_000 + "@x>"])
async def test_two_mails_without_an_id_or_with_a_huge_one_are_two(desk: Desk, external_id: str) -> None:
    await desk.handle(mail(1, external_id=external_id), mail(2, sender=BOB, external_id=external_id))

    assert len(await desk.rows("tickets", "number")) == 2


# ── floods ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [1, 2, 7, 50])
async def test_a_bomb_fills_one_ticket_and_is_told_once(desk: Desk, size: int) -> None:
    """Rows L2 and L9, in batches of any size; nobody else is affected."""
    log: list[Inbound] = [mail(n) for n in range(40)]
    log.insert(30, mail(99, sender=BOB))

    for start in range(0, len(log), size):
        await desk.handle(*log[start : start + size])

    numbers = [numbered(10_000 + n) for n in range(4)]
    assert await desk.rows("tickets", "number", "messages", "state") == [
        (numbers[0], 1, "new"),
        (numbers[1], 1, "new"),
        (numbers[2], 38, "new"),
        (numbers[3], 1, "new"),
    ]
    kinds = [kind for (kind,) in await desk.rows("events", "kind")]
    assert {kind: kinds.count(kind) for kind in kinds} == {"noted": 36, "opened": 4, SUSPECTED: 1}


async def test_who_writes_at_leisure_floods_nothing(desk: Desk) -> None:
    await desk.handle(*(mail(n, received_at=NOW + timedelta(minutes=4 * n)) for n in range(20)))

    assert set((await desk.outcomes()).values()) == {"opened"}


# ── cost ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_larger_batch_asks_no_more_questions(database: Database) -> None:
    """Facts are gathered in a number of queries that does not grow with the batch."""
    desk = Desk(database)
    people = [Address(kind="mail", value=f"p{n}@acme.example") for n in range(40)]
    await desk.handle(*(mail(n, sender=who, others=(JANE,)) for n, who in enumerate(people)))

    async def asked(some: Sequence[Address], offset: int) -> int:
        log = [
            mail(offset + n, sender=who, references=(f"<m{n}@x>",), subject=f"[{numbered(10_000 + n)}]")
            for n, who in enumerate(some)
        ]
        return await desk.questions(*log)

    assert await asked(people[:2], 100) == await asked(people, 200)


# ── what nobody may claim ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_mail_that_claims_the_id_by_which_our_mails_thread_catches_no_replies(database: Database) -> None:
    desk = Desk(database, policy(own=[("mail", "help@desk.example")]))
    anchor = f"<ticket-{FIRST}@desk.example>"

    await desk.handle(mail(1, external_id=anchor))
    await desk.handle(mail(2, references=("<m0@x>", anchor)), mail(3, external_id=anchor))

    assert await desk.outcomes() == {"m1": "opened", "m2": "opened", "m3": "opened"}
    assert [row for row in await desk.rows("awaited", "external_id") if row == (anchor,)] == []
    assert await desk.rows("links", "ticket") == []
