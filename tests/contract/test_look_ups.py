"""What a batch looks up is found by indexes, so that no query costs more the longer the desk has been in use."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event

from notifier.limits import Used
from notifier.notification import Notification
from notifier.policy import Destination, Outlet
from notifier.policy import Policy as NotifierPolicy
from router.facts import gather
from store import deliveries, inbox, links
from store.database import Database
from store.events import TicketEvent
from store.outgoing import Purpose
from store.records import Action, DeliveryReport, Edit, Fact, Forwarded, Membership
from store.tokens import Token, actor_of, sign
from tests.contract.router_desk import Desk
from tests.unit.router.given import ANN, BOB, KEY, NOW, chat_message, message, policy, ticket

SIGNED = sign(KEY, Token(100009, actor_of(ANN), "s"), now=NOW, lifetime=timedelta(days=1))
RECORDS = (
    message(tokens=(SIGNED,), references=("<m0@acme.example>", f"<{SIGNED}@desk.example>"), subject="[Desk 100009]"),
    message(id="m2", forwarded=Forwarded(sender=BOB, external_id="<f@acme.example>"), fingerprint="f2"),
    message(id="m3", facts=(Fact(name="audience", value="machine"),), fingerprint="f3"),
    chat_message(),
    Edit(id="e1", raw="r", channel="bot", external_id="77:1", sender=ANN, text="x", edited_at=NOW, fingerprint="fe1"),
    Membership(id="j1", raw="r", channel="bot", chat="77", change="left", at=NOW, fingerprint="fj1"),
    DeliveryReport(id="d1", channel="mail-it", delivery="one", outcome="sent", at=NOW, fingerprint="fd1"),
    DeliveryReport(
        id="d2",
        channel="mail-it",
        outcome="bounced",
        references=(f"<{SIGNED}@desk.example>",),
        tokens=(SIGNED,),
        at=NOW,
        fingerprint="fd2",
    ),
    Action(id="a1", kind="accept", actor="operator:jan", item="p1", at=NOW),
    Action(id="a0", kind="split", actor="operator:jan", ticket=100009, item="m0", at=NOW),
    Action(id="a2", kind="note", actor="operator:jan", ticket=100009, text="x", at=NOW),
)
DESK = NotifierPolicy(
    languages=("en",),
    teams={"help": Destination(channel="mail-it", kind="mail", address="team@desk.example")},
    default_team="help",
    outlets={"mail-it": Outlet(mails=True)},
    own=frozenset(),
)


def told(purpose: Purpose) -> Notification:
    happened = TicketEvent(
        id="e", kind="opened", ticket=ticket().view, actor="customer", cause="m1", message=message(), at=NOW
    )
    return Notification(
        effect=f"{purpose}-1",
        purpose=purpose,
        template="answer",
        channel="mail-it",
        kind="mail",
        address=ANN.value,
        language="en",
        event=happened,
    )


def of_router(connection: Connection) -> None:
    inbox.outcomes(connection, ["m1"])
    links.followers(connection, [1])
    gather(connection, RECORDS, policy(), NOW)


def of_notifier(connection: Connection) -> None:
    deliveries.known(connection, ["one"])
    planned = [told(Purpose.ACKNOWLEDGEMENT), told(Purpose.ANSWER)]
    Used.read(connection, planned, DESK, NOW)


WITH = re.compile(r"(\w+)(?:\([^)]*\))? AS\s+(?:MATERIALIZED\s*)?\(")


def scans(connection: Connection, work: Callable[[Connection], None]) -> list[str]:
    """The queries of this work that would read a whole table."""
    asked: list[tuple[str, object]] = []

    def listen(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", listen)
    work(connection)
    event.remove(connection, "before_cursor_execute", listen)
    lite = connection.dialect.name == "sqlite"
    whole = re.compile(r"^SCAN (?!CONSTANT)" if lite else r"Seq Scan on")
    found = []
    for statement, parameters in asked:
        if not statement.lstrip().upper().startswith(("SELECT", "WITH")) or "advisory" in statement:
            continue
        own = set(WITH.findall(statement))  # Tables that the query makes itself are read whole.
        plan = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if lite else ''}{statement}", parameters)
        lines = [str(row[-1]) for row in plan]
        found += [f"{line}: {statement}" for line in lines if whole.search(line) and line.split()[1] not in own]
    return found


@pytest.mark.parametrize("work", [of_router, of_notifier])
async def test_nothing_that_a_batch_asks_reads_a_whole_table(
    database: Database, work: Callable[[Connection], None]
) -> None:
    await Desk(database).handle(message(id="m0", external_id="<m0@acme.example>", fingerprint="f0", digest="d0"))

    def look(connection: Connection) -> list[str]:
        if connection.dialect.name == "postgresql":
            # Where there is an index it is then used, however small the tables of a test are.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return scans(connection, work)

    assert await database.write(look) == []
