"""Rules: whether what they ask for can be the case, what they conclude exists, and each can be reached."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from config.checks.conditions import covers
from config.checks.names import Check, known
from config.checks.reach import excluded
from config.document import Path
from config.draft import Draft
from config.keys import written_fields
from config.problems import Problem, nearest
from router.rules.condition_names import AFFECTS
from router.rules.condition_settings import When
from router.rules.phrases import normalised
from router.settings import LEVELS, CategoryRule, LevelRule, RouteSettings

# What rules may ask about beside the facts that channels set, by the table that asks: each table knows what the ones
# before it decided.
_ALWAYS = frozenset({"channel", "language", "organisation", "customer_tag"})
_DECIDED = {
    "classify": frozenset[str](),
    "priority": frozenset({"category"}),
    "route": frozenset({"category", "impact", "urgency", "priority"}),
}
_OWN = frozenset(name for name, _ in written_fields(When))  # Conditions that are no value: words, hours, not.
# Facts that the built-in types of channels set by themselves.
_BUILT_IN = frozenset({"topic", "language_hint", "suspect", "unfetched_file"})
_ASKED_BY_FORMS = frozenset({"topic", AFFECTS})  # Of the fields of forms those that become facts.


class _Asked(NamedTuple):
    """A condition, and where it stands."""

    table: str  # "classify", "priority" or "route".
    path: Path
    when: When


def _categories(draft: Draft) -> Iterator[Problem]:
    if draft.classify is not None:
        for number, rule in enumerate(draft.classify.rules):
            path: Path = ("classify", "rules", number, "then")
            yield from known(rule.then, draft.written("classify", "categories"), "category", path, draft)
        if below := draft.classify.model.below:
            path = ("classify", "model", "below")
            yield from known(below, draft.written("classify", "categories"), "category", path, draft)


def _category_labels(draft: Draft) -> Iterator[Problem]:
    if draft.classify is None or draft.site is None:
        return
    for name, labels in draft.classify.categories.items():
        missing = [language for language in draft.site.languages if language not in labels]
        if missing:
            at = draft.document.key(("classify", "categories", name))
            what = f'category "{name}" has no name in: {", ".join(missing)}'
            remedy = "customers who write in that language will see another name"
            yield Problem(at, "missing-language", what, remedy, level="warning")


def _words(draft: Draft) -> Iterator[Problem]:
    for _, path, when in _asked(draft):
        for number, word in enumerate(when.words or ()):
            if not normalised(word):
                at = draft.document.position((*path, "words", number))
                what = f'"{word}" has no letter or digit, so that nothing could be found by it'
                yield Problem(at, "empty-word", what, "write a word or the beginning of one")


def _word_in_two_categories(draft: Draft) -> Iterator[Problem]:
    first: dict[str, CategoryRule] = {}
    rules = draft.classify.rules if draft.classify is not None else ()
    for number, rule in enumerate(rules):
        condition = rule.when.compiled()
        if not condition.asks_words_alone or any(covers(one.when.compiled(), condition) for one in rules[:number]):
            continue  # Of a rule that decides nothing at all that is told.
        for place, word in enumerate(rule.when.words or ()):
            earlier = _first_found(normalised(word), first) or first.setdefault(normalised(word), rule)
            if earlier.then != rule.then:
                at = draft.document.position(("classify", "rules", number, "when", "words", place))
                line = earlier.place.rpartition(":")[2]
                what = f'"{word}" stands for "{earlier.then}" already, by the rule at line {line}'
                yield Problem(at, "word-in-two-categories", what, "remove it from one of them", level="warning")


def _first_found(word: str, first: Mapping[str, CategoryRule]) -> CategoryRule | None:
    """The rule whose word is the same, or its beginning: what begins a word is found wherever the whole of it is."""
    return next((first[word[:end]] for end in range(1, len(word) + 1) if word[:end] in first), None)


def _askable(draft: Draft) -> Iterator[Problem]:
    facts = _facts(draft)
    for table, path, when in _asked(draft):
        for name in when.values:
            at = draft.document.key((*path, name))
            if name in _ALWAYS | _DECIDED[table] | facts:
                continue
            if name in _DECIDED["route"]:
                yield Problem(at, "too-early", f"{name} is decided only after {table}, and not known here", "remove it")
            elif all(channel.type in _BUILT_IN_TYPES for channel in draft.channels.values()):
                names = sorted(_ALWAYS | _DECIDED[table] | facts | _OWN)
                remedy = nearest(name, names) or f"add it to a channel: sets: {{{name}: …}}"
                what = f'nothing sets "{name}", so that this never holds'
                yield Problem(at, "unknown-fact", what, remedy, level="warning")


def _affected(draft: Draft) -> Iterator[Problem]:
    builds_in = all(channel.type in _BUILT_IN_TYPES for channel in draft.channels.values())
    for _, path, when in _asked(draft):
        if when.affects_over is not None and builds_in and AFFECTS not in _facts(draft):
            at = draft.document.key((*path, "affects_over"))
            what = f'nothing sets "{AFFECTS}", so that this never holds'
            yield Problem(at, "unknown-fact", what, f"add it to a channel: sets: {{{AFFECTS}: …}}", level="warning")


def _calendars(draft: Draft) -> Iterator[Problem]:
    for _, path, when in _asked(draft):
        for key, names in (("in", when.hours.within), ("outside", when.hours.outside)) if when.hours else ():
            for number, name in enumerate(names or ()):
                place = (*path, "hours", key, number)
                yield from known(name, draft.written("calendars"), "calendar", place, draft)


def _values(draft: Draft) -> Iterator[Problem]:
    for _, path, when in _asked(draft):
        for name, names in _choices(draft).items():
            for number, value in enumerate(when.values.get(name, ())):
                yield from known(value, names, name, (*path, name, number), draft)


def _choices(draft: Draft) -> Mapping[str, Collection[str]]:
    """What may be asked for where it is known beforehand."""
    choices: dict[str, Collection[str]] = {
        "channel": draft.written("channels"),
        "category": draft.written("classify", "categories"),
    }
    if draft.priority is not None:
        choices["priority"] = sorted({cell for row in draft.priority.matrix.values() for cell in row})
    choices["impact"] = choices["urgency"] = LEVELS
    return choices


def _reachable(draft: Draft) -> Iterator[Problem]:
    tables: list[tuple[Path, Sequence[CategoryRule | LevelRule]]] = []
    if draft.classify is not None:
        tables.append((("classify", "rules"), draft.classify.rules))
    if draft.priority is not None:
        tables += [(("priority", "impact"), draft.priority.impact), (("priority", "urgency"), draft.priority.urgency)]
    for path, rules in tables:
        for number, rule in enumerate(rules):
            condition = rule.when.compiled()
            if excluded([condition]):
                remedy = "its not: takes away all that it asks for; correct one of them"
                at = draft.document.position((*path, number))
                yield Problem(at, "unreachable-rule", "this rule can never decide anything", remedy)
                continue
            taken = next((one for one in rules[:number] if covers(one.when.compiled(), condition)), None)
            if taken is not None:
                line = taken.place.rpartition(":")[2]
                remedy = f"the rule at line {line} decides all of its messages already; swap them, or remove one"
                at = draft.document.position((*path, number))
                yield Problem(at, "unreachable-rule", "this rule can never decide anything", remedy)


def _asked(draft: Draft) -> Iterator[_Asked]:
    """Every condition of the file, those behind `not` too."""
    for asked in _outermost(draft):
        yield asked
        path, when = asked.path, asked.when
        while when.unless is not None:
            path, when = (*path, "not"), when.unless
            yield _Asked(asked.table, path, when)


def _outermost(draft: Draft) -> Iterator[_Asked]:
    if draft.classify is not None:
        for number, rule in enumerate(draft.classify.rules):
            yield _Asked("classify", ("classify", "rules", number, "when"), rule.when)
    if draft.priority is not None:
        for name, rules in (("impact", draft.priority.impact), ("urgency", draft.priority.urgency)):
            for number, level in enumerate(rules):
                yield _Asked("priority", ("priority", name, number, "when"), level.when)
    if draft.route is not None:
        yield from _of_route(draft.route, ("route",))


def _of_route(node: RouteSettings, path: Path) -> Iterator[_Asked]:
    yield _Asked("route", (*path, "when"), node.when)
    for number, child in enumerate(node.routes):
        yield from _of_route(child, (*path, "routes", number))


def _facts(draft: Draft) -> frozenset[str]:
    """Those that are built in, that channels set, and that forms ask for."""
    set_by_channels = {name for channel in draft.channels.values() for name in channel.settings.sets}
    return _BUILT_IN.union(set_by_channels, _asked_by_forms(draft.document.root.get("channels")))


def _asked_by_forms(channels: object) -> Iterator[str]:
    """As they are written: what is wrong with a form is told elsewhere, and not again at each rule."""
    for channel in channels.values() if isinstance(channels, Mapping) else ():
        fields = channel.get("fields") if isinstance(channel, Mapping) else None
        yield from (one for one in _ASKED_BY_FORMS if one in fields) if isinstance(fields, list) else ()


_BUILT_IN_TYPES = frozenset({"mail", "telegram", "web"})

RULE_CHECKS: tuple[Check, ...] = (
    _categories,
    _category_labels,
    _words,
    _word_in_two_categories,
    _askable,
    _affected,
    _calendars,
    _values,
    _reachable,
)
