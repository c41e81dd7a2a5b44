"""The bytes of a file that came with a message, cut out of the original again when it is to go out."""

import hashlib

from normalize.gate import Gate
from normalize.sandbox import Sandbox
from store.errors import Permanent, Withheld
from store.originals import Originals
from store.records import WHOLE_ORIGINAL, SentFile


class Attachments:
    """Reads files where they are: in originals, which are strangers' bytes, so a child reads them."""

    def __init__(self, sandbox: Sandbox, originals: Originals, gate: Gate, *, most: int) -> None:
        """`most`: bytes of one file. The sandbox is the caller's to start and to close."""
        self._gate = gate
        self._sandbox = sandbox
        self._originals = originals
        self._most = most

    async def read(self, sent: SentFile) -> bytes:
        """The file as its sender made it.

        Raises Permanent where the original or the file is gone or is another one; of that kind Withheld where it is
        larger than `most`, or `Gate` does not let it out; Temporary where it cannot be had now.
        """
        file = sent.file
        if file.size > self._most:
            raise self._too_large(file.name, file.size)
        content = await self._originals.read(sent.raw)
        if file.part != WHOLE_ORIGINAL:
            channel = (await self._originals.find(sent.raw)).channel
            content = await self._sandbox.extract(channel, content, file.part, file.member, most=self._most)
        elif len(content) > self._most:
            raise self._too_large(file.name, len(content))
        if hashlib.sha256(content).hexdigest() != file.digest:
            raise Permanent(
                f"the file {file.name!r} is no longer found in the message {sent.raw}: another one stands in its place "
                "(this release reads the message differently); attach the file anew"
            )
        await self._gate.pass_through(file, content)
        return content

    def _too_large(self, name: str, size: int) -> Withheld:
        return Withheld(
            f"the file {name!r} has {size} bytes, and {self._most} is the most that is sent on: "
            "offer it another way, or raise the limit",
            why="too-large",
        )
