"""One message of a ticket becomes a ticket of its own; nothing is lost, and likeness joins nothing to either again.

It is that one message, whatever was written around it: whoever splits sees what moves. Where it stood, a note says
where it went. Both tickets name each other. No courtesy tells the customer: what they wrote is the same as before.
"""

import msgspec

from router import arrivals
from router.draft import Draft
from router.known import Changes, Facts
from router.life.pairs import with_related
from router.opening import open_one
from router.policy import Policy
from router.sameness.splitting import message_of
from store.errors import Permanent
from store.numbers import first_serial, numbered
from store.records import Action, Decision, Message, Reason
from store.rows import Link, Settled, Ticket

RULE = "split"  # Of a reason, and why two tickets are linked.


def split(plain: Changes, action: Action, decision: Decision, facts: Facts, policy: Policy) -> Changes:
    """The new ticket with the message, and the old one with a note in its place; `refusal` has allowed it."""
    kept, settled = facts.kept.get(action.item), facts.outcomes.get(action.item)
    old = facts.tickets.get(action.ticket) if action.ticket is not None else None
    message = message_of(kept) if kept is not None else None
    if kept is None or old is None or message is None or settled is None:
        raise Permanent(f"message {action.item} was to be split off and is not among the facts: a defect, report it")
    opening = _opened(action, message, old, facts, policy)
    number = opening.settled.ticket or 0
    left = _left(old, number, action, decision, facts)
    words = msgspec.structs.replace(action, text=action.text or f"→ {number}")
    note = msgspec.structs.replace(Draft(ticket=old).with_words(words, "note").messages[0], seq=kept.seq)
    return msgspec.structs.replace(
        opening,
        others=(*opening.others, left.ticket),
        messages=(*(one for one in opening.messages if one.id != message.id), note),
        moved=next(one for one in opening.messages if one.id == message.id),
        left=old.number,
        resettled=msgspec.structs.replace(settled, outcome="opened", ticket=number),
        events=(*opening.events, *left.events),
        links=_links(opening.links, number, old),
        settled=msgspec.structs.replace(plain.settled, ticket=old.number),
        again=plain.again,
        letter=plain.letter,
    )


def _opened(action: Action, message: Message, old: Ticket, facts: Facts, policy: Policy) -> Changes:
    """What follows where the message opens a ticket, by the word of whoever splits; `settled` has its number."""
    plain = Changes(settled=Settled(id=action.id, outcome="acted"))
    number = numbered(max(facts.serial + 1, first_serial(policy.digits)))
    decided = open_one(message, facts, policy)
    reason = Reason(part="conversation", result=f"split from {old.number}", rule=RULE, evidence=action.actor)
    decided = msgspec.structs.replace(decided, ticket=number, because=(reason, *decided.because[1:]))
    opening = arrivals.opened(plain, message, decided, facts, policy)
    if opening.ticket is None:
        raise Permanent(f"message {message.id} was to open a ticket and did not: a defect, report it")
    ticket = msgspec.structs.replace(with_related(opening.ticket, old.number), apart=True)
    events = tuple(
        kept._replace(event=msgspec.structs.replace(kept.event, actor=action.actor, ticket=ticket.view))
        for kept in opening.events
    )
    settled = msgspec.structs.replace(opening.settled, ticket=number)
    return msgspec.structs.replace(opening, ticket=ticket, events=events, settled=settled)


def _left(old: Ticket, new: int, action: Action, decision: Decision, facts: Facts) -> Draft:
    """The ticket from which it was taken."""
    ticket = msgspec.structs.replace(with_related(old, new), apart=True)
    return Draft(ticket=ticket).with_event(
        "split", cause=action.id, actor=action.actor, at=facts.now, decision=decision, text=str(new)
    )


def _links(known: tuple[Link, ...], new: int, old: Ticket) -> tuple[Link, ...]:
    """Both ways; a hint that points to the old ticket gives way."""
    others = (link for link in known if link.other != old.number)
    there, back = (Link(ticket=new, other=old.number, because=RULE), Link(ticket=old.number, other=new, because=RULE))
    return (*others, there, back)
