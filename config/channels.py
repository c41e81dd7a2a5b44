"""The entries under `channels:`, each read by the settings of its own module."""

from pathlib import Path
from types import ModuleType

from pydantic import ValidationError

from config.document import Document, Placed
from config.document import Path as KeyPath
from config.findings import problems_in
from config.problems import Problem, nearest
from config.settings import NAME, Channel
from ingest.channel import ChannelSettings, module_of
from store.errors import Permanent
from store.files import FOLDER

TYPES = ("mail", "telegram", "web")  # Those that are built in.


def read_channels(document: Document, folder: Path) -> tuple[dict[str, Channel], list[Problem]]:
    """The channels that are right in themselves, and what is wrong with the others."""
    entries = document.root.get("channels")
    if not isinstance(entries, Placed) or not entries:
        remedy = "add channels: and one below it, as README.md shows"
        return {}, [Problem(document.key(("channels",)), "missing-key", "there is no channel", remedy)]
    channels: dict[str, Channel] = {}
    problems: list[Problem] = []
    for name, entry in entries.items():
        if not NAME.fullmatch(name):
            what, remedy = f'"{name}" cannot name a channel', "use letters, digits, - and _, at most 64"
            problems.append(Problem(document.key(("channels", name)), "bad-name", what, remedy))
        read = _channel(name, entry, document, folder)
        if isinstance(read, Channel):
            channels[name] = read
        else:
            problems += read
    return channels, problems


def _channel(name: str, entry: object, document: Document, folder: Path) -> Channel | list[Problem]:
    """The channel, or what is wrong with it."""
    path: KeyPath = ("channels", name)
    kind = entry.get("type") if isinstance(entry, Placed) else None
    if not isinstance(entry, Placed) or not isinstance(kind, str):
        return [_without_type(name, entry, document)]
    module = _module(kind, (*path, "type"), document)
    if isinstance(module, Problem):
        return [module]
    model: type[ChannelSettings] = module.Settings
    data = Placed({key: value for key, value in entry.items() if key != "type"})
    if "reply_through" in model.model_fields and (carrier := _carrier(entry, document.root.get("channels"))):
        data.setdefault("reply_through", carrier)
    try:
        return Channel(type=kind, module=module, settings=model.model_validate(data, context={FOLDER: folder}))
    except ValidationError as error:
        return list(problems_in(error.errors(), model, data, path, document))


def _without_type(name: str, entry: object, document: Document) -> Problem:
    """What is told of a channel of no type: the key that it may be meant by, if there is one."""
    path: KeyPath = ("channels", name)
    for key in entry if isinstance(entry, Placed) else ():
        if key != "type" and (remedy := nearest(key, ("type",))):
            return Problem(
                document.key((*path, key)), "unknown-key", f'"{key}" is not a key of "channels.{name}"', remedy
            )
    what, remedy = f'channel "{name}" has no type', "write type: mail, telegram or web"
    return Problem(document.key(path), "missing-key", what, remedy)


def _carrier(entry: Placed, entries: object) -> str:
    """The mail channel that answers go through where none is named; empty where there is none.

    Of several that send it is the first that sets the same facts, and else the first.
    """
    mails = {
        name: one
        for name, one in (entries.items() if isinstance(entries, Placed) else ())
        if isinstance(one, Placed) and one.get("type") == "mail" and "send" in one
    }
    alike = [name for name, one in mails.items() if one.get("sets") == entry.get("sets")]
    return next(iter([*alike, *mails]), "")


def _module(kind: str, place: KeyPath, document: Document) -> ModuleType | Problem:
    """The module of a type, or why there is none."""
    at = document.position(place)
    try:
        module = module_of(kind)
    except Permanent as error:
        remedy = nearest(kind, TYPES) or f"there are: {', '.join(TYPES)}; a dotted name is imported as it is"
        return Problem(at, "unknown-type", str(error).partition(":")[0], remedy)
    if not hasattr(module, "Settings"):
        remedy = "name another module; ingest/channel.py says what one needs"
        return Problem(at, "unknown-type", f"the module {kind} is no channel: it has no Settings", remedy)
    return module
