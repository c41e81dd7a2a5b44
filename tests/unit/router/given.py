"""Records, facts and a policy for the router's tests, each with one thing changed."""

from datetime import UTC, datetime

import msgspec

from router.known import Facts
from router.overlay import Overlay
from router.policy import Policy
from router.settings import ClassifySettings, PrioritySettings, ReferenceSettings, RouteSettings, policy_of
from store.records import Address, Message, Proof, ReplyPath
from store.rows import Contact, Ticket

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
KEY = b"a key of thirty-two bytes, or so"
ANN = Address(kind="mail", value="ann@acme.example", name="Ann")
BOB = Address(kind="mail", value="bob@acme.example", name="Ann")  # By the same name, to prove nothing.


def message(**changes: object) -> Message:
    """Ann writes that her VPN is down."""
    plain = Message(
        id="m1",
        raw="raw1",
        channel="mail-it",
        external_id="<m1@acme.example>",
        sender=ANN,
        proof=Proof.DOMAIN,
        reply_path=ReplyPath(channel="mail-it", address=ANN.value),
        subject="VPN",
        text="The VPN is down.",
        language="en",
        received_at=NOW,
        fingerprint="f1",
        digest="d1",
    )
    return msgspec.structs.replace(plain, **changes)


def chat_message(**changes: object) -> Message:
    """A customer writes to the bot."""
    plain = {
        "id": "c1",
        "channel": "bot",
        "external_id": "77:1",
        "sender": Address(kind="telegram", value="77", name="Sara"),
        "proof": Proof.SESSION,
        "reply_path": ReplyPath(channel="bot", address="77"),
        "subject": "",
        "text": "The printer is jammed.",
        "fingerprint": "fc1",
        "digest": "dc1",
    }
    return message(**plain | changes)


def ticket(number: int = 100009, **changes: object) -> Ticket:
    """Ann's ticket."""
    plain = Ticket(
        number=number,
        contact="ann",
        subject="VPN",
        state="new",
        category="network",
        priority="P3",
        team="help",
        language="en",
        channel="mail-it",
        customer=ANN,
        proof=Proof.DOMAIN,
        reply_path=ReplyPath(channel="mail-it", address=ANN.value),
        conversation=("<m0@acme.example>",),
        messages=1,
        version=1,
        config_version="abc1234",
        opened_at=NOW,
        changed_at=NOW,
    )
    return msgspec.structs.replace(plain, **changes)


def contact(address: Address = ANN, contact_id: str = "ann", **changes: object) -> Contact:
    """The person that an address leads to."""
    plain = Contact(id=contact_id, address=address, proof=Proof.CLAIMED, language="en")
    return msgspec.structs.replace(plain, **changes)


def facts(*tickets: Ticket, **known: object) -> Facts:
    """What is known: these tickets, Ann and Bob, and what `known` says as plain mappings."""
    people = {("mail", ANN.value): contact(), ("mail", BOB.value): contact(BOB, "bob")}
    plain: dict[str, object] = {
        "now": NOW,
        "serial": 10000,
        "tokens": {},
        "deliveries": {},
        "replayed": {},
        "outcomes": {},
        "holders": {},
        "tickets": {known.number: known for known in tickets},
        "copies": {},
        "awaited": {},
        "contacts": people,
        "chats": {},
        "greetings": {},
        "parked": {},
        "posted": {},
        "addressed": {},
        "endpoints": {},
        "opened": {},
        "told": {},
        "turned": 0,
    }
    as_they_are = ("turned", "now", "serial", "tokens", "deliveries", "replayed", "posted", "addressed")
    return Facts(
        **{
            name: value if name in as_they_are else Overlay(value)  # type: ignore[arg-type]
            for name, value in (plain | known).items()
        }
    )


def policy(classify: object = None, priority: object = None, route: object = None, **changes: object) -> Policy:
    """The policy of settings as they are written in the file."""
    plain: dict[str, object] = {
        "classify": ClassifySettings.model_validate(
            classify or {"categories": {"network": {"en": "Network"}, "other": {"en": "Other"}}}
        ),
        "priority": PrioritySettings.model_validate(priority or {}),
        "route": RouteSettings.model_validate(route or {"team": "help"}),
        "reference": ReferenceSettings(),
        "keys": (KEY,),
        "config_version": "abc1234",
    }
    return policy_of(**plain | changes)  # type: ignore[arg-type]
