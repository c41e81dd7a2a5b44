"""A mailbox from the SMTP client to the topic, over a real socket, a real log and real blobs."""

import asyncio
import itertools
import smtplib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.channel import Parts, Site
from ingest.channels.mail.channel import MailChannel, Settings, open_channel
from ingest.channels.mail.decode import Decoding, decode
from ingest.intake import Intake
from ingest.smtp import SmtpListener, SmtpSettings
from store.blobs_file import FileBlobs
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import decode as decode_record
from store.database import open_database
from store.records import RawMessage
from store.topics import RAW, source_key

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MAIL = b"\r\n".join(
    (
        b"From: Sara <Sara@customer.example>",
        b"To: help@desk.example",
        b"Message-ID: <1@customer.example>",
        b"Subject: Printer",
        b"",
        b"It is broken.",
        b"",
    )
)


class Desk:
    """A mailbox that takes mail, and the log behind it."""

    def __init__(self, channel: MailChannel, bus: SqliteBus, blobs: FileBlobs, port: int) -> None:
        self.channel = channel
        self.bus = bus
        self.blobs = blobs
        self.port = port

    async def deliver(self, content: bytes, sender: str = "sara@customer.example", *to: str) -> None:
        def send() -> None:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as client:
                client.sendmail(sender, to or ("help@desk.example",), content)

        await asyncio.to_thread(send)

    async def accepted(self) -> list[tuple[str, RawMessage]]:
        consumer = await self.bus.consumer("test", [RAW])
        for partition in consumer.assignment():
            await consumer.seek(partition, None)
        return [(stored.key, decode_record(stored.value, RawMessage)) for stored in await consumer.fetch(1000, 0.05)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    bus, blobs, numbers = (
        SqliteBus(tmp_path / "log.db", BusSettings()),
        FileBlobs(tmp_path / "blobs"),
        itertools.count(1),
    )
    await bus.start()
    intake = Intake(bus, blobs, max_payload=30_000_000, now=lambda: NOW, new_id=lambda: f"raw-{next(numbers)}")
    listener = SmtpListener(SmtpSettings(listen="127.0.0.1:0", drain="2s", greeting_delay="0s"), blobs)
    settings = Settings.model_validate(
        {
            "address": "help@desk.example",
            "aliases": ["it@desk.example"],
            "receive": {"smtp": {}},
            "sets": {"audience": "staff"},
        }
    )
    site = Site(name="Nordwind", url="", languages=("en",), time_zone="UTC")
    database = open_database(f"sqlite:{tmp_path / 'desk.db'}")
    channel = open_channel("support", settings, Parts(site=site, key=b"k" * 32, database=database, smtp=listener))
    tasks = [asyncio.create_task(listener.serve()), asyncio.create_task(channel.receive(intake))]
    await listener.listening.wait()
    try:
        yield Desk(channel, bus, blobs, listener.port)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await bus.close()
        await database.close()


async def test_mail_stands_on_the_topic_when_the_client_hears_250(desk: Desk) -> None:
    await desk.deliver(MAIL, "Sara@customer.example", "help@desk.example", "it+x@desk.example")

    ((key, raw),) = await desk.accepted()
    assert key == source_key("support", "sara@customer.example")
    assert raw.payload == MAIL
    assert raw.envelope.sender == "Sara@customer.example"
    assert raw.envelope.recipients == ("help@desk.example", "it+x@desk.example")
    assert raw.envelope.peer == "127.0.0.1"

    decoding = desk.channel.decoding
    assert isinstance(decoding, Decoding)
    (message,) = decode(raw, decoding)
    assert (message.subject, message.text, message.sender.value) == (
        "Printer",
        "It is broken.",
        "sara@customer.example",
    )
    assert [(fact.name, fact.value) for fact in message.facts] == [("audience", "staff")]


async def test_mail_delivered_twice_is_two_records_with_one_fingerprint(desk: Desk) -> None:
    await desk.deliver(MAIL)
    await desk.deliver(b"Received: from elsewhere by mx.desk.example\r\n" + MAIL)

    messages = [decode(raw, Decoding(addresses=()))[0] for _, raw in await desk.accepted()]

    assert len({message.id for message in messages}) == 2
    assert len({message.fingerprint for message in messages}) == 1


async def test_bounces_of_different_mails_are_not_held_up_by_each_other(desk: Desk) -> None:
    await desk.deliver(MAIL, "")

    assert [key for key, _ in await desk.accepted()] == [source_key("support", "<1@customer.example>")]


async def test_large_mail_goes_by_reference(desk: Desk) -> None:
    large = MAIL + b"padding line of a large mail\r\n" * 40_000

    await desk.deliver(large)

    ((_, raw),) = await desk.accepted()
    assert raw.payload == b""
    assert await desk.blobs.get(raw.blob) == large


async def test_many_clients_at_once_lose_nothing(desk: Desk) -> None:
    mails = [MAIL.replace(b"<1@", b"<%d@" % number) for number in range(40)]

    await asyncio.gather(*(desk.deliver(mail) for mail in mails[:15]))
    await asyncio.gather(*(desk.deliver(mail) for mail in mails[15:30]))
    await asyncio.gather(*(desk.deliver(mail) for mail in mails[30:]))

    assert sorted(raw.payload for _, raw in await desk.accepted()) == sorted(mails)
