"""STARTTLS on the listener: offered with a certificate, and nothing said before it counts after it."""

import asyncio
import smtplib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

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


def served(certificate, **more: object) -> dict[str, object]:
    return {"tls": {"cert": certificate.chain, "key": certificate.key, **more}}


async def test_a_whole_mail_slipped_in_before_tls_is_forgotten(serving, own_certificate) -> None:
    async with serving(**served(own_certificate), idle="0.5s") as desk:
        client = await desk.connect()
        client.writer.write(
            b"STARTTLS\r\nEHLO thief.example\r\nMAIL FROM:<thief@evil.example>\r\n"
            b"RCPT TO:<help@desk.example>\r\nDATA\r\n" + MAIL + b".\r\n"
        )
        assert (await client.reply()).startswith("220")
        await asyncio.sleep(0.1)

        # What was slipped in is either thrown away or taken for a broken handshake: a command it is never.
        assert (await client.reader.read(100))[:3] not in (b"250", b"354")

    assert desk.taken == []


async def test_where_tls_is_required_no_mail_comes_in_the_clear(serving, own_certificate) -> None:
    def deliver(port: int) -> None:
        with smtplib.SMTP("localhost", port, timeout=10) as client:
            client.starttls(context=ssl.create_default_context(cafile=str(own_certificate.chain)))
            client.sendmail("sara@customer.example", ["help@desk.example"], MAIL)

    async with serving(**served(own_certificate, required=True)) as desk:
        client = await desk.connect()
        for command in (b"MAIL FROM:<sara@customer.example>", b"RCPT TO:<help@desk.example>", b"DATA", b"VRFY help"):
            assert (await client.say(command)).startswith("530 5.7.0")
        assert (await client.say(b"NOOP")).startswith("250")
        await asyncio.to_thread(deliver, desk.listener.port)

        assert await desk.contents() == [MAIL]


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 3_000])
@pytest.mark.parametrize("leaves", ["stays", "closes", "resets"])
async def test_a_handshake_that_is_not_finished_costs_one_connection_for_a_while(
    serving, own_certificate, said: bytes, leaves: str
) -> None:
    async with serving(**served(own_certificate), per_client=1, idle="0.3s") as desk:
        client = await desk.connect()
        assert (await client.say(b"STARTTLS")).startswith("220")
        client.writer.write(said)
        await client.writer.drain()
        if leaves == "closes":
            client.writer.close()
        elif leaves == "resets":
            client.writer.transport.abort()
        if leaves == "stays":
            assert await client.closed()

        async with asyncio.timeout(10):
            while True:
                other = await desk.connect(greet=False)
                if (await other.reply()).startswith("220"):
                    break
                await asyncio.sleep(0.05)
        assert (await other.say(b"EHLO client.example")).startswith("250")
        assert (await other.mail(MAIL.rstrip())).startswith("250")


async def test_a_client_that_does_not_believe_the_certificate_leaves_no_trace(serving, own_certificate) -> None:
    async with serving(**served(own_certificate), per_client=1) as desk:
        client = await desk.connect()
        assert (await client.say(b"STARTTLS")).startswith("220")
        with pytest.raises(ssl.SSLError):
            await client.writer.start_tls(ssl.create_default_context(), server_hostname="localhost")
        client.writer.transport.abort()
        await asyncio.sleep(0.1)

        other = await desk.connect()
        assert (await other.mail(MAIL.rstrip())).startswith("250")


async def test_tls_begins_once(serving, own_certificate) -> None:
    async with serving(**served(own_certificate)) as desk:
        client = await desk.connect()
        await client.say(b"STARTTLS")
        context = ssl.create_default_context(cafile=str(own_certificate.chain))
        await client.writer.start_tls(context, server_hostname="localhost")

        assert "STARTTLS" not in await client.say(b"EHLO client.example")
        assert (await client.say(b"STARTTLS")).startswith("503")
        assert (await client.mail(MAIL.rstrip())).startswith("250")


async def test_old_versions_of_tls_are_not_spoken(serving, own_certificate) -> None:
    async with serving(**served(own_certificate)) as desk:
        client = await desk.connect()
        await client.say(b"STARTTLS")
        context = ssl.create_default_context(cafile=str(own_certificate.chain))
        context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            context.minimum_version = ssl.TLSVersion.TLSv1
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            context.maximum_version = ssl.TLSVersion.TLSv1_1

        with pytest.raises((ssl.SSLError, ConnectionError)):
            await client.writer.start_tls(context, server_hostname="localhost")


async def test_no_client_makes_us_negotiate_anew(serving, own_certificate) -> None:
    """The openssl command asks for it with a line "R"; TLS 1.3 has no such thing any more."""
    async with serving(**served(own_certificate)) as desk:
        place = f"localhost:{desk.listener.port}"
        client = await asyncio.create_subprocess_exec(
            *("openssl", "s_client", "-connect", place, "-starttls", "smtp", "-tls1_2", "-crlf"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert client.stdin is not None
        assert client.stdout is not None
        async with asyncio.timeout(10):
            await client.stdout.readuntil(b"Verify return code")
            client.stdin.write(b"R\n")
            told = await client.stdout.read()
            await client.wait()

        assert b"RENEGOTIATING" in told
        assert b"no renegotiation" in told
        other = await desk.connect()
        assert (await other.mail(MAIL.rstrip())).startswith("250")


@pytest.fixture
def expired_certificate(tmp_path: Path) -> Path:
    """One file with a key and a certificate of the year before."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    until = datetime.now(UTC) - timedelta(days=300)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(until - timedelta(days=90)).not_valid_after(until)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = tmp_path / "expired.pem"
    made.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    )
    return made


async def test_an_expired_certificate_is_told_of_and_keeps_no_mail_out(serving, expired_certificate, capsys) -> None:
    def deliver(port: int, context: ssl.SSLContext) -> None:
        with smtplib.SMTP("localhost", port, timeout=10) as client:
            client.starttls(context=context)
            client.sendmail("sara@customer.example", ["help@desk.example"], MAIL)

    careless = ssl.create_default_context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    careful = ssl.create_default_context(cafile=str(expired_certificate))
    async with serving(tls={"cert": expired_certificate, "key": expired_certificate}) as desk:
        await asyncio.to_thread(deliver, desk.listener.port, careless)
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            await asyncio.to_thread(deliver, desk.listener.port, careful)

        assert await desk.contents() == [MAIL]
    assert "expired" in capsys.readouterr().out


def test_certificate_that_cannot_be_read_is_said_in_words(tmp_path: Path) -> None:
    settings = TlsSettings(cert=tmp_path / "none.pem", key=tmp_path / "none.key")

    with pytest.raises(Permanent, match="PEM files"):
        settings.context()
