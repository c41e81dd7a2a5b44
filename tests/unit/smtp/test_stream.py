"""Large mail: its bytes go to the disk while they come, and all rules hold there too."""

import asyncio
from pathlib import Path

import pytest

from ingest.smtp import SmtpSettings
from ingest.smtp.body import MAX_HEADER, Body
from ingest.smtp.data import Lines, read_mail
from ingest.smtp.gate import Gate
from ingest.smtp.refused import Refused
from store.blobs import KeptBlob
from store.blobs_file import FileBlobs
from store.topics import MAX_RECORD

HEAD = b"From: sara@customer.example\r\nMessage-ID: <1@customer.example>\r\nSubject: Log\r\n\r\n"
LOG = b".hidden\r\n..\r\nOne line of a long log, as it came.\r\n.\r..\r\n".replace(b".\r..", b"...") * 30_000
SHORT = b"Subject: a\r\n\r\n.b\r\n"


def doubled(content: bytes) -> bytes:
    """As it goes over the wire (RFC 5321, 4.5.2)."""
    return b"\r\n".join(b"." + line if line[:1] == b"." else line for line in content.split(b"\r\n")) + b".\r\n"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_large_mail_is_kept_once_for_all_its_mailboxes(serving) -> None:
    content = HEAD + LOG
    assert len(content) > 2 * MAX_RECORD
    async with serving() as desk:
        with desk.listener.claim(desk.listener.reserve(["sales@desk.example"]), desk.accept):
            client = await desk.connect()
            await client.say(b"MAIL FROM:<sara@customer.example>")
            await client.say(b"RCPT TO:<help@desk.example>")
            await client.say(b"RCPT TO:<sales@desk.example>")
            await client.say(b"DATA")
            client.writer.write(doubled(content))
            assert (await client.reply()).startswith("250")

            first, second = desk.taken
            assert await desk.contents() == [content, content]
    assert isinstance(first.content.whole, KeptBlob)
    assert first.content.whole == second.content.whole
    assert first.content.whole.size == first.content.size == len(content)
    assert first.content.header == HEAD.rstrip()


@pytest.mark.parametrize("wrong", [b"a\nb", b"a\rb", b"a\x00b", b"\n.\r\n", b"\r\n.\n"])
@pytest.mark.parametrize("before", [MAX_RECORD - 1, MAX_RECORD + 1, 900_000])
async def test_what_is_no_line_is_found_wherever_it_stands(serving, wrong: bytes, before: int) -> None:
    filling = (HEAD + b"x" * 76 + b"\r\n") * (before // 60)
    async with serving() as desk:
        client = await desk.connect()

        assert (await client.mail(filling[:before].rstrip() + wrong + b"\r\nend")).startswith("550 5.6.0")
        assert (await client.mail(HEAD + b"next")).startswith("250")
        assert await desk.contents() == [HEAD + b"next\r\n"]


@pytest.mark.parametrize("end", [b"", b".\r\n", b"..\r\n", b"\r\n", b"a\r\n.b\r\n"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_pieces_of_any_size_give_the_same_lines(end: bytes, size: int) -> None:
    content = b"\r\n.a\r\n\r\n..\r\nb\r\n" + end
    wire = b"\r\n" + doubled(content)[: -len(b".\r\n")]
    lines = Lines()

    plain = [lines.take(wire[at : at + size]) for at in range(0, len(wire) - size, size)]
    plain.append(lines.end(wire[(len(wire) - 1) // size * size :]))

    assert b"".join(plain) == content


async def test_memory_is_held_for_no_more_than_a_record_and_a_piece(tmp_path: Path) -> None:
    gate = Gate(SmtpSettings())
    body = Body(FileBlobs(tmp_path), gate.hold())
    most = 0
    for _ in range(200):
        await body.add(b"x" * 65_536)
        most = max(most, gate.in_flight)

    assert most <= MAX_RECORD + 65_536
    content = await body.finish()
    await body.drop()
    assert content.size == 200 * 65_536
    assert len(content.header) == MAX_HEADER
    assert gate.in_flight == 0


@pytest.mark.parametrize("written", [MAX_RECORD // 2, MAX_RECORD * 3])
async def test_a_dropped_mail_leaves_no_file_and_no_memory(tmp_path: Path, written: int) -> None:
    gate = Gate(SmtpSettings())
    body = Body(FileBlobs(tmp_path), gate.hold())
    for _ in range(written // 8_192):
        await body.add(b"x" * 8_192)

    await body.drop()

    assert gate.in_flight == 0
    assert files(tmp_path) == []


async def test_a_header_may_come_byte_by_byte(tmp_path: Path) -> None:
    gate = Gate(SmtpSettings())
    body = Body(FileBlobs(tmp_path), gate.hold())
    for byte in HEAD + b"body\r\n\r\nmore\r\n":
        await body.add(bytes([byte]))

    assert (await body.finish()).header == HEAD.rstrip()


async def test_a_client_that_drops_in_a_large_mail_leaves_no_file(serving, tmp_path: Path) -> None:
    async with serving(blobs=FileBlobs(tmp_path)) as desk:
        client = await desk.connect()
        await client.begin()
        client.writer.write(HEAD + LOG)
        await client.writer.drain()
        while not files(tmp_path):
            await asyncio.sleep(0.01)
        client.writer.transport.abort()
        async with asyncio.timeout(10):
            while files(tmp_path):
                await asyncio.sleep(0.01)

    assert desk.taken == []


async def test_too_many_servers_on_the_way_are_counted_in_a_large_mail_too(tmp_path: Path) -> None:
    reader = asyncio.StreamReader(limit=65_536)
    reader.feed_data(b"Received: from a by b\r\n" * 101 + HEAD + LOG.replace(b"\r\n.", b"\r\n") + b".\r\n")

    with pytest.raises(Refused, match=r"554 5\.4\.6"):
        await read_mail(reader, 10_000_000, Body(FileBlobs(tmp_path), Gate(SmtpSettings()).hold()))


async def test_a_client_that_drops_at_any_byte_leaves_nothing_before_the_end_and_one_mail_after(serving) -> None:
    wire = doubled(SHORT)
    for cut in range(len(wire) + 1):
        async with serving() as desk:
            client = await desk.connect()
            await client.begin()
            client.writer.write(wire[:cut])
            await client.writer.drain()
            client.writer.close()

            async with asyncio.timeout(10):
                while cut == len(wire) and not desk.taken:
                    await asyncio.sleep(0.01)
        kept = await desk.contents()  # The listener has ended: nothing comes any more.
        assert kept == ([SHORT] if cut == len(wire) else []), f"cut at {cut} of {len(wire)}"
