"""Asks the model that `deskwire learn` left in its file, and looks again whenever that file is another one."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from router.learned.pieces import sender_key
from store.errors import Permanent
from store.records import Guess, Message

if TYPE_CHECKING:
    from router.learned.model import Model  # It needs a package of the extra `learn`; the desk works without.

log = structlog.get_logger()

NEEDS = "pip install 'deskwire[learn]'"  # What brings the packages that a model needs.
Stamp = tuple[int, int, int]  # When a file was changed, its size and its number: another file has another.


class Guesser:
    """What a model holds messages to be about; nothing while there is none that can be read."""

    def __init__(self, path: Path, secret: bytes) -> None:
        """`secret` is what the desk signs with. Nothing is read yet."""
        self._path = path
        self._key = sender_key(secret)
        self._stamp: Stamp | None = None
        self._model: Model | None = None

    async def guesses(self, records: Iterable[object], categories: Collection[str]) -> Mapping[str, tuple[Guess, ...]]:
        """By the ids of those records that are messages; without a model nothing.

        A guess counts if there still is its category: a model may be older than the settings.
        """
        messages = [record for record in records if isinstance(record, Message)]
        return await asyncio.to_thread(self.guessed, messages, categories) if messages else {}

    def guessed(self, records: Iterable[object], categories: Collection[str]) -> Mapping[str, tuple[Guess, ...]]:
        """The same for whoever may wait: it reads the file if that is another one, and works for milliseconds."""
        messages = [record for record in records if isinstance(record, Message)]
        model = self._current() if messages else None
        if model is None:
            return {}
        told = {message.id: model.guesses(message, self._key) for message in messages}
        return {id_: tuple(one for one in several if one.category in categories) for id_, several in told.items()}

    def _current(self) -> "Model | None":
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._stamp = stamp
            self._model = self._read() if stamp is not None else None
        return self._model

    def _read(self) -> "Model | None":
        try:
            model = read_model(self._path)
        except Permanent as error:
            log.warning("learned model not used", file=self._path.name, detail=str(error))
            return None
        log.info("learned model read", file=self._path.name)
        return model


def read_model(path: Path) -> "Model":
    """The model in this file. Raises Permanent, with what to do, where it cannot be read or used."""
    if find_spec("numpy") is None:
        raise Permanent(f"the file {path} needs packages that are not installed: run {NEEDS}, or remove the file")
    from router.learned.file import MOST_BYTES, decoded  # noqa: PLC0415 (the core works without the extra)

    try:
        if path.stat().st_size > MOST_BYTES:
            raise Permanent(f"the file {path} is larger than {MOST_BYTES} bytes, so it is no model: remove it")
        content = path.read_bytes()
    except OSError as error:
        raise Permanent(f"the file {path} cannot be read ({error.strerror}): see to its owner and mode") from error
    try:
        return decoded(content)
    except Permanent as error:
        raise Permanent(f"the file {path} is not used: {error}") from error


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
