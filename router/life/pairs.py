"""Two tickets that belong together: each names the other, and each has an event that says so."""

from datetime import datetime

import msgspec

from router.draft import Draft
from router.known import Changes
from store.records import Decision
from store.rows import Link, Ticket


def with_related(ticket: Ticket, number: int) -> Ticket:
    """The ticket as one that names another."""
    return msgspec.structs.replace(ticket, related=tuple(sorted({*ticket.related, number})))


def tied(changes: Changes, other: Ticket, *, why: str, actor: str, at: datetime) -> Changes:
    """The changes of a ticket that names the other one already, with links both ways, and with an event of the other.

    The event of the ticket itself is its own affair. Changes without a ticket stay as they are.
    """
    ticket = changes.ticket
    if ticket is None:
        return changes
    draft = Draft(ticket=with_related(other, ticket.number)).with_event(
        "linked",
        cause=changes.settled.id,
        actor=actor,
        at=at,
        decision=Decision(outcome=changes.settled.outcome, ticket=other.number),
        text=f"{ticket.number} ({why})",
    )
    there = {(link.ticket, link.other) for link in changes.links}
    if ticket.number in other.related:
        there.add((other.number, ticket.number))
    both = [(ticket.number, other.number), (other.number, ticket.number)]
    links = [Link(ticket=one, other=two, because=why) for one, two in both if (one, two) not in there]
    return msgspec.structs.replace(
        changes,
        links=(*changes.links, *links),
        others=(*changes.others, draft.ticket),
        events=(*changes.events, *draft.events),
    )
