"""A message gets the form in which Telegram takes it, and loses nothing on the way."""

import re
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.channels.telegram.compose import LONGEST_PART, LONGEST_TEXT, MOST_PARTS, compose, divide, parts_of, units
from store.errors import Permanent
from store.outgoing import Outgoing, Purpose

MARK = re.compile(r"\n\([0-9]+/[0-9]+\)\Z")

# Signs of one and of two UTF-16 units, spaces, line ends, an accent, a joiner, a Persian non-joiner.
SIGNS = st.text("aش😀 \n\u0301\u200d\u200c", min_size=1, max_size=40)


def outgoing(**changes: object) -> Outgoing:
    plain = Outgoing(
        key="k",
        delivery="d",
        purpose=Purpose.ANSWER,
        address="611000011",
        text="It works again.",
        at=datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
    )
    return msgspec.structs.replace(plain, **changes)


def unmarked(parts: tuple[str, ...]) -> str:
    return parts[0] if len(parts) == 1 else "".join(MARK.sub("", part) for part in parts)


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("a", 1), ("ش", 1), ("😀", 2), ("e\u0301", 2), ("👩‍👧", 5)],
)
def test_length_is_counted_as_telegram_counts(text: str, length: int) -> None:
    assert units(text) == length == len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("sign", ["a", "ش", "😀"])
def test_text_that_just_fits_is_one_part_without_a_mark(sign: str) -> None:
    text = sign * (LONGEST_PART // units(sign))

    assert divide(text) == (text,)


@pytest.mark.parametrize("sign", ["a", "ش", "😀", "word ", "کلمه\n"])
def test_longer_text_is_divided_and_marked(sign: str) -> None:
    text = sign * (3 * LONGEST_PART // units(sign))

    parts = divide(text)

    assert unmarked(parts) == text
    assert [MARK.search(part).group() for part in parts] == [f"\n({n}/{len(parts)})" for n in range(1, len(parts) + 1)]


@given(SIGNS, st.integers(LONGEST_PART - 40, 5 * LONGEST_PART))
def test_no_part_is_too_long_and_nothing_is_lost(signs: str, length: int) -> None:
    text = (signs * (length // len(signs) + 1))[:length]

    parts = divide(text)

    assert all(units(part) <= LONGEST_PART for part in parts)
    assert len(parts) <= MOST_PARTS
    assert unmarked(parts) == text


@pytest.mark.parametrize("gap", ["\n\n", "\n", " "])
def test_text_is_divided_where_a_reader_pauses(gap: str) -> None:
    text = "a" * 3000 + gap + "b" * 3000

    assert divide(text) == ("a" * 3000 + gap + "\n(1/2)", "b" * 3000 + "\n(2/2)")


def test_paragraph_goes_before_line_and_line_before_word() -> None:
    text = "a" * 2500 + "\n\n" + "b" * 500 + "\n" + "c" * 500 + " " + "d" * 2000

    first, second = divide(text)

    assert first == "a" * 2500 + "\n\n\n(1/2)"
    assert second.startswith("b")


@pytest.mark.parametrize("letter", ["e\u0301", "👍🏽", "❤️", "ن\u064e"])
def test_letter_is_not_parted_from_what_belongs_to_it(letter: str) -> None:
    parts = divide("x" + letter * (2 * LONGEST_PART // units(letter)))

    pieces = [MARK.sub("", part) for part in parts]
    assert all(piece.endswith(letter) for piece in pieces)
    assert all(piece.startswith(letter) for piece in pieces[1:])


def test_endless_row_of_accents_is_divided_all_the_same() -> None:
    text = "e" + "\u0301" * (2 * LONGEST_PART)

    assert unmarked(divide(text)) == text


def test_text_beyond_all_measure_is_cut_and_says_so() -> None:
    parts = divide("a" * (LONGEST_TEXT + 1))

    assert len(parts) <= MOST_PARTS
    assert unmarked(parts).endswith("a\n[…]")
    assert units(unmarked(parts)) == LONGEST_TEXT
    assert unmarked(divide("a" * LONGEST_TEXT)) == "a" * LONGEST_TEXT


@pytest.mark.parametrize(
    ("references", "answered"),
    [
        ((), None),
        (("611000011:7",), 7),
        (("611000011:7", "611000011:9"), 9),
        (("611000011:7", "<mail@nordwind.example>"), 7),
        (("-1002233445566:7",), None),
        (("611000011:x", "611000011:", "611000011:12345678901"), None),
    ],
)
def test_last_message_of_the_same_chat_is_answered(references: tuple[str, ...], answered: int | None) -> None:
    (part,) = parts_of(compose(outgoing(references=references)))

    assert part.reply_to == answered


def test_only_the_first_part_is_a_reply() -> None:
    parts = parts_of(compose(outgoing(text="a " * LONGEST_PART, references=("611000011:7",))))

    assert [part.reply_to for part in parts] == [7, None, None]


@pytest.mark.parametrize("address", ["", "sara", "@sara", "611000011\n", "1.5", "--1", "sara@acme.example", "٦١١"])
def test_address_that_is_no_chat_is_refused_with_what_was_expected(address: str) -> None:
    with pytest.raises(Permanent, match="a chat's number was expected"):
        compose(outgoing(address=address))


@pytest.mark.parametrize("payload", [b"", b"{}", b"[{}]", b'["hello"]', b"\xff", b"Subject: hello"])
def test_bytes_of_something_else_are_refused(payload: bytes) -> None:
    with pytest.raises(Permanent, match="not one for Telegram"):
        parts_of(payload)
