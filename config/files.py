"""Reads the files of answers; a parser of its own starts with the first one, where no other runs in this process."""

import asyncio

from normalize.attachments import Attachments
from normalize.gate import Gate
from normalize.sandbox import Sandbox
from normalize.settings import NormalizeSettings
from normalize.wire import Decoder
from store.originals import Originals
from store.records import SentFile


class AnswerFiles:
    """What the notifier reads files by."""

    def __init__(self, shared: Sandbox | None, own: Sandbox, originals: Originals, gate: Gate, *, most: int) -> None:
        """`shared` is started and closed by somebody else; None: this process has no parser, and `own` is used."""
        self._own = own if shared is None else None
        self._attachments = Attachments(shared or own, originals, gate, most=most)
        self._starting = asyncio.Lock()
        self._started = False

    async def read(self, sent: SentFile) -> bytes:
        """As `Attachments.read`."""
        if self._own is not None:
            async with self._starting:
                if not self._started:
                    await self._own.start()
                    self._started = True
        return await self._attachments.read(sent)

    async def close(self) -> None:
        """End the parser, if one was started."""
        if self._own is not None and self._started:
            await self._own.close()


def answer_files(
    shared: Sandbox | None,
    decoders: list[Decoder],
    settings: NormalizeSettings,
    originals: Originals,
    gate: Gate,
    *,
    most: int,
) -> AnswerFiles:
    """`shared` is the parser of the stage normalize in this process, if it has one; `most`: bytes of one file."""
    # Answers with files are few: one child reads them, and a new one starts in its place where it dies.
    few = settings.model_copy(update={"children": 1, "spares": 0})
    return AnswerFiles(shared, Sandbox(decoders, few), originals, gate, most=most)
