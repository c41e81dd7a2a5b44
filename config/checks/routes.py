"""The routing tree: whether its teams exist, each message gets one, and each node can be reached."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from config.checks.names import Check, known
from config.checks.reach import contradiction, excluded, takers
from config.document import Path
from config.draft import Draft
from config.problems import Problem
from router.rules.conditions import Condition
from router.settings import RouteSettings


def _catch_all(draft: Draft) -> Iterator[Problem]:
    if draft.route is not None and not draft.route.team:
        what = "the root of route names no team, so that what no other route takes would be nobody's"
        yield Problem(draft.document.key(("route",)), "no-catch-all", what, "add team: … under route:")


def _teams(draft: Draft) -> Iterator[Problem]:
    for path, node in _nodes(draft):
        if node.team:
            yield from known(node.team, draft.written("teams"), "team", (*path, "team"), draft)


class _Asked(NamedTuple):
    """What a message must be to come to a node, and who is asked before it on the way."""

    path: Path
    node: RouteSettings
    chain: tuple[Condition, ...]  # Of the nodes above, from the root's children down, and its own.
    earlier: tuple[RouteSettings, ...]  # Nodes that stand before it, or before one above it.


def _reachable(draft: Draft) -> Iterator[Problem]:
    what = "this route can never be reached"
    for path, _, chain, earlier in _on_the_way(draft):
        at = draft.document.position(path)
        if name := contradiction(chain):
            remedy = f"the routes above it take only another {name}; move it beside them"
            yield Problem(at, "unreachable-route", what, remedy)
        elif excluded(chain):
            remedy = "its not: takes away all that it asks for; correct one of them"
            yield Problem(at, "unreachable-route", what, remedy)
        elif taken := takers(chain, [one.when.compiled() for one in earlier]):
            yield Problem(at, "unreachable-route", what, _taken([earlier[number] for number in taken]))


def _taken(takers: Sequence[RouteSettings]) -> str:
    lines = [one.place.rpartition(":")[2] for one in takers]
    if len(lines) == 1:
        return f"the route at line {lines[0]} takes all of its messages already; swap them, or remove one"
    return f"the routes at lines {', '.join(lines)} take all of its messages already; put it before them, or remove it"


def _on_the_way(draft: Draft) -> Iterator[_Asked]:
    """Every node below the root, parents first."""
    if draft.route is None:
        return
    root: Path = ("route",)
    waiting: list[_Asked] = [_Asked(root, draft.route, (), ())]
    while waiting:
        above = waiting.pop(0)
        for number, child in enumerate(above.node.routes):
            below = _Asked(
                (*above.path, "routes", number),
                child,
                (*above.chain, child.when.compiled()),
                (*above.earlier, *above.node.routes[:number]),
            )
            yield below
            waiting.append(below)


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
