"""Messages that belong to a ticket and leave it as it is: thanks, and what is written after it was closed."""

from collections.abc import Iterator

import msgspec

from router.conversation import OTHER_PATH, REPLAYED, Found, is_note
from router.known import Facts
from router.life import lifecycle
from router.life.thanks import is_thanks
from router.policy import Policy
from store.events import FOLLOWS
from store.records import Decision, Message, Reason
from store.rows import Ticket

FOLLOWED = "the ticket that follows a closed one"  # The rule of what is written to a closed ticket once more.
THANKED = Reason(part="thanks", result="alerts nobody", rule="nothing but thanks")


def is_quiet(found: Found, message: Message, policy: Policy) -> bool:
    """Whether a message that continues a ticket is nothing but thanks, and the settings leave that alone.

    Thanks change no state. While the customer was asked something, "ok, thanks" is an answer, and no thanks.
    """
    if not policy.lifecycle.thanks_does_not_reopen or found.joins or found.rule == REPLAYED:
        return False
    return not is_note(message, found.rule) and is_thanks(message, asked=found.ticket.state == "waiting")


def opens(found: Found, message: Message, policy: Policy) -> bool:
    """Whether a message opens a ticket of its own, because the one that it continues is closed."""
    if found.rule in (REPLAYED, OTHER_PATH) or is_note(message, found.rule) or is_quiet(found, message, policy):
        return False
    return lifecycle.step(found.ticket.state, "message") is None


def passed_on(found: Found, message: Message, facts: Facts) -> Found:
    """Where a message to a closed ticket belongs: to the newest that follows it and is its sender's too.

    While that one is open the message continues it; else a new one follows it. The closed ticket itself where nothing
    follows it, or only what others wrote.
    """
    theirs = [one for one in _followers(found.ticket.number, facts) if facts.is_customer(message.sender, one)]
    if not theirs:
        return found
    newest = max(theirs, key=lambda one: (one.state != "closed", one.number))
    return Found(newest, FOLLOWED, f"{found.ticket.number}; {found.rule}")


def _followers(number: int, facts: Facts) -> Iterator[Ticket]:
    """All that follow a ticket, and what follows those."""
    waiting = [number]
    while waiting:
        later = facts.followers.get(waiting.pop()) or ()
        waiting += later
        yield from (ticket for one in later if (ticket := facts.tickets.get(one)) is not None)


def named(decision: Decision, found: Found) -> Decision:
    """The decision about a message that opens a ticket, with the closed one that it follows; every other as it is."""
    if decision.outcome != "opened":
        return decision
    reason = Reason(
        part="conversation",
        result=f"follows {found.ticket.number}",
        rule=FOLLOWS,
        evidence=f"it is {found.ticket.state}; {found.reason.rule}",
    )
    others = tuple(one for one in decision.because if one.part != "conversation")
    return msgspec.structs.replace(decision, because=(reason, *others))


def followed(decision: Decision, facts: Facts) -> Ticket | None:
    """The closed ticket that a new one follows; None: it follows none."""
    reason = next((one for one in decision.because if one.rule == FOLLOWS), None)
    return facts.tickets.get(int(reason.result.rpartition(" ")[2])) if reason is not None else None
