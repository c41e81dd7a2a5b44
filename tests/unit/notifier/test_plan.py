"""Who must hear of which event."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from notifier.plan import plan
from notifier.policy import Policy
from store.events import TicketEvent
from store.outgoing import Purpose
from store.records import Proof, ReplyPath

MakeEvent = Callable[..., TicketEvent]


@pytest.mark.parametrize(
    ("kind", "planned"),
    [
        ("opened", ["acknowledgement", "alert"]),
        ("continued", ["alert"]),
        ("reopened", ["alert"]),
        ("answered", ["answer"]),
        ("delivery-failed", ["trouble"]),
        ("delivery-in-doubt", ["trouble"]),
        ("loop-suspected", ["flood"]),
        ("noted", []),
        ("delivered", []),
        ("edited", []),
        ("alert-failed", []),
        ("a kind of a later version", []),
    ],
)
def test_each_kind_of_event_reaches_whom_it_concerns(
    by_mail: MakeEvent, policy: Policy, kind: str, planned: list[str]
) -> None:
    assert [one.template for one in plan(by_mail(kind), policy)] == planned


def test_a_new_ticket_is_acknowledged_to_the_customer_and_told_to_the_team(by_mail: MakeEvent, policy: Policy) -> None:
    event = by_mail(team="apps", language="fa")

    courtesy, alert = plan(event, policy)

    assert (courtesy.purpose, courtesy.channel, courtesy.address, courtesy.language) == (
        Purpose.ACKNOWLEDGEMENT,
        "mail-it",
        "sara@delta.example",
        "fa",
    )
    assert (alert.purpose, alert.channel, alert.address, alert.language) == (
        Purpose.ALERT,
        "mail-it",
        "apps@nordwind.example",
        "pl",
    )


def test_an_answer_goes_back_by_the_way_the_customer_came(by_chat: MakeEvent, policy: Policy) -> None:
    (answer,) = plan(by_chat("answered", text="Try again."), policy)

    assert (answer.purpose, answer.channel, answer.kind, answer.address) == (
        Purpose.ANSWER,
        "bot",
        "telegram",
        "611000009",
    )


def test_an_answer_without_a_way_back_is_told_to_the_team(by_mail: MakeEvent, policy: Policy) -> None:
    (trouble,) = plan(by_mail("answered", reply_path=None), policy)

    assert (trouble.purpose, trouble.template, trouble.channel) == (Purpose.ALERT, "trouble", "bot")


def test_a_team_that_is_not_in_the_settings_any_more_is_stood_in_for(by_mail: MakeEvent, policy: Policy) -> None:
    (alert,) = plan(by_mail("continued", team="gone"), policy)

    assert alert.address == "-100200300"


def test_a_language_the_desk_does_not_write_gives_way_to_its_first(by_mail: MakeEvent, policy: Policy) -> None:
    courtesy, _ = plan(by_mail(language="de"), policy)

    assert courtesy.language == "en"


@pytest.mark.parametrize(
    ("proof", "template"),
    [
        (Proof.ANONYMOUS, "acknowledgement-unproven"),
        (Proof.FAILED, "acknowledgement-unproven"),
        (Proof.CLAIMED, "acknowledgement-unproven"),
        (Proof.DOMAIN, "acknowledgement"),
        (Proof.TOKEN, "acknowledgement"),
        (Proof.TOKEN_AND_DOMAIN, "acknowledgement"),
        (Proof.SESSION, "acknowledgement"),
    ],
)
def test_only_a_proven_sender_is_quoted(by_mail: MakeEvent, policy: Policy, proof: Proof, template: str) -> None:
    assert plan(by_mail(proof=proof), policy)[0].template == template


def test_an_address_that_the_sender_only_wished_for_is_not_proven_by_the_sender(
    by_mail: MakeEvent, policy: Policy
) -> None:
    event = by_mail(proof=Proof.DOMAIN, reply_path=ReplyPath(channel="mail-it", address="victim@other.example"))

    assert plan(event, policy)[0].template == "acknowledgement-unproven"


def test_a_chat_is_acknowledged_as_a_chat(by_chat: MakeEvent, policy: Policy) -> None:
    assert plan(by_chat(), policy)[0].template == "acknowledgement-chat"


def test_effects_are_unique_by_event_purpose_and_recipient(by_mail: MakeEvent, policy: Policy) -> None:
    other_team = replace(policy, default_team="apps", teams={"apps": policy.teams["apps"]})
    effects = [
        one.effect
        for event in (by_mail(), by_mail("continued", id="event 2"), by_mail("answered", id="event 3"))
        for desk in (policy, other_team)
        for one in plan(event, desk)
    ]

    assert len(set(effects)) == 6  # One acknowledgement and one answer, and two teams' alerts of two events.
    assert len({one.delivery for one in plan(by_mail(), policy)}) == 2


def test_planning_twice_gives_the_same_effects(by_mail: MakeEvent, policy: Policy) -> None:
    assert plan(by_mail(), policy) == plan(by_mail(), policy)


def test_a_ticket_has_one_acknowledgement_whatever_event_asks_for_it(by_mail: MakeEvent, policy: Policy) -> None:
    first, _ = plan(by_mail(id="event 1"), policy)
    second, _ = plan(by_mail(id="event 2"), policy)

    assert first.effect == second.effect


def test_a_ticket_that_was_split_off_is_told_to_the_team_alone(by_mail: MakeEvent, policy: Policy) -> None:
    assert [one.template for one in plan(by_mail("opened", actor="operator:jan"), policy)] == ["alert"]


def test_a_new_ticket_is_told_to_the_teams_that_get_a_copy_once_for_each_workspace(
    by_mail: MakeEvent, policy: Policy
) -> None:
    event = by_mail(team="servicedesk", copies=("apps", "servicedesk", "gone"))

    alerts = [one for one in plan(event, policy) if one.purpose == Purpose.ALERT]

    assert [(one.template, one.address) for one in alerts] == [
        ("alert", "-100200300"),
        ("alert", "apps@nordwind.example"),
    ]
    assert len({one.effect for one in alerts}) == 2


def test_what_comes_later_is_told_to_the_team_alone(by_mail: MakeEvent, policy: Policy) -> None:
    (alert,) = plan(by_mail("continued", team="servicedesk", copies=("apps",)), policy)

    assert alert.address == "-100200300"
