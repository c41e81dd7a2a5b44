"""The routing tree: whether its teams exist, each message gets one, and each node can be reached."""

from collections.abc import Iterator

from config.checks.conditions import covers
from config.checks.names import Check, known
from config.document import Path
from config.draft import Draft
from config.problems import Problem
from router.conditions import Condition
from router.settings import RouteSettings


def _catch_all(draft: Draft) -> Iterator[Problem]:
    if draft.route is not None and not draft.route.team:
        what = "the root of route names no team, so that what no other route takes would be nobody's"
        yield Problem(draft.document.key(("route",)), "no-catch-all", what, "add team: … under route:")


def _teams(draft: Draft) -> Iterator[Problem]:
    for path, node in _nodes(draft):
        if node.team:
            yield from known(node.team, draft.written("teams"), "team", (*path, "team"), draft)


def _reachable(draft: Draft) -> Iterator[Problem]:
    for path, node in _nodes(draft):
        for number, child in enumerate(node.routes):
            condition = child.when.compiled()
            taken = next((one for one in node.routes[:number] if covers(one.when.compiled(), condition)), None)
            if taken is not None:
                line = taken.place.rpartition(":")[2]
                remedy = f"the route at line {line} takes all of its messages already; swap them, or remove one"
                at = draft.document.position((*path, "routes", number))
                yield Problem(at, "unreachable-route", "this route can never be reached", remedy)


def _root_conditions(draft: Draft) -> Iterator[Problem]:
    if draft.route is not None and draft.route.when.compiled() != Condition():
        what = "the root of route takes every message, and cannot have conditions"
        yield Problem(draft.document.key(("route", "when")), "root-condition", what, "move them to a route below it")


def _nodes(draft: Draft) -> Iterator[tuple[Path, RouteSettings]]:
    """The nodes and where they stand, parents first."""
    waiting: list[tuple[Path, RouteSettings]] = [(("route",), draft.route)] if draft.route is not None else []
    while waiting:
        path, node = waiting.pop(0)
        yield path, node
        waiting += [((*path, "routes", number), child) for number, child in enumerate(node.routes)]


ROUTE_CHECKS: tuple[Check, ...] = (_catch_all, _teams, _reachable, _root_conditions)
