"""Machines that answer each other stop, whatever they say of themselves (rows L1, L2, L8 and L10)."""

import itertools
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.outgoing import Purpose
from store.records import Action, Address, Message, ReplyPath
from tests.flow.mail.loops import LoopDesk, Posted, loop_desk

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ADDRESS = "help@desk.example"
VICTIM = "victim@other.example"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[LoopDesk]:
    async with loop_desk(tmp_path / "desk", NOON) as found:
        yield found


def to_customers(posted: Sequence[Posted]) -> list[Posted]:
    return [mail for mail in posted if mail.purpose is not Purpose.ALERT]


def letter(sender: str, subject: str, text: str, number: int, to: str = ADDRESS) -> bytes:
    """A mail that says nothing of a machine."""
    fields = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Message-ID: <m{number}@{sender.partition('@')[2]}>",
    ]
    return "\r\n".join([*fields, "Content-Type: text/plain; charset=utf-8", "", text, ""]).encode()


# ── L1 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_two_desks_that_write_to_each_other_acknowledge_once(tmp_path: Path) -> None:
    async with (
        loop_desk(tmp_path / "ours", NOON) as ours,
        loop_desk(tmp_path / "theirs", NOON, "it@theirs.example") as theirs,
    ):
        acknowledged = {ours: 0, theirs: 0}
        on_the_way = [
            (ours, Posted("it@theirs.example", ADDRESS, letter("it@theirs.example", "Hi", "Hello", 1), Purpose.ANSWER))
        ]
        for _ in range(200):
            if not on_the_way:
                break
            desk, mail = on_the_way.pop()
            posted = await desk.take((mail.sender, mail.recipient, mail.content))
            courtesies = [one for one in posted if one.purpose is Purpose.ACKNOWLEDGEMENT]
            acknowledged[desk] += len(courtesies)
            other = theirs if desk is ours else ours
            on_the_way += [(other, one) for one in courtesies]

        assert on_the_way == []
        assert max(acknowledged.values()) <= 1
        assert len(await ours.tickets()) == 1
        assert len(await theirs.tickets()) <= 1


# ── L2 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Autoresponder:
    """Answers every mail, says nothing of being a machine, and changes its subject and its Message-ID each time."""

    def __init__(self, address: str, *, replies: bool) -> None:
        self.address = address
        self._replies = replies  # To the Reply-To that it was given, rather than to the address that it knows.
        self._numbers = itertools.count(1)
        self.heard = 0

    def answer(self, mail: Posted | None) -> tuple[str, str, bytes]:
        number = next(self._numbers)
        to = ADDRESS
        if mail is not None:
            self.heard += 1
            to = str(mail.parsed["Reply-To"].addresses[0].addr_spec) if self._replies else ADDRESS
        text = f"Thank you for contacting us. Your case is {number}. We answer within {number % 7} days."
        return self.address, to, letter(self.address, f"Case {number} received", text, number, to)


@pytest.mark.parametrize("replies", [True, False], ids=["to the reply address", "to the mailbox"])
async def test_two_thousand_rounds_of_a_dumb_autoresponder_get_three_answers_at_most(
    desk: LoopDesk, *, replies: bool
) -> None:
    peer = Autoresponder("robot@peer.example", replies=replies)
    courtesies: list[Posted] = []
    rounds = [peer.answer(None)]
    for _ in range(100):
        posted = to_customers(await desk.take(*rounds))
        courtesies += posted
        rounds = [peer.answer(mail) for mail in posted]
        rounds += [peer.answer(None) for _ in range(20 - len(rounds))]
        desk.now += timedelta(seconds=10)

    assert len(courtesies) <= 3
    assert peer.heard <= 3
    tickets = [one for one in await desk.tickets() if one.customer.value == "robot@peer.example"]
    assert sum(one.messages for one in tickets) >= 2000 - len(tickets)
    assert len(tickets) <= 100


async def test_an_autoresponder_that_answers_only_what_it_gets_stops_by_itself(desk: LoopDesk) -> None:
    peer = Autoresponder("robot@peer.example", replies=True)
    rounds = [peer.answer(None)]
    count = 0
    while rounds and count < 50:
        posted = to_customers(await desk.take(*rounds))
        rounds = [peer.answer(mail) for mail in posted]
        count += 1

    assert count <= 4
    assert len(await desk.tickets()) == 1


# ── L8 ───────────────────────────────────────────────────────────────────────────────────────────────────────────

EVIL = "Cheap pills at evil dot example"


def spam(count: int) -> Iterator[tuple[str, str, bytes]]:
    chance = random.Random(8)
    for number in range(count):
        subject = "".join(chance.choice("АБВгдеżółćابپتdeals!😀 ") for _ in range(30))
        sender = chance.choice([VICTIM, VICTIM.upper(), f"victim+{number}@other.example", f'"{EVIL}" <{VICTIM}>'])
        content = letter(sender, f"{subject} {EVIL}", f"{EVIL} {chance.random()}", number)
        yield f"x{number}@bulk{number % 97}.example", ADDRESS, content


def filled_in(number: int, at: datetime) -> Message:
    """What somebody typed into the form, with the victim's address as theirs."""
    victim = Address(kind="mail", value=VICTIM, name=EVIL)
    return Message(
        id=f"form-{number}",
        raw=f"form-{number}",
        channel="form",
        sender=victim,
        reply_path=ReplyPath(channel="mail", address=VICTIM),
        subject=f"{EVIL} {number}",
        text=f"{EVIL} {number}",
        received_at=at,
        fingerprint=f"form-{number}",
    )


async def test_a_victim_gets_one_mail_a_day_and_no_word_of_the_attacker(desk: LoopDesk) -> None:
    posted: list[Posted] = []
    mails = list(spam(500))
    for start in range(0, len(mails), 50):
        posted += to_customers(await desk.take(*mails[start : start + 50]))
        posted += to_customers(await desk.handle(*(filled_in(start + number, desk.now) for number in range(50))))
        desk.now += timedelta(hours=1)

    assert len(posted) == 1
    for evil in (EVIL, "pills", "dot example"):
        assert evil.encode() not in posted[0].content
        assert evil not in str(posted[0].parsed["Subject"])
    assert b"<m0@" not in posted[0].content
    body = posted[0].parsed.get_body(("plain",))
    assert body is not None
    assert EVIL not in body.get_content()


async def test_the_next_day_the_victim_gets_one_more_at_most(desk: LoopDesk) -> None:
    first = to_customers(await desk.take(*spam(50)))
    desk.now += timedelta(hours=24, minutes=1)
    mails = [(sender, to, content.replace(b"Message-ID: <m", b"Message-ID: <n")) for sender, to, content in spam(50)]
    second = to_customers(await desk.take(*mails))

    assert len(first) == 1
    assert len(second) <= 1


# ── L10 ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def bounce(mail: Posted, recipient: str) -> tuple[str, str, bytes]:
    """As a mail server writes it (RFC 3464)."""
    lines = (
        "From: Mail Delivery Subsystem <mailer-daemon@mx.example>",
        f"To: {mail.sender}",
        f"Subject: Undelivered: {mail.parsed['Subject']}".replace("\n", " "),
        "Message-ID: <dsn-1@mx.example>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "The mailbox is full.",
        "",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        "Action: failed",
        "Status: 5.2.2",
        "Diagnostic-Code: smtp; 552 5.2.2 mailbox full",
        "",
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: {mail.parsed['Message-ID']}",
        f"Subject: {mail.parsed['Subject']}".replace("\n", " "),
        "",
        "--b--",
        "",
    )
    return "", mail.sender, "\r\n".join(lines).encode()


async def test_a_bounce_of_an_alert_makes_no_new_notification_and_no_ticket(desk: LoopDesk) -> None:
    posted = await desk.take(
        ("sara@delta.example", ADDRESS, letter("sara@delta.example", "Printer", "It is broken.", 1))
    )
    (alert,) = [mail for mail in posted if mail.purpose is Purpose.ALERT]
    assert alert.sender != ""

    for _ in range(3):
        assert await desk.take(bounce(alert, alert.recipient)) == []

    assert len(await desk.tickets()) == 1


async def test_a_bounce_of_an_answer_is_told_to_the_team_once_and_its_own_bounce_to_nobody(desk: LoopDesk) -> None:
    await desk.take(("sara@delta.example", ADDRESS, letter("sara@delta.example", "Printer", "It is broken.", 1)))
    (ticket,) = await desk.tickets()
    answer = Action(id="a", kind="answer", actor="operator:ola", ticket=ticket.number, text="Try again.", at=NOON)
    (sent,) = to_customers(await desk.handle(answer))

    told = await desk.take(bounce(sent, "sara@delta.example"))

    assert [mail.purpose for mail in told] == [Purpose.ALERT]
    assert await desk.take(bounce(told[0], told[0].recipient)) == []
    assert len(await desk.tickets()) == 1
