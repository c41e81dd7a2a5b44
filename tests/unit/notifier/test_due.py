"""What comes due by itself reaches one person, a team or the customer, and says what it is about."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from notifier.notification import Notification
from notifier.plan import plan
from notifier.policy import Destination, Outlet, Policy
from notifier.render import Templates, render
from store.events import Beside, TicketEvent
from store.outgoing import Purpose
from store.records import Address, Decision, Reason

MakeEvent = Callable[..., TicketEvent]

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OLA_BY_MAIL = Address(kind="mail", value="ola@nordwind.example", name="Ola Nowak")
OLA_BY_CHAT = Address(kind="telegram", value="611000001", name="Ola Nowak")


@pytest.fixture
def policy(policy: Policy) -> Policy:
    return replace(policy, carriers={"mail": "mail-it", "telegram": "bot"})


@pytest.mark.parametrize(("to", "channel"), [(OLA_BY_MAIL, "mail-it"), (OLA_BY_CHAT, "bot")])
def test_a_step_alerts_the_person_that_it_names(by_mail: MakeEvent, policy: Policy, to: Address, channel: str) -> None:
    (alert,) = plan(by_mail("escalated", to=to), policy)

    assert (alert.purpose, alert.channel, alert.kind, alert.address) == (Purpose.ALERT, channel, to.kind, to.value)


def test_a_step_that_names_nobody_alerts_the_team(by_mail: MakeEvent, policy: Policy) -> None:
    (alert,) = plan(by_mail("escalated"), policy)

    assert (alert.channel, alert.address) == ("bot", "-100200300")


def test_where_no_channel_reaches_the_person_the_team_hears_of_it(by_mail: MakeEvent, policy: Policy) -> None:
    unreachable = replace(policy, carriers={"telegram": "bot"})

    (alert,) = plan(by_mail("escalated", to=OLA_BY_MAIL), unreachable)

    assert alert.address == "-100200300"


def test_the_channel_of_the_persons_team_goes_first(by_mail: MakeEvent, policy: Policy) -> None:
    other = replace(
        policy,
        teams=policy.teams | {"apps": Destination(channel="mail-apps", kind="mail", address="apps@nordwind.example")},
        outlets=policy.outlets | {"mail-apps": Outlet(mails=True)},
    )

    (alert,) = plan(by_mail("escalated", to=OLA_BY_MAIL, team="apps"), other)

    assert alert.channel == "mail-apps"


def test_a_person_answers_the_customer_by_replying_where_that_can_be_proven(by_mail: MakeEvent, policy: Policy) -> None:
    hearing = replace(policy, outlets=policy.outlets | {"mail-it": Outlet(mails=True, hears_staff=True)})

    (alert,) = plan(by_mail("escalated", to=OLA_BY_MAIL), hearing)

    assert (alert.reader, alert.reply) == (OLA_BY_MAIL, "s")


@pytest.mark.parametrize("kind", ["escalated", "given", "woken"])
def test_its_first_line_says_what_a_reply_becomes(
    by_mail: MakeEvent, policy: Policy, templates: Templates, kind: str
) -> None:
    hearing = replace(policy, outlets=policy.outlets | {"mail-it": Outlet(mails=True, hears_staff=True)})
    (alert,) = plan(by_mail(kind, to=OLA_BY_MAIL), hearing)
    (note,) = plan(by_mail(kind, to=OLA_BY_MAIL, reply_path=None), hearing)

    assert in_words(alert, templates).startswith("REPLY = ANSWER TO THE CUSTOMER (")
    assert in_words(note, templates).startswith("REPLY = NOTE FOR COLLEAGUES.")


@pytest.mark.parametrize(
    ("kind", "text", "lines"),
    [
        ("given", "person:ola · The CEO waits", ["→ The CEO waits"]),
        ("given", "person:ola", []),
        ("reopened", "It broke again", ["→ It broke again"]),
        ("reopened", "", []),
    ],
)
def test_words_for_a_colleague_reach_them(
    by_mail: MakeEvent, policy: Policy, templates: Templates, *, kind: str, text: str, lines: list[str]
) -> None:
    (alert,) = plan(by_mail(kind, text=text, actor="person:ola"), policy)

    assert [one for one in in_words(alert, templates).split("\n") if one.startswith("→")] == lines


@pytest.mark.parametrize("kind", ["digest", "overdue"])
def test_nobody_can_reply_to_a_digest(by_mail: MakeEvent, policy: Policy, kind: str) -> None:
    hearing = replace(policy, outlets=policy.outlets | {"mail-it": Outlet(mails=True, hears_staff=True)})

    (alert,) = plan(by_mail(kind, to=OLA_BY_MAIL), hearing)

    assert alert.reader is None


def test_what_is_silent_is_sent_so(by_chat: MakeEvent, policy: Policy, templates: Templates) -> None:
    (quiet,) = plan(by_chat("escalated", silent=True), policy)
    (loud,) = plan(by_chat("escalated"), policy)

    assert render(quiet, templates).silent
    assert not render(loud, templates).silent


@pytest.mark.parametrize(("kind", "template"), [("solved", "solved"), ("waiting", "question")])
def test_what_is_said_with_a_change_of_state_goes_to_the_customer(
    by_chat: MakeEvent, policy: Policy, kind: str, template: str
) -> None:
    (answer,) = plan(by_chat(kind, text="The account is open again."), policy)

    assert (answer.purpose, answer.template, answer.address) == (Purpose.ANSWER, template, "611000009")
    assert plan(by_chat(kind), policy) == ()


@pytest.mark.parametrize("kind", ["reminded", "closed"])
def test_a_customer_is_told_what_becomes_of_a_ticket_that_waited(by_mail: MakeEvent, policy: Policy, kind: str) -> None:
    (told,) = plan(by_mail(kind, text="no answer"), policy)

    assert (told.purpose, told.template, told.address) == (Purpose.NOTICE, kind, "sara@delta.example")
    assert plan(by_mail(kind), policy) == ()
    assert plan(by_mail(kind, text="no answer", reply_path=None), policy) == ()


def step(event: TicketEvent) -> TicketEvent:
    because = (Reason(part="escalation", result="ola", rule="after 5m unless claimed", place="deskwire.yaml:155"),)
    return replace(event, decision=Decision(outcome="acted", because=because))


def in_words(alert: Notification, templates: Templates) -> str:
    return render(alert, templates).text.replace("\u2068", "").replace("\u2069", "")


def test_a_step_says_what_is_due_and_which_step_it_was(
    by_chat: MakeEvent, policy: Policy, templates: Templates
) -> None:
    event = step(by_chat("escalated", answer_by=NOON + timedelta(minutes=42), resolve_by=NOON + timedelta(hours=4)))
    (alert,) = plan(event, policy)

    assert in_words(alert, templates) == (
        "⏰ Needs somebody now\n"
        "P2 · 482917 · Cannot log in after password reset\n"
        "From: Sara · bot\n"
        "Nobody has claimed it.\n"
        "Answer by: Mon 23 Nov, 12:42\n"
        "Solve by: Mon 23 Nov, 16:00\n"
        "Why: after 5m unless claimed, deskwire.yaml:155\n"
        "\n"
        "I cannot log in.\n"
        "\n"
        "Claim it:\n"
        "deskwire ticket claim 482917"
    )


def test_a_digest_has_a_line_for_each_ticket(by_chat: MakeEvent, policy: Policy, templates: Templates) -> None:
    beside = (
        Beside(number=482902, subject="Invoice wrong", priority="P2", team="apps", state="open",
               due_at=NOON - timedelta(minutes=12), word="overdue"),
        Beside(number=482911, subject="No sound", priority="P3", team="apps", state="waiting", word="waiting"),
        Beside(number=482917, subject="Cannot log in", priority="P1", team="apps", state="new",
               due_at=NOON + timedelta(hours=1), word="due-today"),
    )  # fmt: skip
    (alert,) = plan(by_chat("digest", to=OLA_BY_CHAT, beside=beside), policy)

    assert in_words(alert, templates) == (
        "📋 Your shift begins. Tickets: 3\n"
        "🔴 482902 · P2 · apps · Invoice wrong · past due · was due Mon 23 Nov, 11:48\n"
        "⏳ 482911 · P3 · apps · No sound · waits for the customer\n"
        "🟠 482917 · P1 · apps · Cannot log in · due today · due Mon 23 Nov, 13:00"
    )


def test_a_ticket_that_wakes_says_so(by_chat: MakeEvent, policy: Policy, templates: Templates) -> None:
    (alert,) = plan(by_chat("woken"), policy)

    assert in_words(alert, templates).startswith("⏰ The wait is over.\nP2 · 482917")


def test_an_event_counts_more_tickets_than_it_names(by_chat: MakeEvent, policy: Policy, templates: Templates) -> None:
    few = tuple(
        Beside(number=number, subject="Invoice", priority="P2", team="apps", state="open") for number in range(50)
    )
    (alert,) = plan(by_chat("overdue", beside=few, text="4321"), policy)

    text = in_words(alert, templates)

    assert text.startswith("⏰ Came due meanwhile, tickets: 4321\n")
    assert text.endswith("and 4291 more")


def test_a_long_digest_says_how_many_it_leaves_out(by_chat: MakeEvent, policy: Policy, templates: Templates) -> None:
    many = tuple(
        Beside(number=number, subject="Invoice", priority="P2", team="apps", state="open") for number in range(70)
    )
    (alert,) = plan(by_chat("overdue", beside=many), policy)

    text = in_words(alert, templates)

    assert text.startswith("⏰ Came due meanwhile, tickets: 70\n")
    assert text.endswith("and 40 more")


@pytest.mark.parametrize("language", ["en", "pl", "ru", "fa"])
@pytest.mark.parametrize("kind", ["solved", "waiting", "reminded", "closed"])
def test_customers_read_it_in_their_language(
    by_mail: MakeEvent, policy: Policy, templates: Templates, kind: str, language: str
) -> None:
    (planned,) = plan(by_mail(kind, text="The account is open again.", language=language), policy)

    outgoing = render(planned, templates)

    assert outgoing.language == language
    assert "482917" in outgoing.text
    assert ("The account is open again." in outgoing.text) == (kind in ("solved", "waiting"))
