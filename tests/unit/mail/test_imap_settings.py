"""What may be written under `receive` about IMAP, and what is said of the rest: row I10 among it."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from ingest.channels.mail.imap_excerpt import WHOLE, header_only, why_header_only
from ingest.channels.mail.imap_settings import ImapSettings
from ingest.channels.mail.order import source_of
from store.secrets import FromEnvironment

SECRET = FromEnvironment("hunter2")


def settings(**keys: object) -> ImapSettings:
    return ImapSettings.model_validate({"imap": "imap.desk.example", "password": SECRET, **keys})


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"password": None}, "an IMAP server asks who we are"),
        ({"imap": "imap.desk.example:0"}, "is no mail server"),
        ({"imap": "imap.desk.example:a"}, "is no mail server"),
        ({"imap": "imap desk"}, "is no mail server"),
        ({"imap": "https://imap.desk.example"}, "is no mail server"),
        ({"folder": "A\r\nX1 DELETE INBOX"}, "line break"),
        ({"folder": "A\x00B"}, "control character"),
        ({"folder": ""}, "at least 1 character"),
        ({"move_to": "A\nB", "after": "move"}, "line break"),
        ({"sent": "A\rB"}, "line break"),
        ({"user": "a\r\nb"}, "line break"),
        ({"password": FromEnvironment("a\r\nb")}, "line break"),
        ({"password": "hunter2"}, "a secret is written"),
        ({"flag": "\\Deleted"}, "cannot be set"),
        ({"flag": "two words"}, "cannot be set"),
        ({"flag": "a)\r\nX1 LOGOUT"}, "cannot be set"),
        ({"after": "move", "move_to": "INBOX"}, "to itself"),
        ({"after": "delete"}, "keep"),
        ({"tls": "none"}, "in the clear"),
        ({"start": "yesterday"}, "is no start"),
        ({"idle_renew": "30m"}, "less than or equal"),
        ({"read_timeout": "5m"}, "less than or equal"),
        ({"token": {}}, "must come from somewhere"),
        ({"token": {"url": "http://login.example.org/token"}}, "in the clear"),
        ({"token": {"url": "https://login.example.org/token"}}, "who asks"),
    ],
)
def test_mistake_is_named(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**keys)

    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({}, ("imap.desk.example", 993)),
        ({"tls": "starttls"}, ("imap.desk.example", 143)),
        ({"imap": "127.0.0.1", "tls": "none"}, ("127.0.0.1", 143)),
        ({"imap": "localhost:1143", "tls": "none"}, ("localhost", 1143)),
        ({"imap": "[::1]:1143", "tls": "none"}, ("::1", 1143)),
        ({"imap": "[2001:db8::1]"}, ("2001:db8::1", 993)),
    ],
)
def test_the_server_is_a_host_and_perhaps_a_port(keys: dict[str, object], place: tuple[str, int]) -> None:
    assert settings(**keys).place == place


def test_nothing_old_is_taken_unless_somebody_says_how_old() -> None:
    assert settings().since == timedelta(0)
    assert settings(start="7d").since == timedelta(days=7)
    assert settings(folder="Wsparcie żółte", flag="$Ticket").folder == "Wsparcie żółte"
    assert "hunter2" not in repr(settings())


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (b"From: Sara <Sara@Customer.example>\r\n\r\n", "sara@customer.example"),
        (b"from: sara@customer.example\n\nFrom: x@y", "sara@customer.example"),
        (b'From: "a@b.example" <sara@customer.example>\r\n\r\n', "sara@customer.example"),
        (b"From: nobody\r\nMessage-ID: <1@x>\r\n\r\nFrom: x@y.example", "<1@x>"),
        (b"From: " + b"a" * 100_000 + b"@x\r\n\r\n", "<>"),
        (b"", "<>"),
    ],
)
def test_mails_of_one_author_stay_in_line(content: bytes, source: str) -> None:
    assert source_of(content) == source


def test_a_mail_of_which_only_the_header_was_fetched_says_so() -> None:
    assert why_header_only(WHOLE) == ""
    assert why_header_only("text/rfc822-headers; size=x") == ""
    assert why_header_only(header_only(40_000_000)).startswith("it has 40000000 bytes")
    assert "gave only its header" in why_header_only(header_only(0))
