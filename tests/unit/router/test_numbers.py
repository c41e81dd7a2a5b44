"""Ticket numbers are checked digits that only grow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.numbers import first_serial, is_number, numbered, serial_of

serials = st.integers(min_value=1, max_value=10**10)


def test_the_check_digit_is_that_of_the_published_example() -> None:
    assert numbered(572) == 5724  # Wikipedia, "Damm algorithm": the check digit of 572 is 4.


@given(serial=serials)
def test_a_number_is_one_and_gives_its_serial_back(serial: int) -> None:
    assert is_number(str(numbered(serial)))
    assert serial_of(numbered(serial)) == serial


@given(serial=serials, place=st.integers(0, 10), digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_noticed(serial: int, place: int, digit: str) -> None:
    number = str(numbered(serial))
    place %= len(number)
    wrong = number[:place] + digit + number[place + 1 :]

    assert wrong == number or not is_number(wrong)


@given(serial=serials, place=st.integers(0, 10))
def test_two_neighbours_changing_places_are_noticed(serial: int, place: int) -> None:
    number = str(numbered(serial))
    place %= len(number) - 1
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    assert wrong == number or not is_number(wrong)


@given(serial=serials)
def test_the_next_number_is_larger(serial: int) -> None:
    assert numbered(serial + 1) > numbered(serial)


@pytest.mark.parametrize("digits", [4, 6, 9])
def test_the_first_number_has_the_digits_that_are_asked_for(digits: int) -> None:
    assert len(str(numbered(first_serial(digits)))) == digits


@pytest.mark.parametrize("text", ["", "0", "5", "10000", "0100009", "۱۰۰۰۰۹", " 100009", "-100009", "1e5", "१"])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert not is_number(text)
