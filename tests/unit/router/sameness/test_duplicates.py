"""What is sent twice joins its ticket by proof and likeness; a stranger neither gets in nor puts anything away."""

from datetime import timedelta

import msgspec
import pytest

from router.conversation import JOINED_CHAT, OTHER_CHANNEL, SAME_ALERT, SENT_TWICE, is_note
from router.decide import decide
from router.known import Facts
from router.policy import Duplicates
from router.sameness import duplicates
from store.records import Address, Decision, Fact, Message, Proof, ReplyPath
from store.rows import Said, Ticket
from tests.unit.router.given import ANN, NOW, chat_message, contact, facts, message, policy, ticket

SARA = Address(kind="telegram", value="77", name="Sara")
WORDS = "The badge reader at gate 4 rejects my employee card since yesterday."
BY_CHAT = "Hi, the badge raeder at gate 4 rejects my employee card since yesterday, thank you"
MACHINE = (Fact(name="audience", value="machine"),)
HER_CHAT = chat_message(text=BY_CHAT, received_at=NOW + timedelta(hours=3))
FORM = message(
    channel="form", proof=Proof.CLAIMED, text=WORDS, subject=WORDS, external_id="one", id="m0", digest="same"
)
AGAIN = msgspec.structs.replace(
    FORM, id="m1", external_id="two", fingerprint="f2", received_at=NOW + timedelta(minutes=2)
)


def _said(first: Message, number: int = 100009, **changes: object) -> Said:
    (row,) = duplicates.said(first, number, contact(), first.proof)
    return msgspec.structs.replace(row, **changes)


def _known(row: Said, standing: Ticket | None = None, **more: object) -> Facts:
    """Ann and Sara are one person, who said this."""
    people = {("mail", ANN.value): contact(), ("telegram", "77"): contact(SARA, "ann")}
    key = row.template or row.contact
    return facts(standing or ticket(), **{"contacts": people, "said": {key: (row,)}, **more})


def _rule(decision: Decision) -> str:
    return decision.because[0].rule


def test_the_same_words_of_the_same_person_by_another_channel_join_their_ticket() -> None:
    decision = decide(HER_CHAT, _known(_said(message(text=WORDS, id="m0"))), policy())

    assert (decision.outcome, decision.ticket, _rule(decision)) == ("joined", 100009, OTHER_CHANNEL)
    assert decision.because[0].part == "conversation"
    assert "m0 of mail-it: employe, reject, badge" in decision.because[0].evidence


FIRST = message(text=WORDS, id="m0")
ALONE = {
    "other words": (
        msgspec.structs.replace(HER_CHAT, text="The projector in room Oslo is dark."), _said(FIRST), ticket()
    ),
    "another person": (
        msgspec.structs.replace(HER_CHAT, sender=Address(kind="telegram", value="78")), _said(FIRST), ticket()
    ),
    "a day later": (
        msgspec.structs.replace(HER_CHAT, received_at=NOW + timedelta(hours=24)), _said(FIRST), ticket()
    ),
    "a typed address": (
        msgspec.structs.replace(AGAIN, channel="form", text=BY_CHAT, digest="other"), _said(FIRST), ticket()
    ),
    "words that somebody typed under her address": (
        HER_CHAT, _said(FIRST, proof=Proof.CLAIMED), ticket()
    ),
    "a ticket that somebody opened under her address": (HER_CHAT, _said(FIRST), ticket(proof=Proof.CLAIMED)),
    "somebody else's ticket in which she wrote": (HER_CHAT, _said(FIRST), ticket(contact="bob")),
    "a solved ticket": (HER_CHAT, _said(FIRST), ticket(state="solved")),
    "a closed ticket": (HER_CHAT, _said(FIRST), ticket(state="closed")),
    "a ticket that was split": (HER_CHAT, _said(FIRST), ticket(apart=True)),
}  # fmt: skip


@pytest.mark.parametrize("case", ALONE.values(), ids=ALONE.keys())
def test_what_is_not_surely_the_same_of_the_same_person_opens_a_ticket(case: tuple[Message, Said, Ticket]) -> None:
    written, row, standing = case

    assert decide(written, _known(row, standing), policy()).outcome == "opened"


def test_no_window_joins_nothing() -> None:
    never = msgspec.structs.replace(
        policy(), duplicates=Duplicates(window=timedelta(0), twice=timedelta(0), alerts=timedelta(0))
    )
    now = msgspec.structs.replace(HER_CHAT, received_at=NOW)

    assert decide(now, _known(_said(FIRST)), never).outcome == "opened"


def test_what_the_chat_says_next_goes_where_its_first_message_went() -> None:
    joined = _said(HER_CHAT, contact="ann")
    question = msgspec.structs.replace(HER_CHAT, id="c2", text="Any news?", external_id="77:2")

    decision = decide(question, _known(joined), policy())

    assert (decision.outcome, decision.ticket, _rule(decision)) == ("continued", 100009, JOINED_CHAT)


STANDING = ticket(proof=Proof.CLAIMED, channel="form")


def test_a_form_that_is_clicked_twice_is_a_note_of_its_ticket() -> None:
    decision = decide(AGAIN, _known(_said(FORM), STANDING), policy())

    assert (decision.outcome, decision.ticket, _rule(decision)) == ("joined", 100009, SENT_TWICE)
    assert is_note(AGAIN, SENT_TWICE)


STRANGE = {
    "one letter more": {"text": WORDS + "!", "digest": "other"},
    "another subject": {"subject": "Card"},
    "another form": {"channel": "form-hr"},
    "another address": {"sender": Address(kind="mail", value="eve@acme.example")},
    "answers that go somewhere else": {"reply_path": ReplyPath(channel="mail-it", address="eve@acme.example")},
    "a refuted address": {"proof": Proof.FAILED},
    "a proven address": {"proof": Proof.DOMAIN},
    "a quarter of an hour later": {"received_at": NOW + timedelta(minutes=15)},
}


@pytest.mark.parametrize("changes", STRANGE.values(), ids=STRANGE.keys())
def test_whoever_only_types_an_address_gets_into_no_ticket_by_it(changes: dict[str, object]) -> None:
    written = msgspec.structs.replace(AGAIN, **changes)

    assert decide(written, _known(_said(FORM), STANDING), policy()).outcome == "opened"


@pytest.mark.parametrize("proof", [Proof.CLAIMED, Proof.DOMAIN])
def test_who_guesses_the_words_of_a_proven_ticket_does_not_get_in(proof: Proof) -> None:
    guessed = msgspec.structs.replace(AGAIN, channel="mail-it", proof=Proof.CLAIMED)
    row = _said(msgspec.structs.replace(FORM, channel="mail-it", proof=proof))

    assert decide(guessed, _known(row, ticket(proof=Proof.DOMAIN)), policy()).outcome == "opened"


def _alert(text: str, **changes: object) -> Message:
    return message(**{"id": "a0", "subject": "Disk", "text": text, "facts": MACHINE, "external_id": "", **changes})


def test_an_alert_with_other_numbers_counts_up_in_its_ticket() -> None:
    row = _said(_alert("Disk of web-01 is 91 % full"), seen=11)
    next_one = _alert("Disk of web-01 is 97 % full", id="a1", fingerprint="fa1")

    decision = decide(next_one, _known(row), policy())

    assert (decision.outcome, decision.ticket, _rule(decision)) == ("joined", 100009, SAME_ALERT)
    assert decision.because[0].evidence == "seen 12 times, first as a0"
    assert is_note(next_one, SAME_ALERT)
    assert duplicates.seen_again(row, next_one).seen == 12


OTHER_ALERTS = {
    "of another machine": (_alert("Disk of web-02 is 91 % full"), {}),
    "whose sender is only claimed": (_alert("Disk of web-01 is 91 % full", proof=Proof.CLAIMED), {}),
    "after the ticket was solved": (_alert("Disk of web-01 is 91 % full"), {"state": "solved"}),
    "after somebody forged the first one": (_alert("Disk of web-01 is 91 % full"), {"proof": Proof.CLAIMED}),
    "two days later": (_alert("Disk of web-01 is 91 % full", received_at=NOW + timedelta(days=2)), {}),
}


@pytest.mark.parametrize("case", OTHER_ALERTS.values(), ids=OTHER_ALERTS.keys())
def test_another_alert_opens_a_ticket(case: tuple[Message, dict[str, object]]) -> None:
    alert, changes = case
    row = _said(_alert("Disk of web-01 is 89 % full", id="a9"))

    assert decide(alert, _known(row, ticket(**changes)), policy()).outcome == "opened"


def test_nothing_is_kept_to_compare_of_what_says_nothing() -> None:
    assert duplicates.said(message(subject="", text="Hello, thank you"), 1, contact(), Proof.DOMAIN) == ()
    assert duplicates.said(message(sender=Address(kind="mail", value="")), 1, contact(), Proof.ANONYMOUS) == ()
    assert duplicates.said(message(unreadable="no header"), 1, contact(), Proof.DOMAIN) == ()
