"""A delivery through the real lane and the real client, to relays that do what relays do (rows S24 and S25)."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.channel import Parts, Site
from ingest.channels.mail.channel import MailChannel, Settings, open_channel
from notifier.sender import SendLane
from notifier.settings import NotifySettings
from store import deliveries
from store.database import Database, open_database
from store.deliveries import FAILED, IN_DOUBT, SENT, Delivery, Outbound
from store.migrate import migrate
from store.outgoing import Outgoing, Purpose

HANG_UP = "hang up"
GARBAGE = "250-" + "x" * 400 + "\r\n\x00\xff\r\n250+not smtp\r\n250 done"


class Script:
    """A relay whose answers to each command are used up one after the other, and then are what a good one says."""

    def __init__(self, **answers: Sequence[str]) -> None:
        self.answers = {verb: list(said) for verb, said in answers.items()}
        self.mails: list[bytes] = []  # Every mail whose end was seen, taken or not.
        self.taken: list[bytes] = []

    def say(self, verb: str) -> str:
        usual = {"GREETING": "220 relay.example", "DATA": "354 go on"}
        said = self.answers.get(verb, [])
        return said.pop(0) if said else usual.get(verb, "250 ok")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._answer(writer, self.say("GREETING"))
        while line := await reader.readline():
            verb = line.decode().split()[0].split(":")[0].upper()
            answer = self.say(verb)
            await self._answer(writer, answer)
            if verb == "DATA" and answer.startswith("354"):
                mail = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(mail)
                last = self.say("DOT")
                if last.startswith("250"):
                    self.taken.append(mail)
                await self._answer(writer, last)

    async def _answer(self, writer: asyncio.StreamWriter, answer: str) -> None:
        if answer.startswith("wait"):
            await asyncio.sleep(float(answer.split()[1]))
            answer = "250 ok, at last"
        if answer.endswith(HANG_UP):
            writer.transport.abort()
            raise ConnectionResetError
        writer.write(answer.encode("latin-1") + b"\r\n")
        await writer.drain()


class Outbox:
    """A channel's lane whose clock runs as fast as a test needs it."""

    def __init__(self, database: Database, channel: MailChannel) -> None:
        self.database = database
        self.channel = channel
        self.passed = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.passed

    async def post(self, purpose: Purpose) -> bytes:
        """Queue a mail; returns what the relay must get, dots and all."""
        outgoing = Outgoing(
            key="effect",
            delivery="0",
            purpose=purpose,
            address="sara@customer.example",
            subject="Printer",
            text="It works.\n.\nReally.\n",
            ticket=482917,
            actor="0123456789",
            at=datetime.now(UTC),
        )
        payload = self.channel.prepare(outgoing)
        row = Delivery(
            id="0",
            effect="effect",
            ticket=482917,
            event="event",
            purpose=purpose,
            channel="mail",
            address=outgoing.address,
            payload=payload,
            created_at=datetime.now(UTC),
        )
        await self.database.write(lambda connection: deliveries.enqueue(connection, [row]))
        return payload.partition(b"\r\n")[2].replace(b"\r\n.", b"\r\n..") + b".\r\n"

    async def until(self, holds: Callable[[Outbound], bool]) -> Outbound:
        """Let the lane work, an hour passing with every look, until the delivery is as wanted."""
        stop = asyncio.Event()
        working = SendLane(
            "mail",
            self.channel,
            database=self.database,
            settings=NotifySettings.model_validate({"poll": "0.01s", "drain": "0s"}),
            owner="process",
            now=self.now,
            jitter=lambda: 1.0,
            after=lambda: None,
        )
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            group.create_task(working.run(stop))
            while not holds(row := await self._row()):
                self.passed += timedelta(hours=1) if row.state == "queued" else timedelta(0)
                await asyncio.sleep(0.01)
            stop.set()
        return row

    async def _row(self) -> Outbound:
        return (await self.database.read(lambda connection: deliveries.find(connection, ["0"])))["0"]


@asynccontextmanager
async def outbox(folder: Path, smtp: str, **send: str) -> AsyncIterator[Outbox]:
    database = open_database(f"sqlite:{folder / 'desk.db'}")
    await migrate(database)
    site = Site(name="Nordwind", url="", languages=("en",), time_zone="UTC")
    entry = {"smtp": smtp, "tls": "none", "timeout": "0.5s", "final_timeout": "0.5s", **send}
    settings = Settings.model_validate({"address": "help@desk.example", "send": entry})
    channel = open_channel("mail", settings, Parts(site=site, key=b"k" * 32, database=database, smtp=None))
    try:
        yield Outbox(database, channel)
    finally:
        await channel.close()
        await database.close()


@asynccontextmanager
async def serving(script: Script, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Where the relay is."""
    server = await asyncio.start_server(script.serve, host, 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    finally:
        server.close()


def is_over(row: Outbound) -> bool:
    return row.state in (SENT, FAILED, IN_DOUBT)


# What goes wrong first, and how often the whole mail is then seen.
LATER: list[tuple[dict[str, list[str]], int]] = [
    ({"GREETING": ["421 busy", "554 go away", HANG_UP, "nonsense"]}, 1),
    ({"EHLO": ["421 stopping", HANG_UP]}, 1),
    ({"MAIL": ["451 later", "550 who are you", "550 who are you", "421 stopping", HANG_UP]}, 1),
    ({"RCPT": ["451 4.7.1 greylisted", "451 4.7.1 greylisted"]}, 1),
    ({"RCPT": ["421 stopping", HANG_UP, "452 4.2.2 full"]}, 1),
    ({"DATA": ["451 later", "421 stopping", HANG_UP, "250 what"]}, 1),
    ({"DOT": ["452 disk full", "421 stopping"]}, 3),
]


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize(
    ("answers", "seen"), LATER, ids=["greeting", "hello", "sender", "greylisted", "recipient", "data", "end"]
)
async def test_what_was_surely_not_taken_is_delivered_later_with_the_same_bytes(
    tmp_path: Path, purpose: Purpose, answers: dict[str, list[str]], seen: int
) -> None:
    script = Script(**answers)
    async with serving(script) as smtp, outbox(tmp_path, smtp) as out:
        mail = await out.post(purpose)
        row = await out.until(is_over)

    assert (row.state, row.doubts) == (SENT, 0)
    assert script.taken == [mail]
    assert script.mails == [mail] * seen


DOUBT = [HANG_UP, "wait 0.7", GARBAGE, "250-half an answer"]


@pytest.mark.parametrize("last", DOUBT, ids=["drops after the end", "late", "garbage", "half"])
@pytest.mark.parametrize("purpose", [Purpose.ANSWER, Purpose.ALERT])
async def test_an_answer_in_doubt_is_sent_again_with_the_same_bytes(
    tmp_path: Path, purpose: Purpose, last: str
) -> None:
    script = Script(DOT=[last, last])
    async with serving(script) as smtp, outbox(tmp_path, smtp) as out:
        mail = await out.post(purpose)
        row = await out.until(is_over)

    assert (row.state, row.doubts) == (SENT, 2)
    assert script.mails == [mail] * 3


@pytest.mark.parametrize("last", DOUBT, ids=["drops after the end", "late", "garbage", "half"])
async def test_an_acknowledgement_in_doubt_is_never_sent_again(tmp_path: Path, last: str) -> None:
    script = Script(DOT=[last])
    async with serving(script) as smtp, outbox(tmp_path, smtp) as out:
        mail = await out.post(Purpose.ACKNOWLEDGEMENT)
        row = await out.until(is_over)

    assert row.state == IN_DOUBT
    assert script.mails == [mail]


@pytest.mark.parametrize("purpose", [Purpose.ANSWER, Purpose.ACKNOWLEDGEMENT])
async def test_a_last_word_that_takes_its_time_is_waited_for(tmp_path: Path, purpose: Purpose) -> None:
    script = Script(DOT=["wait 1.5"])
    async with serving(script) as smtp, outbox(tmp_path, smtp, final_timeout="10s") as out:
        mail = await out.post(purpose)
        row = await out.until(is_over)

    assert (row.state, row.reason, row.attempts) == (SENT, "250 ok, at last", 1)
    assert script.mails == [mail]


@pytest.mark.parametrize(("verb", "answer"), [("RCPT", "550 5.1.1 no such user"), ("DOT", "554 5.7.1 spam")])
async def test_what_is_refused_is_given_up_at_once(tmp_path: Path, verb: str, answer: str) -> None:
    script = Script(**{verb: [answer]})
    async with serving(script) as smtp, outbox(tmp_path, smtp) as out:
        await out.post(Purpose.ANSWER)
        row = await out.until(is_over)

    assert (row.state, row.attempts) == (FAILED, 1)
    assert answer in row.reason
    assert script.taken == []


async def test_an_answer_of_several_lines_is_understood(tmp_path: Path) -> None:
    script = Script(DOT=["250-2.0.0 taken\r\n250-by the second of us\r\n250 2.0.0 queued as 4711"])
    async with serving(script) as smtp, outbox(tmp_path, smtp) as out:
        await out.post(Purpose.ANSWER)
        row = await out.until(is_over)

    assert row.state == SENT
    assert row.reason.endswith("queued as 4711")


async def test_a_relay_that_is_down_gets_it_once_it_is_up(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Script()
    async with outbox(tmp_path, f"127.0.0.1:{port}") as out:
        mail = await out.post(Purpose.ANSWER)
        await out.until(lambda row: row.attempts >= 3)
        server = await asyncio.start_server(script.serve, "127.0.0.1", port)
        row = await out.until(is_over)
        server.close()

    assert (row.state, row.doubts) == (SENT, 0)
    assert script.mails == [mail]


async def test_a_tarpit_costs_time_and_nothing_else(tmp_path: Path) -> None:
    script = Script(EHLO=["wait 0.4"], MAIL=["wait 0.4"], RCPT=["wait 0.4"], DOT=["wait 0.4"])
    async with serving(script) as smtp, outbox(tmp_path, smtp) as out:
        mail = await out.post(Purpose.ACKNOWLEDGEMENT)
        row = await out.until(is_over)

    assert (row.state, row.attempts) == (SENT, 1)
    assert script.mails == [mail]


async def test_a_relay_may_have_an_ipv6_address_alone(tmp_path: Path) -> None:
    script = Script()
    try:
        async with serving(script, "::1") as smtp, outbox(tmp_path, smtp) as out:
            mail = await out.post(Purpose.ANSWER)
            row = await out.until(is_over)
    except OSError as error:
        pytest.skip(f"needs IPv6 on loopback: {error}")

    assert row.state == SENT
    assert script.mails == [mail]
