"""No secret, and no whole address, reaches a log line."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from config.logs import configure, redacted
from store.tokens import Token, sign

NOW = datetime(2026, 11, 22, tzinfo=UTC)
REPLY = sign(b"k" * 32, Token(482917, "0123456789", "c"), now=NOW, lifetime=timedelta(days=30))


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    stream = io.StringIO()
    configure(stream)
    yield stream
    structlog.reset_defaults()
    logging.getLogger().handlers[:], level = before
    logging.getLogger().setLevel(level)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("POST https://api.telegram.org/bot81234567:AAE-abcdefghijklmnopqrstuvwxyz012345/getMe", "AAE-abcdefg"),
        (f"reply to support+{REPLY}@desk.example refused", REPLY),
        ("cannot reach postgresql://desk:hunter2@db.example/desk", "hunter2"),
        ("550 no such user: sara.ahmadi@customer.example", "sara"),
    ],
)
def test_a_secret_is_taken_out_of_a_text(text: str, secret: str) -> None:
    assert secret not in redacted(text)


def test_an_address_keeps_its_domain_and_can_be_told_from_others() -> None:
    one, same, other = redacted("Ola@x.example"), redacted("ola@x.example"), redacted("eva@x.example")

    assert one == same != other
    assert one.endswith("@x.example")


def test_our_lines_and_those_of_libraries_are_json_without_addresses(stream: io.StringIO) -> None:
    structlog.get_logger().warning("delivery failed", detail="<ola@x.example> said no")
    logging.getLogger("library").warning("lost %s", "ola@x.example")

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]

    assert [line["event"].split()[0] for line in lines] == ["delivery", "lost"]
    assert "ola@" not in stream.getvalue()


def test_libraries_do_not_chat(stream: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot1:x/getUpdates")

    assert stream.getvalue() == ""
