"""A message's way names what was done, and none of the words that people wrote with it."""

import pytest

from console.trace_lines import lines_of
from store.events import TicketEvent, TicketView
from store.lookups import Story
from store.records import Decision, Proof, Reason
from store.traces import Trail
from tests.unit.router.given import ANN, NOW, ticket

NOTHING = Trail((), (), (), (), (), ())


def told(kind: str, *because: Reason) -> str:
    """The line of what somebody did with a ticket."""
    view = TicketView(
        number=482917,
        subject="VPN",
        state="open",
        category="network",
        priority="P1",
        team="help",
        language="en",
        customer=ANN,
        proof=Proof.DOMAIN,
        reply_path=None,
        conversation=(),
        opened_at=NOW,
    )
    decision = Decision(outcome="acted", because=because)
    event = TicketEvent(id="e1", kind=kind, ticket=view, actor="person:ola", cause="a1", decision=decision, at=NOW)
    (line,) = lines_of(Story(ticket(), (), [], [event], []), NOTHING, {})
    return line.said


def done(result: str, evidence: str) -> Reason:
    return Reason(part="action", result=result, rule="built in", evidence=evidence)


@pytest.mark.parametrize(
    ("kind", "reason", "said"),
    [
        ("given", done("give", "person:max · The CEO waits"), "by person:ola: give person:max"),
        (
            "moved",
            done("move", "network (was help) · needs-skill · The CEO waits"),
            "by person:ola: move network (was help)",
        ),
        ("changed", done("change", "priority P1 (was P3)"), "by person:ola: change priority P1 (was P3)"),
        ("reopened", done("reopen", "The CEO waits"), "by person:ola: reopen"),
        ("claimed", done("claim", "482917"), "by person:ola: claim"),
    ],
)
def test_what_was_done_is_told_without_what_was_said(kind: str, reason: Reason, said: str) -> None:
    assert told(kind, reason) == said


def test_why_somebody_moved_a_ticket_up_a_level_is_not_told() -> None:
    why = Reason(part="escalation", result="moved to network, level 2", rule="by hand", evidence="The CEO waits")

    assert told("escalated", why) == "by person:ola: moved to network, level 2 (by hand)"
