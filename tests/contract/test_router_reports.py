"""What bounces and complaints do to tickets, deliveries and addresses, over both databases."""

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from router.reports import STORM
from store.database import Database
from store.records import Address, DeliveryReport, Proof
from store.rows import COMPLAINED, FAILING, REACHABLE, SUSPENDED
from store.tokens import Token, actor_of, sign
from tests.contract.router_desk import Desk
from tests.unit.router.given import ANN, BOB, KEY, NOW, message

FIRST = 100009
SIGNED = f"<{sign(KEY, Token(FIRST, actor_of(ANN), 'c'), now=NOW, lifetime=timedelta(days=9))}.1@help.example>"
BACK = sign(KEY, Token(FIRST, actor_of(ANN), "b"), now=NOW, lifetime=timedelta(days=9))


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk with Ann's ticket, which was answered."""
    opened = Desk(database)
    await opened.handle(message())
    await opened.deliver("d1", FIRST, SIGNED, address=ANN.value, purpose="answer", state="sent", settled_at=NOW)
    yield opened
    assert await opened.differences() == []


def bounce(n: int = 1, outcome: str = "bounced", status: str = "5.1.1", **changes: object) -> DeliveryReport:
    plain = DeliveryReport(
        id=f"r{n}", raw=f"rr{n}", channel="mail-it", outcome=outcome, status=status, detail="no such user",
        references=(SIGNED,), at=NOW, fingerprint=f"fr{n}",
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changes)


async def kinds(desk: Desk) -> list[str]:
    """The kinds of all events after the first, in their order."""
    return [str(kind) for _, kind in await desk.rows("events", "seq", "kind")][1:]


@pytest.mark.parametrize("evidence", [{}, {"references": (), "tokens": (BACK,)}], ids=["our id", "our address"])
async def test_a_bounce_marks_its_delivery_and_the_address_and_is_told(
    desk: Desk, evidence: dict[str, tuple[str, ...]]
) -> None:
    await desk.handle(bounce(**evidence))  # type: ignore[arg-type]  # Of the last two parameters' kind.

    assert await desk.rows("deliveries", "id", "state", "reason") == [
        ("d1", "bounced", "ann@acme.example: no such user")
    ]
    assert await desk.rows("endpoints", "kind", "value", "state", "reason") == [
        ("mail", ANN.value, SUSPENDED, "no such user")
    ]
    assert await kinds(desk) == ["delivery-failed"]
    assert await desk.rows("tickets", "number", "state", "messages") == [(FIRST, "new", 1)]


@pytest.mark.parametrize("size", [1, 3, 200])
async def test_a_storm_of_bounces_is_one_alert_and_no_ticket(desk: Desk, size: int) -> None:
    """Row L5, in batches of any size: what was told stays told."""
    storm = [bounce(n) for n in range(200)]

    for start in range(0, len(storm), size):
        await desk.handle(*storm[start : start + size])

    told = await kinds(desk)
    assert (told.count("delivery-failed"), told.count("bounce-noted")) == (1, 199)
    assert await desk.rows("tickets", "number", "state") == [(FIRST, "new")]


@pytest.mark.parametrize("size", [1, 7, 60])
async def test_of_many_courtesies_that_come_back_at_once_only_the_first_are_told(desk: Desk, size: int) -> None:
    """Row L5: each is to an address of its own, as when a stranger typed in a list of them."""
    storm = []
    for n in range(60):
        who = Address(kind="mail", value=f"p{n}@acme.example")
        back = sign(KEY, Token(FIRST, actor_of(who), "b"), now=NOW, lifetime=timedelta(days=9))
        await desk.deliver(f"c{n}", FIRST, address=who.value, purpose="acknowledgement", state="sent", settled_at=NOW)
        storm.append(bounce(n, references=(), tokens=(back,)))

    for start in range(0, len(storm), size):
        await desk.handle(*storm[start : start + size])

    told = await kinds(desk)
    assert (told.count("delivery-failed"), told.count("bounce-noted")) == (STORM, 60 - STORM)
    assert len(await desk.rows("endpoints", "value")) == 60


@pytest.mark.parametrize("together", [True, False])
async def test_three_soft_bounces_in_a_week_suspend(desk: Desk, together: bool) -> None:
    storm = [bounce(n, status="4.4.7", at=NOW + timedelta(days=n)) for n in range(3)]

    for batch in [storm] if together else [[one] for one in storm]:
        await desk.handle(*batch)

    assert await desk.rows("endpoints", "state", "failures", "since") == [(SUSPENDED, 3, NOW)]
    assert await kinds(desk) == ["delivery-failed", "bounce-noted", "delivery-failed"]


@pytest.mark.parametrize(
    ("outcome", "written", "state"),
    [
        ("bounced", {}, REACHABLE),
        ("bounced", {"proof": Proof.CLAIMED}, SUSPENDED),
        ("bounced", {"proof": Proof.CLAIMED, "tokens": (BACK.replace("-b", "-c"),)}, SUSPENDED),
        ("bounced", {"proof": Proof.FAILED}, SUSPENDED),
        ("bounced", {"sender": BOB}, SUSPENDED),
        ("complained", {}, COMPLAINED),
    ],
    ids=["proven", "claimed", "a forged token", "a failed check", "somebody else", "a complaint stays"],
)
async def test_only_its_owner_makes_an_address_reachable_again(
    desk: Desk, outcome: str, written: dict[str, object], state: str
) -> None:
    await desk.handle(bounce(outcome=outcome))

    await desk.handle(message(id="m2", external_id="<m2@x>", fingerprint="f2", digest="d2", **written))

    assert await desk.rows("endpoints", "state") == [(state,)]


async def test_a_token_of_their_own_lifts_what_a_bounce_suspended(desk: Desk) -> None:
    token = sign(KEY, Token(FIRST, actor_of(ANN), "c"), now=NOW, lifetime=timedelta(days=9))
    await desk.handle(bounce(status="4.4.7"), bounce(2))
    assert await desk.rows("endpoints", "state") == [(SUSPENDED,)]

    reply = message(id="m2", external_id="<m2@x>", fingerprint="f2", digest="d2", tokens=(token,), proof=Proof.CLAIMED)
    await desk.handle(reply, bounce(3, status="4.4.7"))

    assert await desk.rows("endpoints", "state", "failures") == [(FAILING, 1)]


async def test_what_proves_nothing_of_ours_waits_for_a_person_and_marks_nobody(desk: Desk) -> None:
    backscatter = bounce(references=("<77:3@x>", f"<{'a' * 24}@help.example>"), tokens=("t1-x",), recipient=ANN.value)

    await desk.handle(backscatter)

    assert await desk.rows("parked", "id", "reason") == [("r1", "unknown-delivery")]
    assert await desk.rows("endpoints", "state") == []
    assert await kinds(desk) == []


async def test_a_bounce_finds_the_last_mail_to_its_recipient_however_it_was_spelled(desk: Desk) -> None:
    later = NOW + timedelta(minutes=1)
    await desk.deliver(
        "d2", FIRST, "<later@x>", address="Ann@ACME.example", purpose="answer", state="sent", settled_at=NOW
    )
    await desk.deliver("d3", FIRST, "<other@x>", address=BOB.value, purpose="answer", state="sent", settled_at=NOW)
    await desk.put_moment("d2", later)

    await desk.handle(bounce(references=(), tokens=(BACK,)))

    assert [(name, state) for name, state in await desk.rows("deliveries", "id", "state") if state == "bounced"] == [
        ("d2", "bounced")
    ]
    assert await desk.rows("endpoints", "value", "state") == [(ANN.value, SUSPENDED)]


@pytest.mark.parametrize(
    ("state", "after"),
    [("sent", "bounced"), ("in-doubt", "bounced"), ("sending", "bounced"), ("failed", "failed")],
)
async def test_whatever_a_peer_gives_back_went_out(desk: Desk, state: str, after: str) -> None:
    await desk.deliver("d2", FIRST, f"{SIGNED[:-1]}.net>", address=ANN.value, purpose="answer", state=state)

    await desk.handle(bounce(references=(f"{SIGNED[:-1]}.net>",)))

    assert ("d2", after) in await desk.rows("deliveries", "id", "state")


async def test_the_bounce_of_an_alert_asks_for_no_notification(desk: Desk) -> None:
    """Row L10: a technician's full mailbox."""
    alert = f"<{sign(KEY, Token(FIRST, actor_of(BOB), 's'), now=NOW, lifetime=timedelta(days=9))}.2@help.example>"
    await desk.deliver("d2", FIRST, alert, address=BOB.value, purpose="alert", state="sent", settled_at=NOW)

    await desk.handle(bounce(references=(alert,)))

    assert await kinds(desk) == ["alert-failed"]
    assert await desk.rows("endpoints", "state") == []


async def test_a_bounce_reopens_nothing(desk: Desk) -> None:
    await desk.put_state(FIRST, "closed")

    await desk.handle(bounce(), bounce(2, outcome="delayed", status="4.4.1"))

    assert await desk.rows("tickets", "state") == [("closed",)]
    assert await kinds(desk) == ["delivery-failed", "bounce-noted"]
