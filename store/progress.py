"""How far a channel has read its source: one value for each name, which only that channel understands."""

from sqlalchemy import Connection, select

from store.schema import progress
from store.upsert import insert


def get(connection: Connection, name: str) -> str:
    """The value; empty where none was put."""
    return connection.scalar(select(progress.c.value).where(progress.c.name == name)) or ""


def put(connection: Connection, name: str, value: str) -> None:
    """Keep the value in place of an earlier one. `name` begins with the channel's."""
    connection.execute(
        insert(connection, progress)
        .values(name=name, value=value)
        .on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )
