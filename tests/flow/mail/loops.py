"""A desk without sockets, whose mails a test carries to whoever answers them: thousands of rounds take seconds."""

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from config.load import load
from config.settings import Configuration
from config.translate import notifying_policy, routing_policy
from ingest.channel import Channel, Parts, Site
from ingest.channels.mail.compose import envelope_and_mail
from ingest.channels.mail.decode import decode
from normalize.pipeline import normalize
from notifier.reports import report
from notifier.speech import Names
from notifier.texts import load_templates
from notifier.worker import Notifier
from router.worker import Router
from store import deliveries, outbox
from store.bus import Stored, TopicPartition
from store.codec import encode
from store.database import Database, open_database
from store.deliveries import SENT, Claimed, Settlement
from store.failures import attempt
from store.lookups import list_tickets
from store.migrate import migrate
from store.outgoing import Purpose
from store.records import Action, Envelope, Inbound, RawMessage
from store.rows import Ticket
from store.stage import Handler
from store.topics import ACTIONS, EVENTS, MESSAGES

_SETTINGS = """version: 1
site: {{name: {name}}}
channels:
  mail:
    type: mail
    address: {address}
    send: {{smtp: "127.0.0.1:1", tls: none}}
  form: {{type: web, path: /f/help, reply_through: mail}}
teams:
  help: {{workspace: {{mail: team@{domain}}}}}
route: {{team: help}}
"""


class Posted(NamedTuple):
    """A mail that left a desk."""

    sender: str  # MAIL FROM; empty: the null sender.
    recipient: str
    content: bytes
    purpose: Purpose

    @property
    def parsed(self) -> EmailMessage:
        message = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


class LoopDesk:
    """Its router, its notifier and its mailbox, with the settings that a desk has by default."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration,
        channels: Mapping[str, Channel],
        key: bytes,
        now: datetime,
    ) -> None:
        self.database = database
        self.now = now
        self.channel = channels["mail"]
        self._decoding = self.channel.decoding
        self._router = Router(routing_policy(configuration, channels, key), now=lambda: self.now)
        self._notifier = Notifier(
            policy=notifying_policy(configuration, channels),
            templates=load_templates(Names(site="Desk", zone=ZoneInfo("UTC")), ["en"]),
            senders=channels,
            settings=configuration.settings.notify,
            now=lambda: self.now,
        )
        self._numbers = itertools.count(1)

    async def take(self, *mails: tuple[str, str, bytes]) -> list[Posted]:
        """Mails come in (MAIL FROM, RCPT TO, content), in one batch; returns what the desk posts because of them."""
        records: list[Inbound | Action] = []
        for sender, recipient, content in mails:
            raw = RawMessage(
                id=f"raw-{next(self._numbers)}",
                channel="mail",
                received_at=self.now,
                content_type="message/rfc822",
                payload=content,
                envelope=Envelope(sender=sender, recipients=(recipient,), peer="192.0.2.1"),
            )
            records += [normalize(record) for record in decode(raw, self._decoding)]
        return await self.handle(*records)

    async def handle(self, *records: Inbound | Action) -> list[Posted]:
        """The same with records."""
        posted: list[Posted] = []
        values = [encode(record) for record in records]
        topic = ACTIONS if any(isinstance(record, Action) for record in records) else MESSAGES
        while values:
            events = await self._stage(self._router, topic, values)
            await self._stage(self._notifier, EVENTS, events)
            sent = await self.database.write(self._post)
            posted += sent
            topic = MESSAGES
            values = await self.database.write(lambda connection: self._drain(connection, MESSAGES))
        return posted

    async def tickets(self) -> Sequence[Ticket]:
        return await self.database.read(lambda connection: list_tickets(connection, limit=10_000))

    async def _stage(self, handler: Handler, topic: str, values: Sequence[bytes]) -> list[bytes]:
        stored = [Stored(TopicPartition(topic, 0), number, "key", value) for number, value in enumerate(values)]
        works = await handler.prepare(stored)
        assert not any(isinstance(work, Exception) for work in works), works

        def transact(connection: Connection) -> None:
            facts = handler.gather(connection, works)
            _, error = attempt(connection, lambda: handler.apply(connection, facts, works))
            assert error is None, error

        await self.database.write(transact)
        return await self.database.write(lambda connection: self._drain(connection, EVENTS))

    def _drain(self, connection: Connection, topic: str) -> list[bytes]:
        waiting = [row for row in outbox.read(connection, 100_000, 1 << 30) if row.topic == topic]
        outbox.remove(connection, waiting)
        return [row.entry.value for row in waiting]

    def _post(self, connection: Connection) -> list[Posted]:
        """Everything that is due leaves, as the lane has it leave."""
        posted: list[Posted] = []
        later = self.now + timedelta(seconds=1)
        while due := deliveries.claim_due(connection, "mail", now=later, limit=500, patience=timedelta(0)):
            for one in due:
                sender, mail = envelope_and_mail(one.payload)
                posted.append(Posted(sender or "", one.address, mail, one.purpose))
            deliveries.settle(
                connection, [Settlement(id=one.id, state=SENT, external_id=_id_in(one)) for one in due], now=later
            )
            outbox.add_all(connection, [parcel for one in due if (parcel := _reported(one, later))])
        return posted


def _configured(folder: Path, address: str) -> Configuration:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "deskwire.yaml"
    domain = address.rpartition("@")[2]
    file.write_text(_SETTINGS.format(name=domain.partition(".")[0], address=address, domain=domain), encoding="utf-8")
    return load(file, {})


def _id_in(one: Claimed) -> str:
    return str(message_from_bytes(one.payload, policy=policy.default)["Message-ID"])


def _reported(one: Claimed, at: datetime) -> outbox.Parcel | None:
    return report(
        delivery=one.id,
        purpose=one.purpose,
        channel=one.channel,
        address=one.address,
        state=SENT,
        detail="250 ok",
        at=at,
    )


@asynccontextmanager
async def loop_desk(folder: Path, now: datetime, address: str = "help@desk.example") -> AsyncIterator[LoopDesk]:
    """A desk of its own at this address, with an empty database."""
    domain = address.rpartition("@")[2]
    configuration = _configured(folder, address)
    database = open_database(f"sqlite:{folder / 'desk.db'}")
    await migrate(database)
    site = Site(name=configuration.settings.site.name, url="", languages=("en",), time_zone="UTC")
    key = domain.encode().ljust(32)  # No two desks have one key: by it they know what is their own.
    parts = Parts(site=site, key=key, database=database, smtp=None)
    channels = {
        name: one.module.open_channel(name, one.settings, parts) for name, one in configuration.channels.items()
    }
    try:
        yield LoopDesk(database, configuration, channels, key, now)
    finally:
        for channel in channels.values():
            await channel.close()
        await database.close()
