"""What tickets teach: of which category a message was, as technicians left it, or nothing where nobody can know."""

from collections.abc import Collection, Sequence
from itertools import pairwise

from router.policy import Policy
from router.rules.assign import team_of
from router.rules.classify import CATEGORY, NO_RULE, UNSURE
from router.rules.conditions import Traits
from store.events import TicketEvent

WRONG_TOPIC = "wrong-topic"  # Why a ticket was moved: it is about something else.
_DONE = ("solved", "closed")


def lesson(
    events: Sequence[TicketEvent], state: str, traits: Traits, policy: Policy, learn_from: Collection[str]
) -> str:
    """The category of the message that opened a ticket; empty where it teaches nothing.

    `events` begin with its opening, the oldest first, and have all that changed its category or its team. A ticket
    teaches by its last correction, or as it was decided on once it is solved and nobody corrected it. One that no rule
    and no model knew, and that nobody corrected, teaches nothing.
    """
    if not events:
        return ""
    taught = _undoubted(events[0]) if state in _DONE else ""
    for before, event in pairwise(events):
        if event.ticket.category != before.ticket.category:
            taught = event.ticket.category if "category_changes" in learn_from else ""
        elif _is_wrong_topic(event):
            taught = _of_team(event.ticket.team, traits, policy) if "moves" in learn_from else ""
    names = policy.choices.get(CATEGORY, ())
    return taught if taught in names else ""  # The settings may have had others then.


def _undoubted(opened: TicketEvent) -> str:
    because = opened.decision.because if opened.decision is not None else ()
    doubted = any(reason.part == CATEGORY and reason.rule in (NO_RULE, UNSURE) for reason in because)
    return "" if doubted else opened.ticket.category


def _is_wrong_topic(event: TicketEvent) -> bool:
    return event.decision is not None and any(reason.rule == WRONG_TOPIC for reason in event.decision.because)


def _of_team(team: str, traits: Traits, policy: Policy) -> str:
    """The one category with which this message would have come to this team; empty where there are none or several."""
    names = policy.choices.get(CATEGORY, ())
    leading = [name for name in names if team_of(traits.having(CATEGORY, name), policy).result == team]
    return leading[0] if len(leading) == 1 else ""
