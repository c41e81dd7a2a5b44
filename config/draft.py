"""What can be made of a settings file, however broken parts of it are, so that all its mistakes are told at once."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.document import Document
from config.settings import BackendSettings, Channel, ListenerSettings, NotifySettings, SiteSettings
from router.crew.team_settings import TeamSettings
from router.due.escalate_settings import LadderSettings
from router.hours.calendar_settings import CalendarSettings
from router.promises.sla_settings import SlaSettings
from router.settings import ClassifySettings, PrioritySettings, RootSettings
from router.technicians.staff_settings import PersonSettings
from store.files import FOLDER

Model = TypeVar("Model", bound=BaseModel)

# What may stand for a wrong value without making anything else look wrong.
_HARMLESS: Mapping[str, object] = {"name": "x", "speaks": [], "telegram": -1, "time_zone": "UTC", "url": ""}
_MOST_MENDED = 5  # Rounds: what is taken out can show another mistake below it.


class Draft(NamedTuple):
    """The sections that are right in themselves; None for one that is not there, or is wrong."""

    document: Document
    site: SiteSettings | None
    backend: BackendSettings | None
    listeners: ListenerSettings | None
    teams: Mapping[str, TeamSettings]  # Without those that are wrong; so too the channels.
    people: Mapping[str, PersonSettings]
    calendars: Mapping[str, CalendarSettings]
    sla: Mapping[str, SlaSettings]
    channels: Mapping[str, Channel]
    classify: ClassifySettings | None
    priority: PrioritySettings | None
    route: RootSettings | None
    notify: NotifySettings | None
    escalate: Sequence[LadderSettings | None]  # In its order; None for one that is wrong.

    def written(self, *section: str) -> list[str]:
        """The names that stand in a section, right or wrong."""
        value: object = self.document.root
        for step in section:
            value = value.get(step) if isinstance(value, Mapping) else None
        return [str(name) for name in value] if isinstance(value, Mapping) else []


def drafted(document: Document, channels: Mapping[str, Channel], folder: Path) -> Draft:
    """The draft of a file; whatever is wrong with a section by itself is for others to say."""
    root = document.root
    return Draft(
        document=document,
        site=tried(SiteSettings, root.get("site"), folder),
        backend=tried(BackendSettings, root.get("backend", {}), folder),
        listeners=tried(ListenerSettings, root.get("listeners", {}), folder),
        teams=_right(TeamSettings, root.get("teams"), folder),
        people=_right(PersonSettings, named(root.get("people")), folder),
        calendars=_right(CalendarSettings, root.get("calendars"), folder),
        sla=_right(SlaSettings, root.get("sla"), folder),
        channels=channels,
        classify=tried(ClassifySettings, root.get("classify", {}), folder),
        priority=tried(PrioritySettings, root.get("priority", {}), folder),
        route=tried(RootSettings, root.get("route"), folder),
        notify=tried(NotifySettings, root.get("notify", {}), folder),
        escalate=[tried(LadderSettings, ladder, folder) for ladder in _listed(root.get("escalate"))],
    )


def named(people: object) -> object:
    """The section `people`, where who has no name is called by their key."""
    if not isinstance(people, Mapping):
        return people
    return {key: {"name": key, **entry} if isinstance(entry, Mapping) else entry for key, entry in people.items()}


def _listed(section: object) -> Sequence[object]:
    return section if isinstance(section, list) else ()


def tried(model: type[Model], data: object, folder: Path) -> Model | None:
    """The section without its mistakes, as far as each can be taken out by itself; None where one cannot."""
    rest = deepcopy(data)
    for _ in range(_MOST_MENDED):
        try:
            return model.model_validate(rest, context={FOLDER: folder})
        except ValidationError as error:
            mended = [_mended(rest, detail) for detail in error.errors()]
            if not all(mended):
                return None
    return None


def _mended(data: object, wrong: ErrorDetails) -> bool:
    """Take a mistake out without taking anything else with it; False where that cannot be.

    A key that nobody knows goes. A condition that is wrong becomes one that no message meets, so that its rule keeps
    its place among the others and takes nothing from them.
    """
    place = wrong["loc"]
    if wrong["type"] == "extra_forbidden":
        _remove(data, place)
        return True
    for depth, step in enumerate(place):
        if step == "when" and _put(data, place[: depth + 1], {"words": [_never(place)]}):
            return True
    key = place[-1] if place else ""
    if key == "then":
        return _put(data, place, "low" if place[0] in ("impact", "urgency") else _never(place))
    if key in ("team", "name") and "routes" in place:
        _remove(data, place)
        return True
    return isinstance(key, str) and key in _HARMLESS and _put(data, place, _HARMLESS[key])


def _never(place: tuple[int | str, ...]) -> str:
    """A word that no text has, and no other mistake gets; none is the beginning of another."""
    return f"qx{zlib.crc32(repr(place).encode()):08x}xq"


def _put(data: object, place: tuple[int | str, ...], value: object) -> bool:
    """Another value at this place; False where there is no such place, or the value is there already."""
    *way, key = place
    for step in way:
        data = data[step] if isinstance(data, list) and isinstance(step, int) else data
        data = data.get(step, data) if isinstance(data, dict) else data
    if not isinstance(data, dict) or data.get(key) == value:
        return False
    data[key] = value
    return True


def _right(model: type[Model], section: object, folder: Path) -> dict[str, Model]:
    """The entries that are right in themselves, by their names."""
    drafts = {name: tried(model, entry, folder) for name, entry in _items(section)}
    return {name: draft for name, draft in drafts.items() if draft is not None}


def _items(section: object) -> Iterable[tuple[str, object]]:
    return section.items() if isinstance(section, Mapping) else ()


def _remove(data: object, place: tuple[int | str, ...]) -> None:
    *way, key = place
    for step in way:
        if isinstance(data, list) and isinstance(step, int):
            data = data[step]
        elif isinstance(data, dict):
            data = data.get(step, data)  # Pydantic also names members of unions, which the file has not.
    if isinstance(data, dict):
        data.pop(key, None)
