"""What a technician's mail does, and what everything does that only looks like one."""

import msgspec
import pytest

from router.changes import of_record
from router.decide import decide
from router.known import Changes, Facts, folded
from router.policy import Policy
from router.technicians.staff import Staff, Technician
from router.technicians.staff_mail import judged
from store.records import Address, Attachment, Forwarded, Message, Proof, ReplyPath
from store.rows import Ticket
from store.tokens import Token, actor_of
from tests.unit.router.given import ANN, facts, message, policy, ticket

T1 = 100009
OLA = Address(kind="mail", value="ola@desk.example", name="Ola Nowak")
APPS = Address(kind="mail", value="apps@desk.example", name="apps")
MALLORY = Address(kind="mail", value="mallory@elsewhere.example")
STAFF = Staff(
    people={OLA.value: Technician(actor="person:ola", address=OLA)},
    mailboxes={APPS.value: (Technician(actor="team:apps", address=APPS),)},
)
ANSWERS, NOTES, TO_TEAM, CUSTOMERS, ELSEWHERE = "to-answer", "to-note", "to-team", "customers", "of-another-ticket"
TOKENS = {
    ANSWERS: Token(T1, actor_of(OLA), "s"),
    NOTES: Token(T1, actor_of(OLA), "n"),
    TO_TEAM: Token(T1, actor_of(APPS), "s"),
    CUSTOMERS: Token(T1, actor_of(ANN), "c"),
    ELSEWHERE: Token(T1 + 1, actor_of(OLA), "s"),
}
FILE = Attachment(name="screen.png", content_type="image/png", size=1, digest="d", part=1)


def desk(**changes: object) -> Policy:
    plain = policy(**changes)
    choices = {
        "priority": ("P1", "P2", "P3", "P4"),
        "category": ("network", "other"),
        "team": ("help", "network"),
        "language": ("en", "fa", "pl"),
    }
    return msgspec.structs.replace(plain, staff=STAFF, choices=choices)


def mail(text: str, **changes: object) -> Message:
    """Ola answers the alert that was made out to her, and her domain vouches for it."""
    plain = {
        "id": "s1",
        "raw": "raw-s1",
        "external_id": "<s1@desk.example>",
        "tokens": (ANSWERS,),
        "sender": OLA,
        "reply_path": ReplyPath(channel="mail-it", address=OLA.value),
        "subject": "Re: [Nordwind 100009] VPN",
        "text": text,
        "fingerprint": "fs1",
        "digest": "ds1",
    }
    return message(**plain | changes)


def known(*tickets: Ticket, **more: object) -> Facts:
    return facts(*(tickets or (ticket(T1),)), **{"tokens": TOKENS} | more)


def follow(sent: Message, before: Facts | None = None, *, accepted: bool = False) -> Changes:
    """All that a mail changes."""
    before = before or known()
    decision = decide(sent, before, desk(), accepted=accepted)
    return of_record(sent, decision, before, desk(), key="key")


def kinds(changes: Changes) -> list[str]:
    return [event.kind for _, event in changes.events]


def codes(changes: Changes) -> list[str]:
    """Why it was not sent."""
    (told,) = [event for _, event in changes.events if event.to is not None]
    assert told.decision is not None
    return [reason.result for reason in told.decision.because if reason.part == "line"]


def nothing_for_the_customer(changes: Changes) -> bool:
    return "answered" not in kinds(changes) and all(kept.direction != "out" for kept in changes.messages)


# ── plain words ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_plain_words_are_the_answer_and_whoever_answers_first_works_on_the_ticket() -> None:
    changes = follow(mail("It is open again.", attachments=(FILE,)))
    ((_, event),) = changes.events

    assert (event.kind, event.text, event.actor) == ("answered", "It is open again.", "person:ola")
    assert [(one.raw, one.file) for one in event.files] == [("raw-s1", FILE)]
    assert (event.ticket.state, event.ticket.assignee) == ("open", "person:ola")
    assert [(kept.id, kept.direction) for kept in changes.messages] == [("s1", "out")]
    assert (changes.settled.outcome, changes.settled.ticket, changes.settled.detail) == ("acted", T1, "")


@pytest.mark.parametrize("kind", ["application/pkcs7-signature", "application/pgp-signature", "application/pgp-keys"])
def test_what_signs_a_technician_s_mail_does_not_go_out_with_the_answer(kind: str) -> None:
    signature = Attachment(name="smime.p7s", content_type=kind, size=1, digest="d", part=2)
    ((_, event),) = follow(mail("It is open again.", attachments=(FILE, signature))).events

    assert [one.file for one in event.files] == [FILE]


def test_an_answer_leaves_the_ticket_to_whoever_has_it() -> None:
    changes = follow(mail("It is open again."), known(ticket(T1, assignee="person:ivan", state="open")))

    assert changes.ticket is not None
    assert changes.ticket.assignee == "person:ivan"


@pytest.mark.parametrize(
    ("token", "text", "kind"),
    [
        (ANSWERS, "Words.", "answered"),
        (ANSWERS, "#note\nWords.", "noted"),
        (NOTES, "Words.", "noted"),
        (NOTES, "#reply\nWords.", "answered"),
        (NOTES, "#note\nWords.", "noted"),
    ],
)
def test_the_address_says_what_plain_words_are_and_a_command_says_otherwise(token: str, text: str, kind: str) -> None:
    changes = follow(mail(text, tokens=(token,)))

    assert [(event.kind, event.text) for _, event in changes.events] == [(kind, "Words.")]


def test_a_colleague_answers_from_their_own_address_what_came_to_the_team_s_mailbox() -> None:
    ((_, event),) = follow(mail("Words.", tokens=(TO_TEAM,))).events

    assert (event.kind, event.actor) == ("answered", "person:ola")


def test_a_team_answers_from_its_own_mailbox() -> None:
    ((_, event),) = follow(mail("Words.", tokens=(TO_TEAM,), sender=APPS)).events

    assert (event.kind, event.ticket.assignee) == ("answered", "team:apps")


def test_where_no_plus_address_survives_the_mail_that_is_answered_says_it() -> None:
    ((_, event),) = follow(mail("Words.", tokens=(), references=("<anchor>", ANSWERS))).events

    assert event.kind == "answered"


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "happened", "state"),
    [
        ("#claim", [("claimed", "")], "open"),
        ("#wait", [("waiting", "")], "waiting"),
        ("#done", [("solved", "")], "solved"),
        ("#done\nIt works again.", [("answered", "It works again."), ("solved", "")], "solved"),
        ("#done\n#note\nIt was the cable.", [("noted", "It was the cable."), ("solved", "")], "solved"),
        ("#wait\nWhich printer?", [("answered", "Which printer?"), ("waiting", "")], "waiting"),
        ("#wait 2d\nWhich printer?", [("answered", "Which printer?"), ("waiting", "")], "waiting"),
        (
            "#cat other\n#team network",
            [("changed", "category other (was network)"), ("moved", "network (was help) · unsaid")],
            "new",
        ),
        (
            "#p1\n#team network\n#lang pl\n#claim",
            [
                ("claimed", ""),
                ("changed", "priority P1 (was P3)"),
                ("changed", "language pl (was en)"),
                ("moved", "network (was help) · unsaid"),
            ],
            "open",
        ),
    ],
)
def test_commands_are_done_in_their_order(text: str, happened: list[tuple[str, str]], state: str) -> None:
    changes = follow(mail(text))

    assert [(event.kind, event.text) for _, event in changes.events] == happened
    assert changes.ticket is not None
    assert changes.ticket.state == state
    assert len({event.id for _, event in changes.events}) == len(happened)


def test_what_was_changed_stands_in_the_ticket() -> None:
    changed = follow(mail("#p1\n#team network\n#lang pl")).ticket

    assert changed is not None
    assert (changed.priority, changed.team, changed.language) == ("P1", "network", "pl")


def test_commands_alone_send_nothing_to_the_customer_even_with_a_file() -> None:
    changes = follow(mail("#claim\n#p1\n#done", attachments=(FILE,)))

    assert nothing_for_the_customer(changes)
    assert changes.messages == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#prioritty 1\n#claim\nWords.", ["unknown"]),
        ("#spam @ali\nWords.", ["later"]),
        ("#p 9\n#team netwrok\nWords.", ["unknown-value", "unknown-value"]),
        ("Words.\n#claim\nMore.", ["below"]),
        ("Words.\n#note\nMore.", ["below", "perhaps-note"]),
        ("#note", ["empty-text"]),
        ("", ["empty"]),
        ("#send", ["no-draft"]),
    ],
)
def test_one_bad_line_and_nothing_happens_but_that_its_writer_is_told(text: str, found: list[str]) -> None:
    changes = follow(mail(text))
    ((_, event),) = changes.events

    assert (event.kind, event.to, codes(changes)) == ("not-sent", OLA, found)
    assert changes.messages == ()
    assert changes.ticket is not None
    assert (changes.ticket.state, changes.ticket.assignee, changes.ticket.priority) == ("new", "", "P3")
    assert changes.settled.detail


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"state": "closed"}, "state"), ({"reply_path": None}, "no-way-back")],
)
def test_what_the_ticket_forbids_is_told_and_the_text_is_kept(changed: dict[str, object], code: str) -> None:
    changes = follow(mail("Words."), known(ticket(T1, **changed)))

    assert codes(changes) == [code]
    assert changes.draft is not None
    assert changes.draft.message == mail("Words.")


def test_help_is_answered_and_changes_nothing() -> None:
    changes = follow(mail("#help"))

    assert [(event.kind, event.to) for _, event in changes.events] == [("help", OLA)]
    assert changes.settled.detail == ""


# ── drafts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def sent_after(text: str, **changes: object) -> Changes:
    """What "#send" does after a mail that was not carried out."""
    first = mail(text, **changes)
    before = known()
    return follow(mail("#send", id="s2", fingerprint="fs2"), folded(before, follow(first, before)))


def test_send_carries_out_the_kept_draft_without_the_commands_that_were_wrong() -> None:
    changes = sent_after("#prioritty 1\n#claim\nIt is open again.", attachments=(FILE,))
    claimed, answered, told = (event for _, event in changes.events)

    assert (claimed.kind, answered.kind, answered.text) == ("claimed", "answered", "It is open again.")
    assert [one.raw for one in answered.files] == ["raw-s1"]
    assert (told.kind, told.to, told.text, codes(changes)) == ("carried-out", OLA, "It is open again.", ["unknown"])
    assert [(kept.id, kept.direction) for kept in changes.messages] == [("s2", "out")]
    assert changes.draft is not None
    assert changes.draft.message is None


def test_send_sends_what_was_written_as_a_note_as_a_note() -> None:
    assert nothing_for_the_customer(sent_after("#prioritty 1\nNot for her.", tokens=(NOTES,)))
    assert nothing_for_the_customer(sent_after("#prioritty 1\n#note\nNot for her."))
    assert nothing_for_the_customer(sent_after("#note\n#reply\nFor whom?"))


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"#{typo}\nShe is difficult."
            for typo in ("notte", "NOTTE", "notaka", "заметкa", "замтка", "یاداشت", "يادداشتت")
        ),
        "#notte She is difficult.\nShe really is.",
        "#claim\n#notte\nShe is difficult.",
        "#reply\n#notte\nShe is difficult.",
        "Good morning.\n#note\nShe is difficult.",
        "#oops\n" * 25 + "#notte\nShe is difficult.",
    ],
)
def test_what_was_perhaps_meant_as_a_note_is_not_sent_and_stays(text: str) -> None:
    before = folded(known(), follow(mail(text)))
    again = mail("#send", id="s2", fingerprint="fs2", external_id="<s2@desk.example>")
    changes = follow(again, before)

    assert (kinds(changes), changes.draft) == (["not-sent"], None)
    assert codes(changes)[-1] == "perhaps-note"
    assert changes.messages == ()
    ((_, event),) = changes.events
    assert event.text == text  # It is shown, to be corrected.
    corrected = mail("#note\nShe is difficult.", id="s3", fingerprint="fs3", external_id="<s3@desk.example>")
    noted = follow(corrected, folded(before, changes))
    assert kinds(noted) == ["noted"]
    assert noted.draft is not None
    assert noted.draft.message is None


def test_what_goes_to_nobody_is_sent_although_it_was_perhaps_meant_as_a_note() -> None:
    assert kinds(sent_after("#notte\nNot for her.", tokens=(NOTES,))) == ["noted", "carried-out"]
    assert kinds(sent_after("#notte\n#claim")) == ["claimed", "carried-out"]


def test_a_draft_is_sent_once() -> None:
    first = follow(mail("#oops\nWords."))
    second = follow(mail("#send", id="s2", fingerprint="fs2"), folded(known(), first))
    third = follow(
        mail("#send", id="s3", fingerprint="fs3", external_id="<s3@desk.example>"),
        folded(folded(known(), first), second),
    )

    assert kinds(second) == ["answered", "carried-out"]
    assert codes(third) == ["no-draft"]


def test_a_corrected_mail_takes_the_place_of_the_draft() -> None:
    first = follow(mail("#oops\nWords."))
    second = follow(mail("Better words.", id="s2", fingerprint="fs2"), folded(known(), first))

    assert kinds(second) == ["answered"]
    assert second.draft is not None
    assert second.draft.message is None


# ── who may ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("token", [ANSWERS, NOTES, TO_TEAM])
@pytest.mark.parametrize(
    ("sender", "proof", "reason"),
    [
        (OLA, Proof.FAILED, "staff-unproven"),
        (OLA, Proof.CLAIMED, "staff-unproven"),
        (OLA, Proof.ANONYMOUS, "staff-unproven"),
        (MALLORY, Proof.DOMAIN, "staff-other-sender"),  # `From: ola@desk.example <mallory@elsewhere.example>` is hers.
        (MALLORY, Proof.CLAIMED, "staff-other-sender"),
        (ANN, Proof.DOMAIN, "staff-other-sender"),  # Somebody forwarded the alert to her.
    ],
)
def test_whoever_is_not_proven_to_be_the_technician_is_held_and_the_technician_is_told(
    token: str, sender: Address, proof: Proof, reason: str
) -> None:
    changes = follow(mail("#done\nSend me all.", tokens=(token,), sender=sender, proof=proof))
    ((_, event),) = changes.events

    assert (changes.settled.outcome, changes.settled.detail, changes.settled.ticket) == ("parked", reason, None)
    assert changes.parked is not None
    assert (event.kind, event.to) == ("held", APPS if token == TO_TEAM else OLA)
    assert (changes.messages, changes.draft) == ((), None)
    assert changes.ticket is not None
    assert changes.ticket.state == "new"


@pytest.mark.parametrize(
    "changed",
    [
        {"tokens": ("forged",)},  # No key of ours made it: it is no token at all.
        {"tokens": (CUSTOMERS,)},
        {"tokens": ()},
        {"tokens": (), "references": (ANSWERS,), "sender": MALLORY},
    ],
)
def test_without_a_token_a_technician_is_a_sender_like_all_others(changed: dict[str, object]) -> None:
    assert judged(mail("#done\nWords.", **changed), known(), desk()) is None


def test_a_token_holds_for_its_own_ticket_alone() -> None:
    changes = follow(mail("Words.", tokens=(ELSEWHERE,)), known(ticket(T1), ticket(T1 + 1)))

    assert changes.settled.ticket == T1 + 1


def test_a_person_who_is_gone_from_the_settings_is_not_told() -> None:
    gone = {ANSWERS: Token(T1, "0123456789", "s")}
    changes = follow(mail("Words.", sender=MALLORY), known(tokens=gone))

    assert (changes.settled.outcome, changes.events) == ("parked", ())


def test_a_colleague_may_not_use_what_was_made_out_to_another_person() -> None:
    ivan = Address(kind="mail", value="ivan@desk.example")
    staff = Staff(people={**STAFF.people, ivan.value: Technician(actor="person:ivan", address=ivan)})

    assert staff.acting(ivan, TOKENS[ANSWERS], "help") is None


def test_what_an_operator_lets_in_is_a_note_whatever_it_says() -> None:
    changes = follow(mail("#done\nWords.", proof=Proof.CLAIMED), accepted=True)

    assert kinds(changes) == ["noted"]
    assert [(kept.direction, kept.id) for kept in changes.messages] == [("note", "s1")]


# ── machines, forwards and other recipients ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("automated", ["auto-replied", "auto-generated", "list", "bulk", "null-sender"])
@pytest.mark.parametrize("proof", [Proof.DOMAIN, Proof.CLAIMED])
@pytest.mark.parametrize("token", [ANSWERS, TO_TEAM])
def test_a_technician_s_machine_writes_a_note_and_nobody_is_told(automated: str, proof: Proof, token: str) -> None:
    changes = follow(mail("I am away.", automated=automated, proof=proof, tokens=(token,)))
    ((_, event),) = changes.events

    assert (event.kind, event.actor, event.to) == ("noted", "deskwire", None)
    assert nothing_for_the_customer(changes)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"forwarded": Forwarded(sender=ANN, text="Old words.")}, "forwarded"),
        ({"others": (MALLORY,)}, "new-recipients"),
        ({"others": (ANN, APPS, MALLORY)}, "new-recipients"),
    ],
)
def test_a_forward_or_a_new_recipient_makes_it_a_note_and_a_warning(changed: dict[str, object], code: str) -> None:
    changes = follow(mail("Words.", **changed))

    assert (kinds(changes), codes(changes)) == (["noted", "not-sent"], [code])
    assert nothing_for_the_customer(changes)
    assert changes.draft is None


@pytest.mark.parametrize("changed", [{"others": (MALLORY,)}, {"forwarded": Forwarded(sender=ANN, text="Old words.")}])
def test_of_a_note_nobody_need_be_warned(changed: dict[str, object]) -> None:
    assert kinds(follow(mail("#note\nWords.", **changed))) == ["noted"]
    assert kinds(follow(mail("#claim", **changed))) == ["claimed"]


def test_whoever_takes_part_already_is_no_new_recipient() -> None:
    bea = Address(kind="mail", value="bea@acme.example")
    changes = follow(mail("Words.", others=(ANN, APPS, bea)), known(ticket(T1, participants=(bea,))))

    assert kinds(changes) == ["answered"]


def test_a_reply_that_is_nothing_but_our_own_alert_is_not_sent() -> None:
    changes = follow(mail("REPLY = ANSWER TO THE CUSTOMER\nWhy here: ...", uncut=True))

    assert (kinds(changes), codes(changes)) == (["not-sent"], ["only-quoted"])
    assert changes.draft is None


def test_words_between_the_lines_of_our_alert_do_not_go_out_with_it() -> None:
    inside = "Claim: mailto:help+t255s-0123456789-s1zz-abcdefghijklmnopqrstuvwx@desk.example\nTry the cable."
    changes = follow(mail(inside))
    ((_, event),) = changes.events

    assert codes(changes) == ["quotes-alert"]
    assert "abcdefghijklmnopqrstuvwx" not in event.text


# ── a customer's mail that a technician passes on ────────────────────────────────────────────────────────────────

SARA = Address(kind="mail", value="sara@delta.example", name="Sara")
PASSED = (
    "She phoned, too.\n\n---------- Forwarded message ---------\nFrom: Sara <sara@delta.example>\n\nMy lamp is dark."
)


def passed_on(**changes: object) -> Message:
    forwarded = Forwarded(sender=SARA, subject="Lamp", text="My lamp is dark.")
    return mail(**{"text": PASSED, "tokens": (), "subject": "Fwd: Lamp", "forwarded": forwarded} | changes)


def opened(sent: Message) -> tuple[Changes, Ticket]:
    decision = msgspec.structs.replace(decide(sent, facts(), desk()), ticket=T1)
    changes = of_record(sent, decision, facts(), desk(), key="key")
    assert changes.ticket is not None
    return changes, changes.ticket


def test_a_technician_s_forward_opens_the_ticket_of_its_customer() -> None:
    changes, made = opened(passed_on())
    ((_, event),) = changes.events
    (note,) = changes.actions

    assert (made.customer, made.proof, made.subject) == (SARA, Proof.CLAIMED, "Lamp")
    assert made.reply_path == ReplyPath(channel="mail-it", address=SARA.value)
    assert event.message is not None
    assert event.message.text == "My lamp is dark."
    assert (note.kind, note.actor, note.ticket, note.text) == ("note", "person:ola", T1, "She phoned, too.")
    assert any(reason.rule == "forwarded by a technician" for reason in changes.because)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"forwarded": Forwarded(sender=Address(kind="mail", value=""), text="x")}, "nothing says who wrote it"),
        ({"forwarded": Forwarded(sender=APPS, text="x")}, "one of ours wrote it"),
    ],
)
def test_a_forward_that_names_no_customer_is_the_technician_s_own(changed: dict[str, object], rule: str) -> None:
    changes, made = opened(passed_on(**changed))

    assert made.customer == OLA
    assert any(reason.rule == rule for reason in changes.because)
    assert changes.actions == ()


@pytest.mark.parametrize("changed", [{"proof": Proof.CLAIMED}, {"sender": MALLORY}, {"automated": "bulk"}])
def test_a_forward_of_anybody_else_is_their_own_ticket(changed: dict[str, object]) -> None:
    changes, made = opened(passed_on(**changed))

    assert made.customer == changed.get("sender", OLA)
    assert changes.actions == ()


def test_an_attached_mail_leaves_all_of_the_text_to_the_technician() -> None:
    attached = Forwarded(sender=SARA, subject="Lamp", text="My lamp is dark.", external_id="<lamp@delta.example>")
    changes, made = opened(passed_on(text="Please look at this.", forwarded=attached))

    assert changes.actions[0].text == "Please look at this."
    assert made.conversation == ("<lamp@delta.example>",)


def test_words_of_a_technician_never_become_the_customer_s() -> None:
    picture = Forwarded(sender=SARA, text="", external_id="<picture@delta.example>")
    changes, made = opened(passed_on(text="Him again. Be careful.", subject="Fwd: him again", forwarded=picture))
    ((_, event),) = changes.events

    assert event.message is not None
    assert (made.subject, event.message.subject, event.message.text) == ("", "", "")
    assert changes.actions[0].text == "Him again. Be careful."


# ── what goes out to the customer shows nothing of it ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "sent",
    [mail("I am away.", automated="auto-replied", language="pl"), mail("#note\nBe careful.")],
    ids=["an absence", "a note"],
)
def test_a_customer_s_thread_and_language_know_nothing_of_technicians_mail(sent: Message) -> None:
    changes = follow(sent, known(ticket(T1, language="")))

    assert changes.ticket is not None
    assert (changes.ticket.conversation, changes.ticket.language) == (("<m0@acme.example>",), "")


def test_a_mail_that_an_operator_lets_in_is_no_part_of_the_customer_s_thread() -> None:
    changes = follow(mail("Words.", proof=Proof.CLAIMED, language="pl"), known(ticket(T1, language="")), accepted=True)

    assert changes.ticket is not None
    assert (changes.ticket.conversation, changes.ticket.language) == (("<m0@acme.example>",), "")


def test_a_customer_whose_own_address_is_there_too_writes_as_the_customer() -> None:
    sent = mail("Thank you.", sender=ANN, tokens=(ANSWERS, CUSTOMERS), references=())

    assert judged(sent, known(), desk()) is None
    assert decide(sent, known(), desk()).outcome == "continued"


def test_a_second_mailbox_of_ours_in_cc_is_no_new_recipient() -> None:
    support = Address(kind="mail", value="support+x@desk.example")
    ours = msgspec.structs.replace(desk(), own=frozenset({("mail", "support@desk.example")}))
    verdict = judged(mail("It is open again.", others=(support, APPS)), known(), ours)

    assert verdict is not None
    assert [action.kind for action in verdict.actions] == ["answer"]


def test_a_signature_below_send_neither_goes_out_nor_takes_the_draft_s_place() -> None:
    before = known()
    for sent in (mail("#oops\nIt is open again."), mail("#send\n\nOla Nowak", id="s2", fingerprint="fs2")):
        before = folded(before, follow(sent, before))
    changes = follow(mail("#send", id="s3", fingerprint="fs3"), before)

    assert [event.text for _, event in changes.events if event.kind == "answered"] == ["It is open again."]
