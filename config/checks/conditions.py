"""What `when:` asks, compared: whether one condition holds wherever another one does."""

from collections.abc import Collection

from router.rules.condition_names import SENDER, ways_to_say
from router.rules.conditions import Bound, Condition, Pair


def covers(first: Condition, other: Condition) -> bool:
    """Whether `first` surely holds for every message that `other` holds for; False where that cannot be told."""
    return (
        (not first.words or (bool(other.words) and all(_is_found(word, first.words) for word in other.words)))
        and all(any(_is_among(given, wanted) for given in other.values) for wanted in first.values)
        and all(_is_more(bound, other) for bound in first.bounds)
        and _excludes_no_more(first, other)
        and _asks_no_more(first, other)
    )


def _is_found(word: str, beginnings: Collection[str]) -> bool:
    """Whether a text with this word has one of the beginnings."""
    return any(word.startswith(beginning) for beginning in beginnings)


def _is_among(given: Collection[Pair], wanted: Collection[Pair]) -> bool:
    """Whether a message that has any of the given values has one of those that are wanted."""
    return all(any(pair in wanted for pair in _with_it(pair_given)) for pair_given in given)


def _with_it(pair: Pair) -> Collection[Pair]:
    """What every message with this value has as well: who is named by an address is named by its domains too."""
    name, value = pair
    if name != SENDER:
        return (pair,)
    ways = ways_to_say(value if not value.startswith("@") else f"x{value}")
    return [(SENDER, way) for way in ways if way == value or way.startswith("@")]


def _is_more(bound: Bound, other: Condition) -> bool:
    """Whether `other` asks for as much of it at least."""
    return any(one.name == bound.name and one.above >= bound.above for one in other.bounds)


def _excludes_no_more(first: Condition, other: Condition) -> bool:
    """Whether what `first` must not be, `other` is not either."""
    if first.unless is None:
        return True
    return other.unless is not None and covers(other.unless, first.unless)


def _asks_no_more(first: Condition, other: Condition) -> bool:
    """Whether one of its plug-ins has said yes already."""
    if not first.plugins:
        return True
    return bool(other.plugins) and set(other.plugins) <= set(first.plugins)
