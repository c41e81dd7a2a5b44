"""Whether any message is left for a route, or those before it and above it take them all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

import msgspec

from config.checks.conditions import covers
from router.rules.condition_names import ATTACHMENTS, HOURS
from router.rules.conditions import Condition, Pair

MOST_CASES = 64  # A list with more values is not looked at value by value.
_ONE_VALUE = ("category", "channel", "language", "priority")  # A message has one of each.


def takers(asked: Sequence[Condition], earlier: Sequence[Condition]) -> Sequence[int]:
    """The numbers of those earlier ones that together take every message that meets all that is asked; empty: none do.

    Where that cannot be told it is empty, too.
    """
    for number, one in enumerate(earlier):
        if any(covers(one, whole) for whole in _together(asked)):
            return [number]
    if found := _value_by_value(asked, earlier):
        return found
    # Whoever writes a last one that asks for nothing means it: it is there for the day that another one goes.
    return _with_what_is_left(asked, earlier) if asked[-1] != Condition() else []


def _with_what_is_left(asked: Sequence[Condition], earlier: Sequence[Condition]) -> Sequence[int]:
    """The same, by what an earlier one leaves: one that takes all but Polish leaves Polish, which others may take."""
    for number, one in enumerate(earlier):
        for most, left in _halves(one):
            if not any(covers(most, whole) for whole in _together(asked)):
                continue
            rest = (left, *asked)
            if contradiction(rest):
                return [number]
            others = [*range(number), *range(number + 1, len(earlier))]
            if found := takers(rest, [earlier[other] for other in others]):
                return sorted([number, *(others[place] for place in found)])
            break  # More that is left makes no other one take less.
    return []


def _halves(one: Condition) -> Iterator[tuple[Condition, Condition]]:
    """The condition without one thing that it asks, and what holds of all messages that only that keeps from it."""
    if one.unless is not None:
        yield msgspec.structs.replace(one, unless=None), one.unless
    for place, wanted in enumerate(one.values):
        if opposite := _opposite(wanted):
            without = one.values[:place] + one.values[place + 1 :]
            yield msgspec.structs.replace(one, values=without), Condition(values=opposite)


def _opposite(wanted: frozenset[Pair]) -> tuple[frozenset[Pair], ...]:
    """What holds where none of these does; empty where no condition says that."""
    found = [frozenset({(name, _OTHERWISE[name](value))}) for name, value in wanted if name in _OTHERWISE]
    return tuple(found) if len(found) == len(wanted) and all(value for one in found for _, value in one) else ()


def _other_hours(hours: str) -> str:
    way, _, calendar = hours.partition(" ")
    return f"{'outside' if way == 'in' else 'in'} {calendar}"


_OTHERWISE: Mapping[str, Callable[[str], str]] = {
    HOURS: _other_hours,
    ATTACHMENTS: lambda files: {"none": "some", "some": "none"}.get(files, ""),
}


def _value_by_value(asked: Sequence[Condition], earlier: Sequence[Condition]) -> Sequence[int]:
    found: set[int] = set()
    for case in _cases(asked):
        taken = next((n for n, one in enumerate(earlier) if any(covers(one, whole) for whole in _together(case))), None)
        if taken is None:
            return []
        found.add(taken)
    return sorted(found)


def excluded(asked: Sequence[Condition]) -> bool:
    """Whether what one of these must not be is what all of them together ask for."""
    return any(one.unless is not None and covers(one.unless, whole) for one in asked for whole in _together(asked))


def contradiction(asked: Sequence[Condition]) -> str:
    """The name of what would have to have two values at once; empty where nothing does."""
    allowed: dict[str, frozenset[str]] = {}
    for condition in asked:
        for values in condition.values:
            names = {name for name, _ in values}
            if len(names) == 1 and (name := next(iter(names))) in _ONE_VALUE:
                wanted = frozenset(value for _, value in values)
                allowed[name] = allowed.get(name, wanted) & wanted
    every = {values for condition in asked for values in condition.values}
    opposed = (values for values in every if (other := _opposite(values)) and every.issuperset(other))
    for values in opposed:
        return next(iter(values))[0]
    return next((name for name, left in allowed.items() if not left), "")


def _together(asked: Sequence[Condition]) -> Iterator[Condition]:
    """Conditions that hold wherever all of these do: of words, plug-ins and what must not be, one has room for one."""
    whole = msgspec.structs.replace(
        Condition(),
        values=tuple(values for condition in asked for values in condition.values),
        bounds=tuple(bound for condition in asked for bound in condition.bounds),
    )
    words = [condition.words for condition in asked if condition.words] or [()]
    unless: list[Condition | None] = [one.unless for one in asked if one.unless is not None]
    plugins = [condition.plugins for condition in asked if condition.plugins] or [()]
    for word, excluded, plugin in product(words, unless or [None], plugins):
        yield msgspec.structs.replace(whole, words=word, unless=excluded, plugins=plugin)


def _cases(asked: Sequence[Condition]) -> Iterator[Sequence[Condition]]:
    """The same, once for each way in which lists can be met by one of their values."""
    last = asked[-1]
    choices = [[frozenset({pair}) for pair in values] for values in last.values]
    words: list[tuple[str, ...]] = [(word,) for word in last.words]
    count = max(len(words), 1)
    for several in choices:
        count *= len(several)
    if count > MOST_CASES:
        yield asked
        return
    for word, *values in product(words or [()], *choices):
        yield (*asked[:-1], msgspec.structs.replace(last, words=word, values=tuple(values)))
