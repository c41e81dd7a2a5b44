"""How important a message is: impact and urgency, each by its first rule that matches, and the matrix of both."""

from router.policy import Policy
from router.rules.conditions import Rules, Traits
from store.records import Reason

LOWEST = "low"  # Where no rule matches.


def priority_of(traits: Traits, policy: Policy) -> tuple[Reason, Reason, Reason]:
    """The reasons of impact, urgency and priority, the last of which has the priority as its result."""
    impact = _level("impact", policy.matrix.impact, traits)
    urgency = _level("urgency", policy.matrix.urgency, traits)
    return (
        impact,
        urgency,
        Reason(
            part="priority",
            result=policy.matrix.cells[impact.result, urgency.result],
            rule="matrix",
            evidence=f"impact {impact.result}, urgency {urgency.result}",
        ),
    )


def _level(part: str, rules: Rules[str], traits: Traits) -> Reason:
    match = rules.first(traits)
    if match is None:
        return Reason(part=part, result=LOWEST, rule="no rule matches")
    return Reason(
        part=part, result=match.rule.then, rule=match.rule.name, place=match.rule.place, evidence=match.evidence
    )
