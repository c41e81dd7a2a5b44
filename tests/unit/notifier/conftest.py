"""What the tests of the notifier share: one desk, one customer who writes by mail and one by chat."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from notifier.policy import Destination, Outlet, Policy
from notifier.render import Templates
from notifier.speech import Names
from notifier.texts import load_templates
from store.events import TicketEvent, TicketView
from store.records import Address, Attachment, Decision, Message, Proof, Reason, ReplyPath

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SITE = "Nordwind Help Desk"

MakeEvent = Callable[..., TicketEvent]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The embedded kind alone: what differs between databases is proved in `tests/contract/test_deliveries.py`."""
    return f"sqlite:{tmp_path / 'desk.db'}"


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def policy() -> Policy:
    return Policy(
        languages=("en", "pl", "ru", "fa"),
        teams={
            "servicedesk": Destination(channel="bot", kind="telegram", address="-100200300"),
            "apps": Destination(channel="mail-it", kind="mail", address="apps@nordwind.example", language="pl"),
        },
        default_team="servicedesk",
        outlets={
            "mail-it": Outlet(mails=True),
            "mail-machines": Outlet(mails=True, acknowledge=False),
            "bot": Outlet(mails=False),
        },
        own=frozenset({("mail", "it@nordwind.example")}),
    )


@pytest.fixture(scope="session")
def templates() -> Templates:
    return load_templates(Names(site=SITE, zone=ZoneInfo("UTC")), ["en", "pl", "ru", "fa"])


@pytest.fixture
def by_mail() -> MakeEvent:
    """An event of a mail's ticket; what a test needs otherwise it names."""
    return _by_mail


@pytest.fixture
def by_chat() -> MakeEvent:
    """An event of a chat's ticket; what a test needs otherwise it names."""
    return _by_chat


def _by_mail(kind: str = "opened", *, proof: Proof = Proof.DOMAIN, **changes: object) -> TicketEvent:
    message = Message(
        id="message",
        raw="raw",
        channel="mail-it",
        external_id="<first@delta.example>",
        sender=Address(kind="mail", value="sara@delta.example", name="Sara Ahmadi"),
        proof=proof,
        reply_path=ReplyPath(channel="mail-it", address="sara@delta.example"),
        text="I cannot log in after the password reset.\n\nI cannot work.",
        received_at=NOON,
        fingerprint="fingerprint",
        attachments=(Attachment(name="a.png", content_type="image/png", size=1, digest="d", part=1),),
    )
    return _event(kind, message, changes)


def _by_chat(kind: str = "opened", **changes: object) -> TicketEvent:
    message = Message(
        id="message",
        raw="raw",
        channel="bot",
        external_id="611000009:17",
        sender=Address(kind="telegram", value="611000009", name="Sara"),
        proof=Proof.SESSION,
        reply_path=ReplyPath(channel="bot", address="611000009"),
        text="I cannot log in.",
        received_at=NOON,
        fingerprint="fingerprint",
    )
    return _event(kind, message, changes)


def _event(kind: str, message: Message, changes: dict[str, object]) -> TicketEvent:
    """`changes` go to every part that has a field of that name: the event, the ticket and the message."""
    ticket = TicketView(
        number=482917,
        subject="Cannot log in after password reset",
        state="new",
        category="access",
        priority="P2",
        team="servicedesk",
        language="en",
        customer=message.sender,
        proof=message.proof,
        reply_path=message.reply_path,
        conversation=(message.external_id,),
        opened_at=NOON,
    )
    because = (
        Reason(part="conversation", result="new", rule="nothing says that it continues a ticket"),
        Reason(part="category", result="access", rule="passwords", place="deskwire.yaml:101", evidence="password"),
        Reason(part="team", result="servicedesk", rule="default"),
    )
    event = TicketEvent(
        id="event",
        kind=kind,
        ticket=ticket,
        actor="customer",
        cause="message",
        message=message,
        decision=Decision(outcome=kind, ticket=482917, because=because),
        at=NOON,
    )
    return replace(
        event,
        ticket=replace(ticket, **_of(ticket, changes)),
        message=changes["message"] if "message" in changes else replace(message, **_of(message, changes)),
        **{key: value for key, value in _of(event, changes).items() if key != "message"},
    )


def _of(record: object, changes: dict[str, object]) -> dict[str, object]:
    names = record.__struct_fields__
    return {key: value for key, value in changes.items() if key in names}
