"""`scripts/send_corpus.py` sends files as they are, and says what the desk answered."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.desks import Around
from tests.mail_sink import ADDRESS
from tests.running_desk import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="session")

FILES = {
    "unix.eml": b"From: Mona <mona@customer.example>\nTo: help@desk.example\nSubject: Dots\n\nFirst.\n.\n.. last\n",
    "below/bare.eml": b"From: nina@customer.example\r\nSubject: A bare CR\rin the middle\r\n\r\nHello.\r\n",
    "below/bounce.eml": b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nSubject: failed\r\n\r\nNo user.\r\n",
    "notes.txt": b"no mail",
}


async def script(*arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "scripts" / "send_corpus.py", *arguments, stdout=-1, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_each_file_is_sent_as_it_is_and_its_answer_counted(around: Around, tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)

    code, said = await script(str(tmp_path), "--to", ADDRESS, "--smtp", f"127.0.0.1:{around.desk.smtp}", "--each")
    ticket = await around.only_ticket("mona@customer.example")

    assert code == 0
    assert "below/bare.eml  550 5.6.0" in said
    assert [line.split()[:3] for line in said.splitlines()[-3:]] == [
        ["2", "250", "2.0.0"],
        ["1", "550", "5.6.0"],
        ["3", "in", "all,"],
    ]
    assert await around.desk.texts(ticket.number) == ["First.\n.\n.. last"]
    assert await around.desk.tickets_of("nina@customer.example") == []


async def test_a_folder_without_mail_is_said(tmp_path: Path) -> None:
    code, said = await script(str(tmp_path), "--to", ADDRESS)

    assert code == 1
    assert f"no .eml file in {tmp_path}" in said
