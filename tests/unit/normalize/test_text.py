from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize.text import MAX_SUBJECT, clean_line, clean_message, clean_text
from store.records import MAX_TEXT, Address, Attachment, Fact, Message

any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        pytest.param("cafe\u0301", "caf\u00e9", id="composed"),
        pytest.param("a\r\nb\rc\u2028d\x0be\x85f", "a\nb\nc\nd\ne\nf", id="line ends"),
        pytest.param("a\x00b\x07c\x1bd\x7fe\x9bf\tg", "abcdef\tg", id="controls"),
        pytest.param("broken \ud800 half", "broken \ufffd half", id="lone surrogate"),
        pytest.param("می\u200cخواهم وارد شوم", "می\u200cخواهم وارد شوم", id="Persian keeps its non-joiner"),
        pytest.param("می\u200c\u200c\u200cخواهم", "می\u200cخواهم", id="one non-joiner is enough"),
        pytest.param("\U0001f468\u200d\U0001f4bb", "\U0001f468\u200d\U0001f4bb", id="emoji keep their joiner"),
        pytest.param("pass\u200bwo\u2060rd\ufeff, so\xadft", "password, soft", id="zero width"),
        pytest.param("hi\U000e0041\U000e0042", "hi", id="tag characters"),
        pytest.param("invoice\u202efdp.exe", "invoicefdp.exe", id="override"),
        pytest.param("سلام \u200e(VPN)\u200e", "سلام \u200e(VPN)\u200e", id="direction marks stay"),
        pytest.param("\u2067سلام\u2069 ok", "\u2067سلام\u2069 ok", id="balanced isolates stay"),
        pytest.param("\u2067سلام\nnext", "\u2067سلام\u2069\nnext", id="an open isolate is closed in its line"),
        pytest.param("a\u2069b", "ab", id="a stray end of isolate goes"),
        pytest.param("Z" + "\u0335\u0336\u0337\u0338\u0339\u033a" * 50, "Z\u0335\u0336\u0337\u0338", id="few marks"),
        pytest.param("שָׁלוֹם", "שָׁלוֹם", id="pointed Hebrew stays"),
        pytest.param("a  \nb\t\n", "a\nb", id="trailing spaces"),
        pytest.param("a\n\n\n\n\n\nb", "a\n\n\nb", id="two blank lines at most"),
        pytest.param("\n\n  indented\n\n", "  indented", id="no blank lines around"),
        pytest.param("Zażółć gęślą jaźń", "Zażółć gęślą jaźń", id="Polish"),
        pytest.param("Не работает ещё с утра", "Не работает ещё с утра", id="Russian"),
    ],
)
def test_texts_are_cleaned(given_text: str, cleaned: str) -> None:
    assert clean_text(given_text) == cleaned


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("Printer\r\nBcc: victim@example.org", "Printer Bcc: victim@example.org"),
        ("  too   many\tspaces ", "too many spaces"),
        ("\u2067شکایت\u2069", "شکایت"),
        ("نمی\u200cتوانم", "نمی\u200cتوانم"),
        ("a\u2029b\x00c", "a bc"),
        ("x" * 1000, "x" * MAX_SUBJECT),
        ("", ""),
    ],
)
def test_lines_are_cleaned(given_text: str, cleaned: str) -> None:
    assert clean_line(given_text, MAX_SUBJECT) == cleaned


@settings(deadline=None)
@given(any_text)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_text(text)

    assert clean_text(once) == once
    assert clean_line(clean_line(text, 50), 50) == clean_line(text, 50)


@settings(deadline=None)
@given(any_text)
def test_clean_text_can_be_stored_and_shown(text: str) -> None:
    cleaned = clean_text(text)

    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in cleaned)
    assert cleaned.count("\u202e") == 0
    assert "\n" not in clean_line(text, 100)


@pytest.mark.parametrize(
    "bomb",
    [
        " " * 300_000 + "x",
        "\n" * 300_000,
        "a" + "\u0316\u0301" * 150_000,
        "\u2067" * 300_000,
        "\u2069" * 300_000,
        "\u200c\u200d" * 150_000,
        "\r" * 300_000,
        "\U0001e944" * 300_000,
    ],
    ids=["spaces", "blank lines", "marks", "open isolates", "stray ends", "joiners", "returns", "rare marks"],
)
def test_long_runs_are_cleaned_in_linear_time(bomb: str) -> None:
    assert len(clean_text(bomb)) <= len(bomb) + 200


def test_every_text_of_a_message_is_cleaned_and_cut(make_message: Callable[..., Message]) -> None:
    message = make_message(
        "x" * (MAX_TEXT - 10),
        subject="line\none",
        quoted="q" * 100,
        sender=Address(kind="mail", value="a\x00@example.org", name="Ola\u202e"),
        references=("<a\r@b>",),
        external_id="<c\ud800@d>",
        facts=(Fact(name="asset", value="Laptop\n7"),),
        attachments=(Attachment(name="a\x00.pdf", content_type="application/pdf", size=1, digest="d", part=1),),
    )

    cleaned = clean_message(message)

    assert cleaned.subject == "line one"
    assert cleaned.quoted == "q" * 10
    assert cleaned.sender == Address(kind="mail", value="a@example.org", name="Ola")
    assert cleaned.references == ("<a @b>",)
    assert cleaned.external_id == "<c\ufffd@d>"
    assert cleaned.facts == (Fact(name="asset", value="Laptop 7"),)
    assert cleaned.attachments[0].name == "a.pdf"
