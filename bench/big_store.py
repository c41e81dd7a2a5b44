"""Fills a SQLite database with as many tickets as a desk has after years, in a few statements."""

from sqlalchemy import Connection, Integer, LargeBinary, Table, func, insert, literal, literal_column, select, text
from sqlalchemy.sql import ColumnElement
from sqlalchemy.types import BigInteger, Boolean

from store.instant import Instant
from store.schema import addresses, contacts, counters, inbox, messages, sketches, tickets

PER_CONTACT = 10  # Tickets.
_FIRST = 1_000_001  # A ticket's number.
_YEARS = 1_600_000_000_000_000  # Microseconds since 1970: 2020, from which on there is a ticket every two minutes.
_EVERY = 120_000_000

Columns = dict[str, ColumnElement[object]]
_N: ColumnElement[int] = literal_column("n", Integer)


def address_of(person: int) -> str:
    """The address of a contact, by its number from 0."""
    return f"c{person}@d{person % 97}.example"


def message_id(ticket: int) -> str:
    """The Message-ID of the first mail of a ticket, by its number from 0."""
    return f"<m{ticket}@desk.example>"


def filled(connection: Connection, many: int) -> None:
    """So many tickets, each with a message, a sketch and an outcome, of a tenth as many people."""
    person = _N % (many // PER_CONTACT)
    named = _joined("c", person, "@d", person % 97, ".example")
    at = literal(_YEARS) + _N * _EVERY
    _fill(connection, contacts, many // PER_CONTACT, {"id": _joined("contact", _N), "created_at": at})
    known: Columns = {"kind": literal("mail"), "value": named, "contact": _joined("contact", _N), "added_at": at}
    _fill(connection, addresses, many // PER_CONTACT, {**known, "proof": literal("domain-verified")})
    ticket: Columns = {
        "number": _N + _FIRST,
        "contact": _joined("contact", person),
        "state": func.iif(_N % 20 == 0, "open", "closed"),
        "team": _joined("team", _N % 9),
        "sender_kind": literal("mail"),
        "sender_value": named,
        "proof": literal("domain-verified"),
        "reply_channel": literal("mail-it"),
        "reply_address": named,
        "because": literal(b"[]"),
        "conversation": literal(b"[]"),
        "messages": literal(1),
        "version": literal(1),
        "opened_at": at,
        "changed_at": at,
    }
    _fill(connection, tickets, many, ticket)
    message: Columns = {
        "id": _joined("m", _N),
        "ticket": _N + _FIRST,
        "seq": literal(1),
        "direction": literal("in"),
        "external_id": _joined("<m", _N, "@desk.example>"),
        "sender_value": named,
        "received_at": at,
        "record": literal(b"x" * 500),
    }
    _fill(connection, messages, many, message)
    said: Columns = {
        "message": _joined("m", _N),
        "ticket": _N + _FIRST,
        "contact": _joined("contact", person),
        "at": at,
    }
    _fill(connection, sketches, many, {**said, "sketch": literal(b"x" * 64)})
    outcome: Columns = {"id": _joined("m", _N), "raw": _joined("raw", _N), "outcome": literal("opened"), "at": at}
    _fill(connection, inbox, many, {**outcome, "ticket": _N + _FIRST, "fingerprint": _joined("f", _N)})
    connection.execute(insert(counters), [{"name": "ticket", "value": many + _FIRST // 10}])
    connection.execute(text("ANALYZE"))


def _joined(*parts: str | ColumnElement[int]) -> ColumnElement[object]:
    pieces = [literal(part) if isinstance(part, str) else part for part in parts]
    return func.printf("%s" * len(pieces), *pieces)


def _fill(connection: Connection, table: Table, many: int, given: Columns) -> None:
    """Rows of which each has its own number `n`, from 0; a column that is not given is empty."""
    rows = {column.name: given.get(column.name, _nothing(table, column.name)) for column in table.c}
    rows = {name: value for name, value in rows.items() if value is not None}
    numbers = text(
        "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :many) "
        "SELECT n FROM numbers"
    )
    source = select(*rows.values()).select_from(numbers.columns(n=Integer).bindparams(many=many).subquery("numbers"))
    connection.execute(insert(table).from_select(list(rows), source, include_defaults=False))


def _nothing(table: Table, name: str) -> ColumnElement[object] | None:
    column = table.c[name]
    if column.nullable:
        return None
    if isinstance(column.type, LargeBinary):
        return literal(b"")
    return literal(0) if isinstance(column.type, Integer | BigInteger | Boolean | Instant) else literal("")
