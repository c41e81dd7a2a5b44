"""Which ticket a message continues: what is evidence, what is stronger, and what proves nothing."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from router.conversation import (
    AWAITED,
    CHAT,
    OTHER_PATH,
    OTHERS_TOKEN,
    REFERENCE,
    REPLAYED,
    SIGNED,
    TAG,
    TOKEN,
    find,
    unresolved,
)
from router.evidence import has_own_token
from store.records import Address, Message, Proof
from store.rows import Awaited, Chat, Copy, Settled
from store.tokens import Token, actor_of
from tests.unit.router.given import ANN, BOB, NOW, chat_message, facts, message, ticket

T1, T2, T3, T4 = 100009, 100014, 100023, 100038
OURS, KNOWN, LATE = "<ours@help.example>", "<known@acme.example>", "<m1@acme.example>"

ANNS = Token(T1, actor_of(ANN), "c")
BOBS = Token(T1, actor_of(BOB), "c")
STAFFS = Token(T1, actor_of(ANN), "s")


def awaiting(number: int, **changes: object) -> Mapping[str, tuple[Awaited, ...]]:
    plain = {"external_id": LATE, "ticket": number, "sender": ANN, "until": NOW + timedelta(hours=1)}
    return {LATE: (Awaited(**plain | changes),)}  # type: ignore[arg-type]


def found(written: Message, **known: object) -> tuple[int, str] | None:
    """The ticket and the evidence; there are four tickets of Ann's."""
    result = find(written, facts(ticket(T1), ticket(T2), ticket(T3), ticket(T4), **known))
    return (result.ticket.number, result.rule) if result else None


EVERYTHING: Mapping[str, object] = {
    "tokens": {"token": ANNS, OURS: Token(T2, actor_of(ANN), "c")},
    "copies": {KNOWN: (Copy(ticket=T3, sender_value=ANN.value, digest="d9"),)},
    "awaited": awaiting(T4),
}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (message(tokens=("token",), references=(OURS, KNOWN)), (T1, TOKEN)),
        (message(references=(OURS, KNOWN)), (T2, SIGNED)),
        (message(references=(KNOWN, OURS)), (T2, SIGNED)),
        (message(references=(KNOWN,)), (T3, REFERENCE)),
        (message(references=(KNOWN, "<unknown@x>")), (T3, REFERENCE)),
        (message(), (T4, AWAITED)),
        (message(external_id="<other@x>"), None),
    ],
)
def test_the_strongest_evidence_decides(written: Message, expected: tuple[int, str] | None) -> None:
    assert found(written, **EVERYTHING) == expected


@pytest.mark.parametrize(
    ("written", "known"),
    [
        (message(tokens=("forged",)), {}),
        (message(tokens=("token",)), {"tokens": {"token": BOBS}}),
        (message(tokens=("token",)), {"tokens": {"token": STAFFS}}),
        (message(tokens=("token",)), {"tokens": {"token": Token(999999, actor_of(ANN), "c")}}),
        (message(sender=BOB, references=(OURS,)), {"tokens": {OURS: ANNS}}),
        (message(proof=Proof.FAILED, references=(OURS,)), {"tokens": {OURS: ANNS}}),
        (message(sender=BOB, references=(KNOWN,)), {"copies": {KNOWN: (Copy(ticket=T1),)}}),
        (message(proof=Proof.FAILED, references=(KNOWN,)), {"copies": {KNOWN: (Copy(ticket=T1),)}}),
        (message(sender=Address(kind="mail", value="")), {"awaited": awaiting(T1)}),
        (message(sender=BOB), {"awaited": awaiting(T1)}),
        (message(proof=Proof.FAILED), {"awaited": awaiting(T1)}),
        (message(), {"awaited": awaiting(T1, until=NOW - timedelta(seconds=1))}),
        (message(subject=f"Re: [#{T1}] VPN", references=(f"<ticket-{T1}@help.example>",), proof=Proof.CLAIMED), {}),
        (message(subject=f"Re: [Nordwind {T1}] VPN", sender=BOB), {}),
        (message(subject=f"Re: #{T1} VPN", proof=Proof.FAILED), {}),
        (message(subject=f"Re: {T1} VPN"), {}),
        (message(subject=f"Re: [Nordwind {T1 + 1}] VPN"), {}),
        (message(proof=Proof.CLAIMED, references=(KNOWN,)), {"copies": {KNOWN: (Copy(ticket=T1),)}}),
        (message(proof=Proof.ANONYMOUS, tokens=("token",)), {"tokens": {"token": ANNS}}),
        (message(proof=Proof.ANONYMOUS, references=(OURS,)), {"tokens": {OURS: ANNS}}),
        (message(proof=Proof.CLAIMED), {"awaited": awaiting(T1)}),
        (message(sender=Address(kind="mail", value="new@x.example", name="Ann"), references=(KNOWN,)),
         {"copies": {KNOWN: (Copy(ticket=T1),)}}),
    ],
    ids=[
        "a forged token", "another person's token", "a staff token", "a token of no ticket",
        "our id from a stranger", "our id with a failed check", "a known id from a stranger",
        "a known id with a failed check", "awaited from nobody", "awaited from a stranger",
        "awaited with a failed check", "awaited too late", "a number from a claimed sender",
        "a number from a stranger", "a number with a failed check", "a number that is no tag", "a mistyped number",
        "a known id from a claimed sender", "a token from a sender who cannot be read",
        "our id from a sender who cannot be read", "awaited, and less proven than the reply", "the customer's name",
    ],
)  # fmt: skip
def test_what_proves_nothing_opens_a_ticket_of_its_own(written: Message, known: Mapping[str, object]) -> None:
    assert found(written, **known) is None


def test_a_valid_token_of_the_sender_holds_even_where_the_domain_check_failed() -> None:
    written = message(tokens=("token",), proof=Proof.FAILED)

    assert found(written, tokens={"token": ANNS}) == (T1, TOKEN)
    assert has_own_token(written, facts(tokens={"token": ANNS}))
    assert not has_own_token(written, facts(tokens={"token": BOBS}))


@pytest.mark.parametrize("proof", [Proof.CLAIMED, Proof.DOMAIN, Proof.SESSION])
def test_our_signed_id_is_enough_for_a_sender_whom_nothing_refutes(proof: Proof) -> None:
    """A desk whose mail server checks nobody continues its tickets all the same."""
    result = find(message(proof=proof, references=(OURS,)), facts(ticket(T1), tokens={OURS: ANNS}))

    assert result is not None
    assert result.reason.result == f"continued {T1}"
    assert result.reason.evidence == f"{OURS}, proof {proof}"


@pytest.mark.parametrize(
    "subject",
    [f"Re: [Nordwind {T1}] VPN", f"AW: [#{T1}]", f"[{T1}]", f"about #{T1}: VPN", f"[Nordwind Help Desk #{T1}] #5"],
)
def test_a_tag_continues_the_ticket_of_a_proven_sender(subject: str) -> None:
    assert found(message(subject=subject)) == (T1, TAG)


JANES = Address(kind="mail", value="jane@acme.example")
SHARED = (JANES,)  # Who takes part in Ann's ticket.
JANES_TOKEN = Token(T1, actor_of(JANES), "c")


@pytest.mark.parametrize(
    ("written", "known", "expected"),
    [
        (message(sender=JANES, proof=Proof.CLAIMED, tokens=("token",)), {"tokens": {"token": JANES_TOKEN}}, TOKEN),
        (message(sender=JANES, tokens=("token",)), {"tokens": {"token": ANNS}}, OTHERS_TOKEN),
        (message(tokens=("token",)), {"tokens": {"token": JANES_TOKEN}}, OTHERS_TOKEN),
        (message(sender=JANES, proof=Proof.CLAIMED, references=(OURS,)), {"tokens": {OURS: ANNS}}, SIGNED),
        (message(sender=JANES, references=(KNOWN,)), {"copies": {KNOWN: (Copy(ticket=T1),)}}, REFERENCE),
        (message(sender=JANES, subject=f"[{T1}]"), {}, TAG),
        (message(sender=JANES, proof=Proof.CLAIMED, tokens=("token",)), {"tokens": {"token": ANNS}}, ""),
        (message(sender=BOB, tokens=("token",)), {"tokens": {"token": JANES_TOKEN}}, ""),
        (message(sender=JANES, tokens=("token",)), {"tokens": {"token": BOBS}}, ""),
        (message(sender=JANES, tokens=("token",)), {"tokens": {"token": STAFFS}}, ""),
        (message(sender=JANES, proof=Proof.FAILED, references=(OURS,)), {"tokens": {OURS: ANNS}}, ""),
        (message(sender=JANES, proof=Proof.CLAIMED, references=(KNOWN,)), {"copies": {KNOWN: (Copy(ticket=T1),)}}, ""),
        (message(sender=Address(kind="telegram", value=JANES.value), subject=f"[{T1}]"), {}, ""),
    ],
    ids=[
        "a token of their own", "the customer's token", "a participant's token in the customer's hands",
        "our id", "a known id", "a tag", "the customer's token and no proof", "a participant's token and a stranger",
        "a stranger's token", "a technician's token", "our id with a failed check", "a known id and no proof",
        "the same name elsewhere",
    ],
)  # fmt: skip
def test_who_takes_part_continues_the_ticket_by_the_same_evidence(
    written: Message, known: Mapping[str, object], expected: str
) -> None:
    result = find(written, facts(ticket(T1, participants=SHARED), **known))

    assert (result.rule if result else "") == expected


def test_of_several_tickets_with_one_reference_that_of_the_sender_is_meant() -> None:
    copies = {KNOWN: (Copy(ticket=T1), Copy(ticket=T2))}

    result = find(
        message(sender=BOB, references=(KNOWN,)),
        facts(ticket(T1, contact="bob", customer=BOB), ticket(T2), copies=copies),
    )

    assert result is not None
    assert result.ticket.number == T1


@pytest.mark.parametrize(
    ("written", "copy", "opened_with", "expected"),
    [
        (message(), Copy(ticket=T1, sender_value=ANN.value, digest="d1"), Proof.CLAIMED, (T1, OTHER_PATH)),
        (message(), Copy(ticket=T1, sender_value=ANN.value, digest="d2"), Proof.CLAIMED, None),
        (message(), Copy(ticket=T1, sender_value=BOB.value, digest="d1"), Proof.CLAIMED, None),
        (message(digest=""), Copy(ticket=T1, sender_value=ANN.value), Proof.CLAIMED, None),
        (message(proof=Proof.FAILED), Copy(ticket=T1, sender_value=ANN.value, digest="d1"), Proof.CLAIMED, None),
        (message(), Copy(ticket=T1, sender_value=ANN.value, digest="d1"), Proof.FAILED, None),
    ],
)
def test_only_equal_content_of_one_sender_is_the_same_message(
    written: Message, copy: Copy, opened_with: Proof, expected: tuple[int, str] | None
) -> None:
    result = find(written, facts(ticket(T1, proof=opened_with), copies={LATE: (copy,)}))

    assert ((result.ticket.number, result.rule) if result else None) == expected
    assert result is None or result.joins


def test_a_chat_continues_its_newest_open_ticket() -> None:
    assert found(chat_message(), chats={Chat("bot", "77"): (T1, T2)}) == (T2, CHAT)


@pytest.mark.parametrize(
    "written", [chat_message(proof=Proof.CLAIMED), chat_message(reply_path=None), message()], ids=str
)
def test_an_address_alone_is_no_chat(written: Message) -> None:
    chats = {Chat("bot", "77"): (T1,), Chat("mail-it", ANN.value): (T1,)}

    assert found(written, chats=chats) is None


def test_a_replayed_record_belongs_to_the_ticket_that_told_of_it() -> None:
    outcomes = {"m1": Settled(id="m1", outcome="dead", ticket=T1)}

    assert found(message(), outcomes=outcomes) == (T1, REPLAYED)


@pytest.mark.parametrize(
    ("written", "known", "expected"),
    [
        (message(automated="bounce", sender=BOB, tokens=("token",)), {"tokens": {"token": ANNS}}, (T1, SIGNED)),
        (message(automated="bounce", sender=BOB, references=(OURS,)), {"tokens": {OURS: ANNS}}, (T1, SIGNED)),
        (message(automated="verification", sender=BOB, tokens=("token",)), {"tokens": {"token": ANNS}}, None),
        (message(automated="own", sender=BOB, external_id=OURS), {"tokens": {OURS: ANNS}}, (T1, SIGNED)),
        (message(automated="own", sender=BOB), {"copies": {LATE: (Copy(ticket=T1),)}}, (T1, REFERENCE)),
        (message(automated="auto-replied", references=(KNOWN,)), {"copies": {KNOWN: (Copy(ticket=T1),)}},
         (T1, REFERENCE)),
        (message(automated="auto-replied", sender=BOB, references=(KNOWN,)), {"copies": {KNOWN: (Copy(ticket=T1),)}},
         None),
        (message(automated="bounce"), {"awaited": awaiting(T1)}, None),
        (message(automated="auto-replied", proof=Proof.CLAIMED, references=(OURS,)), {"tokens": {OURS: ANNS}},
         (T1, SIGNED)),
        (message(automated="auto-replied", sender=BOB, references=(OURS,)), {"tokens": {OURS: ANNS}}, None),
        (message(automated="auto-replied", sender=BOB, tokens=("token",)), {"tokens": {"token": ANNS}}, None),
        (message(automated="auto-replied", sender=BOB, references=(OURS,)), {"tokens": {OURS: BOBS}}, (T1, SIGNED)),
        (message(automated="auto-replied", proof=Proof.CLAIMED, references=(KNOWN,)),
         {"copies": {KNOWN: (Copy(ticket=T1),)}}, None),
    ],
)  # fmt: skip
def test_a_machine_writes_about_a_ticket_only_by_what_it_quotes(
    written: Message, known: Mapping[str, object], expected: tuple[int, str] | None
) -> None:
    assert found(written, **known) == expected


def test_unresolved_are_the_references_that_nobody_has_seen() -> None:
    written = message(references=(OURS, KNOWN, "<a@x>", "<b@x>", "<a@x>", ""))

    assert unresolved(written, facts(tokens={OURS: ANNS}, copies={KNOWN: (Copy(ticket=T1),)})) == ("<a@x>", "<b@x>")
