"""What can be made of a settings file, however broken parts of it are, so that all its mistakes are told at once."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from config.document import Document
from config.settings import BackendSettings, Channel, ListenerSettings, SiteSettings
from notifier.settings import NotifySettings
from router.settings import ClassifySettings, PrioritySettings, RouteSettings, TeamSettings
from router.staff_settings import PersonSettings
from store.files import FOLDER

Model = TypeVar("Model", bound=BaseModel)


class Draft(NamedTuple):
    """The sections that are right in themselves; None for one that is not there, or is wrong."""

    document: Document
    site: SiteSettings | None
    backend: BackendSettings | None
    listeners: ListenerSettings | None
    teams: Mapping[str, TeamSettings]  # Without those that are wrong; so too the channels.
    people: Mapping[str, PersonSettings]
    channels: Mapping[str, Channel]
    classify: ClassifySettings | None
    priority: PrioritySettings | None
    route: RouteSettings | None
    notify: NotifySettings | None

    def written(self, *section: str) -> list[str]:
        """The names that stand in a section, right or wrong."""
        value: object = self.document.root
        for step in section:
            value = value.get(step) if isinstance(value, Mapping) else None
        return [str(name) for name in value] if isinstance(value, Mapping) else []


def drafted(document: Document, channels: Mapping[str, Channel], folder: Path) -> Draft:
    """The draft of a file; whatever is wrong with a section by itself is for others to say."""
    root = document.root
    teams = root.get("teams")
    people = {name: tried(PersonSettings, entry, folder) for name, entry in _items(root.get("people"))}
    drafts = {name: tried(TeamSettings, entry, folder) for name, entry in _items(teams)}
    return Draft(
        document=document,
        site=tried(SiteSettings, root.get("site"), folder),
        backend=tried(BackendSettings, root.get("backend", {}), folder),
        listeners=tried(ListenerSettings, root.get("listeners", {}), folder),
        teams={name: team for name, team in drafts.items() if team is not None},
        people={name: person for name, person in people.items() if person is not None},
        channels=channels,
        classify=tried(ClassifySettings, root.get("classify", {}), folder),
        priority=tried(PrioritySettings, root.get("priority", {}), folder),
        route=tried(RouteSettings, root.get("route"), folder),
        notify=tried(NotifySettings, root.get("notify", {}), folder),
    )


def tried(model: type[Model], data: object, folder: Path) -> Model | None:
    """The section without the keys that nobody knows; None where more than that is wrong with it."""
    try:
        return model.model_validate(data, context={FOLDER: folder})
    except ValidationError as error:
        wrong = error.errors()
    if any(detail["type"] != "extra_forbidden" for detail in wrong):
        return None
    rest = deepcopy(data)
    for detail in wrong:
        _remove(rest, detail["loc"])
    try:
        return model.model_validate(rest, context={FOLDER: folder})
    except ValidationError:
        return None


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
