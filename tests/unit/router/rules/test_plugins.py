"""Plug-ins: functions of the desk's own that a condition names."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from router.rules.condition_settings import When
from router.rules.plugins import Plugin, PluginFailed
from router.rules.traits import traits_of
from store.records import Message
from tests.unit.router.given import facts, message, policy

CODE = """\
LIMIT = 5

def is_key_account(message):
    return message.sender.value == "ann@acme.example"

def is_never(message):
    return False

def fails(message):
    return {}["customer's own words"]

def says_nothing(message):
    pass

def takes_none():
    return True

async def waits(message):
    return True

def leaves(message):
    raise SystemExit(1)
"""


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The desk's own modules, as if they were installed."""
    (tmp_path / "plugins_of_acme.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "plugins_of_broken.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("plugins_of_acme", "plugins_of_broken"):
        sys.modules.pop(name, None)


def holds(when: object, asked: Message) -> bool:
    desk = policy()
    return When.model_validate(when).compiled().holds(traits_of(asked, facts(), desk))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"plugin": "plugins_of_acme.is_key_account"}, True),
        ({"plugin": "plugins_of_acme.is_never"}, False),
        ({"plugin": ["plugins_of_acme.is_never", "plugins_of_acme.is_key_account"]}, True),
        ({"not": {"plugin": "plugins_of_acme.is_key_account"}}, False),
        ({"channel": "mail-it", "plugin": "plugins_of_acme.is_key_account"}, True),
        ({"channel": "bot", "plugin": "plugins_of_acme.fails"}, False),  # It is not even asked.
    ],
)
def test_a_plug_in_is_a_condition_like_others_and_is_asked_last(when: object, expected: bool) -> None:
    assert holds(when, message()) is expected


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plugins_of_acme.nothing", "has no nothing"),
        ("plugins_of_acme.LIMIT", "no function"),
        ("plugins_of_acme.waits", "asynchronous"),
        ("plugins_of_acme.takes_none", "one argument"),
        ("plugins_of_nobody.function", "cannot be imported"),
        ("plugins_of_broken.function", "nothing_of_this_name"),
        ("is_key_account", "no dotted name"),
        ("acme is.key", "no dotted name"),
    ],
)
def test_a_plug_in_that_cannot_be_used_is_told_when_the_settings_are_read(name: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        When.model_validate({"plugin": [name]})

    assert caught.value.errors()[0]["loc"] == ("plugin", 0)


@pytest.mark.parametrize(
    ("name", "words", "cause"),
    [
        (
            "fails",
            "plugins_of_acme.fails raised KeyError at plugins_of_acme.py:10",
            "KeyError at plugins_of_acme.py:10",
        ),
        (
            "leaves",
            "plugins_of_acme.leaves raised SystemExit at plugins_of_acme.py:22",
            "SystemExit at plugins_of_acme.py:22",
        ),
        ("says_nothing", "plugins_of_acme.says_nothing returned NoneType", "returned NoneType"),
    ],
)
def test_a_plug_in_that_fails_is_named_and_nothing_of_the_message_is(name: str, words: str, cause: str) -> None:
    with pytest.raises(PluginFailed, match=words) as caught:
        holds({"plugin": f"plugins_of_acme.{name}"}, message())

    assert "own words" not in str(caught.value)
    assert caught.value.cause == f"plug-in plugins_of_acme.{name}: {cause}"


def test_a_message_that_could_not_be_read_is_shown_to_no_plug_in() -> None:
    assert not holds({"plugin": "plugins_of_acme.fails"}, message(unreadable="KeyError at decode.py:1"))


def test_evidence_names_the_plug_in() -> None:
    condition = When.model_validate({"plugin": "plugins_of_acme.is_key_account"}).compiled()

    assert isinstance(condition.plugins[0], Plugin)
    assert condition.evidence(traits_of(message(), facts(), policy())) == "plug-in plugins_of_acme.is_key_account"
