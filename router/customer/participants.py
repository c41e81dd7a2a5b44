"""Who is let into a ticket by being named in To or Cc, and who is only written down as named."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from router import evidence
from router.customer.identity import PROVEN_DOMAIN, proven
from router.known import Facts
from router.policy import Policy
from store.records import MAX_OTHERS, Address, Message, Proof, Reason
from store.rows import Ticket

PEOPLE = "people"  # The part of a reason.
NAMED_AT_OPENING = "named by the sender who opened the ticket"
NAMED_LATER = "named by the customer"
UNPROVEN = "the sender is not proven enough to let others in"
NOT_THEIRS = "only the customer lets others in"
TOO_MANY = f"a ticket has at most {MAX_OTHERS} people beside its customer"

_MAY_LET_IN = frozenset({Proof.TOKEN_AND_DOMAIN, Proof.SESSION})
_SHOWN = 200  # Characters of their addresses in a reason.


class Newcomers(NamedTuple):
    """Whom a message names who does not take part yet."""

    joined: tuple[Address, ...] = ()  # They get what comes later, and nothing from before.
    left_out: tuple[Address, ...] = ()
    rule: str = ""
    why_not: str = ""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Who was let in and who was not, and why."""
        return (
            *_told("added", self.rule, self.joined),
            *_told("not added", self.why_not, self.left_out),
        )


def at_opening(message: Message, policy: Policy) -> Newcomers:
    """Whom the sender of a new ticket brings along.

    A sender who is not proven brings nobody: else a forged mail would have us write to whomever it names.
    """
    if not message.others:
        return Newcomers()
    fresh = tuple(_strangers(message.others, [message.sender], policy))
    if message.proof not in PROVEN_DOMAIN:
        return Newcomers(left_out=fresh, why_not=UNPROVEN)
    return Newcomers(fresh[:MAX_OTHERS], fresh[MAX_OTHERS:], NAMED_AT_OPENING, TOO_MANY)


def later(message: Message, ticket: Ticket, facts: Facts, policy: Policy) -> Newcomers:
    """Whom a message that continues a ticket brings along.

    It takes its customer, whose own token and domain both hold: either alone can be had by others. Whoever was let in
    lets nobody in, else the customer's words would go where the customer never sent them.
    """
    fresh = tuple(_strangers(message.others, [message.sender, ticket.customer, *ticket.participants], policy))
    if not fresh:
        return Newcomers()
    if not facts.is_customer(message.sender, ticket):
        return Newcomers(left_out=fresh, why_not=NOT_THEIRS)
    if proven(message.proof, has_token=evidence.has_own_token(message, facts)) not in _MAY_LET_IN:
        return Newcomers(left_out=fresh, why_not=UNPROVEN)
    room = max(MAX_OTHERS - len(ticket.participants), 0)
    return Newcomers(fresh[:room], fresh[room:], NAMED_LATER, TOO_MANY)


def _strangers(named: Iterable[Address], known: Iterable[Address], policy: Policy) -> Iterator[Address]:
    seen = {(one.kind, one.value) for one in known}
    for one in named:
        if one.value and (one.kind, one.value) not in seen and not policy.is_ours(one):
            seen.add((one.kind, one.value))
            yield one


def _told(result: str, rule: str, people: tuple[Address, ...]) -> tuple[Reason, ...]:
    if not people:
        return ()
    named = f"{len(people)}: {', '.join(one.value for one in people)}"
    return (Reason(part=PEOPLE, result=result, rule=rule, evidence=named[:_SHOWN]),)
