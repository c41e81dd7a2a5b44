"""Mailboxes over TLS: certificates are always checked, and nothing that came in the clear is believed."""

import asyncio
import ssl
import subprocess
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.flow.imap.conftest import mail
from tests.flow.imap.hostile import Hostile


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chain and key for `localhost` in one file; skips where there is no openssl."""
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", "-", "-out", "-"]
    try:
        path.write_bytes(subprocess.run(command, check=True, capture_output=True, timeout=30).stdout)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"needs the openssl command to make a certificate: {error}")
    return path


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(certificate)
    return made


async def refused(desk, account) -> str:
    """Why the mailbox is not read."""
    with capture_logs() as logs:
        async with desk.reading(account):
            async with asyncio.timeout(10):
                while not (told := [entry for entry in logs if entry["event"] == "mailbox is not read"]):
                    await asyncio.sleep(0.02)
    return told[0]["detail"]


async def test_mail_is_fetched_over_tls_and_told_of_at_once(desk, context, certificate):
    server = Hostile(mail("one"))
    async with server.serving(tls=context):
        keys = {"tls": "tls", "ca": str(certificate), "start": "7d", "poll": "1m"}
        async with desk.reading(desk.account(f"localhost:{server.port}", **keys)):
            await desk.until(1)
            async with asyncio.timeout(5):
                while not server.count("IDLE"):
                    await asyncio.sleep(0.02)
            server.deliver(mail("two"))
            await desk.until(2, within=5)


async def test_mail_is_fetched_after_starttls(desk, context, certificate):
    server = Hostile(mail("one"), capabilities="IDLE STARTTLS LOGINDISABLED AUTH=PLAIN")
    server.tls = context
    keys = {"tls": "starttls", "ca": str(certificate), "start": "7d"}

    async def logins_after_tls(client, tag, command):
        if command.startswith("STARTTLS"):
            server.capabilities = "IDLE"
        return False

    server.always = logins_after_tls
    async with server.serving(), desk.reading(desk.account(f"localhost:{server.port}", **keys)):
        await desk.until(1)

    assert server.commands.index("STARTTLS") < next(i for i, one in enumerate(server.commands) if "LOGIN" in one)


async def test_a_certificate_that_nobody_vouches_for_gets_no_password(desk, context):
    server = Hostile()
    async with server.serving(tls=context):
        detail = await refused(desk, desk.account(f"localhost:{server.port}", tls="tls"))

    assert "CERTIFICATE_VERIFY_FAILED" in detail
    assert server.count("LOGIN") == 0


@pytest.mark.parametrize("injected", ["* CAPABILITY IMAP4rev1 AUTH=EVIL\r\n", "* OK half a line"])
async def test_what_is_sent_before_encryption_is_not_believed(desk, context, certificate, injected):
    server = Hostile(capabilities="IDLE STARTTLS")
    server.tls, server.injected = context, injected
    async with server.serving():
        keys = {"tls": "starttls", "ca": str(certificate)}
        detail = await refused(desk, desk.account(f"localhost:{server.port}", **keys))

    assert "between STARTTLS and encryption" in detail
    assert server.count("LOGIN") == 0


async def test_a_server_without_starttls_gets_no_password(desk):
    server = Hostile()
    async with server.serving():
        await refused(desk, desk.account(f"localhost:{server.port}", tls="starttls"))

    assert server.count("LOGIN") == 0
