"""The one thread that writes the log's file: what waits together is committed together."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from store.errors import StorageBroken, Temporary
from store.log_sqlite import Row, append, sorted_error

_TOGETHER = 500  # Records of one commit, about 10 ms of work: the first of them waits no longer for the last.


@dataclass(frozen=True)
class _Job:
    """Something to write, and the caller who waits for it. No rows: `work` is called instead."""

    rows: Sequence[Row]
    work: Callable[[sqlite3.Connection], int] | None
    done: asyncio.Future[int]


class LogWriter:
    """Writes for many callers at a time; each hears when its own rows are durable.

    While one commit waits for the disk, the next callers gather; nobody waits on purpose. A disk that failed stays
    failed: what it says to a retry cannot be trusted, so every later write raises StorageBroken too.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, waiting: int, committed: Callable[[frozenset[str]], None]
    ) -> None:
        """`committed` is called on the event loop with the topics of each commit; `waiting` bounds the callers."""
        self._connection = connection
        self._path = path
        self._room = asyncio.Semaphore(waiting)
        self._committed = committed
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._broken: StorageBroken | None = None
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    async def append(self, rows: Sequence[Row]) -> None:
        """Durable on return, all rows or none. Raises Temporary or StorageBroken; nothing was written then."""
        await self._hand_over(rows, None)

    async def run(self, work: Callable[[sqlite3.Connection], int]) -> int:
        """Call `work` on the writer's thread; it opens and ends its own transaction."""
        return await self._hand_over((), work)

    async def close(self) -> None:
        """Write what waits, then close the file."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    async def _hand_over(self, rows: Sequence[Row], work: Callable[[sqlite3.Connection], int] | None) -> int:
        async with self._room:
            if self._closed or not self._thread.is_alive():
                raise Temporary(f"the log {self._path} is closed: this process is stopping")
            job = _Job(rows, work, self._loop.create_future())
            self._queue.put(job)
            return await job.done

    def _run(self) -> None:
        jobs: list[_Job] = []
        while True:
            # A caller that gave up while it waited is not written: it would only make a duplicate.
            jobs = [job for job in self._next() if not job.done.done()]
            if not jobs:
                if self._closed and self._queue.empty():
                    break
                continue
            count, error = self._write(jobs)
            try:
                self._loop.call_soon_threadsafe(self._settle, jobs, count, error)
            except RuntimeError:  # The loop is gone, and with it everybody who waited.
                break
        self._connection.close()

    def _next(self) -> Sequence[_Job]:
        """What waits, up to a commit's worth; other work comes alone."""
        first = self._queue.get()
        jobs = [] if first is None else [first]
        size = len(first.rows) if first else 0
        while first is not None and first.work is None and size < _TOGETHER:
            try:
                job = self._queue.get_nowait()
            except Empty:
                break
            if job is None or job.work is not None:
                self._queue.put(job)
                break
            jobs.append(job)
            size += len(job.rows)
        return jobs

    def _write(self, jobs: Sequence[_Job]) -> tuple[int, Exception | None]:
        if self._broken is not None:
            return 0, self._broken
        try:
            if jobs[0].work is not None:
                return jobs[0].work(self._connection), None
            append(self._connection, [row for job in jobs for row in job.rows])
        except sqlite3.Error as error:
            sorted_out = sorted_error(error, self._path)
            sorted_out.__cause__ = error if sorted_out is not error else None
            self._broken = sorted_out if isinstance(sorted_out, StorageBroken) else None
            return 0, sorted_out
        return 0, None

    def _settle(self, jobs: Sequence[_Job], count: int, error: Exception | None) -> None:
        for job in jobs:
            if job.done.done():
                continue
            if error is None:
                job.done.set_result(count)
            else:
                job.done.set_exception(copy(error))  # Each caller raises one of its own, with its own traceback.
        if error is None:
            self._committed(frozenset(row.topic for job in jobs for row in job.rows))
