"""The mails of a benchmark, made once per machine and kept in a cache folder, and what must become of them."""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from bench.gen_workload import RECIPIENT, SEED, Listed, generate

AUTHSERV_ID = "mx.bench.example"
WARM_UP = 20  # Mails that every subject gets before the clock starts: imports and caches are no mail's cost.


class Mail(NamedTuple):
    """One mail as a client sends it."""

    message_id: str
    sender: str
    content: bytes


class Workload:
    """The mails in their order, and the facts that a correct desk ends with."""

    def __init__(self, folder: Path, listed: Sequence[Listed]) -> None:
        """`prepared` makes it."""
        self.folder = folder
        self.listed = tuple(listed)

    @cached_property
    def mails(self) -> tuple[Mail, ...]:
        """All mails, read from their files, as the mail server in front of a desk passes them on."""
        return tuple(
            Mail(one["mid"], one["from"], judged(one["from"], (self.folder / one["file"]).read_bytes()))
            for one in self.listed
        )

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over all mails in their order: equal checksums mean that the same bytes were sent."""
        state = hashlib.sha256()
        for mail in self.mails:
            state.update(mail.content)
        return state.hexdigest()

    @property
    def replies(self) -> dict[str, str]:
        """Message-IDs of mails that answer another one, and of the mail which they answer."""
        return {one["mid"]: self.listed[one["reply_to"]]["mid"] for one in self.listed if one["reply_to"] is not None}

    @property
    def tickets(self) -> int:
        """How many tickets are right."""
        return len(self.listed) - len(self.replies)


def judged(sender: str, content: bytes) -> bytes:
    """With what the server found out about the sender (RFC 8601); a reply continues a ticket by that."""
    domain = sender.rpartition("@")[2]
    return f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from={domain}\r\n".encode() + content


def prepared(cache: Path, count: int) -> Workload:
    """The workload of this many mails; made in a few seconds where it is not there yet."""
    folder = cache / f"workload-{count}-{SEED}"
    manifest = folder / "manifest.json"
    if not manifest.exists():  # It is written last, so a folder that has it is whole.
        return Workload(folder, generate(folder, count))
    return Workload(folder, json.loads(manifest.read_text(encoding="utf-8")))


def warm_up() -> tuple[Mail, ...]:
    """Plain mails of other people, counted nowhere."""
    return tuple(
        Mail(
            f"<warm-{number}@bench.example>",
            f"warm{number}@bench.example",
            (
                f"From: Warm Up <warm{number}@bench.example>\r\nTo: {RECIPIENT}\r\n"
                f"Subject: Warming up {number}\r\nMessage-ID: <warm-{number}@bench.example>\r\n"
                "Date: Wed, 01 May 2024 08:00:00 +0000\r\nMIME-Version: 1.0\r\n"
                "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
                f"My printer number {number} does not print any more.\r\n"
            ).encode(),
        )
        for number in range(WARM_UP)
    )
