"""The reading of one mail: its memory, whatever the client sends."""

import asyncio
from pathlib import Path

import pytest

from ingest.smtp import SmtpSettings
from ingest.smtp.body import Body
from ingest.smtp.data import read_mail
from ingest.smtp.gate import Gate
from ingest.smtp.refused import Refused
from store.blobs_file import FileBlobs

LIMIT = 1_000_000


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class Tap(asyncio.ReadTransport):
    """A client that can be made to wait."""

    is_open = True

    def pause_reading(self) -> None:
        self.is_open = False

    def resume_reading(self) -> None:
        self.is_open = True


@pytest.mark.parametrize("piece", [b"x" * 50_000, b"line\r\n" * 5_000, b"\r\n.." * 10_000, b".\r" * 20_000])
async def test_endless_mail_is_given_up_at_twice_the_limit_and_holds_no_more_than_the_limit(
    tmp_path: Path, piece: bytes
) -> None:
    gate = Gate(SmtpSettings())
    reader = asyncio.StreamReader(limit=65_536)
    tap = Tap()
    reader.set_transport(tap)
    reading = asyncio.create_task(read_mail(reader, LIMIT, Body(FileBlobs(tmp_path), gate.hold())))
    most = fed = 0
    while not reading.done():
        if tap.is_open:
            reader.feed_data(piece)
            fed += len(piece)
        await asyncio.sleep(0)
        most = max(most, gate.in_flight)

    with pytest.raises(Refused) as refused:
        await reading
    assert refused.value.hang_up
    assert most <= LIMIT + 65_536
    assert fed < 3 * LIMIT
    assert gate.in_flight == 0
    assert files(tmp_path) == []


async def test_client_that_leaves_in_the_middle_is_no_mail(tmp_path: Path) -> None:
    gate = Gate(SmtpSettings())
    reader = asyncio.StreamReader(limit=65_536)
    reader.feed_data(b"Subject: half a m")
    reader.feed_eof()

    with pytest.raises(asyncio.IncompleteReadError):
        await read_mail(reader, LIMIT, Body(FileBlobs(tmp_path), gate.hold()))


async def test_bytes_of_a_mail_are_held_until_they_are_released() -> None:
    gate = Gate(SmtpSettings(max_in_flight="1KB"))
    hold, other = gate.hold(), gate.hold()

    assert hold.grow(900)
    assert not other.grow(200)

    hold.release()
    hold.release()
    assert other.grow(200)
    assert gate.in_flight == 200
