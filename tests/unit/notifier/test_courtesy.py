"""May this automatic message be sent at all, and why not."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from notifier.courtesy import Asked, capped_address, objection
from notifier.plan import plan
from notifier.policy import Policy
from store.events import TicketEvent
from store.records import Address, Proof, ReplyPath

MakeEvent = Callable[..., TicketEvent]

# Each row breaks one rule, in the order in which the rules are asked; later rows break it beside all before it.
REASONS = [
    ("cap-unproven", {"sent": 1, "proof": Proof.CLAIMED}),
    ("proof-failed", {"proof": Proof.FAILED}),
    ("not-addressed", {"addressed": False}),
    ("machine-address", {"reply_path": ReplyPath(channel="mail-it", address="no-reply@delta.example")}),
    ("automated: list", {"automated": "list"}),
    ("own-address", {"customer": Address(kind="mail", value="it@nordwind.example")}),
    ("anonymous", {"proof": Proof.ANONYMOUS}),
    ("no-reply-path", {"reply_path": None}),
    ("switched-off", {"channel": "mail-machines"}),
]


def against(policy: Policy, event: TicketEvent, sent: int = 0) -> str:
    return objection(Asked(plan(event, policy)[0], policy, sent))


def test_nothing_is_said_against_a_proven_customer_s_first_message(by_mail: MakeEvent, policy: Policy) -> None:
    assert against(policy, by_mail()) == ""


@pytest.mark.parametrize(("reason", "changes"), [row for row in REASONS if row[0] != "cap-unproven"])
def test_each_rule_gives_its_own_reason(
    by_mail: MakeEvent, policy: Policy, reason: str, changes: dict[str, object]
) -> None:
    assert against(policy, by_mail(**changes)) == reason


def test_the_first_rule_that_objects_is_the_reason(by_mail: MakeEvent, policy: Policy) -> None:
    changes: dict[str, object] = {}
    for reason, change in REASONS:
        changes |= change
        sent = changes.get("sent")
        assert isinstance(sent, int)

        assert against(policy, by_mail(**{key: changes[key] for key in changes if key != "sent"}), sent) == reason


@pytest.mark.parametrize(
    ("proof", "sent", "reason"),
    [
        (Proof.CLAIMED, 0, ""),
        (Proof.CLAIMED, 1, "cap-unproven"),
        (Proof.DOMAIN, 2, ""),
        (Proof.DOMAIN, 3, "cap-proven"),
        (Proof.TOKEN, 3, "cap-proven"),
    ],
)
def test_an_address_gets_as_many_as_its_proof_allows(
    by_mail: MakeEvent, policy: Policy, proof: Proof, sent: int, reason: str
) -> None:
    assert against(policy, by_mail(proof=proof), sent) == reason


def test_an_address_that_the_sender_only_wished_for_gets_as_many_as_an_unproven_one(
    by_mail: MakeEvent, policy: Policy
) -> None:
    event = by_mail(proof=Proof.DOMAIN, reply_path=ReplyPath(channel="mail-it", address="victim@other.example"))

    assert against(policy, event) == ""
    assert against(policy, event, 1) == "cap-unproven"


def test_a_chat_counts_as_proven(by_chat: MakeEvent, policy: Policy) -> None:
    assert against(policy, by_chat(), 2) == ""
    assert against(policy, by_chat(), 3) == "cap-proven"


def test_nobody_is_acknowledged_where_it_is_switched_off(by_chat: MakeEvent, policy: Policy) -> None:
    assert against(replace(policy, acknowledge=False), by_chat()) == "switched-off"


@pytest.mark.parametrize(
    "address",
    [
        "it@nordwind.example",
        "IT@Nordwind.Example",
        "it+t1x-0a1b2c3d4e@nordwind.example",
        "it@ｎｏｒｄｗｉｎｄ.example",
        "apps@nordwind.example",
    ],
    ids=["ours", "case", "a reply address", "wide letters", "a team's"],
)
def test_no_address_of_the_desk_is_acknowledged(by_mail: MakeEvent, policy: Policy, address: str) -> None:
    event = by_mail(reply_path=ReplyPath(channel="mail-it", address=address))

    assert against(policy, event) == "own-address"


def test_the_same_value_of_another_kind_is_somebody_else(by_chat: MakeEvent, policy: Policy) -> None:
    desk = replace(policy, own=frozenset({("mail", "611000009")}))

    assert against(desk, by_chat()) == ""


def test_an_alert_to_an_address_that_we_read_is_not_sent(by_mail: MakeEvent, policy: Policy) -> None:
    desk = replace(policy, own=frozenset({("mail", "apps@nordwind.example")}))
    (alert,) = plan(by_mail("continued", team="apps"), desk)

    assert objection(Asked(alert, desk, 0)) == "own-address"


def test_a_machine_s_message_is_still_told_to_the_team(by_mail: MakeEvent, policy: Policy) -> None:
    _, alert = plan(by_mail(automated="list", proof=Proof.FAILED, addressed=False), policy)

    assert objection(Asked(alert, policy, 99)) == ""


def test_nothing_is_said_against_a_technician_s_answer(by_mail: MakeEvent, policy: Policy) -> None:
    event = by_mail("answered", proof=Proof.FAILED, automated="list", channel="mail-machines")
    (answer,) = plan(event, policy)

    assert objection(Asked(answer, replace(policy, acknowledge=False), 99)) == ""


@pytest.mark.parametrize(
    ("address", "capped"),
    [
        ("sara@delta.example", "mail:sara@delta.example"),
        ("Sara@Delta.Example", "mail:sara@delta.example"),
        ("sara+1@delta.example", "mail:sara@delta.example"),
        ("sara+1+2@delta.example", "mail:sara@delta.example"),
        ("sara@dÉlta.example", "mail:sara@xn--dlta-bpa.example"),
        ("sara@xn--dlta-bpa.example", "mail:sara@xn--dlta-bpa.example"),
        ("sara@ｄｅｌｔａ.example", "mail:sara@delta.example"),  # Mail to it goes to delta.example.
        ("sara@delta.example.", "mail:sara@delta.example"),
    ],
)
def test_all_addresses_of_a_mailbox_are_capped_together(
    by_mail: MakeEvent, policy: Policy, address: str, capped: str
) -> None:
    event = by_mail(reply_path=ReplyPath(channel="mail-it", address=address))

    assert capped_address(plan(event, policy)[0]) == capped


def test_a_chat_is_capped_by_its_number(by_chat: MakeEvent, policy: Policy) -> None:
    assert capped_address(plan(by_chat(), policy)[0]) == "telegram:611000009"
