"""What was said in tickets, as a search looks through it."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection, Select, delete, insert, select, text

from store.rows import KeptMessage
from store.schema import texts

MOST_FOUND = 10_000  # Messages of one search, the newest: what has more is no search.
_BEGINNING = 3  # Characters from which on a word is looked up as the beginning of longer ones.


_ON_SQLITE = "SELECT rowid AS id FROM texts_index WHERE texts_index MATCH :asked ORDER BY rowid DESC LIMIT :most"
_ON_POSTGRESQL = (
    "SELECT id FROM texts WHERE array_to_tsvector(string_to_array(words, ' ')) @@ CAST(:asked AS tsquery) "
    "ORDER BY id DESC LIMIT :most"
)


def add(connection: Connection, several: Sequence[KeptMessage]) -> None:
    """Write the words of messages that stand already; one without any has no row."""
    rows = [{"message": kept.id, "ticket": kept.ticket, "words": kept.words} for kept in several if kept.words]
    if rows:
        connection.execute(_ADD, rows)


_ADD = insert(texts)


def put(connection: Connection, kept: KeptMessage) -> None:
    """Write the words of a message in place of those that it had; it stays in its ticket."""
    ticket = connection.scalar(select(texts.c.ticket).where(texts.c.message == kept.id))
    connection.execute(delete(texts).where(texts.c.message == kept.id))
    add(connection, [kept] if ticket is None else [msgspec.structs.replace(kept, ticket=ticket)])


def having(connection: Connection, words: Iterable[str]) -> Select[int]:
    """The tickets in which one message has all of these words, as `store.words.searched` gives them.

    A word of three characters or more may be the beginning of a longer one.
    """
    if connection.dialect.name == "sqlite":
        asked = " AND ".join(f'"{word}"*' if len(word) >= _BEGINNING else f'"{word}"' for word in words)
        found = text(_ON_SQLITE)
    else:
        asked = " & ".join(f"'{word}':*" if len(word) >= _BEGINNING else f"'{word}'" for word in words)
        found = text(_ON_POSTGRESQL)
    rows = found.bindparams(asked=asked, most=MOST_FOUND).columns(texts.c.id).subquery("found")
    return select(texts.c.ticket).where(texts.c.id.in_(select(rows.c.id)))
