"""Evidence that is too weak becomes a hint with its reason, and a used Message-ID is told."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.conversation import find
from router.decide import decide
from router.evidence import mentioned, tagged
from router.hints import (
    AWAITED,
    MENTIONED,
    MOST,
    NOT_OURS,
    NOT_PARTY,
    NOT_THEIRS,
    NUMBER,
    SAME_ID,
    UNPROVEN,
    collision,
    hints,
)
from store.numbers import numbered
from store.records import Address, Message, Proof
from store.rows import Awaited, Copy
from store.tokens import Token, actor_of, sign, verify
from tests.unit.router.given import ANN, BOB, KEY, NOW, facts, message, policy, ticket

T1, T2 = 100009, 100014
YEAR = timedelta(days=365)
ANNS = sign(KEY, Token(T1, actor_of(ANN), "c"), now=NOW, lifetime=YEAR)
OURS = f"<{ANNS}.4711@help.example>"
KNOWN = "<known@acme.example>"
HELD = Token(T1, actor_of(ANN), "c")
AWAITING = {"<m1@acme.example>": (Awaited(external_id="<m1@acme.example>", ticket=T1, sender=ANN, until=NOW),)}


@pytest.mark.parametrize(
    ("written", "known", "rule"),
    [
        (message(sender=BOB, tokens=(ANNS,)), {"tokens": {ANNS: HELD}}, NOT_THEIRS),
        (message(tokens=(ANNS,)), {}, NOT_OURS),
        (message(tokens=(ANNS[:-1] + ("a" if ANNS[-1] != "a" else "b"),)), {}, NOT_OURS),
        (message(sender=BOB, references=(OURS,)), {"tokens": {OURS: HELD}}, NOT_PARTY),
        (message(references=(OURS,)), {}, NOT_OURS),
        (message(sender=BOB, references=(KNOWN,)), {"copies": {KNOWN: (Copy(ticket=T1),)}}, UNPROVEN),
        (message(proof=Proof.CLAIMED, references=(KNOWN,)), {"copies": {KNOWN: (Copy(ticket=T1),)}}, UNPROVEN),
        (message(sender=BOB, subject=f"[Nordwind {T1}]"), {}, NUMBER),
        (message(proof=Proof.CLAIMED, subject=f"Re: #{T1}"), {}, NUMBER),
        (message(subject=f"Re: Faktura {T1}"), {}, MENTIONED),
        (message(), {"copies": {"<m1@acme.example>": (Copy(ticket=T1, digest="d9"),)}}, SAME_ID),
        (message(sender=BOB), {"awaited": AWAITING}, AWAITED),
    ],
    ids=[
        "a token of somebody else", "an expired token", "a forged token", "our id from a stranger", "our expired id",
        "a known id from a stranger", "a known id without proof", "a number from a stranger", "a number without proof",
        "a bare number from who takes part",
        "a used Message-ID", "awaited from somebody else",
    ],
)  # fmt: skip
def test_weak_evidence_opens_a_ticket_that_is_linked_and_says_why(
    written: Message, known: Mapping[str, object], rule: str
) -> None:
    everything = facts(ticket(T1), **known)

    decision = decide(written, everything, policy())

    assert decision.outcome == "opened"
    assert [(hint.ticket, hint.rule) for hint in hints(written, everything)] == [(T1, rule)]
    assert [(reason.result, reason.rule) for reason in decision.because if reason.part == "related"] == [
        (f"possibly {T1}", rule)
    ]


def test_reasons_show_no_token_that_could_be_used() -> None:
    decision = decide(message(sender=BOB, tokens=(ANNS,)), facts(ticket(T1), tokens={ANNS: HELD}), policy())

    assert ANNS.rpartition("-")[2] not in str(decision.because)
    assert any("…" in reason.evidence for reason in decision.because)


def test_a_ticket_that_does_not_exist_is_no_hint() -> None:
    assert hints(message(subject=f"[{T1}]", tokens=(ANNS,)), facts()) == ()


def test_a_message_points_at_a_few_tickets_at_most_and_at_each_once() -> None:
    several = [numbered(10_000 + n) for n in range(9)]
    copies = {KNOWN: tuple(Copy(ticket=number) for number in (*several, *several))}

    found = hints(message(sender=BOB, references=(KNOWN,)), facts(*map(ticket, several), copies=copies))

    assert len(found) == len({hint.ticket for hint in found}) == MOST


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        (f"[Nordwind {T1}] VPN", (T1,)),
        (f"[{T1}] [#{T2}]", (T1, T2)),
        (f"#{T1} #{T1}", (T1,)),
        (f"Invoice {T1}", ()),
        ("[Nordwind 100008]", ()),
        (f"[{T1} and more]", ()),
        (f"#{T1}1", ()),
        ("#0000", ()),
        ("[" * 900 + "1" * 900, ()),
        (" ".join(f"#{numbered(1_000 + n)}" for n in range(40)), tuple(numbered(1_000 + n) for n in range(5))),
    ],
)
def test_only_a_number_in_the_form_of_a_tag_and_with_its_check_digit_counts(
    subject: str, numbers: tuple[int, ...]
) -> None:
    assert tagged(subject) == numbers


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        (f"Re: Faktura {T1}", (T1,)),
        (f"{T1}/{T2}, {T1}.", (T1, T2)),
        (f"Invoice {T1 + 1}", ()),
        (f"FV{T1}", ()),
        (f"{T1}pl", ()),
        ("0000", ()),
        ("1" * 900, ()),
        (" ".join(str(numbered(1_000 + n)) for n in range(40)), tuple(numbered(1_000 + n) for n in range(5))),
    ],
)
def test_bare_digits_are_mentioned_where_their_check_digit_holds(subject: str, numbers: tuple[int, ...]) -> None:
    assert mentioned(subject) == numbers


@pytest.mark.parametrize(
    ("changed", "participants", "linked"),
    [
        ({}, (), True),
        ({"sender": BOB}, (BOB,), True),
        ({"sender": BOB}, (), False),
        ({"proof": Proof.CLAIMED}, (), False),
        ({"proof": Proof.FAILED}, (), False),
        ({"proof": Proof.ANONYMOUS}, (), False),
        ({"sender": BOB, "proof": Proof.CLAIMED}, (BOB,), False),
    ],
    ids=["customer", "participant", "stranger", "claimed", "forged", "anonymous", "claimed participant"],
)
def test_a_bare_number_points_at_a_ticket_in_which_its_proven_sender_takes_part_and_continues_nothing(
    changed: dict[str, object], participants: tuple[Address, ...], linked: bool
) -> None:
    written = message(subject=f"Re: Faktura {T1}", **changed)
    known = facts(ticket(T1, participants=participants), ticket(T2, customer=BOB, contact="bob"))

    decision = decide(written, known, policy())

    assert decision.outcome == "opened"
    assert [hint.ticket for hint in hints(written, known)] == ([T1] if linked else [])


def test_of_many_bare_numbers_a_few_are_hints() -> None:
    several = [numbered(10_000 + n) for n in range(9)]

    found = hints(message(subject=" ".join(map(str, several))), facts(*map(ticket, several)))

    assert [hint.ticket for hint in found] == several[:MOST]


@pytest.mark.parametrize(
    ("copy", "collides"),
    [
        (Copy(ticket=T1, sender_value=ANN.value, digest="other"), True),
        (Copy(ticket=T1, sender_value=BOB.value, digest="d1"), True),
        (Copy(ticket=T1, sender_value=ANN.value, digest="d1"), False),
        (Copy(ticket=T1), False),
    ],
    ids=["other words", "another sender", "the same message", "a delivery of ours"],
)
def test_a_message_id_that_is_used_again_for_something_else_is_told(copy: Copy, collides: bool) -> None:
    known = facts(ticket(T1), copies={"<m1@acme.example>": (copy,)})

    assert [reason.result for reason in collision(message(), known)] == (["collision"] if collides else [])


# ── tokens in strangers' hands ───────────────────────────────────────────────────────────────────────────────────

PEOPLE = (ANN, BOB, Address(kind="mail", value="eve@evil.example"))


@st.composite
def misused(draw: st.DrawFn) -> str:
    """A token of another ticket, person, purpose, key or time, or one of which a character was changed or lost."""
    purpose, holder = draw(st.sampled_from("csnb")), draw(st.sampled_from(PEOPLE))
    key = draw(st.sampled_from((KEY, b"another key of thirty-two bytes.")))
    age = draw(st.sampled_from((timedelta(days=0), timedelta(days=400))))
    text = sign(key, Token(T1, actor_of(holder), purpose), now=NOW - age, lifetime=YEAR)
    match draw(st.sampled_from(("whole", "cut", "changed", "upper"))):
        case "cut":
            return text[: draw(st.integers(0, len(text) - 1))]
        case "changed":
            place = draw(st.integers(0, len(text) - 1))
            return text[:place] + draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-")) + text[place + 1 :]
        case "upper":
            return text.upper()
    return text


@given(
    text=misused(),
    sender=st.sampled_from(PEOPLE),
    proof=st.sampled_from(list(Proof)),
    place=st.sampled_from(("address", "id", "subject")),
    automated=st.sampled_from(("", "", "auto-replied")),
)
@settings(max_examples=500)
def test_no_token_lets_anybody_into_a_ticket_of_others(
    text: str, sender: Address, proof: Proof, place: str, automated: str
) -> None:
    """Rows L11 and S16: into Ann's ticket comes her own whole token, or Ann herself by an id that we signed."""
    written = message(
        sender=sender,
        proof=proof,
        automated=automated,
        tokens=(text,) if place == "address" else (),
        references=(f"<{text}.1@help.example>",) if place == "id" else (),
        subject=f"Re: [Nordwind {T1}] {text}" if place == "subject" else "",
    )
    token = verify(KEY, text, now=NOW)
    quoted = (*written.tokens, *written.references)
    known = facts(ticket(T1), tokens=dict.fromkeys(quoted, token) if token else {})

    found = find(written, known)

    if found is not None:
        is_ann = sender == ANN and proof is not Proof.ANONYMOUS
        is_holder = token is not None and token.actor == actor_of(sender)
        assert is_ann or is_holder
        assert token is not None or proof in (Proof.DOMAIN, Proof.TOKEN_AND_DOMAIN, Proof.SESSION)
