"""Brings the desk's tables to the form that this release works with."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from store.database import Database, lock_desk
from store.errors import Permanent


async def migrate(database: Database) -> bool:
    """Take all steps that the database has not taken; returns whether there were any.

    It is one transaction: where it is interrupted, nothing was changed, and the next call begins again. Of two at once
    one waits for the other. Raises Permanent where a newer release has migrated the database, Temporary.
    """
    return await database.write(_migrate)


async def check_migrated(database: Database) -> None:
    """Refuse a database whose tables this release does not know: raises Permanent that says what to do; Temporary."""
    found = await database.read(_revision)
    newest = _steps().get_current_head()
    _check_known(found)
    if found != newest:
        raise Permanent(
            f"the desk's database has tables of revision {found or 'none'}, and this release works with {newest}: "
            "run `deskwire migrate`, then start again"
        )


def _migrate(connection: Connection) -> bool:
    lock_desk(connection)
    found = _revision(connection)
    _check_known(found)
    if found == _steps().get_current_head():
        return False
    command.upgrade(_config(connection), "head")
    return True


def _check_known(revision: str | None) -> None:
    known = [step.revision for step in _steps().walk_revisions()]
    if revision is not None and revision not in known:
        raise Permanent(
            f"the desk's database has tables of revision {revision}, which this release does not know: a newer release "
            "has migrated it; install that release, or restore the database from a backup made before"
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _steps() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", "store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
