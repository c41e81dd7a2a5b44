"""A ticket teaches what technicians said of it, and nothing where nobody can know."""

import pytest

from router.anew import nothing_known
from router.learned.lessons import lesson
from router.rules.classify import MODEL, NO_RULE, UNSURE
from router.rules.traits import traits_of
from store.events import TicketEvent
from store.records import Decision, Reason
from tests.unit.router.given import NOW, message, policy, ticket

POLICY = policy(
    classify={"categories": {name: {"en": name} for name in ("network", "access", "app", "other")}},
    route={
        "team": "help",
        "routes": [
            {"when": {"category": "network"}, "team": "netops"},
            {"when": {"category": ["access", "app"]}, "team": "desk"},
        ],
    },
)
BOTH = ("moves", "category_changes")


def event(kind: str, rule: str = "", **changes: object) -> TicketEvent:
    because = (Reason(part="category", result="", rule=rule),) if rule else ()
    return TicketEvent(
        id="e",
        kind=kind,
        ticket=ticket(**changes).view,
        actor="person:ola",
        cause="m1",
        decision=Decision(outcome="opened", because=because),
        at=NOW,
    )


RULED = event("opened", "classify 1", category="access")
UNKNOWN = event("opened", NO_RULE, category="other")
CHANGED = event("changed", category="network", team="help")
WRONG = event("moved", "wrong-topic", category="access", team="netops")
SKILL = event("moved", "needs-skill", category="access", team="netops")
VAGUE = event("moved", "wrong-topic", category="other", team="desk")  # Two categories lead there.


@pytest.mark.parametrize(
    ("events", "state", "learn_from", "taught"),
    [
        ([RULED], "solved", BOTH, "access"),
        ([RULED], "closed", (), "access"),
        ([RULED], "open", BOTH, ""),
        ([event("opened", MODEL, category="app")], "solved", BOTH, "app"),
        ([UNKNOWN], "solved", BOTH, ""),
        ([event("opened", UNSURE, category="other")], "closed", BOTH, ""),
        ([UNKNOWN, CHANGED], "open", BOTH, "network"),
        ([RULED, CHANGED], "solved", ("moves",), ""),
        ([RULED, WRONG], "open", BOTH, "network"),
        ([RULED, WRONG], "solved", ("category_changes",), ""),
        ([RULED, SKILL], "solved", BOTH, "access"),
        ([UNKNOWN, VAGUE], "solved", BOTH, ""),
        ([RULED, WRONG, CHANGED], "solved", BOTH, "network"),
        ([], "solved", BOTH, ""),
    ],
)
def test_a_ticket_teaches(events: list[TicketEvent], state: str, learn_from: tuple[str, ...], taught: str) -> None:
    traits = traits_of(message(), nothing_known(NOW), POLICY)

    assert lesson(events, state, traits, POLICY, learn_from) == taught


def test_a_category_that_the_settings_no_longer_have_teaches_nothing() -> None:
    traits = traits_of(message(), nothing_known(NOW), POLICY)

    assert lesson([event("opened", "classify 1", category="gone")], "solved", traits, POLICY, BOTH) == ""
