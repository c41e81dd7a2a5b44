"""What a `when:` may ask about a message, and whether the answer is yes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from router.rules.condition_names import AFFECTS, ATTACHMENTS
from router.rules.plugins import Plugin
from store.records import Message

Result = TypeVar("Result")
Pair = tuple[str, str]  # The name of a value and the value: ("channel", "mail-it"), ("category", "access").

_LONGEST = 200  # Characters of what is told of a match.


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """What rules see of a message."""

    words: frozenset[str]  # Of all the words that any rule asks for, those that it has, normalised.
    values: frozenset[Pair]  # What was decided about it, who wrote it, and every fact.
    numbers: Mapping[str, float] = {}  # What it has how much of: "age" in seconds, "size" in bytes, "affects", ...
    told: Mapping[Pair, str] = {}  # Values that say more of themselves to people than their name and value.
    message: Message | None = None  # What plug-ins are asked about; None: none is asked, and none holds.

    def having(self, name: str, value: str) -> "Traits":
        """The same message, with one more thing decided about it."""
        return msgspec.structs.replace(self, values=self.values | {(name, value)})


class Bound(NamedTuple):
    """How much of something there must be."""

    name: str  # As in `Traits.numbers`; what is not there is nothing.
    above: float
    words: str  # The same for people: "over 5MB".


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """All of these must hold; one without any holds always."""

    words: tuple[str, ...] = ()  # One of these, normalised.
    values: tuple[frozenset[Pair], ...] = ()  # One of each set.
    bounds: tuple[Bound, ...] = ()
    unless: "Condition | None" = None  # And this must not hold.
    plugins: tuple[Plugin, ...] = ()  # One of these; they are asked last, since only they may be slow or fail.

    def holds(self, traits: Traits) -> bool:
        """Whether this message meets it. Raises PluginFailed."""
        if self.words and traits.words.isdisjoint(self.words):
            return False
        for wanted in self.values:
            if wanted.isdisjoint(traits.values):
                return False
        for name, above, _ in self.bounds:
            if traits.numbers.get(name, 0) <= above:
                return False
        if self.unless is not None and self.unless.holds(traits):
            return False
        return not self.plugins or _says_yes(self.plugins, traits.message)

    @property
    def asks_words_alone(self) -> bool:
        """Whether words decide it, and nothing else."""
        return not (self.values or self.bounds or self.unless or self.plugins)

    def evidence(self, traits: Traits) -> str:
        """What of the message made it hold, for a person to read; empty where it asks nothing."""
        words = sorted(traits.words.intersection(self.words))
        pairs = sorted(pair for wanted in self.values for pair in wanted & traits.values)
        values = [traits.told.get(pair) or " ".join(pair) for pair in pairs]
        bounds = [_told(bound, traits.numbers) for bound in self.bounds]
        plugins = [f"plug-in {' or '.join(plugin.name for plugin in self.plugins)}"] if self.plugins else []
        return ", ".join([*words, *values, *bounds, *plugins])[:_LONGEST]


def _told(bound: Bound, numbers: Mapping[str, float]) -> str:
    """What is counted is told, too; seconds and bytes say nothing to people."""
    counted = f" {numbers.get(bound.name, 0):g}," if bound.name in (AFFECTS, ATTACHMENTS) else ""
    return f"{bound.name}{counted} {bound.words}"


def _says_yes(plugins: Sequence[Plugin], message: Message | None) -> bool:
    return message is not None and any(plugin.holds(message) for plugin in plugins)


class Rule(NamedTuple, Generic[Result]):
    """What follows where a condition holds."""

    when: Condition
    then: Result
    name: str
    place: str  # Where it stands in the settings file.


class Match(NamedTuple, Generic[Result]):
    """The first rule that held, and what it saw."""

    rule: Rule[Result]
    evidence: str


class Rules(Generic[Result]):
    """A table of rules, the first of which that holds decides; a thousand cost little more than ten."""

    def __init__(self, rules: Sequence[Rule[Result]]) -> None:
        """In the order of the settings file."""
        self._rules = tuple(rules)
        asked = Counter(key for rule in rules for several in _needs(rule.when) for key in several)
        self._by_key: dict[str | Pair, list[int]] = {}
        self._others: list[int] = []
        for index, rule in enumerate(rules):
            # A rule can hold only if one of the words or values that it needs was seen. Of those it is found by the
            # ones that the fewest rules ask for: where all ask for the same channel, the channel parts nothing.
            needs = min(_needs(rule.when), key=lambda several: sum(asked[key] for key in several), default=None)
            if needs is None:
                self._others.append(index)
            for key in needs or ():
                self._by_key.setdefault(key, []).append(index)

    def __iter__(self) -> Iterator[Rule[Result]]:
        """In order."""
        return iter(self._rules)

    def first(self, traits: Traits) -> Match[Result] | None:
        """The first rule that holds; None where none does. Raises PluginFailed."""
        candidates = set(self._others)
        for seen in (traits.words, traits.values):
            for key in self._by_key.keys() & seen:
                candidates.update(self._by_key[key])
        for index in sorted(candidates):
            rule = self._rules[index]
            if rule.when.holds(traits):
                return Match(rule, rule.when.evidence(traits))
        return None


def _needs(condition: Condition) -> list[Sequence[str | Pair]]:
    """The lists of which it needs one each."""
    words: list[Sequence[str | Pair]] = [condition.words] if condition.words else []
    return [*words, *map(tuple, condition.values)]
