"""Durations in the settings are a number and a unit."""

from datetime import timedelta

import pytest

from store.durations import parsed


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("1.5h", timedelta(minutes=90)),
        ("14d", timedelta(days=14)),
        ("2w", timedelta(days=14)),
    ],
)
def test_a_number_and_a_unit_are_a_duration(text: str, duration: timedelta) -> None:
    assert parsed(text) == duration


@pytest.mark.parametrize("text", ["", "1", "1 hour", "h", "-5m", "0s", "1e3s", "5m ", "1mo", "9999999d"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and a unit"):
        parsed(text)
