"""Mails that are built to stall their reader, read in the child with the limits of a real desk (rows S12, S13, S18)."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from ingest.channels.mail.decode import Decoding
from normalize.sandbox import Sandbox
from normalize.settings import NormalizeSettings
from normalize.wire import Decoded, Decoder
from store.codec import decode
from store.records import MAX_HTML, MAX_TEXT, Envelope, Message, RawMessage

pytestmark = pytest.mark.asyncio(loop_scope="module")

HTML = b"From: a@customer.example\r\nSubject: page\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
MIXED = b"From: a@customer.example\r\nSubject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"


def headed(*fields: bytes) -> bytes:
    return b"\r\n".join(fields) + b"\r\n\r\nwords\r\n"


def nested(depth: int) -> bytes:
    level = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return b"Subject: deep\r\n" + b"".join(level % (number, number) for number in range(depth)) + b"\r\nwords\r\n"


BOMBS = {
    # S12
    "a header of a megabyte": headed(b"Subject: big", b"X-Long: " + b"x" * 1_000_000),
    "a hundred thousand fields": headed(*[b"X-%d: v" % number for number in range(100_000)]),
    "fifty thousand encoded words": headed(b"Subject: " + b"=?utf-8?q?a?= " * 50_000),
    "open brackets": headed(b"From: " + b"(" * 8_000, b"To: " + b"(" * 60_000, b"Cc: " + b"<" * 60_000),
    "open quotes": headed(b'From: "' + b'"a' * 4_000, b"To: " + b'"a' * 30_000),
    "quotes that end behind a backslash": headed(b"From: " + b'"\\' * 4_000, b"To: " + b'"\\' * 30_000),
    "many senders with open quotes": headed(*[b"From: " + b'"\\' * 3_900] * 30),
    "many recipients": headed(b"From: a@x.example", b"To: " + b"a@x.example, " * 5_000),
    "groups": headed(b"From: a:a:a:;", b"To: " + b"a:" * 30_000),
    "broken identifiers": headed(b"Message-ID: <<<", b"References: " + b"<" * 60_000),
    "parameters": headed(b"Content-Type: text/plain; " + b"; ".join(b"a*%d*=x" % n for n in range(900))),
    "sections of names": headed(b"Content-Disposition: attachment" + b"; filename*0*=''x" * 500),
    # S13
    "ten thousand parts": MIXED + b"--b\r\n\r\nx\r\n" * 10_000,
    "a hundred thousand parts": MIXED + b"--b\r\n\r\nx\r\n" * 100_000,
    "a depth of 100": nested(100),
    "a depth of 1000": nested(1_000),
    "a depth of 5000": nested(5_000),
    "forwarded a thousand times": b"Subject: f\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 1_000,
    "one boundary on every level": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 3_000,
    "ninety levels and a million lines": nested(90) + b"x\r\n" * 1_000_000,
    "twenty-five megabytes below twenty levels": nested(20) + b"x\r\n" * 8_000_000,
    "a thousand uuencoded files": b"Subject: u\r\n\r\n" + b"begin 644 a\r\n#0V%T\r\nend\r\n" * 50_000,
    "a thousand attached mails": MIXED + b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n" * 1_000,
    "a uuencoded name and spaces": MIXED + b"--b\r\nContent-Transfer-Encoding: x-uuencode\r\n"
    b"Content-Type: application/x\r\n\r\nbegin 644 a" + b" " * 5_000_000 + b"x",
    # S18
    "tags inside of each other's names": HTML + b"<a" * 500_000,
    "attributes inside of each other's names": HTML + (b"<a<" * 20_000 + b">") * 16,
    "half of a tag in a quote": HTML + (b"<a x=" * 63 + b'"' + b"<b" * 8_000) * 40,
    "loose ampersands": HTML + b"&" * 1_000_000,
    "unknown references": HTML + b"&x;" * 300_000,
    "tags a hundred thousand deep": HTML + b"<div>" * 100_000,
    "ten megabytes of HTML": HTML + b"<p>words</p>" * 800_000,
    "attributes that never end": HTML + b'<a x="' * 100_000,
    "declarations": HTML + b"<![" * 100_000,
    "a page of brackets": HTML + b"<" * 1_000_000,
    "comments": HTML + b"<!--" * 100_000,
    "misnested formatting": HTML + b"<b><i></b></i>" * 20_000,
    "tables in tables": HTML + b"<table><tr><td>" * 30_000,
    "many attributes": HTML + b"<p " + b" ".join(b"a%d=1" % number for number in range(60_000)) + b">x",
    "attributes without space": HTML + b"<p " + b"".join(b'a%d="1"' % number for number in range(60_000)) + b">x",
    "attributes between tabs": HTML + b"<p\t" + b"\t".join(b"a%d" % number for number in range(60_000)) + b">x",
    "attributes with brackets": HTML + b"<p " + b" ".join(b'a%d=">"<' % number for number in range(60_000)) + b">x",
    "quotes that never end": HTML + b'<a b="' + b"<a c='" * 100_000,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk() -> AsyncIterator[Sandbox]:
    decoder = Decoder(
        channel="mail",
        function="ingest.channels.mail.decode:decode",
        settings=Decoding(addresses=("help@desk.example",)),
    )
    async with Sandbox([decoder], NormalizeSettings()) as opened:
        yield opened


def raw(payload: bytes) -> RawMessage:
    return RawMessage(
        id="raw",
        channel="mail",
        received_at=datetime(2026, 3, 2, tzinfo=UTC),
        content_type="message/rfc822",
        payload=payload,
        envelope=Envelope(sender="a@customer.example"),
    )


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_a_message_within_its_limits_and_the_next_mail_is_served(desk: Sandbox, name: str) -> None:
    started = time.monotonic()

    outcomes = await desk.decode([raw(BOMBS[name]), raw(b"From: b@customer.example\r\nSubject: next\r\n\r\nhello")])

    bomb, following = ([decode(value, Message) for value in found.messages] for found in outcomes)
    assert all(isinstance(outcome, Decoded) for outcome in outcomes)
    assert [message.subject for message in following] == ["next"]
    assert len(bomb[0].text) <= MAX_TEXT
    assert len(bomb[0].html) <= MAX_HTML
    assert time.monotonic() - started < 20  # The child is killed after two seconds of work; this is for a busy machine.


async def test_a_mail_of_too_many_parts_says_so_and_one_of_too_many_levels_keeps_the_rest_as_a_file(
    desk: Sandbox,
) -> None:
    outcomes = await desk.decode([raw(BOMBS["a hundred thousand parts"]), raw(BOMBS["a depth of 5000"])])

    many, deep = (decode(outcome.messages[0], Message) for outcome in outcomes if isinstance(outcome, Decoded))
    assert "1000 parts" in many.unreadable
    assert "50 parts deep" in deep.unreadable
    assert [file.part for file in deep.attachments] == [50]
