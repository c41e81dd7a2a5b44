"""Fifty parallel mails of 25 MB: the desk takes them all, and its memory does not grow with them.

Memory is what the desk's one process has in RAM (proc(5), VmRSS and its peak VmHWM); the parser's children, each with
its own limit, are not counted.
"""

import asyncio
import base64
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.mail_sink import ADDRESS, Sink
from tests.running_desk import Backend, RunningDesk, World

MAILS = 50
SIZE = 24_500_000  # Bytes of one mail; with the default limit of 25 MiB.
MOST_MORE = 150 * 1024  # KiB of RAM above what the desk had before (delivery contract, large mail).
LEFT = 50 * 1024  # KiB that may stay: pools of the allocator, which the next mails use again.
LINE = base64.b64encode(bytes(range(57))) + b"\r\n"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to see a process's memory")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[RunningDesk]:
    sink = Sink()
    async with sink.serving():
        running = RunningDesk(tmp_path, Backend(), World(sink.port))
        await running.up()
        try:
            yield running
        finally:
            await running.close()


def kibibytes(pid: int, field: str) -> int:
    """A line of a process's memory."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


def forget_peak(pid: int) -> None:
    """From now on VmHWM is the peak since now (proc(5), clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def pieces(number: int) -> Iterator[bytes]:
    """A mail with one large file, a quarter of a megabyte at a time; each mail's file is another."""
    yield (
        f"From: customer{number}@customer.example\r\nTo: {ADDRESS}\r\nSubject: A large file\r\n"
        f"Message-ID: <{number}@customer.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\n\r\nPlease look at it.\r\n--cut\r\n"
        'Content-Type: application/octet-stream; name="log.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    ).encode()
    yield base64.b64encode(b"%057d" % number) + b"\r\n"
    piece = LINE * 3_200
    for _ in range(SIZE // len(piece)):
        yield piece
    yield b"--cut--\r\n.\r\n"


async def deliver(number: int, port: int) -> str:
    """Hand one mail over and return the last answer. A machine has many addresses of its own: few clients share one."""
    place = (f"127.0.0.{1 + number % 5}", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=place)
    sender = f"customer{number}@customer.example"
    await reader.readline()
    for command in ("HELO client.example", f"MAIL FROM:<{sender}>", f"RCPT TO:<{ADDRESS}>", "DATA"):
        writer.write(command.encode() + b"\r\n")
        await reader.readline()
    for piece in pieces(number):
        writer.write(piece)
        await writer.drain()
    answer = (await reader.readline()).decode()
    writer.close()
    return answer


@pytest.mark.timeout(180)
async def test_fifty_large_mails_at_once_are_taken_and_memory_stays(desk: RunningDesk) -> None:
    pid = desk.processes["desk"].pid
    assert (await deliver(MAILS, desk.smtp)).startswith("250")  # What is loaded on first use is no growth.
    await desk.settled()
    start = kibibytes(pid, "VmRSS")
    forget_peak(pid)

    answers = await asyncio.gather(*(deliver(number, desk.smtp) for number in range(MAILS)))
    await desk.settled()

    assert {answer[:9] for answer in answers} == {"250 2.0.0"}
    assert kibibytes(pid, "VmHWM") - start < MOST_MORE
    await desk.until(lambda: kibibytes(pid, "VmRSS") - start < LEFT, "memory returns")
    assert len(await desk.tickets()) == MAILS + 1
