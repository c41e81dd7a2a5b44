"""Who takes part in a ticket because somebody named them, and who is only written down as named (row L13)."""

import msgspec
import pytest

from router.customer.participants import TOO_MANY, UNPROVEN, at_opening, later
from router.decide import decide
from router.policy import Policy
from router.technicians.staff import Staff, Technician
from store.records import MAX_OTHERS, Address, Message, Proof
from store.tokens import Token, actor_of
from tests.unit.router.given import ANN, BOB, facts, message, policy, ticket

T1 = 100009
JANE = Address(kind="mail", value="jane@acme.example", name="Jane")
EVE = Address(kind="mail", value="eve@evil.example")
DESK = Address(kind="mail", value="help+t1@desk.example")
OLA = Address(kind="mail", value="ola@desk.example")
TEAM = Address(kind="mail", value="team@desk.example")

OURS = msgspec.structs.replace(
    policy(),
    own=frozenset({("mail", "help@desk.example")}),
    staff=Staff(
        people={OLA.value: Technician(actor="person:ola", address=OLA)},
        mailboxes={TEAM.value: (Technician(actor="team:help", address=TEAM),)},
    ),
)
ANNS = {"token": Token(T1, actor_of(ANN), "c")}
JANES = {"token": Token(T1, actor_of(JANE), "c")}


@pytest.mark.parametrize("proof", [Proof.DOMAIN, Proof.SESSION])
def test_a_proven_sender_brings_others_along_but_none_of_ours_and_nobody_twice(proof: Proof) -> None:
    written = message(proof=proof, others=(JANE, DESK, OLA, TEAM, ANN, JANE, BOB, Address(kind="mail", value="")))

    newcomers = at_opening(written, OURS)

    assert newcomers.joined == (JANE, BOB)
    assert [(reason.part, reason.result, reason.evidence) for reason in newcomers.reasons] == [
        ("people", "added", "2: jane@acme.example, bob@acme.example")
    ]


@pytest.mark.parametrize("proof", [Proof.ANONYMOUS, Proof.FAILED, Proof.CLAIMED])
def test_an_unproven_sender_brings_nobody_and_the_reason_names_them(proof: Proof) -> None:
    decision = decide(message(proof=proof, others=(JANE,)), facts(), OURS)

    assert at_opening(message(proof=proof, others=(JANE,)), OURS).joined == ()
    assert [
        (reason.result, reason.rule, reason.evidence) for reason in decision.because if reason.part == "people"
    ] == [("not added", UNPROVEN, "1: jane@acme.example")]


@pytest.mark.parametrize(
    ("written", "tokens", "joins"),
    [
        (message(tokens=("token",)), ANNS, True),
        (message(sender=JANE, tokens=("token",)), JANES, False),
        (message(proof=Proof.SESSION), {}, True),
        (message(tokens=("token",), proof=Proof.CLAIMED), ANNS, False),
        (message(tokens=("token",), proof=Proof.FAILED), ANNS, False),
        (message(), {}, False),
        (message(tokens=("token",)), JANES, False),
        (message(sender=BOB, tokens=("token",)), {"token": Token(T1, actor_of(BOB), "c")}, False),
    ],
    ids=[
        "the customer by token and domain", "somebody else who takes part", "a session",
        "a token alone", "a token and a failed check", "a domain alone", "somebody else's token", "a stranger's token",
    ],
)  # fmt: skip
def test_later_it_takes_the_customer_with_token_and_domain(
    written: Message, tokens: dict[str, Token], joins: bool
) -> None:
    joined = ticket(T1, participants=(JANE,))
    written = msgspec.structs.replace(written, others=(EVE, JANE, ANN, DESK))

    newcomers = later(written, joined, facts(joined, tokens=tokens), OURS)

    assert newcomers.joined == ((EVE,) if joins else ())
    assert newcomers.left_out == (() if joins else (EVE,))


def test_whoever_is_named_and_takes_part_already_is_no_news() -> None:
    joined = ticket(T1, participants=(JANE,))

    assert later(message(others=(JANE, ANN)), joined, facts(joined), OURS).reasons == ()


@pytest.mark.parametrize("settled", [OURS, policy()], ids=["with our addresses", "without"])
def test_a_ticket_has_room_for_so_many(settled: Policy) -> None:
    many = tuple(Address(kind="mail", value=f"p{n}@acme.example") for n in range(MAX_OTHERS + 2))
    full = ticket(T1, participants=many[:MAX_OTHERS])

    opening = at_opening(message(others=many), settled)
    coming = later(message(tokens=("token",), others=(EVE,)), full, facts(full, tokens=ANNS), settled)

    assert (len(opening.joined), len(opening.left_out)) == (MAX_OTHERS, 2)
    assert opening.reasons[-1].rule == TOO_MANY
    assert (coming.joined, coming.left_out) == ((), (EVE,))
