"""A plug-in that raises is its own message's trouble: the rest of the batch goes on, and somebody hears of it."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from router.rules.plugins import PluginFailed
from store.database import Database
from store.records import Message
from tests.contract.router_desk import Desk, as_stored
from tests.unit.router.given import ANN, BOB, message, policy

CLASSIFY = {
    "categories": {"key": {"en": "Key accounts"}, "other": {"en": "Other"}},
    "rules": [{"when": {"plugin": "acme_of_this_test.is_key"}, "then": "key"}],
}


def is_key(message: Message) -> bool:
    """Whether Bob writes; nobody knows what Ann is."""
    if message.sender.value == ANN.value:
        raise LookupError(message.text)
    return message.sender.value == BOB.value


@pytest.fixture(autouse=True)
def acme() -> Iterator[None]:
    module = ModuleType("acme_of_this_test")
    vars(module)["is_key"] = is_key
    sys.modules["acme_of_this_test"] = module
    yield
    del sys.modules["acme_of_this_test"]


async def test_the_others_of_its_batch_go_on(database: Database) -> None:
    desk = Desk(database, policy(classify=CLASSIFY))
    sara = message(id="m3", fingerprint="f3", sender=BOB)

    failed, done = await desk.handle(message(), sara)

    assert isinstance(failed, PluginFailed)
    assert "the plug-in acme_of_this_test.is_key raised LookupError at test_router_plugins.py:" in str(failed)
    assert message().text not in str(failed)
    assert done is None
    assert await desk.rows("tickets", "sender_value", "category") == [(BOB.value, "key")]


async def test_a_message_that_it_killed_still_gets_a_ticket(database: Database) -> None:
    desk = Desk(database, policy(classify=CLASSIFY))

    ticket = await desk.bury(as_stored(message()), reason="plug-in acme_of_this_test.is_key: LookupError at acme.py:2")

    assert await desk.rows("tickets", "number", "sender_value", "category") == [(ticket, ANN.value, "other")]
    assert await desk.outcomes() == {"m1": "dead"}
    assert await desk.differences() == []
