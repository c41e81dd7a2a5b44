"""The database's errors, sorted by what the caller must do next."""

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, StatementError

from store.errors import StorageBroken, Temporary

# Result codes of SQLite that pass by themselves or when an operator makes room: https://www.sqlite.org/rescode.html.
# An extended code begins with its primary one (SQLITE_BUSY_SNAPSHOT).
_SQLITE_TEMPORARY = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_FULL",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
    "SQLITE_PERM",
    "SQLITE_NOMEM",
    "SQLITE_INTERRUPT",
    "SQLITE_PROTOCOL",
)
_SQLITE_BROKEN = ("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB")

# Classes of PostgreSQL's SQLSTATE: https://www.postgresql.org/docs/18/errcodes-appendix.html. Connection, transaction
# rolled back (deadlock, serialization), resources (disk full, too many connections), a lock not had in time,
# an operator's intervention (shutdown), a server that only reads (a failover), its system (I/O).
_POSTGRES_TEMPORARY = ("08", "40", "53", "55P03", "57", "25006", "25P03", "58")


def sorted_error(error: StatementError) -> Exception | None:
    """The same trouble in the words of `store.errors`; None for a defect of ours or of the data, which stays."""
    driver = error.orig
    if isinstance(driver, sqlite3.Error):
        return _of_sqlite(driver)
    if isinstance(driver, psycopg.Error):
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        return _of_postgres(driver, lost=lost)
    return None


def _of_sqlite(error: sqlite3.Error) -> Exception | None:
    name = getattr(error, "sqlite_errorname", "")  # Absent where the driver itself objects.
    if name.startswith(_SQLITE_BROKEN):
        return StorageBroken(
            f"the database is damaged or its disk failed ({name}: {error}): check the disk, then start again"
        )
    if name.startswith("SQLITE_FULL"):
        return Temporary(f"the disk of the database is full ({error}): make room, and the work goes on by itself")
    if name.startswith(_SQLITE_TEMPORARY):
        return Temporary(f"the database cannot be used now ({name}: {error}): trying again")
    return None


def _of_postgres(error: psycopg.Error, *, lost: bool) -> Exception | None:
    # Without a state it was the client that failed: no connection could be made, or it broke.
    unreachable = error.sqlstate is None and isinstance(error, psycopg.OperationalError)
    if lost or unreachable or (error.sqlstate or "").startswith(_POSTGRES_TEMPORARY):
        what = (str(error).strip() or type(error).__name__).splitlines()[0]
        return Temporary(f"PostgreSQL cannot do this now ({what}): trying again")
    return None
