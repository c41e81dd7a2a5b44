"""Lets a file leave the desk only with a clean verdict, and remembers verdicts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from normalize.scanner import Scanner, Verdict
from store import scans
from store.database import Database
from store.errors import Temporary, Withheld
from store.records import Attachment
from store.scans import Scan

log = structlog.get_logger()

_CLEAN_FOR = timedelta(days=1)  # Ours: scanners learn every few hours, so a clean file is asked about again.


class Gate:
    """Stands before every file that is handed out."""

    def __init__(self, scanner: Scanner | None, database: Database, *, now: Callable[[], datetime]) -> None:
        """`scanner` is None where none is configured: everything is let through."""
        self._scanner = scanner
        self._database = database
        self._now = now

    async def pass_through(self, file: Attachment, content: bytes) -> None:
        """Returns where the file may go. Raises Withheld where it is infected, cannot be scanned or is not yet.

        A scanner that is down costs a file its way out and nothing else: whoever sends it is told, and may try again.
        """
        if self._scanner is None:
            return
        verdict = await self._known(file.digest) or await self._asked(self._scanner, file, content)
        if verdict.state == "infected":
            told = f"the file {file.name!r} is infected with {verdict.detail}: it does not leave the desk"
            raise Withheld(told, why="infected")
        if verdict.state != "clean":
            raise Withheld(f"the file {file.name!r} stays here: {verdict.detail}", why="unscanned")

    async def _known(self, digest: str) -> Verdict | None:
        scan = await self._database.read(lambda connection: scans.get(connection, digest))
        if scan is None or (scan.state == "clean" and self._now() - scan.at > _CLEAN_FOR):
            return None
        return Verdict(scan.state, scan.detail)

    async def _asked(self, scanner: Scanner, file: Attachment, content: bytes) -> Verdict:
        try:
            verdict = await scanner.scan(content)
        except Temporary as error:
            log.warning("file not scanned", digest=file.digest, detail=str(error))
            return Verdict("error", f"it could not be scanned now ({error})")
        if verdict.state != "error":
            scan = Scan(verdict.state, verdict.detail, self._now())
            await self._database.write(lambda connection: scans.put(connection, file.digest, scan))
        return verdict
