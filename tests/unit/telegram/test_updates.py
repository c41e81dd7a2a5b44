"""An answer of the Bot API is taken apart into updates, none of which is changed."""

import pytest

from ingest.channels.telegram.receive import pause_after
from ingest.channels.telegram.updates import updates_of


def test_updates_keep_their_bytes_and_their_order() -> None:
    answer = b'{"ok":true, "result":[ {"update_id": 7, "x":1e400}, {"update_id":5,"y":"\\u0041"} ]}'

    assert [(update.number, update.payload) for update in updates_of(answer)] == [
        (7, b'{"update_id": 7, "x":1e400}'),
        (5, b'{"update_id":5,"y":"\\u0041"}'),
    ]


def test_half_a_surrogate_pair_stays_what_it_was() -> None:
    answer = b'{"ok":true,"result":[{"update_id":7,"text":"\\ud83d"},{"update_id":8}]}'

    assert [update.payload for update in updates_of(answer)] == [
        b'{"update_id": 7, "text": "\\ud83d"}',
        b'{"update_id": 8}',
    ]


def test_no_updates_are_none() -> None:
    assert list(updates_of(b'{"ok":true,"result":[]}')) == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b'{"ok":true}',
        b'{"ok":true,"result":{}}',
        b'{"ok":true,"result":[{"message":{}}]}',
        b'{"ok":true,"result":[7]}',
        b'{"ok":true,"result":"\\ud83d"}',
        b'{"ok":true,"result":[{"update_id":7}',
    ],
)
def test_anything_else_is_an_error_and_not_an_empty_answer(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        updates_of(answer)


@pytest.mark.parametrize(
    ("failures", "asked", "chance", "seconds"),
    [
        (1, None, 0.0, 0.5),
        (2, None, 0.0, 1.0),
        (3, None, 1.0, 3.0),
        (7, None, 0.0, 30.0),
        (100_000, None, 1.0, 45.0),
        (1, 900.0, 0.0, 900.0),
        (9, 1.0, 1.0, 1.5),
    ],
)
def test_pause_grows_to_a_bound_and_is_never_shorter_than_asked(
    failures: int, asked: float | None, chance: float, seconds: float
) -> None:
    assert pause_after(failures, asked, chance) == seconds
