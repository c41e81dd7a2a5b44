"""What must hold between the desk's rows: each rule as the query of the rows that break it, and what to say of them.

A query has one column, which names the row that breaks the rule, so that a person can look it up.
"""

from typing import NamedTuple

from sqlalchemy import Column, ColumnElement, Select, and_, case, exists, func, or_, select

from store.deliveries import BOUNCED, FAILED, IN_DOUBT, QUEUED, SENDING, SENT, SUPPRESSED
from store.records import OUTCOMES
from store.rows import COMPLAINED, FAILING, REACHABLE, SUSPENDED
from store.schema import (
    dead_letters,
    deliveries,
    endpoints,
    events,
    greetings,
    inbox,
    messages,
    originals,
    parked,
    participants,
    tickets,
)

Broken = Select[tuple[str]] | Select[tuple[int]]


class Rule(NamedTuple):
    """A rule that no row may break."""

    words: str  # What the rows that break it are; their number follows.
    broken: Broken


def rules() -> tuple[Rule, ...]:
    """All rules over rows alone, from the record that comes in to the answer that goes out."""
    return (*_of_outcomes(), *_of_tickets(), *_of_deliveries(), *_of_people())


DELIVERY_STATES = (QUEUED, SENDING, SENT, IN_DOUBT, BOUNCED, FAILED, SUPPRESSED)

ENDPOINT_STATES = (REACHABLE, FAILING, SUSPENDED, COMPLAINED)

_TOLD_OF_BOUNCE = ("delivery-failed", "bounce-noted", "alert-failed")  # Kinds of events.
_ONCE = "loop-suspected"  # The kind of an event that a ticket has at most once.
_KEPT = ("opened", "continued", "joined")  # Outcomes that make a record a message of a ticket.


def _of_outcomes() -> tuple[Rule, ...]:
    is_message = exists().where(messages.c.id == inbox.c.id, messages.c.ticket == inbox.c.ticket)
    # A record whose bytes cannot be read goes by its letter's id.
    has_letter = exists().where(or_(dead_letters.c.record == inbox.c.id, dead_letters.c.id == inbox.c.id))
    is_parked = exists().where(parked.c.id == inbox.c.id, parked.c.state != "accepted")
    has_outcome = exists().where(inbox.c.id == parked.c.id)
    died = exists().where(dead_letters.c.record == originals.c.raw)  # One more record told of it, before its replay.
    waits = exists().where(greetings.c.id == inbox.c.id)
    greeted = inbox.c.outcome == "greeted"
    return (
        Rule("records with an outcome that does not exist", _ids(inbox.c.outcome.not_in(OUTCOMES))),
        Rule(
            "records that name a ticket which does not exist",
            _ids(inbox.c.ticket.is_not(None), ~exists().where(tickets.c.number == inbox.c.ticket)),
        ),
        Rule(
            "records that count as messages of a ticket and are not there",
            _ids(inbox.c.outcome.in_(_KEPT), ~is_message),
        ),
        Rule(
            "greetings that joined a ticket and are not there", _ids(greeted, inbox.c.ticket.is_not(None), ~is_message)
        ),
        Rule("greetings that wait for their ticket and are not kept", _ids(greeted, inbox.c.ticket.is_(None), ~waits)),
        Rule("records that count as parked and do not wait there", _ids(inbox.c.outcome == "parked", ~is_parked)),
        Rule("records that count as dead and have no dead letter", _ids(inbox.c.outcome == "dead", ~has_letter)),
        Rule("parked records without an outcome", select(parked.c.id).where(~has_outcome)),
        Rule(
            "payloads that gave fewer records than have an outcome",
            select(originals.c.raw)
            .join(inbox, inbox.c.raw == originals.c.raw)
            .where(~died)
            .group_by(originals.c.raw, originals.c.records)
            .having(func.count() > originals.c.records),
        ),
    )


def _of_tickets() -> tuple[Rule, ...]:
    came_in = exists().where(inbox.c.id == messages.c.id, inbox.c.ticket == messages.c.ticket)
    counted = tickets.outerjoin(messages, messages.c.ticket == tickets.c.number)
    told = tickets.outerjoin(events, events.c.ticket == tickets.c.number)
    opened = func.sum(case((events.c.kind == "opened", 1), else_=0))
    return (
        Rule("messages of tickets without an outcome that led there", select(messages.c.id).where(~came_in)),
        Rule(
            "tickets that do not have all the messages that they count",
            select(tickets.c.number)
            .select_from(counted)
            .group_by(tickets.c.number, tickets.c.messages)
            .having(_is_not_sequence(messages.c.seq, tickets.c.messages)),
        ),
        Rule(
            "tickets that do not have an event for each change that they count",
            select(tickets.c.number)
            .select_from(told)
            .group_by(tickets.c.number, tickets.c.version)
            .having(_is_not_sequence(events.c.seq, tickets.c.version)),
        ),
        Rule(
            "tickets that were not opened exactly once",
            select(tickets.c.number).select_from(told).group_by(tickets.c.number).having(opened != 1),
        ),
        Rule(
            "tickets that several records opened",
            select(inbox.c.ticket).where(inbox.c.outcome == "opened").group_by(inbox.c.ticket).having(func.count() > 1),
        ),
    )


def _of_deliveries() -> tuple[Rule, ...]:
    unsettled = deliveries.c.settled_at.is_(None)
    has_ticket = exists().where(tickets.c.number == deliveries.c.ticket)
    is_told = exists().where(events.c.ticket == deliveries.c.ticket, events.c.kind.in_(_TOLD_OF_BOUNCE))
    return (
        Rule(
            "deliveries in a state that does not exist",
            select(deliveries.c.id).where(deliveries.c.state.not_in(DELIVERY_STATES)),
        ),
        Rule("deliveries that belong to no ticket", select(deliveries.c.id).where(~has_ticket)),
        Rule(
            "deliveries that came back and whose ticket does not say so",
            select(deliveries.c.id).where(deliveries.c.state == BOUNCED, has_ticket, ~is_told),
        ),
        Rule(
            # One that was decided against when it was written has no moment of settling.
            "deliveries that do not agree whether they are settled",
            select(deliveries.c.id).where(
                or_(
                    and_(deliveries.c.state.in_((QUEUED, SENDING)), ~unsettled),
                    and_(deliveries.c.state.in_((SENT, IN_DOUBT, BOUNCED)), unsettled),
                )
            ),
        ),
    )


def _of_people() -> tuple[Rule, ...]:
    return (
        Rule(
            "tickets whose people did not join one after the other",
            select(participants.c.ticket)
            .group_by(participants.c.ticket)
            .having(func.max(participants.c.seq) != func.count()),
        ),
        Rule(
            "tickets that tell of the same flood twice",
            select(events.c.ticket).where(events.c.kind == _ONCE).group_by(events.c.ticket).having(func.count() > 1),
        ),
        Rule(
            "addresses in a state that does not exist",
            select(endpoints.c.value).where(endpoints.c.state.not_in(ENDPOINT_STATES)),
        ),
    )


def _ids(*which: ColumnElement[bool]) -> Broken:
    return select(inbox.c.id).where(*which)


def _is_not_sequence(seq: Column[int], count: Column[int]) -> ColumnElement[bool]:
    """Whether the numbers from 1 to `count` are not all there."""
    return or_(func.count(seq) != count, func.coalesce(func.max(seq), 0) != count)
