"""Makers of messages and payloads, and children that run hostile decoders."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from normalize.sandbox import Sandbox
from normalize.settings import NormalizeSettings
from normalize.wire import Decoded, Decoder, Outcome
from store.codec import decode, digest_of
from store.records import Address, Message, RawMessage

RECEIVED_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CHANNELS = ("decode", "act", "both", "nothing", "huge")  # Each named as its function in `hostile.py`.

MakeMessage = Callable[..., Message]
MakeRaw = Callable[..., RawMessage]
OpenSandbox = Callable[..., Sandbox]
TextOf = Callable[[Outcome], str]


@pytest.fixture(scope="session")
def make_message() -> MakeMessage:
    def make(text: str = "", **fields: Any) -> Message:
        given = {"sender": Address(kind="mail", value="jan@example.org"), "fingerprint": "f", **fields}
        return Message(id="m1", raw="r1", channel="desk", received_at=RECEIVED_AT, text=text, **given)

    return make


@pytest.fixture(scope="session")
def make_raw() -> MakeRaw:
    def make(payload: str | bytes, *, channel: str = "decode", **fields: Any) -> RawMessage:
        content = payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else payload
        given = {"content_type": "text/plain", "id": digest_of(channel.encode(), content), **fields}
        return RawMessage(channel=channel, received_at=RECEIVED_AT, payload=content, **given)

    return make


@pytest.fixture(scope="session")
def text_of() -> TextOf:
    """The text of the one message that an outcome holds."""

    def read(outcome: Outcome) -> str:
        assert isinstance(outcome, Decoded), outcome
        (value,) = outcome.messages
        message = decode(value, Message)
        return message.text

    return read


@pytest.fixture(scope="module")
def open_sandbox() -> Iterator[OpenSandbox]:
    """Makes sandboxes whose children know `hostile.py`, each of its functions as a channel of that name."""

    def make(*, odd: str = "hostile:decode", **settings: Any) -> Sandbox:
        import hostile  # noqa: PLC0415 (found only with the path below)

        functions = {**{name: f"hostile:{name}" for name in CHANNELS}, "odd": odd}
        decoders = [
            Decoder(
                channel=name,
                function=function,
                extractor="hostile:extract" if name == "decode" else "",
                settings=hostile.Settings(),
            )
            for name, function in functions.items()
        ]
        return Sandbox(decoders, NormalizeSettings(**settings))

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        yield make


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(open_sandbox: OpenSandbox) -> AsyncIterator[Sandbox]:
    """One for all tests of a module: whatever a message does, it must serve the next."""
    async with open_sandbox(cpu="0.5s", memory="128MiB") as opened:
        yield opened


@pytest.fixture(scope="module")
def told(sandbox: Sandbox, make_raw: MakeRaw, text_of: TextOf) -> Callable[[str], Awaitable[str]]:
    """What a child answers to a command of `hostile.py`."""

    async def ask(command: str) -> str:
        return text_of((await sandbox.decode([make_raw(command)]))[0])

    return ask
