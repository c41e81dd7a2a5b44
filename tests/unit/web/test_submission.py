"""Submission ids and references: what holds, and what no stranger can make."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.channels.web.submission import (
    LIFETIME,
    NONCE_BYTES,
    fingerprint_of,
    is_reference,
    issue,
    reference_of,
    verify,
)

KEY = b"k" * 32
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

nonces = st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES)


def issued(nonce: bytes = b"n" * NONCE_BYTES, channel: str = "help") -> str:
    return issue(KEY, channel, now=NOW, nonce=nonce)


@given(nonce=nonces, age=st.timedeltas(timedelta(0), LIFETIME))
def test_an_id_of_ours_holds_for_its_whole_life(nonce: bytes, age: timedelta) -> None:
    assert verify(KEY, "help", issued(nonce), now=NOW + age) == issued(nonce)


@given(late=st.timedeltas(timedelta(seconds=1), timedelta(days=4000)))
def test_an_id_expires(late: timedelta) -> None:
    assert verify(KEY, "help", issued(), now=NOW + LIFETIME + late) is None


def test_an_id_from_a_clock_that_is_a_little_ahead_holds_and_one_from_the_future_does_not() -> None:
    assert verify(KEY, "help", issued(), now=NOW - timedelta(minutes=4)) is not None
    assert verify(KEY, "help", issued(), now=NOW - timedelta(minutes=6)) is None


@given(nonce=nonces, where=st.integers(min_value=0), sign=st.sampled_from("0123456789abcdefghijklmnopqrstuvwxyz-"))
def test_an_id_that_was_changed_in_any_place_is_forged(nonce: bytes, where: int, sign: str) -> None:
    genuine = issued(nonce)
    place = where % len(genuine)
    forged = genuine[:place] + sign + genuine[place + 1 :]

    assert verify(KEY, "help", forged, now=NOW) == (genuine if forged == genuine else None)


@given(text=st.text(max_size=200) | st.from_regex(r"[0-9a-f]{1,12}-[a-z2-7]{26}-[a-z2-7]{24}", fullmatch=True))
def test_no_text_of_a_stranger_is_an_id(text: str) -> None:
    assert verify(KEY, "help", text, now=NOW) is None


@given(nonce=nonces, data=st.data())
def test_an_id_whose_case_was_folded_on_the_way_is_the_same_one(nonce: bytes, data: st.DataObject) -> None:
    genuine = issued(nonce)
    upper = data.draw(st.lists(st.booleans(), min_size=len(genuine), max_size=len(genuine)))
    folded = "".join(sign.upper() if up else sign for sign, up in zip(genuine, upper, strict=True))

    assert verify(KEY, "help", folded, now=NOW) == genuine


def test_an_id_holds_for_its_own_form_and_key_alone() -> None:
    assert verify(KEY, "other", issued(), now=NOW) is None
    assert verify(b"x" * 32, "help", issued(), now=NOW) is None


@given(first=nonces, second=nonces)
def test_two_pages_have_two_ids(first: bytes, second: bytes) -> None:
    assert (issued(first) == issued(second)) == (first == second)


def test_the_same_words_sent_again_have_the_same_reference_and_fingerprint() -> None:
    first, second = (reference_of(KEY, "help", issued(), b"words") for _ in range(2))

    assert first == second
    assert fingerprint_of("help", first) == fingerprint_of("help", second)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("help", issued(b"m" * NONCE_BYTES), b"words"), id="another page"),
        pytest.param(("help", issued(), b"other words"), id="other words"),
        pytest.param(("shop", issued(channel="shop"), b"words"), id="another form"),
    ],
)
def test_anything_else_has_another_reference(other: tuple[str, str, bytes]) -> None:
    assert reference_of(KEY, *other) != reference_of(KEY, "help", issued(), b"words")


def test_a_reference_is_known_by_its_own_form_and_key_alone() -> None:
    reference = reference_of(KEY, "help", issued(), b"words")

    assert is_reference(KEY, "help", reference)
    assert not is_reference(KEY, "other", reference)
    assert not is_reference(b"x" * 32, "help", reference)
    assert not is_reference(KEY, "help", reference.upper())


@given(text=st.text(max_size=60) | st.from_regex(r"[a-z2-7]{40}", fullmatch=True))
def test_no_text_of_a_stranger_is_a_reference(text: str) -> None:
    assert not is_reference(KEY, "help", text)


def test_the_same_reference_on_two_forms_is_two_fingerprints() -> None:
    assert fingerprint_of("help", "a") != fingerprint_of("shop", "a")
