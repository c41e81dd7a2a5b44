"""Which team gets a ticket: down the routing tree, at each node into the first child that matches."""

from typing import NamedTuple

from router.policy import Policy
from router.rules.conditions import Traits
from store.records import Reason


class Routed(NamedTuple):
    """Whose a ticket is."""

    team: Reason  # The team is its `result`; the rule is the way through the tree, the place that of its last node.
    copies: tuple[str, ...]  # Teams that hear of it beside.


def routed(traits: Traits, policy: Policy) -> Routed:
    """The team, and who hears of it beside; `traits` have the category and priority."""
    node, names, evidence = policy.route, [policy.route.name], ""
    while (match := node.children.first(traits)) is not None:
        node, evidence = match.rule.then, match.evidence
        names.append(node.name)
    team = Reason(part="team", result=node.team, rule=" / ".join(names), place=node.place, evidence=evidence)
    return Routed(team, tuple(copy for copy in node.copies if copy != node.team))


def team_of(traits: Traits, policy: Policy) -> Reason:
    """The team alone."""
    return routed(traits, policy).team
