"""What technicians who work in a mailbox are sent: alerts that a reply answers, notes, and word of their own mail."""

import pytest
from msgspec.structs import replace

from notifier.courtesy import Asked, objection
from notifier.notification import Notification
from notifier.plan import plan, storm, unsent_files
from notifier.policy import Outlet, Policy
from notifier.render import Templates, render
from notifier.staff_values import RULE
from store.events import TicketEvent
from store.outgoing import REPLY_ADDRESS, Outgoing, Purpose
from store.records import Address, Attachment, Decision, Message, Proof, Reason, SentFile
from store.tokens import actor_of
from tests.unit.notifier.conftest import NOON, MakeEvent

APPS = Address(kind="mail", value="apps@nordwind.example")
OLA = Address(kind="mail", value="ola@nordwind.example")
LANGUAGES = ("en", "pl", "ru", "fa")


@pytest.fixture
def heard(policy: Policy) -> Policy:
    """A desk whose mail channel proves who writes."""
    return replace(policy, outlets={**policy.outlets, "mail-it": Outlet(mails=True, hears_staff=True)})


def one(event: TicketEvent, policy: Policy) -> Notification:
    (planned,) = [each for each in plan(event, policy) if each.purpose is Purpose.ALERT]
    return planned


def told(by_mail: MakeEvent, kind: str, *reasons: Reason, text: str = "", purpose: str = "s") -> TicketEvent:
    """An event about Ola's own mail."""
    mine = Message(
        id="s1", raw="r", channel="mail-it", sender=OLA, proof=Proof.DOMAIN, received_at=NOON, fingerprint="f"
    )
    because = (Reason(part="staff mail", result=purpose, rule="reply token"), *reasons)
    decision = Decision(outcome="acted", ticket=482917, because=because)
    return replace(by_mail(kind, team="apps"), to=OLA, text=text, message=mine, decision=decision)


def wrong(line: int, code: str, written: str = "", guess: str = "") -> Reason:
    return Reason(part="line", result=code, rule=str(line), evidence=written, place=guess)


def plain(text: str) -> str:
    return text.replace("\u2066", "").replace("\u2068", "").replace("\u2069", "")


def test_an_alert_by_mail_says_what_a_reply_does_and_is_made_out_to_the_mailbox(
    heard: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    event = by_mail("opened", team="apps", related=(482910,))
    alert = render(replace(one(event, heard), language="en"), templates)
    (
        first,
        *_,
    ) = plain(alert.text).split("\n")
    head, below = plain(alert.text).split(RULE)

    assert first == ("REPLY = ANSWER TO THE CUSTOMER (Sara Ahmadi, mail-it).  First line #note = internal note.")
    assert (alert.actor, alert.reply) == (actor_of(APPS), "s")
    assert alert.subject == "[Nordwind Help Desk 482917] Cannot log in after password reset"
    assert [line.partition(": mailto:")[0] for line in head.split("\n")[1:5]] == ["Claim", "Solve", "Note", "Help"]
    assert f"mailto:{REPLY_ADDRESS}?subject=%5BNordwind%20Help%20Desk%20482917%5D&body=%23claim%0D%0A" in head
    assert "P2 · access · apps" in below
    assert "I cannot work." in below
    assert "Why here:" in below
    assert "passwords, deskwire.yaml:101, “password”" in below
    assert "Possibly related: 482910" in below


def test_an_alert_says_who_else_gets_the_answer(heard: Policy, templates: Templates, by_mail: MakeEvent) -> None:
    people = tuple(Address(kind="mail", value=f"{name}@delta.example") for name in ("max", "ewa", "jan", "ida", "tom"))

    def head(*others: Address) -> str:
        event = by_mail("opened", team="apps", participants=others)
        return plain(render(replace(one(event, heard), language="en"), templates).text).partition("\n")[0]

    assert "(Sara Ahmadi, mail-it + max@delta.example)" in head(*people[:1])
    assert "(Sara Ahmadi, mail-it + max@delta.example, ewa@delta.example, jan@delta.example + 2)" in head(*people)


@pytest.mark.parametrize("kind", ["opened", "continued", "reopened"])
@pytest.mark.parametrize("state", ["new", "open", "waiting", "solved"])
def test_the_subject_never_changes_with_the_state(
    heard: Policy, templates: Templates, by_mail: MakeEvent, kind: str, state: str
) -> None:
    alert = render(one(by_mail(kind, team="apps", state=state), heard), templates)

    assert alert.subject == "[Nordwind Help Desk 482917] Cannot log in after password reset"


def test_where_nobody_can_be_answered_a_reply_is_a_note(
    heard: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    alert = render(replace(one(by_mail("continued", team="apps", reply_path=None), heard), language="en"), templates)

    assert alert.reply == "n"
    assert alert.text.startswith("REPLY = NOTE FOR COLLEAGUES.")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("delivery-failed", ("s", "REPLY = ANSWER TO THE CUSTOMER")),
        ("delivery-in-doubt", ("s", "REPLY = ANSWER TO THE CUSTOMER")),
        ("loop-suspected", ("n", "REPLY = NOTE FOR COLLEAGUES")),
    ],
)
def test_an_alert_of_trouble_says_what_a_reply_does_too(
    heard: Policy, templates: Templates, by_mail: MakeEvent, kind: str, said: tuple[str, str]
) -> None:
    mail = render(replace(one(by_mail(kind, team="apps"), heard), language="en"), templates)
    head, below = plain(mail.text).split(RULE)

    assert (mail.actor, mail.reply, head.partition("  ")[0].partition(" (")[0].rstrip(".")) == (actor_of(APPS), *said)
    assert REPLY_ADDRESS in head  # By which a reply that repeats it without marks is told from an answer.
    assert "deskwire ticket answer" not in below


def test_an_alert_about_unsent_files_is_answered_by_replying(
    heard: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    alert = unsent_files(by_mail("answered", team="apps"), heard, ("a.png",))
    mail = render(replace(alert, language="en"), templates)

    assert (mail.reply, mail.text.startswith("REPLY = ANSWER TO THE CUSTOMER")) == ("s", True)


def test_a_storm_is_about_many_tickets_so_that_no_reply_answers_one(heard: Policy, by_mail: MakeEvent) -> None:
    in_a_mailbox = replace(heard, default_team="apps")

    assert storm(by_mail("opened"), in_a_mailbox, 500).reader is None


def test_a_channel_that_proves_nobody_promises_no_reply(
    policy: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    alert = render(one(by_mail("continued", team="apps"), policy), templates)

    assert alert.actor == ""
    assert "deskwire ticket answer 482917" in alert.text


def test_a_chat_s_alert_stays_as_it_is(heard: Policy, by_mail: MakeEvent) -> None:
    alert = one(by_mail("continued"), heard)

    assert (alert.template, alert.reader) == ("alert", None)


@pytest.mark.parametrize("actor", ["person:ola", "operator:jan"])
def test_a_note_reaches_colleagues_and_a_reply_to_it_is_a_note(
    heard: Policy, templates: Templates, by_mail: MakeEvent, actor: str
) -> None:
    event = replace(by_mail("noted", team="apps"), actor=actor, text="She called.\nTwice.", message=None)
    note = render(replace(one(event, heard), language="en"), templates)

    assert note.reply == "n"
    assert note.text.startswith("REPLY = NOTE FOR COLLEAGUES.")
    assert "She called.\nTwice." in note.text.split(RULE)[1]


@pytest.mark.parametrize("actor", ["person:ola", "operator:jan", "team:apps"])
def test_an_answer_reaches_the_team_s_mailbox_and_a_reply_to_it_is_a_note(
    heard: Policy, templates: Templates, by_mail: MakeEvent, actor: str
) -> None:
    manual = Attachment(name="lamp\n.pdf", content_type="application/pdf", size=1, digest="d", part=1)
    words = "It is the fuse.\n" * 2_000  # An answer is not shortened.
    event = replace(
        by_mail("answered", team="apps"), actor=actor, text=words, message=None, files=(SentFile(raw="r", file=manual),)
    )
    mail = render(replace(one(event, heard), language="en"), templates)
    head, below = plain(mail.text).split(RULE)

    assert (mail.address, mail.actor, mail.reply, mail.files) == (APPS.value, actor_of(APPS), "n", ())
    assert mail.subject == "[Nordwind Help Desk 482917] Cannot log in after password reset"
    assert head.startswith("REPLY = NOTE FOR COLLEAGUES.")
    said, _, told = below.strip().partition("\n\n")
    who = actor.partition(":")[2]
    assert said == f"Answer to the customer (Sara Ahmadi, mail-it) by {who}\nFiles: lamp .pdf"
    assert told == words.strip()


def test_of_many_files_of_an_answer_some_are_named(heard: Policy, templates: Templates, by_mail: MakeEvent) -> None:
    plain_file = Attachment(name="a.png", content_type="image/png", size=1, digest="d", part=1)
    files = tuple(SentFile(raw="r", file=replace(plain_file, name=f"{n}.png")) for n in range(25))
    event = replace(by_mail("answered", team="apps"), actor="person:ola", files=files)
    text = plain(render(replace(one(event, heard), language="en"), templates).text)

    assert "0.png, 1.png" in text
    assert "19.png + 5" in text.split("\n")[-1]


def test_each_answer_is_told_once(heard: Policy, by_mail: MakeEvent) -> None:
    event = by_mail("answered", team="apps")
    first, again, other = one(event, heard), one(event, heard), one(replace(event, id="other"), heard)

    assert first.effect == again.effect != other.effect


def test_a_team_in_a_chat_and_one_whose_mail_proves_nobody_hear_of_no_answer(
    policy: Policy, heard: Policy, by_mail: MakeEvent
) -> None:
    for event, desk in ((by_mail("answered"), heard), (by_mail("answered", team="apps"), policy)):
        assert {each.purpose for each in plan(event, desk)} == {Purpose.ANSWER}


def test_an_answer_that_cannot_go_out_is_trouble_and_nothing_else(heard: Policy, by_mail: MakeEvent) -> None:
    assert one(by_mail("answered", team="apps", reply_path=None), heard).template == "trouble"


@pytest.mark.parametrize("actor", ["customer", "deskwire", "team:apps"])
def test_notes_of_machines_and_of_the_mailbox_itself_wake_nobody(heard: Policy, by_mail: MakeEvent, actor: str) -> None:
    assert plan(replace(by_mail("noted", team="apps"), actor=actor), heard) == ()


def test_a_ticket_that_is_moved_is_alerted_of_where_it_comes_to(heard: Policy, by_mail: MakeEvent) -> None:
    moved = replace(by_mail("changed", team="apps"), text="team apps", actor="person:ola", message=None)

    assert one(moved, heard).address == APPS.value
    assert plan(replace(moved, text="priority P1"), heard) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ticket_that_is_moved_reaches_its_new_team_with_the_customer_s_words(
    heard: Policy, templates: Templates, by_mail: MakeEvent, language: str
) -> None:
    moved = replace(by_mail("moved", team="apps"), text="apps (was help) · wrong-topic", actor="person:ola")
    text = plain(render(replace(one(moved, heard), language=language), templates).text)

    assert "apps (was help) · wrong-topic" in text
    assert "I cannot log in after the password reset." in text


def test_what_was_not_sent_is_told_with_every_bad_line_and_the_text(
    heard: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    lines = (wrong(2, "unknown", "#prioritty 1", "#p 1"), wrong(3, "later", "#spam @ali"))
    event = told(by_mail, "not-sent", *lines, text="#claim\n#prioritty 1\n#spam @ali\n\nIt is open again.")
    mail = render(one(event, heard), templates)
    text = plain(mail.text)

    assert mail.address == OLA.value
    assert mail.subject.startswith("NOT SENT - [Nordwind Help Desk 482917]")
    assert "Line 2: “#prioritty 1”\n  Unknown. Did you mean #p 1 ?" in text
    assert "Line 3: “#spam @ali”\n  This version cannot do that yet." in text
    assert "#send" in text
    assert "#help" in text
    assert text.endswith("> #claim\n> #prioritty 1\n> #spam @ali\n>\n> It is open again.")
    assert (mail.actor, mail.reply) == (actor_of(OLA), "s")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_bad_line_begins_a_line_of_its_own(
    heard: Policy, templates: Templates, by_mail: MakeEvent, language: str
) -> None:
    lines = (wrong(1, "unknown", "#notte", "#note"), wrong(2, "unknown", "#nope"), wrong(3, "unknown-value", "#p9"))
    event = told(by_mail, "not-sent", *lines, text="It is open again.")
    text = plain(render(replace(one(event, heard), language=language), templates).text)

    for written in ("#notte", "#nope", "#p9"):
        (line,) = [line for line in text.split("\n") if written in line]
        assert line[0].isalpha(), line
        assert line.count("#") == 1, line


def test_what_was_not_sent_as_a_note_is_answered_by_a_note(heard: Policy, by_mail: MakeEvent) -> None:
    assert one(told(by_mail, "not-sent", wrong(1, "later", "#inc"), purpose="n"), heard).reply == "n"


@pytest.mark.parametrize(("kind", "reply"), [("not-sent", "s"), ("help", "s"), ("carried-out", "n"), ("held", "n")])
def test_only_mail_that_asks_for_the_answer_takes_a_reply_for_one(
    heard: Policy, by_mail: MakeEvent, kind: str, reply: str
) -> None:
    """Whoever reads that somebody used their address, and replies that it was not them, does not tell the customer."""
    assert one(told(by_mail, kind), heard).reply == reply


@pytest.mark.parametrize(
    "code",
    ["forwarded", "new-recipients", "only-quoted", "quotes-alert", "no-draft", "empty", "not-alone", "perhaps-note"],
)
def test_nothing_is_said_of_sending_where_no_draft_is_kept(
    heard: Policy, templates: Templates, by_mail: MakeEvent, code: str
) -> None:
    assert "#send" not in render(one(told(by_mail, "not-sent", wrong(0, code)), heard), templates).text


def test_nothing_is_said_of_sending_where_nothing_is_left_to_send(
    heard: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    lines = (wrong(1, "unknown-value", "#p7", "P1, P2, P3, P4"), wrong(2, "unwanted", "#take me", "#claim"))

    def text(kept: str) -> str:
        return plain(render(one(told(by_mail, "not-sent", *lines, text=kept), heard), templates).text)

    assert "#send" not in text("#p7\n#take me\n")
    assert "single line  #send" in text("#p7\n#take me\n\nIt is open again.")
    assert "There is no such value; possible: P1, P2, P3, P4" in text("#p7\n#take me")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "code",
    [
        *("unknown", "later", "missing", "unwanted", "unknown-value", "twice", "contrary", "not-alone", "below"),
        *("forwarded", "new-recipients", "only-quoted", "quotes-alert", "no-draft", "empty", "perhaps-note"),
        *("empty-text", "too-long", "state", "no-way-back"),
    ],
)
def test_every_reason_has_words_of_its_own_in_every_language(
    heard: Policy, templates: Templates, by_mail: MakeEvent, language: str, code: str
) -> None:
    def said(what: str) -> str:
        event = told(by_mail, "not-sent", wrong(1, what, "#x", "#p"))
        return render(replace(one(event, heard), language=language), templates).text

    assert said(code) != said("a reason that nobody knows")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            "staff-other-sender",
            "This mail came from ola@gmail.example; ticket 482917 was given to ola@nordwind.example.",
        ),
        ("staff-unproven", "A mail in the name of ola@gmail.example about ticket 482917 came"),
    ],
)
def test_a_held_mail_is_told_once_a_day_to_whom_the_token_was_made_out(
    heard: Policy, templates: Templates, by_mail: MakeEvent, reason: str, words: str
) -> None:
    event = told(by_mail, "held", Reason(part="parked", result=reason, rule="reply token"))
    sender = Address(kind="mail", value="ola@gmail.example")
    event = replace(event, message=replace(event.message, sender=sender))  # type: ignore[type-var]
    first, again = one(event, heard), one(replace(event, id="other"), heard)

    assert first.address == OLA.value
    assert first.effect == again.effect
    assert words in plain(render(first, templates).text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_lists_every_command(heard: Policy, templates: Templates, by_mail: MakeEvent, language: str) -> None:
    text = plain(render(replace(one(told(by_mail, "help"), heard), language=language), templates).text)

    for name in ("note", "reply", "claim", "p", "team", "lang", "wait", "done", "send", "help"):
        assert f"#{name} " in text


def test_what_was_done_with_a_draft_is_told_and_what_was_left_out(
    heard: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    event = told(by_mail, "carried-out", wrong(1, "unknown", "#prioritty 1"), text="It is open again.")
    text = plain(render(one(event, heard), templates).text)

    assert "> It is open again." in text
    assert "Left out:\n  #prioritty 1" in text


@pytest.mark.parametrize("kind", ["opened", "noted", "answered", "not-sent", "held", "help", "carried-out"])
def test_every_language_says_it(heard: Policy, templates: Templates, by_mail: MakeEvent, kind: str) -> None:
    event = told(by_mail, kind, wrong(1, "unknown", "#x"), text="Words.")
    event = by_mail(kind, team="apps") if kind in ("opened", "answered") else replace(event, actor="person:ola")

    def said(language: str) -> Outgoing:
        return render(replace(one(event, heard), language=language), templates)

    assert len({said(language).text for language in LANGUAGES}) == len(LANGUAGES)


def test_a_technician_s_machine_is_told_so_often_and_no_more(heard: Policy, by_mail: MakeEvent) -> None:
    about = one(told(by_mail, "not-sent", wrong(1, "unknown", "#x")), heard)
    alert = one(by_mail("continued", team="apps"), heard)

    assert objection(Asked(about, heard, told=heard.staff_cap - 1)) == ""
    assert objection(Asked(about, heard, told=heard.staff_cap)) == "cap-staff"
    assert objection(Asked(alert, heard, told=heard.staff_cap)) == ""
