"""A mailbox's entry in the settings file, and what is opened from it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from ingest.channel import Parts, Site
from ingest.channels.mail.channel import MailChannel, Settings, open_channel
from ingest.channels.mail.order import message_id_of
from ingest.smtp import SmtpListener, SmtpSettings
from store.blobs_file import FileBlobs
from store.database import open_database
from store.errors import Permanent
from store.outgoing import Outgoing, Purpose
from store.records import Address
from store.secrets import FromEnvironment


def opened(entry: dict[str, object], smtp: SmtpListener | None = None) -> MailChannel:
    site = Site(name="Nordwind", url="", languages=("en",), time_zone="UTC")
    parts = Parts(site=site, key=b"k" * 32, database=open_database("sqlite::memory:"), smtp=smtp)
    return open_channel("mail-it", Settings.model_validate({"address": "it@desk.example"} | entry), parts)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({}, "Field required"),
        ({"address": "it"}, "is no plain address"),
        ({"address": "it+x@desk.example"}, "is no plain address"),
        ({"address": "it@desk.example", "aliases": ["x"]}, "is no plain address"),
        ({"address": "it@desk.example", "receive": {}}, "neither is there"),
        ({"address": "it@desk.example", "receive": {"smtp": {"allow_from": ["10.0.0.0/99"]}}}, "allow_from"),
        ({"address": "it@desk.example", "send": {"smtp": "relay"}}, "host and port"),
        ({"address": "it@desk.example", "send": {"smtp": "r:25", "password": "hunter2"}}, "a secret is written"),
        ({"address": "it@desk.example", "authentication": {"authserv_id": ""}}, "authserv_id"),
        ({"address": "it@desk.example", "authentication": {"authserv_id": "mx desk"}}, "is no name of a server"),
        ({"address": "it@desk.example", "authentication": {"authserv_id": "mx; dmarc"}}, "before the semicolon"),
        ({"address": "it@desk.example", "recieve": {}}, "recieve"),
    ],
)
def test_mistake_is_named(entry: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(entry)

    assert said in str(caught.value)


def test_addresses_are_kept_in_lower_case_and_claimed() -> None:
    channel = opened({"address": "IT@Desk.Example", "aliases": ["Help@desk.example"], "receive": {"smtp": {}}})
    settings = Settings.model_validate({"address": "IT@Desk.Example", "receive": {"smtp": {}}})

    assert channel.addresses == [
        Address(kind="mail", value=value) for value in ("it@desk.example", "help@desk.example")
    ]
    assert list(settings.claims) == ["it@desk.example"]
    assert settings.takes_smtp
    assert not Settings.model_validate({"address": "it@desk.example"}).takes_smtp


def test_password_is_shown_nowhere() -> None:
    send = {"smtp": "relay.example:587", "password": FromEnvironment("hunter2")}

    assert "hunter2" not in repr(Settings.model_validate({"address": "it@desk.example", "send": send}))


def test_two_channels_cannot_claim_one_address(tmp_path: Path) -> None:
    listener = SmtpListener(SmtpSettings(), FileBlobs(tmp_path))
    opened({"receive": {"smtp": {}}}, listener)

    with pytest.raises(Permanent, match="it@desk"):
        opened({"receive": {"smtp": {}}}, listener)


async def test_channel_without_a_relay_cannot_send() -> None:
    outgoing = Outgoing(
        key="k",
        delivery="d",
        purpose=Purpose.ANSWER,
        address="a@b.example",
        text="x",
        at=datetime(2026, 11, 23, tzinfo=UTC),
    )

    with pytest.raises(Permanent, match="relay"):
        opened({}).prepare(outgoing)
    with pytest.raises(Permanent, match="relay"):
        await opened({}).send(b"", "a@b.example")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"From: x\r\nMessage-ID: <1@x>\r\n\r\nbody", "<1@x>"),
        (b"MESSAGE-id:<1@x>\r\n\r\n", "<1@x>"),
        (b"From: x\r\n\r\nMessage-ID: <in-the-body@x>", "<>"),
        (b"", "<>"),
        (b"Message-ID: " + b"x" * 5_000, "x" * 250),
    ],
)
def test_message_id_is_found_without_parsing(content: bytes, found: str) -> None:
    assert message_id_of(content) == found
