"""The desk's database: one writer thread, transactions as plain functions, errors sorted by what to do next."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from store.errors import StorageBroken, Temporary

Result = TypeVar("Result")

_FULL = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
_FULL = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
_DESK_LOCK = 0x6465736B  # "desk"; a number that only our transactions use, in PostgreSQL's advisory locks.


class Database:
    """Runs functions inside transactions, off the event loop.

    A function gets a connection, is never run twice at once with another writer of this process, and must not wait for
    the network: the transaction is open while it runs.
    """

    def __init__(self, engine: Engine) -> None:
        """`open_database` makes the engine."""
        self.engine = engine
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="database-reader")

    @property
    def embedded(self) -> bool:
        """Whether this is SQLite on this machine."""
        return self.engine.dialect.name == "sqlite"

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction that can write, and commit it; durable on return.

        Raises Temporary where the database cannot do it now (nothing was changed, unless the connection died in the
        commit: work must bear being done twice), StorageBroken where the disk failed, and whatever `work` raises.
        """
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._in_transaction, work)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` on a snapshot, beside a writer; raises as `write` does."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._on_snapshot, work)

    async def close(self) -> None:
        """Finish what runs, then close the connections."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._writer.shutdown)
        await loop.run_in_executor(None, self._reader.shutdown)
        await loop.run_in_executor(None, self.engine.dispose)

    def _in_transaction(self, work: Callable[[Connection], Result]) -> Result:
        try:
            with self.engine.connect() as connection:
                if self.embedded:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    result = work(connection)
                    connection.exec_driver_sql("COMMIT") if self.embedded else connection.commit()
                except BaseException:
                    if self.embedded and connection.connection.dbapi_connection is not None:
                        _roll_back(connection)
                    raise
                return result
        except SQLAlchemyError as error:
            raise _sorted(error) from error

    def _on_snapshot(self, work: Callable[[Connection], Result]) -> Result:
        try:
            with self.engine.connect() as connection:
                if self.embedded:
                    connection.exec_driver_sql("BEGIN")
                try:
                    return work(connection)
                finally:
                    if self.embedded:
                        _roll_back(connection)
        except SQLAlchemyError as error:
            raise _sorted(error) from error


def open_database(url: str, *, busy_timeout: float = 30.0) -> Database:
    """A database by its URL: `sqlite:path/desk.db` or `postgresql://...`; connects when it is first used.

    `busy_timeout`, in seconds, is how long a transaction waits for another process's lock before it is Temporary.
    """
    if url.startswith("sqlite:"):
        path = url.removeprefix("sqlite:").removeprefix("///")
        engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": busy_timeout, "check_same_thread": False})
        event.listen(engine, "connect", _make_durable)
        return Database(engine)
    driver = url.replace("postgresql://", "postgresql+psycopg://", 1)
    waits = {"connect_timeout": 10, "options": f"-c lock_timeout={round(busy_timeout * 1000)}"}
    return Database(create_engine(driver, pool_pre_ping=True, connect_args=waits))


def lock_desk(connection: Connection) -> None:
    """Let no other router change tickets until this transaction ends; SQLite's one writer holds it already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:desk)"), {"desk": _DESK_LOCK})


def _make_durable(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """A commit is on the disk when it returns: NORMAL loses acknowledged commits at a power cut."""
    connection.isolation_level = None  # We begin transactions ourselves: the driver's way loses updates.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    (level,) = connection.execute("PRAGMA synchronous").fetchone()
    if level != _FULL:
        raise StorageBroken(
            f"SQLite runs with synchronous={level}, and 2 (FULL) is needed: use another build of SQLite"
        )


def _roll_back(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection) and driver.in_transaction:
        driver.rollback()


def _sorted(error: SQLAlchemyError) -> Exception:
    """The same trouble, in the words of `store.errors`; a defect of ours stays what it is."""
    if not isinstance(error, DBAPIError):
        return error
    driver = error.orig
    name = getattr(driver, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_IOERR") or name in ("SQLITE_CORRUPT", "SQLITE_NOTADB"):
        return StorageBroken(f"the database's disk failed ({name}): check the disk, then start again")
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return Temporary(f"the database does not answer ({type(driver).__name__}: {driver}); trying again")
    return error
