"""Which sort of machine wrote a mail."""

import pytest

from ingest.channels.mail.headers import Headers
from ingest.channels.mail.machines import Clues, machine


def reason(block: bytes = b"", **changes: object) -> str:
    clues = Clues(
        headers=Headers(block),
        kind="text/plain",
        report="",
        sender="sara@customer.example",
        envelope_sender="sara@customer.example",
        ours=False,
        loop="our-loop",
    )
    return machine(clues._replace(**changes))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (b"", ""),
        (b"Auto-Submitted: no", ""),
        (b"Auto-Submitted: No (really)", ""),
        (b"Auto-Submitted: auto-replied", "auto-replied"),
        (b"Auto-Submitted: Auto-Replied (vacation); owner-email=x", "auto-replied"),
        (b"Auto-Submitted: auto-generated", "auto-generated"),
        (b"Auto-Submitted: something-new", "auto-generated"),
        (b"X-Autoreply: yes", "auto-replied"),
        (b"X-Autorespond: x", "auto-replied"),
        (b"Precedence: auto_reply", "auto-replied"),
        (b"X-Auto-Response-Suppress: DR, OOF, AutoReply", "auto-generated"),
        (b"X-Auto-Response-Suppress: DR", ""),
        (b"X-FC-MachineGenerated: true", "auto-generated"),
        (b"X-Failed-Recipients: a@b.example", "bounce"),
        (b"List-Id: <x.lists.example>", "list"),
        (b"List-Unsubscribe: <https://x.example>", "list"),
        (b"Precedence: list", "list"),
        (b"Precedence: bulk", "bulk"),
        (b"Precedence: Junk", "bulk"),
        (b"Feedback-ID: 1:2:3", "bulk"),
        (b"X-Deskwire-Loop: our-loop", "own"),
        (b"X-Deskwire-Loop: another-desk", "auto-generated"),
    ],
)
def test_fields(block: bytes, expected: str) -> None:
    assert reason(block) == expected


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ("delivery-status", "bounce"),
        ("Delivery-Status", "bounce"),
        ("disposition-notification", "report"),
        ("feedback-report", "report"),
        ("", "report"),
    ],
)
def test_reports(report: str, expected: str) -> None:
    assert reason(kind="multipart/report", report=report) == expected


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("noreply", "noreply"),
        ("no-reply", "noreply"),
        ("do_not_reply", "noreply"),
        ("donotreply", "noreply"),
        ("bounces+123", "noreply"),
        ("owner-list", "noreply"),
        ("list-request", "noreply"),
        ("shop-noreply", "noreply"),
        ("mailer-daemon", "noreply"),
        ("nora.reply", ""),
        ("postmasters", ""),
        ("sara", ""),
    ],
)
def test_addresses(local: str, expected: str) -> None:
    assert reason(sender=f"{local}@customer.example") == expected


def test_null_sender_is_a_machine() -> None:
    assert reason(envelope_sender="") == "null-sender"


def test_bounce_of_a_daemon_without_an_address() -> None:
    assert reason(b"From: Mail Delivery Subsystem <MAILER-DAEMON>", sender="", envelope_sender="") == "bounce"


def test_our_own_address_is_our_own_mail() -> None:
    assert reason(ours=True) == "own"


def test_the_most_telling_reason_is_given() -> None:
    block = b"Auto-Submitted: auto-replied\r\nPrecedence: bulk\r\nList-Id: x"

    assert reason(block, envelope_sender="") == "auto-replied"
    assert reason(block, kind="multipart/report", report="delivery-status") == "bounce"
    assert reason(block, ours=True) == "own"
