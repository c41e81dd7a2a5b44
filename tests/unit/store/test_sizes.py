"""Sizes in the settings are a number and a unit."""

import pytest
from pydantic import TypeAdapter, ValidationError

from store.sizes import Size, parsed, written


@pytest.mark.parametrize(
    ("text", "size"),
    [("1B", 1), ("16KiB", 16 * 1024), ("25MB", 25_000_000), ("25MiB", 26_214_400), ("1GiB", 1024**3)],
)
def test_a_number_and_a_unit_are_a_size(text: str, size: int) -> None:
    assert parsed(text) == size


@pytest.mark.parametrize("text", ["", "1", "1 MB", "MB", "-5MB", "0MB", "1.5GB", "25mb", "1TB", "5MB "])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and a unit"):
        parsed(text)


@pytest.mark.parametrize("text", ["1B", "100B", "16KiB", "25MB", "25MiB", "3GB"])
def test_a_size_is_written_in_the_largest_unit_that_it_fills(text: str) -> None:
    assert written(parsed(text)) == text


def test_a_bare_number_is_no_size_because_nobody_can_tell_its_unit() -> None:
    with pytest.raises(ValidationError, match="write a number and a unit"):
        TypeAdapter(Size).validate_python(26_214_400)
