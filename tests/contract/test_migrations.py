"""The steps make exactly the tables that the code works with, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, event, inspect, text

import store.migrations
from store.database import Database, open_database
from store.errors import Permanent
from store.migrate import check_migrated, migrate
from store.schema import metadata


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Database]:
    """A database without any table."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether it can be compared: the index of words is a table with tables of its own, or over an expression.

    The next test compares how it is made.
    """
    return not (kind in ("table", "index") and (name or "").startswith(("texts_index", "ix_texts_words")))


def differences(connection: Connection) -> list[object]:
    opts = {"compare_type": True, "compare_server_default": True, "include_name": is_ours}
    context = MigrationContext.configure(connection, opts=opts)
    return list(compare_metadata(context, metadata))


def indexes(connection: Connection) -> list[tuple[str, str]]:
    """Each index as the database says it, with the condition that the comparison above leaves out."""
    if connection.dialect.name == "sqlite":
        kinds = "type IN ('index', 'trigger') OR name = 'texts_index'"
        query = f"SELECT name, sql FROM sqlite_master WHERE ({kinds}) AND sql IS NOT NULL ORDER BY name"
    else:
        query = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"
    rows = connection.execute(text(query))
    return [(name, definition) for name, definition in rows if name != "alembic_version_pkc"]


async def test_the_steps_make_the_tables_of_the_schema(empty: Database) -> None:
    assert await empty.write(differences)

    await migrate(empty)

    assert await empty.write(differences) == []


async def test_the_steps_make_the_indexes_of_the_schema(empty: Database) -> None:
    await migrate(empty)
    migrated = await empty.read(indexes)

    await empty.write(metadata.drop_all)
    await empty.write(metadata.create_all)

    assert migrated == await empty.read(indexes)


async def test_a_migrated_database_is_accepted(empty: Database) -> None:
    await migrate(empty)

    await check_migrated(empty)


async def test_migrating_twice_changes_nothing_the_second_time(empty: Database) -> None:
    assert await migrate(empty) is True
    assert await migrate(empty) is False


class Interrupted(Exception):
    pass


async def test_an_interrupted_migration_leaves_nothing_and_begins_again(empty: Database) -> None:
    tables = 0

    def count(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        nonlocal tables
        tables += "CREATE TABLE" in statement
        if tables == 7:
            raise Interrupted

    event.listen(empty.engine, "before_cursor_execute", count)
    with pytest.raises(Interrupted):
        await migrate(empty)
    event.remove(empty.engine, "before_cursor_execute", count)

    assert await empty.read(lambda connection: inspect(connection).get_table_names()) == []
    assert await migrate(empty) is True
    assert await empty.write(differences) == []


async def test_a_database_without_tables_is_refused_with_the_command_to_run(empty: Database) -> None:
    with pytest.raises(Permanent, match="deskwire migrate"):
        await check_migrated(empty)


async def test_a_database_of_a_newer_release_is_refused(empty: Database) -> None:
    await migrate(empty)
    await empty.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))

    with pytest.raises(Permanent, match="newer release"):
        await check_migrated(empty)
    with pytest.raises(Permanent, match="newer release"):
        await migrate(empty)


async def test_two_processes_that_migrate_at_once_take_each_step_once(database_url: str, empty: Database) -> None:
    other = open_database(database_url)

    changed = await asyncio.gather(migrate(empty), migrate(other))

    assert sorted(changed) == [False, True]
    await other.close()


def test_the_steps_are_part_of_the_package() -> None:
    steps = Path(store.migrations.__file__).parent

    assert {path.suffix for path in steps.rglob("*") if path.is_file() and "__pycache__" not in path.parts} == {".py"}
