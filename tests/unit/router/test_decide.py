"""What becomes of a record, with a reason for each part of the decision."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.burial import remains_of
from router.customer.identity import contact_of, proven
from router.decide import decide
from router.greeting import is_greeting
from router.life import lifecycle
from router.life.commands import act, refusal
from router.overlay import Overlay
from store.codec import encode
from store.records import Action, Address, Attachment, DeadLetter, Decision, Fact, Message, Proof
from store.rows import Chat, Copy, ParkedItem, Settled
from tests.unit.router.given import ANN, BOB, NOW, chat_message, contact, facts, message, policy, ticket

T1 = 100009
SUSPECT = (Fact(name="suspect", value="honeypot"),)


def parts(decision: Decision) -> dict[str, str]:
    return {reason.part: reason.result for reason in decision.because}


def test_a_new_message_gets_all_its_parts_and_a_reason_for_each() -> None:
    rules = {
        "categories": {"network": {"en": "Network"}},
        "rules": [{"when": {"words": ["vpn"]}, "then": "network"}],
    }
    priority = {"urgency": [{"when": {"category": "network"}, "then": "high"}]}
    route = {"team": "help", "routes": [{"name": "urgent", "when": {"priority": "P2"}, "team": "network"}]}

    decision = decide(message(), facts(), policy(rules, priority, route))

    assert (decision.outcome, decision.ticket) == ("opened", None)
    assert (decision.category, decision.priority, decision.team) == ("network", "P2", "network")
    assert parts(decision) == {
        "conversation": "new",
        "category": "network",
        "impact": "medium",
        "urgency": "high",
        "priority": "P2",
        "team": "network",
    }


def test_the_words_of_a_subject_count_and_those_of_quotes_do_not() -> None:
    rules = {"rules": [{"when": {"words": ["invoice"]}, "then": "billing"}]}

    assert decide(message(subject="Invoice"), facts(), policy(rules)).category == "billing"
    assert decide(message(quoted="invoice"), facts(), policy(rules)).category == ""


def test_what_channels_and_forms_say_about_a_message_can_be_asked() -> None:
    rules = {"rules": [{"when": {"audience": "machine", "channel": "mail-it", "language": "en"}, "then": "app"}]}
    written = message(facts=(Fact(name="audience", value="machine"),))

    assert decide(written, facts(), policy(rules)).category == "app"
    assert decide(message(), facts(), policy(rules)).category == ""


@pytest.mark.parametrize(
    ("written", "known", "outcome", "why"),
    [
        (message(), {"holders": {"f1": Settled(id="m0", outcome="opened", ticket=T1)}}, "duplicate", "of m0"),
        (message(), {"holders": {"f1": Settled(id="m1", outcome="dead")}}, "opened", "new"),
        (message(facts=SUSPECT), {}, "parked", "suspected-spam"),
        (message(automated="auto-replied"), {}, "parked", "auto-replied"),
        (message(automated="bounce"), {}, "parked", "bounce"),
        (message(automated="own"), {}, "parked", "own"),
        (message(automated="report"), {}, "parked", "report"),
        (message(automated="list"), {}, "opened", "new"),
        (message(automated="null-sender"), {}, "opened", "new"),
        (message(unreadable="too many parts"), {}, "opened", "new"),
        (message(references=("<k@x>",)), {"copies": {"<k@x>": (Copy(ticket=T1),)}}, "continued", f"continued {T1}"),
        (chat_message(text="Hi"), {}, "greeted", "waits"),
        (chat_message(text="Hi"), {"chats": {Chat("bot", "77"): (T1,)}}, "continued", f"continued {T1}"),
        (chat_message(text="Hi"), {"greetings": {Chat("bot", "77"): (chat_message(),)}}, "opened", "new"),
    ],
)
def test_the_outcome_says_why(written: Message, known: Mapping[str, object], outcome: str, why: str) -> None:
    decision = decide(written, facts(ticket(T1), **known), policy())

    assert decision.outcome == outcome
    assert decision.because[0].result == why


@pytest.mark.parametrize("written", [message(facts=SUSPECT), message(automated="bounce")], ids=["suspect", "bounce"])
def test_what_a_person_accepts_is_not_parked_again(written: Message) -> None:
    assert decide(written, facts(), policy(), accepted=True).outcome == "opened"


@pytest.mark.parametrize(
    ("written", "is_one"),
    [
        (chat_message(text="Hi"), True),
        (chat_message(text="Hello there!"), True),
        (chat_message(text="Dzień dobry"), True),
        (chat_message(text="Здравствуйте"), True),
        (chat_message(text="سلام"), True),
        (chat_message(text="👋"), True),
        (chat_message(text="Hi, the VPN is down"), False),
        (chat_message(text="hi hi hi hi hi"), False),
        (chat_message(text="?"), False),
        (chat_message(text=""), False),
        (chat_message(text="Hi", subject="VPN"), False),
        (chat_message(text="Hi", attachments=(Attachment(name="a", content_type="b", size=1, digest="c", part=0),)),
         False),
        (message(text="Hi", subject=""), False),
    ],
)  # fmt: skip
def test_only_a_bare_greeting_in_a_chat_is_one(written: Message, is_one: bool) -> None:
    assert is_greeting(written) is is_one


# ── actions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def action(kind: str, **changes: object) -> Action:
    plain = {"id": "a1", "kind": kind, "actor": "operator:ola", "at": NOW}
    return Action(**plain | changes)  # type: ignore[arg-type]


def parked(state: str = "waiting") -> ParkedItem:
    value = encode(message(facts=SUSPECT))
    return ParkedItem(
        id="m1", value=value, key="k", reason="suspected-spam", state=state, decided_by="operator:jan", parked_at=NOW
    )


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (action("answer", ticket=482917, text="Hello."), "there is no ticket 482917"),
        (action("answer", text="Hello."), "there is no ticket None"),
        (action("answer", ticket=T1, text=" \n"), "has no text"),
        (action("answer", ticket=T1, text="x" * 65_537), "65536 is the most"),
        (action("answer", ticket=100014, text="Hello."), "is closed"),
        (action("answer", ticket=100023, text="Hello."), "left no address"),
        (action("note", ticket=T1), "has no text"),
        (action("accept", item="m9"), 'nothing is parked under "m9"'),
        (action("refuse", item="done"), "was refused already, by operator:jan"),
        (action("close", ticket=T1), "is not solved"),
        (action("fold", ticket=T1), 'no action called "fold"'),
        (action("answer", ticket=T1, text="Hello.", actor=""), "without an actor"),
    ],
)
def test_an_action_that_cannot_be_done_is_refused_in_words(wanted: Action, words: str) -> None:
    known = facts(
        ticket(T1),
        ticket(100014, state="closed"),
        ticket(100023, reply_path=None),
        parked={"m1": parked(), "done": parked("refused")},
    )

    acted = act(wanted, known, policy())

    assert words in refusal(acted.decision)
    assert acted.decision.outcome == "acted"
    assert acted.released is None


@pytest.mark.parametrize(
    "wanted",
    [
        action("answer", ticket=T1, text="Hello."),
        action("note", ticket=100014, text="It was the cable."),
        action("refuse", item="m1"),
        action("drop", item="letter"),
    ],
)
def test_an_action_that_can_be_done_is_not_refused(wanted: Action) -> None:
    known = facts(ticket(T1), ticket(100014, state="closed"), parked={"m1": parked()})

    assert refusal(act(wanted, known, policy()).decision) == ""


def test_accepting_lets_the_parked_record_through() -> None:
    released = act(action("accept", item="m1"), facts(parked={"m1": parked()}), policy()).released

    assert released == message(facts=SUSPECT)


# ── states, persons, memory ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "happening", "expected"),
    [
        ("new", "message", ("new", "continued")),
        ("open", "message", ("open", "continued")),
        ("waiting", "message", ("open", "continued")),
        ("solved", "message", ("open", "reopened")),
        ("closed", "message", None),
        ("closed", "replayed", ("open", "reopened")),
        ("solved", "thanks", ("solved", "thanked")),
        ("closed", "machine", ("closed", "noted")),
        ("solved", "machine", ("solved", "noted")),
        ("new", "answer", ("open", "answered")),
        ("waiting", "answer", ("waiting", "answered")),
        ("closed", "answer", None),
        ("closed", "note", ("closed", "noted")),
    ],
)
def test_what_happens_moves_a_ticket_by_the_table(
    state: str, happening: lifecycle.Happening, expected: tuple[str, str] | None
) -> None:
    assert lifecycle.step(state, happening) == expected


def test_every_state_of_the_table_is_a_state_and_customers_and_machines_may_always_write() -> None:
    steps = [after for after in lifecycle.TABLE.values() if isinstance(after, lifecycle.Step)]
    assert {after.state for after in steps} == set(lifecycle.STATES)
    assert all(lifecycle.step(state, "replayed") and lifecycle.step(state, "machine") for state in lifecycle.STATES)


@pytest.mark.parametrize(
    ("before", "now", "kept"),
    [
        (Proof.CLAIMED, Proof.DOMAIN, Proof.DOMAIN),
        (Proof.DOMAIN, Proof.CLAIMED, Proof.DOMAIN),
        (Proof.DOMAIN, Proof.FAILED, Proof.DOMAIN),
        (Proof.FAILED, Proof.CLAIMED, Proof.CLAIMED),
        (Proof.TOKEN, Proof.TOKEN_AND_DOMAIN, Proof.TOKEN_AND_DOMAIN),
    ],
)
def test_the_strongest_proof_of_an_address_is_kept(before: Proof, now: Proof, kept: Proof) -> None:
    assert contact_of(message(), contact(proof=before), now).proof is kept


@pytest.mark.parametrize(
    ("proof", "has_token", "expected"),
    [
        (Proof.CLAIMED, True, Proof.TOKEN),
        (Proof.DOMAIN, True, Proof.TOKEN_AND_DOMAIN),
        (Proof.FAILED, True, Proof.FAILED),
        (Proof.SESSION, True, Proof.SESSION),
        (Proof.CLAIMED, False, Proof.CLAIMED),
    ],
)
def test_a_token_proves_more_unless_a_check_failed(proof: Proof, has_token: bool, expected: Proof) -> None:
    assert proven(proof, has_token=has_token) is expected


def test_one_address_is_one_person_and_one_name_is_not() -> None:
    ann, bob = (contact_of(message(sender=sender), None, Proof.CLAIMED) for sender in (ANN, BOB))
    again = contact_of(message(id="m2", sender=Address(kind="mail", value=ANN.value)), None, Proof.CLAIMED)

    assert ann.id == again.id
    assert ann.id != bob.id


def test_two_messages_without_an_address_come_from_two_persons() -> None:
    nobody = Address(kind="mail", value="")
    first, second = (contact_of(message(id=name, sender=nobody), None, Proof.ANONYMOUS) for name in ("m1", "m2"))

    assert first.id != second.id


@given(st.lists(st.dictionaries(st.integers(0, 9), st.integers(), max_size=4), max_size=30))
def test_an_overlay_is_a_mapping_of_which_each_state_stays_as_it_was(steps: list[dict[int, int]]) -> None:
    expected: list[dict[int, int]] = [{}]
    overlays: list[Overlay[int, int]] = [Overlay({})]

    for step in steps:
        expected.append(expected[-1] | step)
        overlays.append(overlays[-1].adding(step))

    for overlay, known in zip(overlays, expected, strict=True):
        assert {key: overlay.get(key) for key in range(10)} == {key: known.get(key) for key in range(10)}


# ── the dead ─────────────────────────────────────────────────────────────────────────────────────────────────────


def letter(value: bytes) -> DeadLetter:
    return DeadLetter(
        id="letter",
        stage="router",
        topic="deskwire.messages",
        partition=0,
        offset=1,
        key="k",
        value=value,
        reason="ValueError at decide.py:1",
        detail="",
        attempts=3,
        first_at=NOW,
        last_at=NOW,
        code_version="1",
        config_version="1",
    )


def test_a_stand_in_is_acknowledged_no_more_than_its_message() -> None:
    stand_in = remains_of(letter(encode(message(addressed=False, automated="list")))).stand_in

    assert stand_in is not None
    assert (stand_in.addressed, stand_in.automated) == (False, "list")


def test_a_stand_in_has_the_person_and_nothing_that_they_wrote() -> None:
    stand_in = remains_of(letter(encode(message(subject="V\x00PN")))).stand_in

    assert stand_in is not None
    assert (stand_in.sender.value, stand_in.subject, stand_in.text) == (ANN.value, "VPN", "")
    assert stand_in.unreadable == "ValueError at decide.py:1"


@pytest.mark.parametrize("value", ["a\x00b@acme.example", "x" * 321])
def test_an_address_that_cannot_be_kept_leads_to_nobody(value: str) -> None:
    stand_in = remains_of(letter(encode(message(sender=Address(kind="mail", value=value))))).stand_in

    assert stand_in is not None
    assert (stand_in.sender.value, stand_in.proof, stand_in.reply_path) == ("", Proof.ANONYMOUS, None)


@pytest.mark.parametrize(
    ("value", "record", "has_stand_in"),
    [
        (encode(action("answer")), "a1", False),
        (b"\xff", "", False),
        (b"{}", "", False),
        (b'{"v":1,"record":{"type":"message","id":"m7","sender":5}}', "m7", True),
        (b'{"v":9,"record":{"type":"message","id":"m8"}}', "m8", True),
        (b'{"v":1,"record":{"type":"report","id":"r7"}}', "r7", False),
    ],
)
def test_as_much_as_can_be_read_of_a_broken_record_is_told(value: bytes, record: str, has_stand_in: bool) -> None:
    remains = remains_of(letter(value))

    assert remains.id == record
    assert (remains.stand_in is not None) is has_stand_in
