"""One sender who opens ticket after ticket: a loop of machines, or a bomb; what follows goes into one ticket."""

from collections.abc import Iterator

from router.known import Facts
from router.policy import Policy
from store.records import Message
from store.rows import Opened, Ticket

FLOOD = "flood"  # The rule of a reason.
SUSPECTED = "loop-suspected"  # The kind of the event that tells of it, once in a ticket.


def flooded(message: Message, facts: Facts, policy: Policy) -> Ticket | None:
    """The ticket that takes a message which would open one too many; None where its sender may open one.

    Only what is proven exactly as far counts: a stranger who forges an address in a thousand mails must not close the
    door to its owner, whose mail is proven, nor get the owner's ticket for them.
    """
    if not message.sender.value:
        return None
    lately = list(_lately(message, facts, policy))
    if len(lately) < policy.flood.tickets:
        return None
    unclosed = (facts.tickets.get(opened.number) for opened in sorted(lately, reverse=True))
    return next((ticket for ticket in unclosed if ticket is not None and ticket.state != "closed"), None)


def _lately(message: Message, facts: Facts, policy: Policy) -> Iterator[Opened]:
    """What the sender opened within the window on either side: batches hold what several channels brought."""
    for opened in facts.opened.get((message.sender.kind, message.sender.value)) or ():
        if opened.proof is message.proof and abs(opened.opened_at - message.received_at) < policy.flood.within:
            yield opened
