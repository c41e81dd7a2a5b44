"""When two deliveries are one mail."""

import pytest

from ingest.channels.mail.fingerprint import fingerprint
from ingest.channels.mail.headers import Headers, split_header

MAIL = b"From: a@b.example\r\nMessage-ID: <1@b.example>\r\nSubject: Printer\r\n\r\nIt is broken.\r\n"


def of(payload: bytes, channel: str = "mail") -> str:
    block, body = split_header(payload)
    return fingerprint(channel, Headers(block), block, body)


@pytest.mark.parametrize(
    "again",
    [
        b"Received: from x by y\r\n" + MAIL,
        b"Return-Path: <a@b.example>\r\nDelivered-To: x\r\n" + MAIL,
        b"ARC-Seal: i=1\r\nX-Spam-Score: 3\r\nDKIM-Signature: v=1\r\nAuthentication-Results: mx; none\r\n" + MAIL,
        MAIL.replace(b"Subject: Printer", b"subject:\r\n Printer"),
        MAIL + b"\r\n\r\n",
    ],
)
def test_what_servers_change_on_the_way_does_not_count(again: bytes) -> None:
    assert of(again) == of(MAIL)


@pytest.mark.parametrize(
    "other",
    [
        MAIL.replace(b"broken", b"mended"),
        MAIL.replace(b"Printer", b"Scanner"),
        MAIL.replace(b"a@b.example", b"c@b.example"),
        MAIL.replace(b"<1@", b"<2@"),
        MAIL.replace(b"Subject", b"To: x\r\nSubject"),
        MAIL.replace(b"\r\n\r\n", b"\r\n\r\n\r\n"),
    ],
)
def test_what_the_sender_wrote_counts(other: bytes) -> None:
    assert of(other) != of(MAIL)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"My roof leaks.\r\n", b"My floor is wet.\r\n"),
        (b"My roof leaks.\r\n\r\nBye\r\n", b"My floor is wet.\r\n\r\nBye\r\n"),
        (b"From: a@b.example\r\nMy roof leaks.\r\n", b"From: a@b.example\r\nMy floor is wet.\r\n"),
    ],
    ids=["without a header", "without a header, in paragraphs", "without an empty line behind it"],
)
def test_words_that_stand_where_the_header_should_be_count(one: bytes, other: bytes) -> None:
    assert of(one) != of(other)
    assert of(one) == of(b"Received: from x by y\r\n" + one)


def test_forged_copy_with_the_same_message_id_is_another_mail() -> None:
    forged = b"From: thief@evil.example\r\nMessage-ID: <1@b.example>\r\n\r\nEarlier than the real one.\r\n"

    assert of(forged) != of(MAIL)


def test_the_same_mail_to_two_mailboxes_is_two() -> None:
    assert of(MAIL, "sales") != of(MAIL, "support")


def test_header_too_large_to_read_counts_in_full() -> None:
    large = b"X-Pad: " + b"x" * 300_000 + b"\r\n"

    assert of(large + MAIL) != of(large + MAIL.replace(b"Printer", b"Scanner"))
