"""Says of conditions and routes why they hold for a message or do not, in words for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from router.policy import Policy, Route
from router.rules.conditions import Condition, Pair, Traits

_MOST = 6  # Words or values that are named; the rest is counted.


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the routing tree, as one message met it."""

    name: str
    team: str
    place: str
    state: Literal["taken", "refused", "not-reached"]
    why: str = ""  # What held, or what of its condition did not; empty: it asks nothing, or nobody asked it.
    is_last: bool = False  # The ticket stays here.
    routes: "tuple[Branch, ...]" = ()  # Of a node that was taken; nobody asked those of others.


def walked(policy: Policy, traits: Traits) -> Branch:
    """The way of a message through the tree; `traits` has what was decided before. Raises PluginFailed."""
    return _taken(policy.route, traits)


def held(condition: Condition, traits: Traits) -> str:
    """What of the message met the condition, such as "category is network"; empty where it asks nothing."""
    found = []
    if words := sorted(traits.words.intersection(condition.words)):
        found.append(f"has {_quoted(words)}")
    for wanted in condition.values:
        found += [_is(pair, traits) for pair in sorted(wanted & traits.values)[:1]]
    found += [f"{bound.name} is {bound.words}" for bound in condition.bounds]
    if condition.plugins:
        found.append(f"{_plugins(condition)} says yes")
    return ", ".join(found)


def missed(condition: Condition, traits: Traits) -> str:
    """What the message is and the condition needs, such as "priority is P3, needs P1 or P2"; empty where it holds."""
    return "; ".join(_missed(condition, traits))


def _missed(condition: Condition, traits: Traits) -> Iterator[str]:
    if condition.words and traits.words.isdisjoint(condition.words):
        yield f"has no word that begins with {_quoted(condition.words)}"
    values = _by_name(traits)
    for wanted in condition.values:
        if wanted.isdisjoint(traits.values):
            yield _other_value(wanted, values)
    for bound in condition.bounds:
        if traits.numbers.get(bound.name, 0) <= bound.above:
            yield f"{bound.name} is not {bound.words}"
    if condition.unless is not None and condition.unless.holds(traits):
        yield f"{held(condition.unless, traits) or 'every message'}, which it excludes"
    elif condition.plugins and not condition.holds(traits) and _but_plugins(condition).holds(traits):
        yield f"{_plugins(condition)} says no"


def _other_value(wanted: frozenset[tuple[str, str]], values: Mapping[str, Sequence[str]]) -> str:
    name = min(name for name, _ in wanted)
    is_now = " and ".join(values.get(name, ())) or "not known"
    return f"{name} is {is_now}, needs {_either(sorted(value for _, value in wanted))}"


def _is(pair: Pair, traits: Traits) -> str:
    name, value = pair
    return traits.told.get(pair) or f"{name} is {value}"


def _but_plugins(condition: Condition) -> Condition:
    return msgspec.structs.replace(condition, plugins=())


def _plugins(condition: Condition) -> str:
    return f"plug-in {_either([plugin.name for plugin in condition.plugins])}"


def _by_name(traits: Traits) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for name, value in sorted(traits.values):
        if value:
            found.setdefault(name, []).append(value)
    return found


def _taken(node: Route, traits: Traits, why: str = "") -> Branch:
    branches: list[Branch] = []
    is_taken = False
    for child in node.routes:
        if is_taken:
            branches.append(_untaken(child, "not-reached", ""))
        elif child.when.holds(traits):
            is_taken = True
            branches.append(_taken(child, traits, held(child.when, traits)))
        else:
            branches.append(_untaken(child, "refused", missed(child.when, traits)))
    return Branch(
        name=node.name,
        team=node.team,
        place=node.place,
        state="taken",
        why=why,
        is_last=not is_taken,
        routes=tuple(branches),
    )


def _untaken(node: Route, state: Literal["refused", "not-reached"], why: str) -> Branch:
    return Branch(name=node.name, team=node.team, place=node.place, state=state, why=why)


def _quoted(words: Sequence[str]) -> str:
    return _either([f"“{word}”" for word in words])


def _either(several: Sequence[str]) -> str:
    shown = list(several[:_MOST])
    if rest := len(several) - len(shown):
        shown.append(f"{rest} more")
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
