"""Whether any message is left for a route, or those before it and above it take them all."""

from collections.abc import Iterator, Sequence
from itertools import product

import msgspec

from config.checks.conditions import covers
from router.conditions import Condition

MOST_CASES = 64  # A list with more values is not looked at value by value.
_ONE_VALUE = ("category", "channel", "language", "priority")  # A message has one of each.


def takers(asked: Sequence[Condition], earlier: Sequence[Condition]) -> Sequence[int]:
    """The numbers of those earlier ones that together take every message that meets all that is asked; empty: none do.

    Where that cannot be told it is empty, too.
    """
    for number, one in enumerate(earlier):
        if any(covers(one, whole) for whole in _together(asked)):
            return [number]
    found: set[int] = set()
    for case in _cases(asked):
        taken = next((n for n, one in enumerate(earlier) if any(covers(one, whole) for whole in _together(case))), None)
        if taken is None:
            return []
        found.add(taken)
    return sorted(found)


def contradiction(asked: Sequence[Condition]) -> str:
    """The name of what would have to have two values at once; empty where nothing does."""
    allowed: dict[str, frozenset[str]] = {}
    for condition in asked:
        for values in condition.values:
            names = {name for name, _ in values}
            if len(names) == 1 and (name := next(iter(names))) in _ONE_VALUE:
                wanted = frozenset(value for _, value in values)
                allowed[name] = allowed.get(name, wanted) & wanted
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
