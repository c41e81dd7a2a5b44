"""Messages by pigeon: a loft where they arrive, and nests where answers are laid.

A channel that is no part of the product: tests copy this module to a folder of their own as `pigeons.post`, and name it
in the settings.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
from starlette.routing import BaseRoute

from ingest.channel import Capabilities, ChannelSettings, Parts
from ingest.intake import Intake
from store.codec import derived_id, digest_of
from store.outgoing import Outgoing, Receipt
from store.records import Address, Envelope, Message, Proof, RawMessage, ReplyPath

DECODER = "pigeons.post:decode"

MADE_WITH_A_DEFECT = True


class Settings(ChannelSettings):
    loft: Path
    nests: Path


class Note(msgspec.Struct, frozen=True):
    ring: str  # On the pigeon's leg.
    text: str


class Decoding(msgspec.Struct, frozen=True):
    pass


def open_channel(name: str, settings: Settings, parts: Parts) -> "Pigeons":
    return Pigeons(name, settings)


def decode(raw: RawMessage, settings: Decoding) -> Sequence[Message]:
    note = msgspec.json.decode(raw.payload, type=Note)
    if MADE_WITH_A_DEFECT and "poison" in note.text:
        raise KeyError(note.text)
    return [
        Message(
            id=derived_id(raw.id, "0"),
            raw=raw.id,
            channel=raw.channel,
            sender=Address(kind="pigeon", value=note.ring),
            proof=Proof.SESSION,
            reply_path=ReplyPath(channel=raw.channel, address=note.ring),
            text=note.text,
            received_at=raw.received_at,
            fingerprint=digest_of(raw.channel.encode(), raw.payload),
        )
    ]


class Pigeons:
    capabilities = Capabilities(longest_text=4000)
    addresses: Sequence[Address] = ()
    decoding = Decoding()

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self._settings = settings

    async def receive(self, intake: Intake) -> None:
        while True:
            for path in sorted(self._settings.loft.glob("*.note")):
                payload = path.read_bytes()
                ring = msgspec.json.decode(payload, type=Note).ring
                await intake.accept(
                    channel=self.name,
                    source=ring,
                    payload=payload,
                    content_type="application/json",
                    envelope=Envelope(sender=ring),
                )
                path.unlink()
            await asyncio.sleep(0.05)

    def prepare(self, outgoing: Outgoing) -> bytes:
        return outgoing.text.encode()

    async def send(self, payload: bytes, address: str) -> Receipt:
        with (self._settings.nests / address).open("ab") as nest:
            nest.write(payload + b"\n")
        return Receipt()

    async def close(self) -> None:
        """There is nothing to let go of."""

    def routes(self) -> Sequence[BaseRoute]:
        return ()
