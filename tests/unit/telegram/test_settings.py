"""A bot's entry in the settings file."""

import pytest
from pydantic import ValidationError

from ingest.channels.telegram.channel import Settings
from store.secrets import FromEnvironment

TOKEN = FromEnvironment("7000000001:" + "a" * 35)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({}, "Field required"),
        ({"token": FromEnvironment("hello")}, "this is no bot token"),
        ({"token": "7000000001:" + "a" * 35}, "a secret is written in this file"),
        ({"token": TOKEN, "base_url": "api.telegram.org"}, "base_url"),
        ({"token": TOKEN, "poll_timeout": "0.5s"}, "poll_timeout"),
        ({"token": TOKEN, "poll_timeout": "51s"}, "poll_timeout"),
        ({"token": TOKEN, "send_timeout": "0s"}, "send_timeout"),
        ({"token": TOKEN, "webhook": "https://desk.example"}, "webhook"),
    ],
)
def test_mistake_is_named_and_the_token_is_not(entry: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(entry)

    assert said in str(caught.value)
    assert str(TOKEN) not in repr(Settings.model_validate({"token": TOKEN}))


def test_token_alone_is_enough() -> None:
    assert Settings.model_validate({"token": TOKEN}).base_url == "https://api.telegram.org/bot"
