"""Which team gets a ticket: down the routing tree, at each node into the first child that matches."""

from router.conditions import Traits
from router.policy import Policy, Route
from store.records import Reason


def team_of(traits: Traits, policy: Policy) -> Reason:
    """The team as `Reason.result`; the rule is the way through the tree, the place that of its last node."""
    node, names, evidence = policy.route, [policy.route.name], ""
    while (child := _first(node, traits)) is not None:
        node, evidence = child, child.when.evidence(traits)
        names.append(child.name)
    return Reason(part="team", result=node.team, rule=" / ".join(names), place=node.place, evidence=evidence)


def _first(node: Route, traits: Traits) -> Route | None:
    return next((child for child in node.routes if child.when.holds(traits)), None)
