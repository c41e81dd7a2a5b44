"""The desk's database: one writer thread, transactions as plain functions, errors sorted by what to do next."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from store.database_errors import sorted_error
from store.errors import Permanent, StorageBroken

Result = TypeVar("Result")

_FULL = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
_CACHE_KIB = 32 * 1024  # Holds the indexes of some 100,000 messages, so that a look-up does not wait for the disk.
_WAL_TRIES = 100
_WAL_PAUSE = 0.02  # Seconds: with the tries 2 s, and the other process needs some milliseconds.
_DESK_LOCK = 0x6465736B  # "desk"; a number that only our transactions use, in PostgreSQL's advisory locks.
_READERS = 4  # Long reads, such as an audit, must not hold back the short ones; with the writer a pool of 5.


class Database:
    """Runs functions inside transactions, off the event loop.

    A function gets a connection, is never run twice at once with another writer of this process, and must not wait for
    the network: the transaction is open while it runs.
    """

    def __init__(self, engine: Engine) -> None:
        """`open_database` makes the engine."""
        self.engine = engine
        self._writing = engine.execution_options(deskwire_begin="BEGIN IMMEDIATE")
        # PostgreSQL's default would let two statements of one read see two states.
        snapshot = {} if self.embedded else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = engine.execution_options(deskwire_begin="BEGIN", **snapshot)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="database-reader")

    @property
    def embedded(self) -> bool:
        """Whether this is SQLite on this machine."""
        return self.engine.dialect.name == "sqlite"

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction that can write, and commit it; durable on return.

        Whatever `work` raises undoes all of it. Raises Temporary where the database cannot do it now (nothing was
        changed, unless the connection died in the commit: work must bear being done twice) and StorageBroken where the
        disk failed. Inside `work`, too, a statement raises these and not the driver's errors.
        """
        return await asyncio.get_running_loop().run_in_executor(self._writer, _commit, self._writing, work)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` on a snapshot, beside a writer; what it writes is undone. Raises as `write` does."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, _look, self._reading, work)

    async def close(self) -> None:
        """Finish what runs, then close the connections."""
        for finish in (self._writer.shutdown, self._readers.shutdown, self.engine.dispose):
            await asyncio.to_thread(finish)


def open_database(url: str, *, busy_timeout: float = 30.0) -> Database:
    """A database by its URL: `sqlite:path/desk.db` or `postgresql://...`; connects when it is first used.

    `busy_timeout`, in seconds, is how long a transaction waits for another process's lock before it is Temporary.
    Raises Permanent for any other kind of URL.
    """
    kind, _, rest = url.partition(":")
    if kind == "sqlite":
        path = URL.create("sqlite", database=rest.removeprefix("///"))
        engine = create_engine(path, connect_args={"timeout": busy_timeout, "check_same_thread": False})
        event.listen(engine, "connect", _make_durable)
        event.listen(engine, "begin", _begin)
    elif kind == "postgresql":
        server = make_url(url).set(drivername="postgresql+psycopg")
        engine = create_engine(server, pool_pre_ping=True, connect_args=_patience(busy_timeout))
    else:
        raise Permanent(f"a database is `sqlite:path/desk.db` or `postgresql://user@host/name`, and this is {kind!r}")
    event.listen(engine, "handle_error", _sort)
    return Database(engine)


def lock_desk(connection: Connection) -> None:
    """Let no other router change tickets until this transaction ends; SQLite's one writer holds it already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:desk)"), {"desk": _DESK_LOCK})


def _commit(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    with engine.begin() as connection:
        return work(connection)


def _look(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    with engine.connect() as connection:  # It begins by itself, and closing rolls back.
        return work(connection)


def _patience(busy_timeout: float) -> dict[str, str | int]:
    """How long PostgreSQL and its network may keep us waiting; https://www.postgresql.org/docs/18/libpq-connect.html."""
    lock = round(busy_timeout * 1000)
    settings = {
        "lock_timeout": lock,
        # A process that was stopped inside a transaction loses it before those who wait for its locks give up.
        "idle_in_transaction_session_timeout": lock // 2,
        # A commit is on the disk when it returns, whatever the server's own default says.
        "synchronous_commit": "on",
    }
    return {
        "connect_timeout": 10,
        # A server that is gone without a word is noticed after 25 s, so that its work is taken over within 30 s.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }


def _begin(connection: Connection) -> None:
    """Begin an SQLite transaction as its purpose asks: a writer takes the lock first, or it would lose updates."""
    connection.exec_driver_sql(connection.get_execution_options().get("deskwire_begin", "BEGIN"))


def _make_durable(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """A commit is on the disk when it returns: NORMAL loses acknowledged commits at a power cut."""
    connection.isolation_level = None  # `_begin` begins transactions: the driver would read outside of them.
    _use_wal(connection)
    settings = ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
    for pragma in (*settings, f"cache_size=-{_CACHE_KIB}"):
        connection.execute(f"PRAGMA {pragma}")
    (level,) = connection.execute("PRAGMA synchronous").fetchone()
    if level != _FULL:
        raise StorageBroken(
            f"SQLite runs with synchronous={level}, and 2 (FULL) is needed: use another build of SQLite"
        )


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite itself waits for nobody here, as when two processes open a new file."""
    for _ in range(_WAL_TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            time.sleep(_WAL_PAUSE)
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def _sort(context: ExceptionContext) -> Exception | None:
    """SQLAlchemy raises what this returns in place of its own error, at the statement that failed."""
    return None if context.sqlalchemy_exception is None else sorted_error(context.sqlalchemy_exception)
