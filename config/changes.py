"""What is different in a changed settings file, and what of it cannot change while the desk runs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from difflib import SequenceMatcher
from pathlib import Path

from pydantic import BaseModel, SecretStr

from config.settings import Configuration
from store.durations import written

# What deciding and wording read anew with each batch; of a section with keys, only these. All else is built at the
# start: whoever adds a section decides here.
LIVE: Mapping[str, frozenset[str]] = {
    "version": frozenset(),
    "site": frozenset({"reference"}),
    "people": frozenset(),
    "teams": frozenset(),
    "calendars": frozenset(),
    "customers": frozenset(),
    "classify": frozenset(),
    "priority": frozenset(),
    "sla": frozenset(),
    "route": frozenset(),
    "escalate": frozenset(),
    "floods": frozenset(),
    "duplicates": frozenset(),
    "customer": frozenset(),
    "notify": frozenset({"templates", "alert_files", "mails_about_mails", "loud", "quiet_hours", "digest"}),
    "tests": frozenset(),
}
_THINGS = {"rules": "rule", "routes": "route", "impact": "impact rule", "urgency": "urgency rule", "tests": "test"}
_LONGEST = 40  # Characters of a value that is told.


def changed(old: Configuration, new: Configuration) -> str:
    """Such as "classify: 1 rule added, 1 changed; sla: P2 first_answer 1h -> 2h"; empty where nothing is different."""
    told = []
    for section, before, after in _sections(old, new):
        differences = list(_differences(before, after, ()))
        if differences:
            told.append(f"{section}: {', '.join(differences)}")
    return "; ".join(told)


def fixed(old: Configuration, new: Configuration) -> list[str]:
    """The keys that are different and need a restart, such as "listeners.http" and "channels.mail-it"."""
    found = []
    for section, before, after in _sections(old, new):
        live = LIVE.get(section)
        if live is not None and not live:
            continue
        if live is None and not isinstance(before, BaseModel | Mapping):
            found += [section] if before != after else []
            continue
        ours, theirs = _entries(before), _entries(after)
        names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
        found += [f"{section}.{name}" for name in names if name not in (live or ())]
    return found


def _sections(old: Configuration, new: Configuration) -> Iterator[tuple[str, object, object]]:
    for section in type(new.settings).model_fields:
        yield section, getattr(old.settings, section), getattr(new.settings, section)
    before, after = (
        {name: (channel.type, channel.settings) for name, channel in one.channels.items()} for one in (old, new)
    )
    yield "channels", before, after


def _entries(value: object) -> Mapping[str, object]:
    """The keys of a section and what stands behind them; a place in the file is no part of it."""
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields if name != "place"}
    return {str(name): inner for name, inner in value.items()} if isinstance(value, Mapping) else {}


def _plain(value: object) -> object:
    """The value without the places where its parts stand."""
    if isinstance(value, BaseModel | Mapping):
        return {name: _plain(inner) for name, inner in _entries(value).items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple | list) else value


def _differences(old: object, new: object, path: tuple[str, ...]) -> Iterator[str]:
    if _plain(old) == _plain(new):
        return
    if _is_table(old) or _is_table(new):
        yield from _in_table(_listed(old), _listed(new), path)
    elif isinstance(old, BaseModel | Mapping) and isinstance(new, BaseModel | Mapping):
        before, after = _entries(old), _entries(new)
        for name in {**before, **after}:
            if name not in after or name not in before:
                yield f"{' '.join((*path, name))} {'removed' if name not in after else 'added'}"
            else:
                yield from _differences(before[name], after[name], (*path, name))
    else:
        yield " ".join((*path, f"{_told(old)} -> {_told(new)}"))


def _is_table(value: object) -> bool:
    return isinstance(value, tuple | list) and any(isinstance(item, BaseModel) for item in value)


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, tuple | list) else ()


def _in_table(old: Sequence[object], new: Sequence[object], path: tuple[str, ...]) -> Iterator[str]:
    """How many were added, removed, changed or moved; they have no names that could be told."""
    before, after = ([repr(_plain(item)) for item in items] for items in (old, new))
    counts = {"added": 0, "removed": 0, "changed": 0}
    for kind, start, end, begin, stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            both = min(end - start, stop - begin)
            counts["changed"] += both
            counts["removed"] += end - start - both
            counts["added"] += stop - begin - both
    *way, name = path or ("",)
    thing = _THINGS.get(name, name or "entry")
    for number, what in sorted(((count, what) for what, count in counts.items() if count), key=lambda one: one[1]):
        yield " ".join((*way, f"{number} {thing}{'s' * (number > 1)} {what}")) if thing else f"{number} {what}"
        thing = ""


def _told(value: object) -> str:
    """A value as it stands in the file, if it is short and no secret."""
    if isinstance(value, SecretStr):
        return "another secret"
    if isinstance(value, timedelta):
        return written(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        text = f"[{', '.join(_told(item) for item in value)}]"
    elif isinstance(value, BaseModel | Mapping):
        text = f"{{{', '.join(_entries(value))}}}"
    else:
        text = "nothing" if value is None or value == "" else str(value)
    return text if len(text) <= _LONGEST or isinstance(value, Path) else f"{text[:_LONGEST]}…"
