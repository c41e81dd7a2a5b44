"""What operators say of customers, over both databases: cards are kept, contacts are joined, and messages see it."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from router.policy import Card
from store.database import Database
from store.records import Action, Address, ContactCard, Proof
from tests.contract.router_desk import Desk
from tests.unit.router.given import ANN, BOB, NOW, chat_message, message, policy

FIRST, SECOND = 100009, 100017
SARA = Address(kind="telegram", value="77", name="Sara")
DOMAIN = Address(kind="domain", value="acme.example")
CLASSIFY = {
    "categories": {"vip": {"en": "VIP"}, "other": {"en": "Other"}},
    "rules": [{"when": {"customer_tag": "vip"}, "then": "vip"}],
}


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    opened = Desk(database, policy(classify=CLASSIFY))
    yield opened
    assert await opened.differences() == []


def said(*addresses: Address, action_id: str = "a1", value: str = "", **card: object) -> Action:
    return Action(
        id=action_id,
        kind="contact",
        actor="operator:ola",
        value=value,
        card=msgspec.convert({"addresses": addresses, **card}, ContactCard),
        at=NOW,
    )


async def test_a_card_makes_a_contact_that_its_first_message_finds(desk: Desk) -> None:
    await desk.handle(said(ANN, organisation="Acme", tags=("vip",), language="pl"))
    await desk.handle(message(language=""))

    assert await desk.rows("contacts", "organisation", "language", "tags") == [("Acme", "pl", b'["vip"]')]
    assert await desk.rows("tickets", "category", "language") == [("vip", "pl")]


async def test_a_card_that_comes_again_changes_nothing(desk: Desk) -> None:
    await desk.handle(said(ANN, BOB, organisation="Acme", tags=("vip",)))
    before = await desk.picture()
    await desk.handle(said(ANN, BOB, organisation="Acme", tags=("vip",), action_id="a2"))

    after = await desk.picture()
    assert after["contacts"] == before["contacts"]
    assert after["addresses"] == before["addresses"]


async def test_what_a_card_leaves_empty_stays_and_what_was_proven_too(desk: Desk) -> None:
    await desk.handle(message())
    await desk.handle(said(ANN, organisation="Acme", tags=("vip",)))
    await desk.handle(said(ANN, action_id="a2", value="+trial -vip"))

    assert await desk.rows("contacts", "organisation", "language", "tags") == [("Acme", "en", b'["trial"]')]
    assert await desk.rows("addresses", "value", "proof") == [(ANN.value, Proof.DOMAIN.value)]


async def test_everybody_of_a_domain_has_what_its_card_says(desk: Desk) -> None:
    await desk.handle(said(DOMAIN, organisation="Acme", tags=("vip",)))
    below = Address(kind="mail", value="eve@mail.acme.example")
    await desk.handle(
        message(), message(id="m2", fingerprint="f2", sender=below), chat_message(id="m3", fingerprint="f3")
    )

    assert await desk.rows("tickets", "sender_value", "category") == [
        ("77", "other"),
        ("ann@acme.example", "vip"),
        ("eve@mail.acme.example", "vip"),
    ]


async def test_a_forged_sender_gets_nothing_of_it(desk: Desk) -> None:
    await desk.handle(said(ANN, tags=("vip",)))
    await desk.handle(message(proof=Proof.FAILED), message(id="m2", fingerprint="f2", proof=Proof.CLAIMED))

    assert await desk.rows("tickets", "proof", "category") == [("claimed", "vip"), ("failed", "other")]


async def test_two_contacts_that_are_one_person_become_one_and_their_tickets_follow(desk: Desk) -> None:
    await desk.handle(message(), chat_message())
    await desk.handle(said(ANN, tags=("vip",), action_id="a0"))
    before = await desk.rows("tickets", "number", "state", "sender_value", "reply_address")
    await desk.handle(said(SARA, ANN))

    ((person,),) = await desk.rows("contacts", "id")
    assert set(await desk.rows("tickets", "contact")) == {(person,)}
    assert set(await desk.rows("sketches", "contact")) <= {(person,)}
    assert await desk.rows("addresses", "value", "contact") == [("77", person), (ANN.value, person)]
    assert await desk.rows("tickets", "number", "state", "sender_value", "reply_address") == before
    assert await desk.rows("contacts", "tags") == [(b'["vip"]',)]


@pytest.mark.parametrize("together", [True, False])
async def test_actions_of_one_batch_know_what_those_before_them_did(desk: Desk, *, together: bool) -> None:
    await desk.handle(message(), message(id="m2", fingerprint="f2", sender=BOB), chat_message())
    actions = [
        said(ANN, tags=("one",), action_id="a1"),
        said(ANN, BOB, action_id="a2"),
        said(BOB, value="+two", action_id="a3"),
        said(SARA, ANN, action_id="a4"),
        said(BOB, organisation="Acme", action_id="a5"),
    ]
    if together:
        await desk.handle(*actions)
    else:
        for action in actions:
            await desk.handle(action)

    assert await desk.rows("contacts", "organisation", "tags") == [("Acme", b'["one","two"]')]
    ((person,),) = await desk.rows("contacts", "id")
    assert {contact for _, contact in await desk.rows("addresses", "value", "contact")} == {person}


@pytest.mark.parametrize("together", [True, False])
async def test_tickets_of_two_contacts_that_just_became_one_may_be_duplicates(desk: Desk, *, together: bool) -> None:
    await desk.handle(message(), message(id="m2", fingerprint="f2", sender=BOB, external_id="<m2@x>", digest="d2"))
    numbers = [int(str(number)) for (number,) in await desk.rows("tickets", "number")]
    link = Action(
        id="a2", kind="link", actor="operator:ola", ticket=numbers[1], value=str(numbers[0]), why="duplicate", at=NOW
    )

    records = [said(ANN, BOB), link]
    for batch in [records] if together else [[one] for one in records]:
        assert not any(await desk.handle(*batch))

    assert await desk.rows("tickets", "state") == [("new",), ("solved",)]


async def test_messages_of_one_batch_from_two_addresses_of_a_person_know_of_each_other(desk: Desk) -> None:
    await desk.handle(said(ANN, BOB, language="en"))
    await desk.handle(
        message(language="fa"), message(id="m2", fingerprint="f2", digest="d2", text="?", sender=BOB, language="")
    )

    assert await desk.rows("tickets", "sender_value", "language") == [(ANN.value, "fa"), (BOB.value, "fa")]
    assert await desk.rows("contacts", "language") == [("fa",)]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (said(), "no address"),
        (msgspec.structs.replace(said(ANN), actor="person:ola"), "only operators"),
        (msgspec.structs.replace(said(ANN), card=None), "no address"),
        (said(ANN, DOMAIN), "a whole domain and a person"),
        (said(ANN, language="Polish"), "no code of a language"),
        (said(ANN, tags=("two words",)), "no tag"),
        (said(ANN, value="vip"), "write +vip or -vip"),
        (said(ANN, value="+"), "no tag"),
        (said(ANN, organisation="x" * 300), "300 characters"),
        (said(Address(kind="mail", value="help@desk.example")), "a channel's"),
    ],
)
async def test_what_cannot_be_so_is_refused_in_words(database: Database, action: Action, words: str) -> None:
    desk = Desk(database, policy(own=[("mail", "help@desk.example")]))
    await desk.handle(action)

    ((detail,),) = await desk.rows("inbox", "detail")
    assert words in str(detail)
    assert await desk.rows("contacts", "id") == []


async def test_what_is_known_of_domains_takes_no_more_questions_for_more_senders(desk: Desk) -> None:
    several = [
        message(id=f"m{n}", fingerprint=f"f{n}", sender=Address(kind="mail", value=f"a@b{n}.c{n}.example"))
        for n in range(20)
    ]

    assert await desk.questions(*several) == await desk.questions(several[0])


async def test_the_file_is_nearer_than_the_store_for_an_address_and_so_for_a_domain(database: Database) -> None:
    cards = {
        ("domain", "acme.example"): Card(organisation="Domain in file", tags=("a",), place="deskwire.yaml:5"),
        ("mail", BOB.value): Card(organisation="Bob in file", tags=("b",), place="deskwire.yaml:6"),
    }
    desk = Desk(database, policy(customers=cards))
    await desk.handle(said(DOMAIN, organisation="Domain in store", tags=("c",)))
    await desk.handle(said(ANN, organisation="Ann in store", tags=("d",), action_id="a2"))
    await desk.handle(said(BOB, organisation="Bob in store", tags=("e",), action_id="a3"))
    eve = Address(kind="mail", value="eve@acme.example")
    await desk.handle(
        *(
            message(id=f"m{n}", fingerprint=f"f{n}", sender=sender, digest=f"d{n}")
            for n, sender in enumerate([ANN, BOB, eve])
        )
    )

    found = {}
    for sender, because in await desk.rows("tickets", "sender_value", "because"):
        assert isinstance(because, bytes)
        (reason,) = [one for one in msgspec.json.decode(because) if one["part"] == "customer"]
        found[sender] = (reason["result"], reason["rule"], reason["evidence"])
    assert found == {
        ANN.value: ("Ann in store", "known by contact ann@acme.example", "tags d, a, c; proof domain-verified"),
        BOB.value: ("Bob in file", "known by deskwire.yaml:6", "tags b, e, a, c; proof domain-verified"),
        eve.value: ("Domain in file", "known by deskwire.yaml:5", "tags a, c; proof domain-verified"),
    }
