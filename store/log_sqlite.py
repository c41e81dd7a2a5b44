"""The file of the embedded log: its tables and the few statements that write and read it.

Python's `sqlite3` gives up the interpreter lock at every step of a statement, and beside a busy event loop a thread
may wait milliseconds to get it back, each time. So an append is one statement of one step, and so is a read.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from store.bus import Stored, TopicPartition
from store.errors import Permanent, StorageBroken, Temporary

_FULL = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
_LAYOUT = 1  # Of these tables; kept in the file's user_version.
_ROWS = 500  # Of one statement: 5 values each, far below SQLite's 32,766 (SQLITE_MAX_VARIABLE_NUMBER since 3.32).

# The trigger numbers the records inside the statement that inserts them, so that offsets have no gap and follow the
# order of commits, whichever process writes.
_TABLES = """
CREATE TABLE layout (partitions INTEGER NOT NULL);
CREATE TABLE heads (
    topic TEXT NOT NULL,
    part INTEGER NOT NULL,
    first INTEGER NOT NULL DEFAULT 0,
    next INTEGER NOT NULL,
    PRIMARY KEY (topic, part)
) WITHOUT ROWID;
CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    part INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    at INTEGER NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    UNIQUE (topic, part, offset)
);
CREATE VIEW entries AS SELECT topic, part, at, key, value FROM records;
CREATE TRIGGER number_entries INSTEAD OF INSERT ON entries BEGIN
    INSERT INTO heads (topic, part, next) VALUES (new.topic, new.part, 1)
        ON CONFLICT (topic, part) DO UPDATE SET next = next + 1;
    INSERT INTO records (topic, part, offset, at, key, value)
        SELECT new.topic, new.part, next - 1, new.at, new.key, new.value
        FROM heads WHERE topic = new.topic AND part = new.part;
END;
"""

_HEADS = """
SELECT json_group_array(json_array(topic, part, first, next)) FROM heads
WHERE topic IN (SELECT value FROM json_each(?))
"""

# Everything comes back as one row: where the records stand and how long they are, and their bytes end to end.
_RANGES = """
WITH picked AS (
    SELECT
        r.id,
        sum(length(r.value)) OVER (ORDER BY wanted.key, r.offset) - length(r.value) AS before
    FROM json_each(?) AS wanted
    JOIN records AS r
        ON r.topic = json_extract(wanted.value, '$[0]')
        AND r.part = json_extract(wanted.value, '$[1]')
        AND r.offset >= json_extract(wanted.value, '$[2]')
        AND r.offset < json_extract(wanted.value, '$[3]')
)
SELECT
    json_group_array(json_array(r.topic, r.part, r.offset, r.key, length(r.value))),
    CAST(group_concat(CAST(r.value AS TEXT), '') AS BLOB)
FROM picked JOIN records AS r USING (id)
WHERE before < ?
"""


class Row(NamedTuple):
    """A record on its way into the file."""

    topic: str
    part: int
    at: int  # Milliseconds since 1970, for retention.
    key: str
    value: bytes


class Span(NamedTuple):
    """What of a partition is kept."""

    first: int
    next: int


class Want(NamedTuple):
    """A part of a partition to read."""

    at: TopicPartition
    start: int
    stop: int  # Not included.


def open_writer(path: Path, partitions: int, busy_timeout: float) -> sqlite3.Connection:
    """The connection that writes and checkpoints; makes the file where there is none.

    Raises StorageBroken where the file cannot be written durably, Permanent where it was made for another number of
    partitions or by a newer release, Temporary where another process has it locked.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise StorageBroken(f"the log {path} cannot be opened ({error}): check the folder and its owner") from error
    try:
        _make_durable(connection, path)
        _make_tables(connection, path, partitions)
    except sqlite3.Error as error:
        connection.close()
        raise sorted_error(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path, busy_timeout: float) -> sqlite3.Connection:
    """A connection that only reads, beside the writer."""
    try:
        connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        raise sorted_error(error, path) from error
    return connection


def append(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Write all rows or none; durable on return."""
    if len(rows) <= _ROWS:
        _insert(connection, rows)
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for start in range(0, len(rows), _ROWS):
            _insert(connection, rows[start : start + _ROWS])
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def heads(connection: sqlite3.Connection, topics: Iterable[str]) -> Mapping[TopicPartition, Span]:
    """What is kept of each partition that was ever written to."""
    (found,) = connection.execute(_HEADS, (json.dumps(list(topics)),)).fetchone()
    return {TopicPartition(topic, part): Span(first, after) for topic, part, first, after in json.loads(found)}


def read_ranges(connection: sqlite3.Connection, wants: Sequence[Want], budget: int) -> Sequence[Stored]:
    """The records that are wanted, one partition after the other, until `budget` bytes are reached; at least one."""
    asked = json.dumps([(*want.at, want.start, want.stop) for want in wants])
    places, values = connection.execute(_RANGES, (asked, budget)).fetchone()
    records = []
    start = 0
    for topic, part, offset, key, size in json.loads(places):
        records.append(Stored(TopicPartition(topic, part), offset, key, values[start : start + size]))
        start += size
    return sorted(records, key=lambda record: (record.at, record.offset))


def forget(connection: sqlite3.Connection, at: TopicPartition, before: int, most: int) -> int:
    """Delete up to `most` of the oldest records that were stored before a time; returns how many they were.

    The head stays, so that offsets never start again. A clock that was set back keeps records longer, never shorter:
    nothing is deleted from behind a record that stays.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        span = heads(connection, [at.topic]).get(at, Span(0, 0))
        (kept,) = connection.execute(
            "SELECT min(offset) FROM (SELECT offset FROM records WHERE topic = ? AND part = ? AND at >= ?"
            " ORDER BY offset LIMIT 1)",
            (*at, before),
        ).fetchone()
        first = min(span.next if kept is None else kept, span.first + most)
        connection.execute("DELETE FROM records WHERE topic = ? AND part = ? AND offset < ?", (*at, first))
        connection.execute("UPDATE heads SET first = ? WHERE topic = ? AND part = ?", (first, *at))
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return first - span.first


def sorted_error(error: sqlite3.Error, path: Path) -> Exception:
    """The same trouble in the words of `store.errors`; a defect of ours stays what it is."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name == "SQLITE_FULL":
        return Temporary(f"the disk of {path} is full: free some space; trying again")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Temporary(f"another process has {path} locked ({name}); trying again")
    if name.startswith(("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return StorageBroken(
            f"the log {path} cannot be trusted any more ({name}: {error}): check the disk and the file"
        )
    return error


def _insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    marks = ",".join(["(?,?,?,?,?)"] * len(rows))
    values = [value for row in rows for value in row]
    connection.execute(f"INSERT INTO entries (topic, part, at, key, value) VALUES {marks}", values)  # noqa: S608 (marks)


def _make_durable(connection: sqlite3.Connection, path: Path) -> None:
    """A commit is on the disk when it returns: NORMAL loses acknowledged commits at a power cut."""
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # What retention deletes is gone from the disk as well.
    (level,) = connection.execute("PRAGMA synchronous").fetchone()
    if mode != "wal" or level != _FULL:
        raise StorageBroken(
            f"SQLite opened {path} with journal_mode={mode} and synchronous={level}, and wal and 2 (FULL) are needed: "
            "put the log on a local disk, or use another build of SQLite"
        )


def _make_tables(connection: sqlite3.Connection, path: Path, partitions: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout > _LAYOUT:
            raise Permanent(
                f"{path} has layout {layout}, and this release knows up to {_LAYOUT}: use the newer release"
            )
        if layout == 0:
            for statement in _statements(_TABLES):
                connection.execute(statement)
            connection.execute("INSERT INTO layout (partitions) VALUES (?)", (partitions,))
            connection.execute(f"PRAGMA user_version = {_LAYOUT}")
        (found,) = connection.execute("SELECT partitions FROM layout").fetchone()
        if found != partitions:
            raise Permanent(
                f"{path} has {found} partitions in each topic, and the settings say {partitions}: set "
                f"`bus.partitions` back to {found}, or start a new log once this one is read to its end"
            )
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _statements(script: str) -> Iterable[str]:
    """One by one, because `executescript` would commit the transaction first."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
