"""What is known of a customer counts where the sender is believed, and says where it is from."""

import pytest

from router.customer.customers import customer_of, language_of, reasons
from router.opening import open_one
from router.policy import Card
from store.records import Address, Fact, Message, Proof
from store.rows import Contact
from tests.unit.router.given import ANN, contact, facts, message, policy

ACME = {("domain", "acme.example"): Card(organisation="Acme", tags=("vip",), language="pl", place="deskwire.yaml:51")}
PRIORITY = {
    "impact": [
        {"when": {"affects_over": 20}, "then": "high"},
        {"when": {"customer_tag": "vip"}, "then": "medium"},
        {"then": "low"},
    ],
    "urgency": [{"when": {"words": "cannot work"}, "then": "high"}, {"then": "low"}],
}


def known(**changes: object) -> dict[tuple[str, str], Contact]:
    return {("mail", ANN.value): contact(**changes)}


@pytest.mark.parametrize(
    ("proof", "evidence"),
    [
        (Proof.DOMAIN, "customer_tag vip of Acme (deskwire.yaml:51)"),
        (Proof.TOKEN, "customer_tag vip of Acme (deskwire.yaml:51)"),
        (Proof.CLAIMED, "customer_tag vip of Acme (deskwire.yaml:51, unproven)"),
    ],
)
def test_a_vip_raises_the_impact_and_the_reason_says_why(proof: Proof, evidence: str) -> None:
    decision = open_one(message(proof=proof), facts(), policy(priority=PRIORITY, customers=ACME))

    impact = next(reason for reason in decision.because if reason.part == "impact")
    assert (impact.result, impact.rule, impact.evidence) == ("medium", "impact 2", evidence)
    assert decision.priority == "P4"


def test_a_forged_vip_raises_nothing_and_the_reasons_say_so() -> None:
    decision = open_one(message(proof=Proof.FAILED), facts(), policy(priority=PRIORITY, customers=ACME))

    told = [reason for reason in decision.because if reason.part in ("impact", "customer")]
    assert [(one.result, one.rule, one.evidence) for one in told] == [
        ("low", "impact 3", ""),
        ("nobody", "the check of the sender failed", "not Acme"),
    ]


def test_how_many_are_affected_raises_the_impact_and_the_reason_says_by_how_much() -> None:
    asked = message(text="We cannot work", facts=(Fact(name="affects", value="25 people"),))
    decision = open_one(asked, facts(), policy(priority=PRIORITY))

    assert decision.priority == "P1"
    assert [(one.rule, one.evidence) for one in decision.because if one.part in ("impact", "urgency")] == [
        ("impact 1", "affects 25, over 20"),
        ("urgency 1", "cannot work"),
    ]


@pytest.mark.parametrize(
    ("asked", "stored", "cards", "language"),
    [
        (message(language="fa"), {}, ACME, "fa"),
        (message(language=""), {}, ACME, "pl"),
        (message(language=""), known(language="ru"), ACME, "ru"),
        (message(language=""), known(language="ru"), {("mail", ANN.value): Card(language="en")}, "en"),
        (message(language=""), {}, {}, ""),
        (message(language="", proof=Proof.FAILED), known(language="ru"), ACME, ""),
    ],
)
def test_a_text_too_short_to_tell_is_answered_in_the_customers_language(
    asked: Message, stored: object, cards: object, language: str
) -> None:
    assert language_of(asked, facts(contacts=stored), policy(customers=cards)) == language


def test_a_nearer_domain_comes_before_one_above_it() -> None:
    cards = {
        ("domain", "acme.example"): Card(organisation="Acme", place="deskwire.yaml:5"),
        ("domain", "it.acme.example"): Card(organisation="Acme IT", place="deskwire.yaml:6"),
    }
    asked = message(sender=Address(kind="mail", value="ann@mail.it.acme.example"))

    assert customer_of(asked, facts(contacts={}), policy(customers=cards)).organisation == "Acme IT"


def test_of_somebody_of_whom_only_the_last_language_is_known_nothing_is_told() -> None:
    assert reasons(message(), facts(), policy()) == ()
    assert customer_of(message(sender=Address(kind="", value="")), facts(), policy(customers=ACME)).tags == {}
