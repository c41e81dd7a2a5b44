"""Keys of later versions are told from mistakes, until the version comes."""

import pytest

from config.keys import known_keys
from config.later import LATER, is_later
from config.settings import Settings
from ingest.channels.mail.channel import Settings as Mail
from ingest.channels.telegram.channel import Settings as Telegram
from ingest.channels.web.channel import Settings as Web


@pytest.mark.parametrize(
    ("path", "later"),
    [
        (("answers",), True),
        (("channels", "mail", "files"), True),
        (("teams", "help", "workspace", "topics"), True),
        (("customer", "survey"), True),
        (("customer", "caps", "survey"), False),
        (("channels", "mail", "receive", "imap"), False),
        (("classify", "answers"), False),
        (("teams", "topics"), False),
        (("answer",), False),
    ],
)
def test_a_key_is_later_only_in_its_own_section(path: tuple[str | int, ...], later: bool) -> None:
    assert is_later(path) == later


@pytest.mark.parametrize("section", LATER)
def test_a_key_that_this_version_knows_is_no_later_one(section: str) -> None:
    steps = tuple(section.split(".")) if section else ()
    known = set(known_keys(Settings, steps))
    if steps[:1] == ("channels",):
        known = {key for model in (Mail, Telegram, Web) for key in known_keys(model, steps[2:])}

    assert known
    assert known.isdisjoint(LATER[section])
