"""STARTTLS on the listener: offered with a certificate, and nothing said before it counts after it."""

import asyncio
import smtplib
import ssl
from pathlib import Path

import pytest

from ingest.smtp.settings import TlsSettings
from store.errors import Permanent

MAIL = b"From: sara@customer.example\r\n\r\nIt is broken.\r\n"


async def test_mail_can_be_brought_under_tls(serving, own_certificate) -> None:
    def deliver(port: int) -> None:
        context = ssl.create_default_context(cafile=str(own_certificate.chain))
        with smtplib.SMTP("localhost", port, timeout=10) as client:
            client.starttls(context=context)
            assert not client.has_extn("auth")
            client.sendmail("sara@customer.example", ["help@desk.example"], MAIL)
            client.sendmail("sara@customer.example", ["help@desk.example"], MAIL)

    async with serving(tls={"cert": own_certificate.chain, "key": own_certificate.key}) as desk:
        await asyncio.to_thread(deliver, desk.listener.port)

        assert await desk.contents() == [MAIL, MAIL]


async def test_commands_slipped_in_before_tls_are_forgotten(serving, own_certificate) -> None:
    async with serving(tls={"cert": own_certificate.chain, "key": own_certificate.key}) as desk:
        client = await desk.connect()
        injected = b"\r\nMAIL FROM:<thief@evil.example>\r\nRCPT TO:<help@desk.example>"
        assert (await client.say(b"STARTTLS" + injected)).startswith("220")
        context = ssl.create_default_context(cafile=str(own_certificate.chain))
        await client.writer.start_tls(context, server_hostname="localhost")

        assert (await client.say(b"NOOP")).startswith("250")
        assert (await client.say(b"MAIL FROM:<sara@customer.example>")).startswith("503")
        assert (await client.say(b"EHLO client.example")).startswith("250")
        assert (await client.say(b"DATA")).startswith("503")

    assert desk.taken == []


async def test_connections_under_tls_are_counted_once(serving, own_certificate) -> None:
    def connect(port: int) -> smtplib.SMTP:
        client = smtplib.SMTP("localhost", port, timeout=10)
        client.starttls(context=ssl.create_default_context(cafile=str(own_certificate.chain)))
        return client

    async with serving(tls={"cert": own_certificate.chain, "key": own_certificate.key}, per_client=2) as desk:
        for _ in range(3):
            clients = [await asyncio.to_thread(connect, desk.listener.port) for _ in range(2)]
            for client in clients:
                await asyncio.to_thread(client.quit)
            await asyncio.sleep(0.05)


def test_certificate_that_cannot_be_read_is_said_in_words(tmp_path: Path) -> None:
    settings = TlsSettings(cert=tmp_path / "none.pem", key=tmp_path / "none.key")

    with pytest.raises(Permanent, match="PEM files"):
        settings.context()
