"""One sender who opens ticket after ticket (rows L2 and L9)."""

from datetime import timedelta

import pytest

from router.decide import decide
from router.floods import FLOOD, flooded
from router.known import Facts
from router.settings import FloodSettings
from store.numbers import numbered
from store.records import Address, Message, Proof
from store.rows import Opened
from tests.unit.router.given import ANN, BOB, NOW, facts, message, policy, ticket

LIMITED = policy(floods=FloodSettings(tickets=3, within="10m"))
NUMBERS = [numbered(10_000 + n) for n in range(3)]


def opened(age: timedelta = timedelta(0), proof: Proof = Proof.DOMAIN, states: str = "new new new") -> Facts:
    """What Ann opened, and in which states it is."""
    rows = tuple(Opened(number, NOW - age, proof) for number in NUMBERS)
    several = [ticket(number, state=state) for number, state in zip(NUMBERS, states.split(), strict=True)]
    return facts(*several, opened={("mail", ANN.value): rows})


@pytest.mark.parametrize(
    ("written", "known", "expected"),
    [
        (message(), opened(), NUMBERS[2]),
        (message(), opened(timedelta(minutes=9, seconds=59)), NUMBERS[2]),
        (message(), opened(timedelta(minutes=10)), None),
        (message(), opened(-timedelta(minutes=9)), NUMBERS[2]),
        (message(), opened(-timedelta(minutes=10)), None),
        (message(), opened(states="new new closed"), NUMBERS[1]),
        (message(), opened(states="closed closed closed"), None),
        (message(sender=BOB), opened(), None),
        (message(sender=Address(kind="telegram", value=ANN.value)), opened(), None),
        (message(proof=Proof.SESSION), opened(proof=Proof.SESSION), NUMBERS[2]),
        (message(), opened(proof=Proof.CLAIMED), None),
        (message(proof=Proof.CLAIMED), opened(), None),
        (message(proof=Proof.CLAIMED), opened(proof=Proof.CLAIMED), NUMBERS[2]),
    ],
    ids=[
        "one more", "one more, barely", "the window is over", "what came late", "what came too late",
        "the newest is closed", "all are closed", "another sender", "another sort of address", "a session",
        "a proven sender whose address was forged", "a forger of a proven sender", "a form",
    ],
)  # fmt: skip
def test_what_would_open_one_too_many_goes_to_the_newest_ticket(
    written: Message, known: Facts, expected: int | None
) -> None:
    found = flooded(written, known, LIMITED)

    assert (found.number if found else None) == expected


def test_two_are_not_too_many_of_three() -> None:
    known = facts(ticket(NUMBERS[0]), opened={("mail", ANN.value): (Opened(NUMBERS[0], NOW, Proof.DOMAIN),) * 2})

    assert flooded(message(), known, LIMITED) is None


def test_nobody_in_particular_floods_nothing() -> None:
    nobody = Address(kind="mail", value="")
    known = facts(opened={("mail", ""): (Opened(NUMBERS[0], NOW, Proof.ANONYMOUS),) * 9})

    assert flooded(message(sender=nobody, proof=Proof.ANONYMOUS), known, LIMITED) is None


def test_the_reason_of_a_flood_says_the_limit_and_a_person_may_let_it_in() -> None:
    decision = decide(message(), opened(), LIMITED)

    assert (decision.outcome, decision.ticket) == ("continued", NUMBERS[2])
    assert [(reason.rule, reason.evidence) for reason in decision.because] == [
        (FLOOD, "3 tickets within 0:10:00, proof domain-verified")
    ]
    assert decide(message(), opened(), LIMITED, accepted=True).outcome == "opened"


@pytest.mark.parametrize("wrong", [{"tickets": 0}, {"tickets": 10_001}, {"within": "0s"}, {"within": "2d"}, {"x": 1}])
def test_limits_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        FloodSettings.model_validate(wrong)
