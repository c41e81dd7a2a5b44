"""What a `when:` may ask about a message, and whether the answer is yes."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

Result = TypeVar("Result")


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """What rules see of a message."""

    words: frozenset[str]  # Of all the words that any rule asks for, those that it has, normalised.
    values: frozenset[tuple[str, str]]  # ("channel", "mail-it"), ("category", "access"), and every fact.

    def having(self, name: str, value: str) -> "Traits":
        """The same message, with one more thing decided about it."""
        return msgspec.structs.replace(self, values=self.values | {(name, value)})


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """All of these must hold; one without any holds always."""

    words: tuple[str, ...] = ()  # One of these, normalised.
    values: tuple[frozenset[tuple[str, str]], ...] = ()  # One of each set.
    unless: "Condition | None" = None  # And this must not hold.

    def holds(self, traits: Traits) -> bool:
        """Whether this message meets it."""
        return (
            (not self.words or not traits.words.isdisjoint(self.words))
            and all(not wanted.isdisjoint(traits.values) for wanted in self.values)
            and (self.unless is None or not self.unless.holds(traits))
        )

    def evidence(self, traits: Traits) -> str:
        """What of the message made it hold, for a person to read; empty where it asks nothing."""
        words = sorted(traits.words.intersection(self.words))
        values = sorted(f"{name} {value}" for wanted in self.values for name, value in wanted & traits.values)
        return ", ".join([*words, *values])[:200]


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
        self._by_word: dict[str, list[int]] = {}
        self._wordless = [index for index, rule in enumerate(rules) if not rule.when.words]
        for index, rule in enumerate(rules):
            for word in rule.when.words:
                self._by_word.setdefault(word, []).append(index)

    def first(self, traits: Traits) -> Match[Result] | None:
        """The first rule that holds; None where none does."""
        # A rule that asks for words can hold only if one of them was found, so the others need no look.
        candidates = set(self._wordless)
        for word in traits.words:
            candidates.update(self._by_word.get(word, ()))
        for index in sorted(candidates):
            rule = self._rules[index]
            if rule.when.holds(traits):
                return Match(rule, rule.when.evidence(traits))
        return None
