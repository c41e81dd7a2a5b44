"""What a report from outside proves, what it says of an address, and whether somebody must hear of it."""

from datetime import datetime, timedelta

import msgspec
import pytest

from router.decide import decide
from router.known import Facts
from router.reports import ALERT_FAILED, ANSWER_BOUNCED, FAILED, NOTED, STORM, following, lifted, matched
from store.records import DeliveryReport
from store.rows import COMPLAINED, FAILING, REACHABLE, SUSPENDED, Endpoint, Sent
from store.tokens import Token, actor_of
from tests.unit.router.given import ANN, NOW, facts, policy, ticket

T1 = 100009
ANSWER = Sent("d1", T1, "answer", ANN.value)
COURTESY = Sent("d2", T1, "acknowledgement", ANN.value)
ALERT = Sent("d3", T1, "alert", "team@desk.example")
OURS = "<ours@help.example>"
KEY = ("mail", ANN.value)


def report(outcome: str = "bounced", status: str = "5.1.1", **changes: object) -> DeliveryReport:
    plain = DeliveryReport(
        id="r1", raw="raw1", channel="mail-it", outcome=outcome, status=status, detail="550 no such user",
        recipient=ANN.value, references=(OURS,), at=NOW, fingerprint="fr1",
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changes)


def known(state: str = "", failures: int = 0, since: datetime = NOW, told: bool = False) -> Facts:
    """Ann's address as it is known; empty: nothing is known of it."""
    endpoint = Endpoint(kind="mail", value=ANN.value, state=state, failures=failures, since=since, changed_at=since)
    return facts(
        ticket(T1),
        posted={OURS: ANSWER},
        endpoints={KEY: endpoint} if state else {},
        told={T1: frozenset({ANSWER_BOUNCED})} if told else {},
    )


HOLDER = Token(T1, actor_of(ANN), "b")


@pytest.mark.parametrize(
    ("given", "tokens", "expected"),
    [
        (report(), {}, ANSWER),
        (report(references=("<other@x>", OURS, "<third@x>")), {}, ANSWER),
        (report(references=(), tokens=("bounce",)), {"bounce": HOLDER}, COURTESY),
        (report(references=("<signed@x>",)), {"<signed@x>": HOLDER._replace(purpose="c")}, COURTESY),
        (report(references=("<signed@x>",), tokens=("bounce",)), {"bounce": HOLDER}, COURTESY),
        (report(references=()), {}, None),
        (report(references=("<unknown@x>",), tokens=("forged",)), {}, None),
        (report(references=(), tokens=("reply",)), {"reply": HOLDER._replace(purpose="c")}, None),
        (report(references=(), tokens=("bounce",)), {"bounce": HOLDER._replace(ticket=100014)}, None),
        (report(references=(), tokens=("bounce",)), {"bounce": HOLDER._replace(actor="0123456789")}, None),
        (report(references=(), recipient=ANN.value), {}, None),
    ],
    ids=[
        "our id", "our id among others", "a bounce token", "an id that we signed", "a token beside an unknown id",
        "nothing", "nothing of ours", "a token to reply by", "a token of another ticket", "a token of somebody else",
        "an address alone",
    ],
)  # fmt: skip
def test_a_report_is_believed_by_what_only_we_could_have_written(
    given: DeliveryReport, tokens: dict[str, Token], expected: Sent | None
) -> None:
    everything = facts(ticket(T1), posted={OURS: ANSWER}, tokens=tokens, addressed={(T1, actor_of(ANN)): COURTESY})

    assert matched(given, everything) == expected
    assert decide(given, everything, policy()).outcome == ("reported" if expected else "parked")


@pytest.mark.parametrize(
    ("given", "before", "state"),
    [
        (report(), known(), SUSPENDED),
        (report(status="5.2.2"), known(), FAILING),
        (report(status="4.4.7"), known(), FAILING),
        (report(status=""), known(), FAILING),
        (report("delayed", "4.4.1"), known(), FAILING),
        (report(status="4.4.7"), known(FAILING, 1), FAILING),
        (report(status="4.4.7"), known(FAILING, 2), SUSPENDED),
        (report(status="4.4.7"), known(FAILING, 2, NOW - timedelta(days=7)), SUSPENDED),
        (report(status="4.4.7"), known(FAILING, 2, NOW - timedelta(days=7, seconds=1)), FAILING),
        (report(), known(FAILING, 1), SUSPENDED),
        (report(), known(REACHABLE), SUSPENDED),
        (report(status="4.4.7"), known(REACHABLE), FAILING),
        (report(), known(SUSPENDED), ""),
        (report(), known(COMPLAINED), ""),
        (report("complained", ""), known(), COMPLAINED),
        (report("complained", ""), known(SUSPENDED), COMPLAINED),
        (report("delivered", "2.0.0"), known(FAILING, 2), ""),
    ],
)
def test_one_hard_failure_or_three_soft_ones_in_a_week_suspend_an_address(
    given: DeliveryReport, before: Facts, state: str
) -> None:
    endpoint = following(given, ANSWER, before).endpoint

    assert (endpoint.state if endpoint else "") == state


@pytest.mark.parametrize(
    ("given", "sent", "before", "kind"),
    [
        (report(), ANSWER, known(), FAILED),
        (report(status="4.4.7"), ANSWER, known(), FAILED),
        (report(status="4.4.7"), ANSWER, known(told=True), NOTED),
        (report(), ANSWER, known(SUSPENDED, told=True), NOTED),
        (report(), ANSWER, known(SUSPENDED), FAILED),
        (report(), COURTESY, known(), FAILED),
        (report(), COURTESY, known(SUSPENDED), NOTED),
        (report(status="4.4.7"), COURTESY, known(), NOTED),
        (report("delayed", "4.4.1"), ANSWER, known(), NOTED),
        (report("delivered", "2.0.0"), ANSWER, known(), "delivered"),
        (report("complained", ""), COURTESY, known(), FAILED),
        (report("complained", ""), COURTESY, known(COMPLAINED), NOTED),
        (report(), ALERT, known(), ALERT_FAILED),
        (report("complained", ""), ALERT, known(), ALERT_FAILED),
        (report("delayed", ""), ALERT, known(), NOTED),
    ],
)
def test_a_technician_hears_of_it_once(given: DeliveryReport, sent: Sent, before: Facts, kind: str) -> None:
    assert following(given, sent, before).kind == kind


@pytest.mark.parametrize(("sent", "kind"), [(COURTESY, NOTED), (ANSWER, FAILED)])
def test_in_a_storm_only_the_loss_of_an_answer_is_told(sent: Sent, kind: str) -> None:
    """Row L5: a thousand courtesies that come back have one cause."""
    before = msgspec.structs.replace(known(), turned=STORM)

    told = following(report(), sent, before)

    assert told.kind == kind
    assert told.endpoint is not None


def test_the_bounce_of_an_alert_says_nothing_about_the_address_of_a_customer() -> None:
    told = following(report(), ALERT, known())

    assert (told.endpoint, told.bounced) == (None, "d3")


def test_what_is_told_names_the_address_that_we_wrote_to() -> None:
    assert following(report(recipient="ann@elsewhere.example"), ANSWER, known()).text == (
        "ann@acme.example: 550 no such user"
    )


@pytest.mark.parametrize(
    ("state", "after"), [(SUSPENDED, REACHABLE), (FAILING, REACHABLE), (COMPLAINED, ""), (REACHABLE, ""), ("", "")]
)
def test_whoever_writes_is_reachable_again_but_a_complaint_stays(state: str, after: str) -> None:
    endpoint = lifted(ANN, known(state, 3))

    assert (endpoint.state if endpoint else "") == after
    assert endpoint is None or endpoint.failures == 0
