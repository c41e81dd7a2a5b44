"""The SMTP and LMTP listener, on which channels claim the addresses that they take mail for."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import structlog

from ingest.smtp.connection import Desk
from ingest.smtp.gate import Gate
from ingest.smtp.handover import Handover
from ingest.smtp.mailboxes import Accept, Mailbox, Mailboxes, Networks
from ingest.smtp.rates import SenderRates
from ingest.smtp.room import Room
from ingest.smtp.session import SmtpSession
from ingest.smtp.settings import SmtpSettings
from store.blobs import Blobs
from store.errors import Permanent

log = structlog.get_logger()

_BACKLOG = 512  # Connections that the system keeps waiting while we are busy.


class SmtpListener:
    """Takes mail for the addresses that channels claim, and for nobody else."""

    def __init__(self, settings: SmtpSettings, blobs: Blobs, *, folders: Sequence[Path] = ()) -> None:
        """Opens nothing; `serve` does. `blobs` take large mails; `folders` are those whose disks must have room."""
        self.listening = asyncio.Event()  # Set while clients can connect.
        self.port = 0  # Where they can, once `listening` is set.
        self._settings = settings
        self._blobs = blobs
        self._room = Room(folders, settings)
        self._rates = SenderRates(settings.per_sender)
        self._mailboxes = Mailboxes()

    def reserve(self, addresses: Sequence[str], allow_from: Networks = ()) -> Mailbox:
        """A mailbox of these addresses, which clients are asked to come again for until it is claimed.

        Done when a channel is opened, so that no mail is bounced while channels start. An address with a `+extension`
        belongs to the one without it. Raises Permanent where an address is another channel's.
        """
        return self._mailboxes.reserve(addresses, allow_from)

    def claim(self, mailbox: Mailbox, accept: Accept) -> AbstractContextManager[None]:
        """While it lasts, the mailbox's mail goes to `accept`; a client hears 250 only after it has returned."""
        return mailbox.claimed_by(accept)

    async def serve(self) -> None:
        """Take mail until cancelled; mails in hand are then finished, for at most `drain` seconds.

        Raises Permanent where the address cannot be listened on or the certificate cannot be used, StorageBroken where
        keeping a mail met a broken disk.
        """
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # aiosmtpd writes addresses and bodies to it.
        gate = Gate(self._settings)
        loop = asyncio.get_running_loop()
        hostname = self._settings.hostname or socket.gethostname()
        tls = self._tls()
        server = await self._open(lambda: SmtpSession(desk, loop))
        async with asyncio.TaskGroup() as group:
            handover = Handover(group, self._settings.publish_wait.total_seconds())
            desk = Desk(
                self._settings,
                hostname,
                tls,
                self._mailboxes,
                gate,
                handover,
                blobs=self._blobs,
                room=self._room,
                rates=self._rates,
            )
            await server.start_serving()
            self.listening.set()
            log.info("taking mail", listen=self._settings.listen, port=self.port, protocol=self._settings.protocol)
            try:
                broken = await handover.broken
            finally:
                self.listening.clear()
                server.close()
                await self._drain(gate, handover)
        raise broken

    def _tls(self) -> ssl.SSLContext | None:
        if self._settings.tls is None:
            return None
        context = self._settings.tls.context()
        if (until := self._settings.tls.valid_until()) < datetime.now(UTC):
            log.warning("the certificate has expired: renew it, and start again", until=until.isoformat())
        return context

    async def _open(self, session: Callable[[], SmtpSession]) -> asyncio.Server:
        """Bound, and not serving yet."""
        host, port = self._settings.place()
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(session, host, port, backlog=_BACKLOG, start_serving=False)
        except OSError as error:
            raise Permanent(
                f"cannot listen for mail on {self._settings.listen} ({error.strerror}): free the port, choose another, "
                "or let this process use ports below 1024"
            ) from error
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _drain(self, gate: Gate, handover: Handover) -> None:
        """Finish the mails that are in hand, and send everybody else away."""
        gate.closing = True
        for connection in list(gate.connections):
            connection.leave()
        try:
            async with asyncio.timeout(self._settings.drain.total_seconds()):
                await gate.empty()
                await handover.finish()
        except TimeoutError:
            log.warning("mails in hand were given up", connections=len(gate.connections), mails=handover.abandon())
            for connection in list(gate.connections):
                connection.abort()
