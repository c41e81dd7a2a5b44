"""What the desk's database promises, on SQLite and on PostgreSQL."""

import asyncio
import contextlib
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from store.database import Database, lock_desk, open_database
from store.errors import Permanent, StorageBroken, Temporary
from store.schema import counters, progress


def put(connection: Connection, name: str, value: str = "") -> None:
    connection.execute(insert(progress).values(name=name, value=value))


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(progress.c.name).order_by(progress.c.name)))


async def test_what_is_written_is_read_back(database: Database) -> None:
    await database.write(lambda connection: put(connection, "a"))

    assert await database.read(names) == ["a"]


async def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    def fails(connection: Connection) -> None:
        put(connection, "a")
        raise ValueError("of the caller")

    with pytest.raises(ValueError, match="of the caller"):
        await database.write(fails)

    assert await database.read(names) == []


async def test_a_savepoint_undoes_only_itself(database: Database) -> None:
    def partly(connection: Connection) -> None:
        put(connection, "a")
        with contextlib.suppress(IntegrityError), connection.begin_nested():
            put(connection, "b")
            put(connection, "a")
        put(connection, "c")

    await database.write(partly)

    assert await database.read(names) == ["a", "c"]


async def test_a_read_that_writes_changes_nothing(database: Database) -> None:
    def writes(connection: Connection) -> None:
        put(connection, "a")

    with contextlib.suppress(SQLAlchemyError, Temporary):  # PostgreSQL refuses; SQLite undoes.
        await database.read(writes)

    assert await database.read(names) == []


async def test_a_read_runs_beside_a_writer_and_sees_one_state(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def reads_twice(connection: Connection) -> tuple[list[str], list[str]]:
        before = names(connection)
        begun.set()
        assert go_on.wait(10)
        return before, names(connection)

    reading = asyncio.ensure_future(database.read(reads_twice))
    assert await asyncio.to_thread(begun.wait, 10)
    await database.write(lambda connection: put(connection, "a"))
    go_on.set()

    assert await reading == ([], [])
    assert await database.read(names) == ["a"]


async def test_concurrent_counting_loses_no_update(database: Database) -> None:
    await database.write(lambda connection: connection.execute(insert(counters).values(name="n", value=0)))

    def count(connection: Connection) -> None:
        value = connection.scalar(select(counters.c.value))
        connection.execute(counters.update().values(value=value + 1))

    await asyncio.gather(*(database.write(count) for _ in range(50)))

    assert await database.read(lambda connection: connection.scalar(select(counters.c.value))) == 50


async def test_two_processes_lose_no_update_under_the_desks_lock(database_url: str, database: Database) -> None:
    await database.write(lambda connection: connection.execute(insert(counters).values(name="n", value=0)))
    other = open_database(database_url)

    def count(connection: Connection) -> None:
        lock_desk(connection)
        value = connection.scalar(select(counters.c.value))
        connection.execute(counters.update().values(value=value + 1))

    await asyncio.gather(*(each.write(count) for each in (database, other) for _ in range(25)))
    await other.close()

    assert await database.read(lambda connection: connection.scalar(select(counters.c.value))) == 50


async def test_a_lock_that_is_not_had_in_time_is_temporary(database_url: str, database: Database) -> None:
    impatient = open_database(database_url, busy_timeout=0.1)
    locked, go_on = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        lock_desk(connection)
        locked.set()
        assert go_on.wait(10)

    holding = asyncio.ensure_future(database.write(hold))
    assert await asyncio.to_thread(locked.wait, 10)
    with pytest.raises(Temporary):
        await impatient.write(lock_desk)
    go_on.set()
    await holding

    await impatient.write(lock_desk)
    await impatient.close()


async def test_a_defect_of_ours_stays_what_it_is(database: Database) -> None:
    with pytest.raises(SQLAlchemyError, match="no_such_table"):
        await database.write(lambda connection: connection.execute(text("SELECT * FROM no_such_table")))


async def test_an_error_is_sorted_where_the_statement_fails(database_url: str, database: Database) -> None:
    impatient = open_database(database_url, busy_timeout=0.1)
    caught: list[Temporary] = []
    locked, go_on = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        put(connection, "a")
        locked.set()
        assert go_on.wait(10)

    def second(connection: Connection) -> None:
        try:
            with connection.begin_nested():
                put(connection, "a")
        except Temporary as error:
            caught.append(error)

    holding = asyncio.ensure_future(database.write(hold))
    assert await asyncio.to_thread(locked.wait, 10)
    if database.embedded:
        with pytest.raises(Temporary):  # It waits for the lock before anything else.
            await impatient.write(second)
    else:
        await impatient.write(second)
        assert len(caught) == 1
    go_on.set()
    await holding
    await impatient.close()


async def test_a_server_that_is_not_there_is_temporary() -> None:
    database = open_database("postgresql://127.0.0.1:9/desk")

    with pytest.raises(Temporary, match="PostgreSQL cannot do this now"):
        await database.read(names)
    await database.close()


async def test_a_connection_that_the_server_ended_is_temporary_and_replaced(
    postgres_url: str,
) -> None:
    database = open_database(postgres_url)
    await database.write(progress.create)

    with pytest.raises(Temporary):
        await database.write(
            lambda connection: connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        )

    await database.write(lambda connection: put(connection, "a"))
    assert await database.read(names) == ["a"]
    await database.close()


async def test_a_full_disk_is_temporary_and_loses_nothing(tmp_path: Path) -> None:
    database = open_database(f"sqlite:{tmp_path / 'desk.db'}")
    await database.write(progress.create)
    await database.write(lambda connection: put(connection, "a"))

    def fill(connection: Connection) -> None:
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))  # SQLite then says what a full disk makes it say.
        put(connection, "b", "x" * 1_000_000)

    with pytest.raises(Temporary, match="make room"):
        await database.write(fill)

    assert await database.read(names) == ["a"]
    await database.close()


async def test_a_damaged_file_stops_the_process(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(b"this is no database" * 1000)
    database = open_database(f"sqlite:{path}")

    with pytest.raises(StorageBroken, match="SQLITE_NOTADB"):
        await database.read(names)
    await database.close()


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    database = open_database(f"sqlite:{tmp_path / 'absent' / 'desk.db'}")

    with pytest.raises(Temporary, match="SQLITE_CANTOPEN"):
        await database.read(names)
    await database.close()


async def test_sqlite_commits_are_on_the_disk(tmp_path: Path) -> None:
    database = open_database(f"sqlite:{tmp_path / 'desk.db'}")

    levels = await database.write(
        lambda connection: [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "journal_mode", "foreign_keys", "secure_delete")
        ]
    )

    assert levels == [2, "wal", 1, 1]
    await database.close()


async def test_postgres_commits_are_on_the_disk_whatever_the_servers_default(postgres_url: str) -> None:
    lax = open_database(postgres_url)
    name = lax.engine.url.database
    await lax.write(
        lambda connection: connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    )
    await lax.close()

    database = open_database(postgres_url)
    setting = await database.write(lambda connection: connection.scalar(text("SHOW synchronous_commit")))

    assert setting == "on"
    await database.close()


def test_another_kind_of_database_is_refused_with_words() -> None:
    with pytest.raises(Permanent, match="'mysql'"):
        open_database("mysql://desk")


async def test_closing_waits_for_what_runs(database_url: str, database: Database) -> None:
    other = open_database(database_url)
    writing = asyncio.ensure_future(other.write(lambda connection: put(connection, "a")))
    await asyncio.sleep(0)
    await other.close()
    await writing

    assert await database.read(lambda connection: connection.scalar(select(func.count()).select_from(progress))) == 1
