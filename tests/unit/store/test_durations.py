"""Durations in the settings are a number and a unit."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from store.durations import Delay, Duration, parsed, written


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


@pytest.mark.parametrize("text", ["", "1", "1 hour", "h", "-5m", "1e3s", "5m ", "1mo", "9999999d"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and a unit"):
        parsed(text)


@pytest.mark.parametrize("text", ["0.2s", "30s", "15m", "36h", "14d", "0s"])
def test_a_duration_is_written_in_the_largest_unit_that_it_fills(text: str) -> None:
    assert written(parsed(text)) == text


def test_no_time_at_all_is_a_delay_and_no_duration() -> None:
    assert TypeAdapter(Delay).validate_python("0s") == timedelta(0)
    with pytest.raises(ValidationError, match="a number above 0"):
        TypeAdapter(Duration).validate_python("0s")


def test_a_bare_number_is_no_duration_because_nobody_can_tell_its_unit() -> None:
    with pytest.raises(ValidationError, match="write a number and a unit"):
        TypeAdapter(Duration).validate_python(30)
