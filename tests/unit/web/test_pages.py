"""The pages' words and shape, in every language."""

import re
from collections.abc import Iterator

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser

from ingest.channels.web.render import FormPage, Pages, Refresh, SentPage, Topics
from ingest.channels.web.texts import FOLDER, Texts, read_texts
from ingest.channels.web.validate import AFFECTED, Problem, Shape, Typed
from ingest.languages import choose

LANGUAGES = ("en", "fa", "pl", "ru")
SHAPE = Shape(
    fields=("topic", "affects", "message", "email", "name"),
    optional=frozenset({"name"}),
    topics=("access", "other"),
    longest_message=100,
)
PROBLEMS = tuple(Problem(field=field, text=f"{field}_missing") for field in SHAPE.fields)

each_language = pytest.mark.parametrize("language", LANGUAGES)


TOPICS: Topics = {"access": {"en": "Sign-in", "fa": "ورود"}, "other": {"pl": "Inne"}}


def pages(shape: Shape = SHAPE, languages: tuple[str, ...] = LANGUAGES, topics: Topics = TOPICS) -> Pages:
    return Pages(
        path="/f/help",
        site="Nordwind <Help> Desk",
        languages=languages,
        titles={},
        shape=shape,
        topics=lambda: topics,
    )


def html(text: str) -> LexborHTMLParser:
    return LexborHTMLParser(text)


def sentences(texts: msgspec.Struct) -> Iterator[str]:
    for name in texts.__struct_fields__:
        value = getattr(texts, name)
        yield from sentences(value) if isinstance(value, msgspec.Struct) else (value,)


@each_language
def test_every_sentence_has_the_numbers_of_the_english_one(language: str) -> None:
    translated, english = (list(sentences(read_texts([tag])[tag])) for tag in (language, "en"))

    assert [re.findall(r"{\w+}", text) for text in translated] == [re.findall(r"{\w+}", text) for text in english]


@each_language
def test_no_text_is_empty_where_the_english_one_is_not(language: str) -> None:
    translated, english = (list(sentences(read_texts([tag])[tag])) for tag in (language, "en"))

    assert [bool(text) for text in translated] == [bool(text) for text in english]


def test_every_file_of_texts_is_tested() -> None:
    assert {path.stem for path in (FOLDER / "texts").glob("*.toml")} == set(LANGUAGES)


def test_a_text_that_is_missing_or_unknown_is_an_error() -> None:
    english = (FOLDER / "texts" / "en.toml").read_text(encoding="utf-8")

    for damaged in (english.replace("[label]", "[lable]"), english.replace('send = "Send"', 'sned = "Send"')):
        with pytest.raises(msgspec.ValidationError):
            msgspec.toml.decode(damaged, type=Texts)


def test_languages_that_nobody_translated_fall_back_to_english() -> None:
    assert list(read_texts(["de", "fr"])) == ["en"]
    assert list(read_texts(["de", "pl"])) == ["pl"]


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "", "en"),
        ("fa", "pl", "fa"),
        ("FA", "", "fa"),
        ("xx", "pl", "pl"),
        ("", "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("", "de;q=0.9, pl;q=0.3, fa;q=0.5", "fa"),
        ("", "pl;q=0, fa;q=0.1", "fa"),
        ("", "de, *;q=0.5", "en"),
        ("", ";q=;;q=x,,;q=nan,pl;q=x", "en"),
        ("../../etc", "<script>", "en"),
    ],
)
def test_the_language_is_asked_for_or_preferred_or_the_first(asked: str, accepted: str, language: str) -> None:
    assert choose(asked, accepted, LANGUAGES) == language


@each_language
def test_the_form_is_whole_in_every_language(language: str) -> None:
    page = html(pages().form(FormPage(submission="id"), language))

    root = page.css_first("html")
    assert (root.attributes["lang"], root.attributes["dir"]) == (language, "rtl" if language == "fa" else "ltr")
    assert [choice.attributes["lang"] for choice in page.css("nav [lang]")] == list(LANGUAGES)
    assert not page.css(".summary")
    assert page.css_first("form").attributes["action"] == f"/f/help?lang={language}"
    for label in page.css("label[for]"):
        assert page.css_first(f"#{label.attributes['for']}") is not None


@each_language
def test_errors_stand_in_a_summary_and_beside_their_fields_in_the_same_words(language: str) -> None:
    text = pages().form(FormPage(submission="id", problems=PROBLEMS), language)
    page = html(text)
    prefix = read_texts([language])[language].form.error_prefix

    assert page.css_first("title").text().startswith(prefix)
    for link in page.css(".summary a"):
        field = link.attributes["href"].removeprefix("#")
        beside = page.css_first(f"#{field}-error")
        assert page.css_first(f"#{field}") is not None
        assert beside.text() == prefix + link.text()
        assert f"{field}-error" in described(page, field)
    assert len(page.css(".summary a")) == len(SHAPE.fields)


def described(page: LexborHTMLParser, field: str) -> str:
    element = page.css_first(f"#{field}")
    choices = [fieldset for fieldset in page.css("fieldset") if fieldset.css_first(f"#{field}") is not None]
    return (choices[0] if choices else element).attributes["aria-describedby"]


def test_what_was_typed_stays_and_is_shown_as_text() -> None:
    hostile = "\n</textarea><script>alert(1)</script>&amp;\"'"
    typed = Typed(name=hostile, email=hostile, message=hostile, topic="other", affects="everyone")

    page = html(pages().form(FormPage(submission="id", typed=typed, problems=PROBLEMS[:1]), "en"))

    assert page.css_first("textarea").text() == hostile
    assert page.css_first("#name").attributes["value"] == hostile
    assert page.css_first("#email").attributes["value"] == hostile
    assert {one.attributes["name"]: one.attributes["value"] for one in page.css("input[checked]")} == {
        "topic": "other",
        "affects": "everyone",
    }
    assert page.css("script") == []


def test_a_page_with_typed_words_offers_no_link_that_would_lose_them() -> None:
    page = html(pages().form(FormPage(submission="id", typed=Typed(message="a"), notice="expired"), "en"))

    assert page.css("nav") == []


def test_topics_are_labelled_in_the_language_else_the_first_else_any() -> None:
    assert labels_of("topic", pages(), "fa") == ["ورود", "Inne"]


def test_of_several_other_languages_a_topic_speaks_the_first_of_the_site_and_without_any_it_is_called_by_its_name() -> (
    None
):
    topics = {"net": {"ru": "Сеть", "pl": "Sieć"}, "bill": {"de": "Rechnung"}, "odd": {"en": ""}, "bare": {}}

    assert labels_of("topic", pages(topics=topics), "fa") == ["Sieć", "Rechnung", "odd", "bare"]


def labels_of(field: str, made: Pages, language: str) -> list[str]:
    page = html(made.form(FormPage(submission="id"), language))
    return [choice.text().strip() for choice in page.css(".choice") if choice.css_first(f"input[name={field}]")]


@each_language
def test_whom_it_hurts_is_chosen_in_words_of_the_language(language: str) -> None:
    texts = read_texts([language])[language].affects
    page = html(pages().form(FormPage(submission="id"), language))

    assert labels_of("affects", pages(), language) == [texts.me, texts.department, texts.everyone]
    assert [one.attributes["value"] for one in page.css("input[name=affects]")] == list(AFFECTED)
    assert not page.css("input[checked]")


def many(count: int) -> Topics:
    return {f"t{number}": {"en": f"Topic {number}", "fa": f"موضوع {number}"} for number in range(count)}


@each_language
def test_among_many_topics_one_is_chosen_from_a_list_that_begins_with_none(language: str) -> None:
    made = pages(topics=many(8))
    typed = Typed(topic="t5")
    page = html(made.form(FormPage(submission="id", typed=typed, problems=PROBLEMS), language))

    assert page.css_first("label[for=topic]") is not None
    assert page.css("input[name=topic]") == []
    choices = page.css("select#topic option")
    assert [one.attributes["value"] for one in choices] == ["", *many(8)]
    assert [one.attributes["value"] for one in choices if "selected" in one.attributes] == ["t5"]
    assert "required" in page.css_first("#topic").attributes
    assert described(page, "topic") == "topic-error"


def test_few_topics_are_all_seen_at_once() -> None:
    page = html(pages(topics=many(7)).form(FormPage(submission="id"), "en"))

    assert len(page.css("input[name=topic]")) == 7
    assert page.css("select") == []


def test_only_the_fields_that_may_be_empty_say_so() -> None:
    page = html(pages().form(FormPage(submission="id"), "en"))

    assert [label.text().strip() for label in page.css("label[for]")] == [
        "What happened?",
        "Your e-mail address",
        "Your name (optional)",
    ]
    assert {name for name in ("message", "email", "name") if "required" in page.css_first(f"#{name}").attributes} == {
        "message",
        "email",
    }


@each_language
def test_the_page_after_sending_shows_the_number_apart_from_its_surroundings(language: str) -> None:
    page = html(pages().sent(SentPage(number=482917), "ref", language))

    assert page.css_first(".number bdi").text() == "482917"
    assert "482917" in page.css_first("title").text()
    assert page.css("meta[http-equiv]") == []


@each_language
@pytest.mark.parametrize("state", ["soon", "late", "review"])
def test_without_a_number_the_page_says_what_comes(language: str, state: str) -> None:
    page = html(pages().sent(SentPage(state=state), "ref", language))

    assert page.css_first("[role=status]").text().strip() == getattr(read_texts([language])[language].sent, state)


def test_the_page_asks_again_without_script() -> None:
    page = html(pages().sent(SentPage(refresh=Refresh(seconds=3, link="/f/help/sent/ref?lang=en&look=2")), "ref", "en"))

    assert page.css_first("meta[http-equiv=refresh]").attributes["content"] == "3;url=/f/help/sent/ref?lang=en&look=2"


def test_a_form_that_need_not_ask_for_an_address_promises_no_answer() -> None:
    shape = Shape(fields=("message",), optional=frozenset(), topics=(), longest_message=100)

    assert "e-mail" not in pages(shape).sent(SentPage(number=1), "ref", "en")
    assert "e-mail" in pages().sent(SentPage(number=1), "ref", "en")


@each_language
def test_the_first_load_is_small_and_asks_nobody_else(language: str) -> None:
    made = pages()
    form = made.form(FormPage(submission="id", problems=PROBLEMS), language)

    assert len(form.encode()) + len(made.style) < 60 * 1024
    assert not re.search(rb"https?:|//", form.encode() + made.style)
    assert not re.search(r"<script|style=|\son\w+=", form)
