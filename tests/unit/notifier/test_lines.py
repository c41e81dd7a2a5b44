"""Untrusted text made safe to stand inside ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.lines import cut_to_units, excerpt, isolated, one_line


@pytest.mark.parametrize(
    ("text", "longest", "line"),
    [
        ("plain", 100, "plain"),
        ("  two\r\nlines\tand  tabs ", 100, "two lines and tabs"),
        ("Bcc\x00:\x85x\u2028y", 100, "Bcc : x y"),
        ("ab\u202edc\u2069", 100, "abdc"),
        ("می\u200cخواهم", 100, "می\u200cخواهم"),
        ("123456", 6, "123456"),
        ("1234567", 6, "12345…"),
        ("12345 7", 6, "12345…"),
        ("1234 67", 6, "1234…"),
        ("", 6, ""),
    ],
)
def test_a_line_is_one_line_without_controls(text: str, longest: int, line: str) -> None:
    assert one_line(text, longest) == line


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_a_line_never_exceeds_its_length(text: str, longest: int) -> None:
    assert len(one_line(text, longest)) <= longest


def test_an_isolate_surrounds_what_it_holds_and_nothing_stays_nothing() -> None:
    assert isolated("482917") == "\u2068482917\u2069"
    assert isolated("") == ""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("one\n\n\ntwo", ("one", "two")),
        ("", ()),
        ("\n \n", ()),
        ("a\nb\nc\nd", ("a", "b", "c", "…")),
        ("a\nb\nc", ("a", "b", "c")),
        ("1234567890\n12", ("1234567890", "12")),
        ("1234567890\n123", ("1234567890", "1…")),
        ("1234567890123", ("12345678901…",)),
        ("x" + "\n" * 100 + "y", ("x", "…")),
    ],
)
def test_an_excerpt_is_the_beginning_and_says_where_it_goes_on(text: str, kept: tuple[str, ...]) -> None:
    assert excerpt(text, longest=12, lines=3) == kept


def test_a_cut_text_is_counted_as_chats_count() -> None:
    assert cut_to_units("😀😀", 4) == "😀😀"
    assert cut_to_units("😀😀", 3) == "😀…"
    assert cut_to_units("a😀b", 3) == "a…"
    assert cut_to_units("plain", 5) == "plain"
