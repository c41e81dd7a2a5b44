"""How far a mailbox has been read: sets of UIDs, the start policy, and what is owed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.channels.mail.imap_patience import pause_after, pause_after_refusals, plan_for
from ingest.channels.mail.imap_progress import (
    CLOCKS,
    Listed,
    Marks,
    decoded,
    encoded,
    renumbered,
    sound,
    started,
    wanted,
)
from ingest.channels.mail.imap_uids import UidSet

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WEEK = timedelta(days=7)

uids = st.sets(st.integers(1, 200))


@given(uids, uids)
def test_a_set_of_uids_is_a_set(one: set[int], other: set[int]) -> None:
    first, second = UidSet.of(one), UidSet.of(other)

    assert set(first | second) == one | other
    assert set(first - second) == one - other
    assert [uid in first for uid in range(202)] == [uid in one for uid in range(202)]
    assert UidSet.parsed(str(first)) == first
    assert (len(first), first.top, bool(first)) == (len(one), max(one, default=0), bool(one))


@given(uids, st.integers(1, 5))
def test_a_compact_set_loses_only_holes_at_its_old_end(found: set[int], most: int) -> None:
    whole, compact = UidSet.of(found), UidSet.of(found).compact(most)

    assert str(compact).count(",") < most
    assert set(compact) >= found
    assert compact.top == whole.top
    if added := set(compact) - found:
        assert max(added) < min(found - set(range(max(added) + 1)))


@pytest.mark.parametrize("text", ["1-", "a", "1,,2", "-5", "1-2-3", "9" * 11])
def test_what_is_no_set_of_uids_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no set of UIDs"):
        UidSet.parsed(text)


def test_half_a_million_mails_that_are_done_with_are_one_range() -> None:
    marks = Marks(started(7, NOW, timedelta(0)))
    marks.unwanted_below(500_001)
    marks.accepted([500_001, 500_002, 500_004], owed=True)
    marks.settled(UidSet.of([500_001]))

    stored = encoded(marks.progress(read_at=NOW))
    back = decoded(stored)

    assert back is not None
    assert (back.done, back.owed, back.read_at) == ("1-500002,500004", "500002,500004", NOW)
    assert decoded("") is None
    with pytest.raises(ValueError, match="no progress of a mailbox"):
        decoded("881204552")


def test_the_window_reaches_back_to_where_all_was_read_but_never_before_we_came() -> None:
    progress = Marks(started(7, NOW, timedelta(0))).progress(read_at=NOW + timedelta(days=30))

    assert Marks(progress).window(WEEK) == NOW + timedelta(days=23)
    assert Marks(renumbered(progress, 8)).window(WEEK) == NOW + timedelta(days=23)
    assert Marks(renumbered(progress, 8)).done == UidSet()
    assert Marks(started(7, NOW, timedelta(0))).window(WEEK) == NOW - CLOCKS
    assert Marks(started(7, NOW, WEEK)).window(WEEK) == NOW - WEEK - CLOCKS


def test_old_mail_is_wanted_only_where_it_came_to_the_folder_after_us() -> None:
    long_ago = NOW - timedelta(days=400)
    listed = [Listed(1, NOW), Listed(2, long_ago), Listed(3, None), Listed(4, NOW), Listed(9, long_ago)]

    assert wanted(listed, done=UidSet.of([4]), above=8, window=NOW) == [1, 3, 9]


def test_a_listing_is_put_in_order_without_what_cannot_be() -> None:
    listed = [Listed(5, NOW), Listed(2, NOW), Listed(5, NOW), Listed(0, NOW), Listed(2**32, NOW), Listed(-1, NOW)]

    assert [one.uid for one in sound(listed)] == [2, 5]


def test_pauses_grow_and_a_refused_login_is_repeated_five_times_in_half_an_hour() -> None:
    assert [pause_after(failures, 0.0) for failures in (1, 2, 5, 9, 10, 500)] == [1, 2, 16, 256, 300, 300]
    assert [pause_after_refusals(refusals, 0.0) for refusals in (1, 2, 5, 6, 500)] == [60, 120, 960, 1800, 1800]
    assert pause_after(1, 1.0) == 1.5
    assert pause_after_refusals(9, 1.0) == 1620


def test_a_mail_that_cannot_be_fetched_is_tried_by_its_header_and_then_left() -> None:
    assert [plan_for(attempts) for attempts in (0, 4, 5, 9, 10)] == ["whole", "whole", "header", "header", "nothing"]
