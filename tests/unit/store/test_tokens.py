"""A token says who may add to which ticket; nobody else can make one, and showing one gives nothing away."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.records import Address
from store.tokens import Token, actor_of, candidates, masked, pointed, sign, verify

KEY = b"k" * 32
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SARA = actor_of(Address(kind="mail", value="sara@delta.example"))
TOKEN = Token(482917, SARA, "c")
YEAR = timedelta(days=365)


def signed(token: Token = TOKEN, key: bytes = KEY) -> str:
    return sign(key, token, now=NOW, lifetime=YEAR)


@given(st.integers(1, 10**12), st.sampled_from("cs"))
def test_what_was_signed_is_read_back(ticket: int, purpose: str) -> None:
    token = Token(ticket, SARA, purpose)

    assert verify(KEY, f"support+{signed(token)}@desk.example", now=NOW) == token


def test_a_token_survives_case_folding() -> None:
    assert verify(KEY, signed().upper(), now=NOW) == TOKEN


def test_a_token_fits_into_a_local_part_with_its_mailbox() -> None:
    assert len(f"support+{signed(Token(10**9, SARA, 'c'))}") <= 64  # RFC 5321, section 4.5.3.1.1.


def test_a_token_expires() -> None:
    assert verify(KEY, signed(), now=NOW + YEAR + timedelta(days=1)) is None


@pytest.mark.parametrize("position", range(len(signed())))
def test_a_changed_token_is_none(position: int) -> None:
    token = signed()
    other = "b" if token[position] != "b" else "c"
    changed = token[:position] + other + token[position + 1 :]

    assert verify(KEY, changed, now=NOW) != TOKEN


def test_another_desks_token_is_none() -> None:
    assert verify(b"x" * 32, signed(), now=NOW) is None


def test_a_retry_on_the_same_day_is_identical() -> None:
    assert sign(KEY, TOKEN, now=NOW + timedelta(hours=3), lifetime=YEAR) == signed()


def test_candidates_are_found_without_a_key_and_are_few() -> None:
    assert candidates(f"x {signed()} y") == (signed(),)
    assert len(candidates(f"{signed()} " * 50)) == 10


def test_a_shown_token_is_worth_nothing() -> None:
    shown = masked(f"<{signed()}.ab12@desk.example>")

    assert signed()[-24:] not in shown
    assert shown.endswith("….ab12@desk.example>")
    assert verify(KEY, shown, now=NOW) is None


def test_a_shown_token_in_capitals_is_worth_nothing_either() -> None:
    shown = masked(f"<HELP+{signed().upper()}@DESK.EXAMPLE>")

    assert verify(KEY, shown, now=NOW) is None
    assert shown.startswith("<HELP+T")
    assert shown.endswith("…@DESK.EXAMPLE>")


def test_what_looks_like_a_token_points_at_its_ticket_and_proves_nothing() -> None:
    forged = signed(key=b"x" * 32)

    assert pointed(f"<{forged.upper()}.1@desk.example>") == 482917
    assert verify(KEY, forged, now=NOW) is None
    assert pointed("t482917") is None
