"""The reading of one mail: its memory, whatever the client sends."""

import asyncio

import pytest

from ingest.smtp import SmtpSettings
from ingest.smtp.data import Refused, read_mail
from ingest.smtp.gate import Gate

LIMIT = 1_000_000


@pytest.mark.parametrize("piece", [b"x" * 50_000, b"line\r\n" * 5_000, b"\r\n.." * 10_000, b".\r" * 20_000])
async def test_endless_mail_is_given_up_at_twice_the_limit_and_holds_no_more_than_the_limit(piece: bytes) -> None:
    gate = Gate(SmtpSettings())
    reader = asyncio.StreamReader(limit=65_536)
    reading = asyncio.create_task(read_mail(reader, LIMIT, gate.hold()))
    most = fed = 0
    while not reading.done():
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


async def test_client_that_leaves_in_the_middle_is_no_mail() -> None:
    gate = Gate(SmtpSettings())
    reader = asyncio.StreamReader(limit=65_536)
    reader.feed_data(b"Subject: half a m")
    reader.feed_eof()

    with pytest.raises(asyncio.IncompleteReadError):
        await read_mail(reader, LIMIT, gate.hold())


async def test_bytes_of_a_mail_are_held_until_they_are_released() -> None:
    gate = Gate(SmtpSettings(max_in_flight="1KB"))
    hold, other = gate.hold(), gate.hold()

    assert hold.grow(900)
    assert not other.grow(200)

    hold.release()
    hold.release()
    assert other.grow(200)
    assert gate.in_flight == 200
