"""A blob by which a process knows that it has the blobs of this desk, and not an empty or another's store."""

from sqlalchemy import Connection

from store import progress
from store.blobs import Blobs
from store.database import Database
from store.errors import Permanent

_NAME = "blobs.canary"


async def write_canary(database: Database, blobs: Blobs, *, new_id: str) -> None:
    """Put the canary blob, once in a desk's life; later only check that it is there.

    `new_id` makes it unlike any other desk's. Raises Permanent as `check_canary` does, Temporary.
    """
    if await _key(database):
        await check_canary(database, blobs)
        return
    key = await blobs.put(f"The canary of a Deskwire desk: {new_id}\n".encode())
    await database.write(lambda connection: _note(connection, key))


async def check_canary(database: Database, blobs: Blobs) -> None:
    """Refuse blobs that are not this desk's: raises Permanent; Temporary where they do not answer."""
    key = await _key(database)
    if not key:
        raise Permanent("the desk's blobs were never prepared: run `deskwire migrate`, then start again")
    try:
        await blobs.get(key)
    except Permanent as error:
        raise Permanent(
            f"the blobs that the settings name are not those of this desk's database ({error}): "
            "correct `blobs` or `store` in the settings, or restore the blobs"
        ) from error


async def _key(database: Database) -> str:
    return await database.read(lambda connection: progress.get(connection, _NAME))


def _note(connection: Connection, key: str) -> None:
    # Of two that prepare at once either key may stay: both blobs are there.
    if not progress.get(connection, _NAME):
        progress.put(connection, _NAME, key)
