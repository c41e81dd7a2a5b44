from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize.language import HINT, tell_language
from store.records import Fact, Message

MakeMessage = Callable[..., Message]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My laptop does not start since this morning, please help me.", "en"),
        ("Od rana nie działa mi drukarka, proszę o pomoc.", "pl"),
        ("Здравствуйте, с утра не работает принтер, помогите, пожалуйста.", "ru"),
        ("سلام، از صبح چاپگر کار نمی‌کند، لطفاً کمک کنید.", "fa"),
        ("Seit heute Morgen funktioniert mein Drucker nicht mehr.", "de"),
        ("Зранку не працює принтер, допоможіть, будь ласка.", "uk"),
        ("Ад раніцы не працуе прынтар, ў чым справа", "be"),
        ("پرنٹر صبح سے کام نہیں کر رہا ہے", "ur"),
        ("الطابعة لا تعمل منذ الصباح، أرجو المساعدة", "ar"),
    ],
)
def test_sentences_tell_their_language(make_message: MakeMessage, text: str, language: str) -> None:
    assert tell_language(make_message(text)).language == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("چاپگر", "fa"),
        ("کمک کنید", "fa"),
        ("Что делать?", "ru"),
        ("не объявлен", "ru"),
        ("Її немає", "uk"),
        ("Ні", "uk"),
        ("Hi", ""),
        ("OK 👍", ""),
        ("سلام", ""),
        ("", ""),
        ("482917", ""),
        ("https://example.org/a/b?c=this_is_a_long_english_address", ""),
    ],
)
def test_short_texts_tell_it_by_letters_or_not_at_all(make_message: MakeMessage, text: str, language: str) -> None:
    assert tell_language(make_message(text)).language == language


def test_cyrillic_that_tells_nothing_is_russian_unless_the_channel_knows_better(make_message: MakeMessage) -> None:
    bulgarian = (Fact(name=HINT, value="bg"),)
    english = (Fact(name=HINT, value="en-GB"),)

    assert tell_language(make_message("Помогите")).language == "ru"
    assert tell_language(make_message("Помогнете", facts=bulgarian)).language == "bg"
    assert tell_language(make_message("Помогите", facts=english)).language == "ru"


@pytest.mark.parametrize(
    ("hint", "language"),
    [("pl", "pl"), ("pt-BR", "pt"), ("en_US", "en"), ("FA", "fa"), ("*", ""), ("", ""), ("x1", "")],
)
def test_the_channels_hint_counts_where_the_text_does_not_tell(
    make_message: MakeMessage, hint: str, language: str
) -> None:
    assert tell_language(make_message("Hi", facts=(Fact(name=HINT, value=hint),))).language == language


def test_the_text_outweighs_the_hint_and_the_customers_choice_outweighs_both(make_message: MakeMessage) -> None:
    text = "Od rana nie działa mi drukarka, proszę o pomoc."
    facts = (Fact(name=HINT, value="en"),)

    assert tell_language(make_message(text, facts=facts)).language == "pl"
    assert tell_language(make_message(text, facts=facts, language="fa")).language == "fa"


def test_the_subject_helps_a_short_text(make_message: MakeMessage) -> None:
    message = make_message("Hi!", subject="My laptop does not start since this morning")

    assert tell_language(message).language == "en"


@settings(deadline=None)
@given(st.text(max_size=500))
def test_no_text_is_too_odd(make_message: MakeMessage, text: str) -> None:
    language = tell_language(make_message(text)).language

    assert language == "" or (language.isalpha() and language.islower())


@pytest.mark.parametrize("bomb", ["a" * 65_000, "= " * 32_000, "\u0416" * 65_000, "@" * 65_000])
def test_long_texts_cost_no_more_than_short_ones(make_message: MakeMessage, bomb: str) -> None:
    assert tell_language(make_message(bomb)).text == bomb
