"""Mails that are built to explode, among harmless ones, in children that read mail."""

import time
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from ingest.channels.mail.decode import Decoding
from normalize.sandbox import Sandbox
from normalize.settings import NormalizeSettings
from normalize.wire import Decoded, Decoder
from store.codec import decode
from store.records import Message, RawMessage

MakeRaw = Callable[..., RawMessage]

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEAD = b"From: sara@customer.example\r\nSubject: Printer\r\nMIME-Version: 1.0\r\n"
PART = b"--cut\r\nContent-Type: text/plain\r\n\r\nx\r\n"
WHILE = 10.0  # Seconds for a batch with one such mail, on a busy machine; its own limit is 2 s of computing.


def mixed(inside: bytes) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=cut\r\n\r\n" + inside + b"--cut--\r\n"


def nested(depth: int, inside: bytes = b"x\r\n") -> bytes:
    opened = (b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    closed = (b"--b%d--\r\n" % n for n in reversed(range(depth)))
    return HEAD + b"".join(opened) + b"\r\n" + inside + b"".join(closed)


BOMBS = {
    "10 000 parts": mixed(PART * 10_000),
    "100 000 parts": mixed(PART * 100_000),
    "100 deep": nested(100),
    "300 deep": nested(300),
    "1 000 deep": nested(1_000),
    "5 000 deep": nested(5_000),
    "90 deep around a million lines": nested(90, b"x\r\n" * 1_000_000),
    "a thousand mails in each other": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 1_000 + b"x\r\n",
    "one boundary for all": HEAD + b"Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\n" * 1_000,
    "a header of a megabyte": HEAD + b"X-Long: " + b"y" * 1_000_000 + b"\r\n\r\nx\r\n",
    "100 000 fields": HEAD + b"X-Many: y\r\n" * 100_000 + b"\r\nx\r\n",
    "50 000 encoded words": HEAD + b"Subject:" + b" =?utf-8?q?a?=\r\n" * 50_000 + b"\r\nx\r\n",
    "only opening parentheses": b"From: " + b"(" * 200_000 + b"\r\n\r\nx\r\n",
    "only quotes": b'From: "a"' + b'a"' * 100_000 + b"\r\n\r\nx\r\n",
    "groups in groups": b"To: " + b"a:" * 100_000 + b"\r\n\r\nx\r\n",
    "100 000 elements deep": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000 + b"\r\n",
    "100 000 open attributes": HEAD + b"Content-Type: text/html\r\n\r\n" + b'<a x="' * 100_000 + b"\r\n",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mail_sandbox() -> AsyncIterator[Sandbox]:
    decoder = Decoder(
        channel="mail",
        function="ingest.channels.mail.decode:decode",
        settings=Decoding(addresses=("help@desk.example",)),
    )
    async with Sandbox([decoder], NormalizeSettings()) as opened:
        yield opened


@pytest.mark.parametrize("bomb", BOMBS)
async def test_neighbours_of_a_hostile_mail_are_read_in_time(
    mail_sandbox: Sandbox, make_raw: MakeRaw, bomb: str
) -> None:
    before, after = (
        [make_raw(HEAD + b"\r\nNumber %d\r\n" % number, channel="mail") for number in numbers]
        for numbers in (range(10), range(10, 20))
    )
    began = time.monotonic()

    outcomes = await mail_sandbox.decode([*before, make_raw(BOMBS[bomb], channel="mail"), *after])

    assert time.monotonic() - began < WHILE
    del outcomes[10]
    texts = [decode(outcome.messages[0], Message).text for outcome in outcomes if isinstance(outcome, Decoded)]
    assert texts == [f"Number {number}" for number in range(20)]


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_hostile_mail_is_cut_to_its_limits_and_read(
    mail_sandbox: Sandbox, make_raw: MakeRaw, bomb: str
) -> None:
    (outcome,) = await mail_sandbox.decode([make_raw(BOMBS[bomb], channel="mail")])

    assert isinstance(outcome, Decoded), outcome
    assert len(outcome.messages) == 1
