"""Access tokens: from a command, or from a provider's token endpoint."""

import asyncio
import contextlib
import json
from urllib.parse import parse_qs

import pytest

from ingest.channels.mail.imap_settings import ImapSettings
from ingest.channels.mail.imap_token import secret_of
from store.errors import Temporary
from store.secrets import FromEnvironment


def settings(**token: object) -> ImapSettings:
    return ImapSettings.model_validate({"imap": "imap.desk.example", "token": token})


@contextlib.asynccontextmanager
async def endpoint(status: str, body: bytes):
    """Answers every request so; gives its address and what was asked."""
    asked: list[dict[str, list[str]]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        asked.append(parse_qs((await reader.readexactly(length)).decode()))
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token", asked
    finally:
        server.close()


async def test_a_token_is_granted_for_our_client_credentials():
    body = json.dumps({"access_token": "abc", "expires_in": 3600, "token_type": "Bearer"}).encode()
    async with endpoint("200 OK", body) as (url, asked):
        token = settings(url=url, id="deskwire", secret=FromEnvironment("hunter2"), scope="mail")
        assert await secret_of(token) == "abc"

    assert asked == [
        {
            "grant_type": ["client_credentials"],
            "client_id": ["deskwire"],
            "client_secret": ["hunter2"],
            "scope": ["mail"],
        }
    ]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        ("401 Unauthorized", b"{}", "refuses us"),
        ("200 OK", b"<html>", "gives no answer"),
        ("200 OK", b"[]", "is none"),
        ("200 OK", b'{"access_token": "a\\r\\nb"}', "is none"),
    ],
)
async def test_an_endpoint_without_a_token_is_named(status, body, said):
    async with endpoint(status, body) as (url, _):
        with pytest.raises(Temporary, match=said) as caught:
            await secret_of(settings(url=url, id="deskwire", secret=FromEnvironment("hunter2")))

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["/nowhere/fetch-token"], "cannot be run"),
        (["sh", "-c", "echo abc; exit 3"], "status 3"),
        (["sh", "-c", "exit 0"], "is none"),
        (["sh", "-c", "head -c 200000 /dev/zero"], "that long"),
        (["sleep", "60"], "in time"),
    ],
)
async def test_a_command_without_a_token_is_named(command, said):
    with pytest.raises(Temporary, match=said):
        await secret_of(settings(command=command, timeout="1s"))


async def test_the_first_line_of_a_command_is_the_token():
    assert await secret_of(settings(command=["printf", "abc\\nmore\\n"])) == "abc"
