"""What an attempt to send means for its delivery."""

from datetime import UTC, datetime, timedelta

import pytest

from notifier.outcome import Outcome, settled
from notifier.settings import NotifySettings
from store.deliveries import FAILED, IN_DOUBT, QUEUED, SENT, Claimed, Settlement
from store.errors import InDoubt, Permanent, Temporary
from store.outgoing import Purpose, Receipt

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = 24 * 3600.0
SETTINGS = NotifySettings()


def after(
    outcome: Outcome,
    *,
    purpose: Purpose = Purpose.ANSWER,
    mails: bool = True,
    attempts: int = 1,
    doubts: int = 0,
    age: float = 0.0,
    jitter: float = 1.0,
) -> Settlement:
    claimed = Claimed(
        id="delivery",
        ticket=482917,
        purpose=purpose,
        channel="mail",
        address="sara@delta.example",
        payload=b"",
        attempts=attempts,
        doubts=doubts,
        created_at=NOON - timedelta(seconds=age),
    )
    return settled(claimed, outcome, mails=mails, now=NOON, jitter=jitter, settings=SETTINGS)


def seconds_until_due(settlement: Settlement) -> float:
    assert settlement.due_at is not None
    return (settlement.due_at - NOON).total_seconds()


def test_a_receipt_is_the_end() -> None:
    settlement = after(Receipt(external_id="<x@y>", detail="queued as 7\r\n"), doubts=1)

    assert settlement == Settlement(id="delivery", state=SENT, reason="queued as 7", doubts=1, external_id="<x@y>")


@pytest.mark.parametrize("purpose", Purpose)
def test_what_is_refused_has_failed(purpose: Purpose) -> None:
    assert after(Permanent("550 no such user"), purpose=purpose) == Settlement(
        id="delivery", state=FAILED, reason="550 no such user"
    )


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (500, 3600)])
def test_pauses_grow_up_to_an_hour(attempts: int, seconds: float) -> None:
    settlement = after(Temporary("busy"), attempts=attempts)

    assert (settlement.state, settlement.reason) == (QUEUED, "busy")
    assert seconds_until_due(settlement) == seconds


def test_pauses_of_what_failed_together_are_spread() -> None:
    assert seconds_until_due(after(Temporary("busy"), jitter=0.0)) == 15
    assert seconds_until_due(after(Temporary("busy"), jitter=0.5)) == 22.5


@pytest.mark.parametrize("asked", [0.0, 3.0, 5000.0])
def test_a_peer_that_names_its_pause_gets_it(asked: float) -> None:
    assert seconds_until_due(after(Temporary("429", retry_after=asked), attempts=4)) == asked


@pytest.mark.parametrize("purpose", Purpose)
def test_what_was_not_taken_for_five_days_is_given_up(purpose: Purpose) -> None:
    still = after(Temporary("busy"), purpose=purpose, attempts=90, age=5 * DAY - 3600)
    over = after(Temporary("busy"), purpose=purpose, attempts=90, age=5 * DAY - 3599)

    assert still.state == QUEUED
    assert (over.state, over.due_at) == (FAILED, None)
    assert over.reason == "given up after 90 attempts, the last of which said: busy"


@pytest.mark.parametrize("mails", [True, False])
def test_a_courtesy_in_doubt_is_never_sent_again(mails: bool) -> None:
    settlement = after(InDoubt("no answer"), purpose=Purpose.ACKNOWLEDGEMENT, mails=mails)

    assert settlement == Settlement(id="delivery", state=IN_DOUBT, reason="no answer", doubts=1)


@pytest.mark.parametrize("purpose", [Purpose.ANSWER, Purpose.ALERT])
def test_a_mail_in_doubt_goes_out_again_a_few_times(purpose: Purpose) -> None:
    again = after(InDoubt("no answer"), purpose=purpose, doubts=3, attempts=4)
    over = after(InDoubt("no answer"), purpose=purpose, doubts=4, attempts=5)

    assert (again.state, again.doubts, again.reason) == (QUEUED, 4, "may arrive twice: no answer")
    assert seconds_until_due(again) == 240
    assert (over.state, over.doubts) == (IN_DOUBT, 5)


@pytest.mark.parametrize("purpose", [Purpose.ANSWER, Purpose.ALERT])
def test_a_chat_in_doubt_gets_one_copy_after_a_minute(purpose: Purpose) -> None:
    again = after(InDoubt("no answer"), purpose=purpose, mails=False, attempts=7, jitter=0.0)
    over = after(InDoubt("no answer"), purpose=purpose, mails=False, doubts=1)

    assert (again.state, again.doubts) == (QUEUED, 1)
    assert seconds_until_due(again) == 60
    assert (over.state, over.doubts) == (IN_DOUBT, 2)


def test_a_refusal_after_a_doubt_keeps_the_doubt() -> None:
    assert after(Permanent("550"), doubts=1).doubts == 1
    assert after(Temporary("busy"), doubts=1).doubts == 1


@pytest.mark.parametrize("asked", [10**12, 10**18, float("inf")])
def test_a_peer_that_asks_to_wait_for_ages_is_given_up(asked: float) -> None:
    assert after(Temporary("429 slow down", retry_after=asked)).state == FAILED
