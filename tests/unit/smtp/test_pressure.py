"""What is answered when there is too much of something: clients, mails, recipients, or too little room."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ingest.smtp import SmtpMail, SmtpSettings
from ingest.smtp.gate import Gate, network_of
from ingest.smtp.rates import SenderRates
from store.blobs import BlobWriter
from store.blobs_file import FileBlobs
from store.errors import Temporary

MAIL = b"From: sara@customer.example\r\nSubject: Printer\r\n\r\nIt is broken.\r\n"
LARGE = b"Subject: Log\r\n\r\n" + b"One line of a long log, as it came.\r\n" * 20_000  # More than stays in memory.


class Caller:
    """A connection to the gate."""

    def leave(self) -> None: ...

    def abort(self) -> None: ...


# Connections.


async def test_neighbours_in_a_network_share_their_connections(serving) -> None:
    async with serving(per_client=2, per_network=3) as desk:
        for host in ("127.0.0.1", "127.0.0.1", "127.0.0.2"):
            await desk.connect(host=host)

        neighbour = await desk.connect(greet=False, host="127.0.0.3")
        assert (await neighbour.reply()).startswith("421 4.7.0")
        stranger = await desk.connect(host="127.0.9.1")
        assert (await stranger.mail(MAIL.rstrip())).startswith("250")


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("@socket", "@socket"),
    ],
)
def test_a_network_is_what_one_customer_of_a_provider_has(peer: str, network: str) -> None:
    assert network_of(peer) == network


def test_the_gate_remembers_nobody_who_has_left() -> None:
    gate = Gate(SmtpSettings(per_client=1))
    for number in range(1_000):
        caller, turned_away = Caller(), Caller()
        assert gate.enter(caller, f"10.{number // 256}.{number % 256}.1")
        assert not gate.enter(turned_away, f"10.{number // 256}.{number % 256}.1")
        gate.leave(caller)
        gate.leave(turned_away)

    assert (gate.connections, gate._per_client, gate._per_network) == ({}, {}, {})


async def test_silent_clients_make_room_when_most_places_are_taken(serving) -> None:
    async with serving(connections=10, idle="30s", stress_idle="0.3s") as desk:
        patient = [await desk.connect() for _ in range(8)]
        await asyncio.sleep(0.6)
        assert {(await client.say(b"NOOP"))[:3] for client in patient} == {"250"}

        busy = await desk.connect()
        told = [asyncio.create_task(client.reply()) for client in patient]
        async with asyncio.timeout(10):
            while not any(task.done() for task in told):  # Which of them goes is chance; it is no more than is needed.
                assert (await busy.say(b"RSET")).startswith("250")
                await asyncio.sleep(0.05)

        assert {task.result()[:9] for task in told if task.done()} == {"421 4.4.2"}
        for task in told:
            task.cancel()
        assert (await busy.mail(MAIL.rstrip())).startswith("250")


async def test_many_idle_clients_do_not_slow_down_the_others(serving) -> None:
    async with serving(per_client=200, per_network=200) as desk:
        for _ in range(150):
            await desk.connect(greet=False)
        client = await desk.connect()
        loop = asyncio.get_running_loop()
        took: list[float] = []
        for _ in range(50):
            began = loop.time()
            assert (await client.mail(MAIL.rstrip())).startswith("250")
            took.append(loop.time() - began)

    assert sorted(took)[-2] < 1


# Mails.


async def test_a_sender_may_bring_so_many_mails_an_hour(serving) -> None:
    async with serving(per_sender=3) as desk:
        client = await desk.connect()
        for _ in range(3):
            assert (await client.mail(MAIL.rstrip())).startswith("250")

        assert (await client.say(b"MAIL FROM:<SARA@customer.example>")).startswith("450 4.7.1")
        assert (await client.say(b"MAIL FROM:<jan@customer.example>")).startswith("250")
        await client.say(b"RSET")
        assert (await client.say(b"MAIL FROM:<>")).startswith("250")


def test_an_hour_later_a_sender_may_come_again() -> None:
    rates = SenderRates(most=1)
    rates.count("sara@customer.example", now=10.0)

    assert not rates.allows("sara@customer.example", now=3_600.0)
    assert rates.allows("sara@customer.example", now=3_611.0)


def test_bounces_are_not_counted() -> None:
    rates = SenderRates(most=1)
    for second in range(10):
        assert rates.allows("", now=float(second))
        rates.count("", now=float(second))


def test_a_flood_of_senders_makes_nobody_forget_the_one_who_writes_most() -> None:
    rates = SenderRates(most=100)
    for number in range(30_000):
        rates.count(f"guess{number}@customer.example", now=1.0)
        if number % 100 == 0:
            rates.count("loud@customer.example", now=1.0)

    assert not rates.allows("loud@customer.example", now=2.0)
    assert len(rates._counts) <= 10_000


@pytest.mark.parametrize(
    ("declared", "content", "reply"),
    [
        (b" SIZE=10", MAIL, "250"),
        (b" SIZE=10", b"x" * 150_000, "552 5.3.4"),
        (b" SIZE=99000", MAIL, "250"),
        (b"", b"x" * 150_000, "552 5.3.4"),
        (b" SIZE=0", MAIL, "250"),
    ],
)
async def test_what_came_counts_and_not_what_was_declared(serving, declared: bytes, content: bytes, reply: str) -> None:
    async with serving(max_message="100KB") as desk:
        client = await desk.connect()
        assert (await client.say(b"MAIL FROM:<sara@customer.example>" + declared)).startswith("250")
        await client.say(b"RCPT TO:<help@desk.example>")
        await client.say(b"DATA")

        assert (await client.say(content.rstrip() + b"\r\n.")).startswith(reply)


async def test_too_many_recipients_cost_nobody_the_connection(serving) -> None:
    async with serving(max_recipients=100, refusals=20) as desk:
        client = await desk.connect()
        client.writer.write(b"MAIL FROM:<sara@customer.example>\r\n")
        client.writer.write(b"".join(b"RCPT TO:<help+%d@desk.example>\r\n" % number for number in range(10_000)))
        client.writer.write(b"DATA\r\n")

        replies = [(await client.reply())[:9] for _ in range(10_001)]
        assert replies == ["250 2.1.0", *["250 2.1.5"] * 100, *["452 4.5.3"] * 9_900]
        assert (await client.reply()).startswith("354")
        assert (await client.say(MAIL + b".")).startswith("250")

    assert len(desk.taken[0].recipients) == 100


async def test_each_unknown_recipient_costs_a_pause(serving) -> None:
    async with serving(refusal_delay="0.1s") as desk:
        client = await desk.connect()
        await client.say(b"MAIL FROM:<sara@customer.example>")
        began = asyncio.get_running_loop().time()

        replies = [(await client.say(b"RCPT TO:<guess%d@desk.example>" % number))[:9] for number in range(5)]

        assert replies == ["550 5.1.1"] * 5
        assert asyncio.get_running_loop().time() - began >= 0.5


# Room.


async def test_a_nearly_full_disk_takes_no_mail_and_says_so_early(serving, capsys) -> None:
    async with serving(min_free="900000GB") as desk:
        client = await desk.connect()

        for _ in range(3):
            assert (await client.say(b"MAIL FROM:<sara@customer.example>")).startswith("452 4.3.1")
        assert (await client.say(b"NOOP")).startswith("250")
    assert capsys.readouterr().out.count("make room") == 1


class FullBlobs(FileBlobs):
    """A folder on a disk that is full now and then."""

    full = True

    async def begin(self) -> BlobWriter:
        if self.full:
            raise Temporary("a blob cannot be kept (No space left on device): check its space")
        return await super().begin()


async def test_a_disk_that_fills_up_in_the_middle_is_temporary_and_the_next_mail_is_taken(serving, tmp_path) -> None:
    blobs = FullBlobs(tmp_path)
    async with serving(blobs=blobs) as desk:
        client = await desk.connect()
        assert (await client.mail(LARGE)).startswith("452 4.3.1")
        assert (await client.mail(MAIL.rstrip())).startswith("250")

        blobs.full = False
        assert (await client.mail(LARGE.rstrip())).startswith("250")
        assert await desk.contents() == [MAIL, LARGE]


# Time of our own.


def held(release: asyncio.Event) -> Callable[[SmtpMail], Awaitable[str]]:
    async def accept(_: SmtpMail) -> str:
        await release.wait()
        return "late"

    return accept


async def test_while_a_mail_waits_too_long_to_be_durable_new_clients_are_sent_away_at_once(serving) -> None:
    release = asyncio.Event()
    async with serving(held(release), publish_wait="0.1s") as desk:
        first = await desk.connect()
        assert (await first.mail(MAIL.rstrip())).startswith("451 4.3.2")

        second = await desk.connect(greet=False)
        assert (await second.reply()).startswith("421 4.3.2")

        release.set()
        await asyncio.sleep(0.05)
        third = await desk.connect()
        assert (await third.mail(MAIL.rstrip())).startswith("250")
