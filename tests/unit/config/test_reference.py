"""`config/deskwire.yaml` is the reference: a desk that works, with every key and its default."""

import functools
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import BaseModel

from config.document import Document
from config.keys import models_in, written_fields
from config.load import BadSettings, load
from config.settings import Configuration, Settings
from ingest.channels.mail.channel import Settings as Mail
from ingest.channels.telegram.channel import Settings as Telegram
from ingest.channels.web.channel import Settings as Web
from router.rules.condition_settings import When

REFERENCE = (resources.files("config") / "deskwire.yaml").read_text(encoding="utf-8")
WHOLE = re.sub(r"^( *)#(?=[\w.@-]+:)", r"\1", REFERENCE, flags=re.MULTILINE)  # Every mark taken away.
ENVIRONMENT = {
    "MAIL_PASSWORD": "correct-horse",
    "TELEGRAM_TOKEN": "801234567:AAEabcdefghijklmnopqrstuvwxyz012345",
    "DESKWIRE_SECRET": "x" * 40,
}
CHANNELS: Mapping[str, type[BaseModel]] = {"support": Mail, "telegram": Telegram, "form": Web}

Steps = tuple[str, ...]


class Key(NamedTuple):
    """A field of a settings model, and where the file must have it."""

    path: Steps
    model: type[BaseModel]
    name: str  # In the model.


def keys_of(model: type[BaseModel], path: Steps = ()) -> Iterator[Key]:
    """Every field, and those of the models inside; what conditions may ask is told once, at the first rules."""
    for name, field in written_fields(model):
        yield Key((*path, name), model, next(own for own, one in model.model_fields.items() if one is field))
        for inner in models_in(field.annotation):
            if inner is not model and (inner is not When or path[0] == "classify"):
                yield from keys_of(inner, (*path, name))


KEYS = [
    *(key for key in keys_of(Settings) if key.path[0] != "priority" or key.path[-1] != "when"),
    *(key for name, model in CHANNELS.items() for key in keys_of(model, ("channels", name))),
]


@functools.cache
def written(text: str) -> Mapping[str, object]:
    document = Document(text, name="deskwire.yaml", environment=ENVIRONMENT)
    assert document.problems == []
    return document.root


def found(value: object, path: Steps) -> list[object]:
    """What the file has at this path, in every item of a list and under every name that is free."""
    if not path:
        return [value]
    if isinstance(value, list):
        return [one for item in value for one in found(item, path)]
    if not isinstance(value, Mapping):
        return []
    if path[0] in value:
        return found(value[path[0]], path[1:])
    return [one for item in value.values() if isinstance(item, Mapping | list) for one in found(item, path)]


def plain(value: object) -> object:
    """Rules without the places where they stand."""
    return (
        [one.model_dump() for one in value if isinstance(one, BaseModel)] or value
        if isinstance(value, tuple)
        else value
    )


def kept(value: object, path: Steps) -> list[object]:
    """What the settings have at this path, in every item of a list and under every name that is free."""
    if not path:
        return [value]
    if isinstance(value, BaseModel):
        return kept(getattr(value, path[0]), path[1:])
    if isinstance(value, Mapping):
        return [one for item in value.values() for one in kept(item, path)]
    return [one for item in value for one in kept(item, path)] if isinstance(value, tuple) else []


def saved(folder: Path, text: str) -> Path:
    """The file in a folder with all the files that it names."""
    for name in ("cert.pem", "key.pem", "authorities.pem"):
        (folder / name).touch()
    (folder / "texts").mkdir()
    (folder / "duty.ics").write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//desk//1\r\nEND:VCALENDAR\r\n")
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "dkim.pem").write_bytes(key)
    (folder / "dkim.pem").chmod(0o600)
    (folder / "deskwire.yaml").write_text(text, encoding="utf-8")
    return folder / "deskwire.yaml"


@pytest.fixture(autouse=True, scope="module")
def acme() -> Iterator[None]:
    """The desk's own module with a plug-in, as if it were installed."""
    module = ModuleType("acme")
    vars(module)["is_key_account"] = lambda message: False
    sys.modules["acme"] = module
    yield
    del sys.modules["acme"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    return load(saved(tmp_path_factory.mktemp("reference"), WHOLE), ENVIRONMENT)


def test_it_works_as_it_is(tmp_path: Path) -> None:
    configuration = load(saved(tmp_path, REFERENCE), ENVIRONMENT)

    assert configuration.warnings == ""
    assert [channel.type for channel in configuration.channels.values()] == ["mail", "telegram", "web"]


def test_it_works_with_every_mark_taken_away(tmp_path: Path) -> None:
    assert load(saved(tmp_path, WHOLE), ENVIRONMENT).warnings == ""


def test_every_secret_that_it_needs_is_a_variable_that_it_names(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as caught:
        load(saved(tmp_path, REFERENCE), {})

    assert [problem.code for problem in caught.value.problems] == ["env-not-set"] * 2


@pytest.mark.parametrize("key", KEYS, ids=[".".join(key.path) for key in KEYS])
def test_every_key_is_there(key: Key) -> None:
    assert found(written(WHOLE), key.path)


@pytest.mark.parametrize("key", KEYS, ids=[".".join(key.path) for key in KEYS])
def test_what_is_written_behind_a_mark_is_the_default(key: Key, whole: Configuration) -> None:
    field = key.model.model_fields[key.name]
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    if found(written(REFERENCE), key.path) or not default or isinstance(default, BaseModel):
        return  # An example, or something whose own keys are looked at.
    value: object = whole.settings
    path = key.path
    if path[0] == "channels":
        value, path = whole.channels[path[1]].settings, path[2:]

    assert plain(default) in [plain(one) for one in kept(value, (*path[:-1], key.name))]
