"""The settings of a form: what is refused, and in which words."""

import pytest
from pydantic import ValidationError

from ingest.channels.web.channel import Settings


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reply_through": ""}, "set reply_through"),
        ({"fields": ["email"]}, "without the field 'message'"),
        ({"fields": ["message", "email", "email"]}, "'email' stands twice"),
        ({"fields": ["message", "files"]}, 'cannot ask for "files" in this version'),
        ({"fields": ["message", "phone"]}, "'name', 'email', 'topic', 'affects' or 'message'"),
        ({"topics": {"access": {"en": "Sign-in"}}}, "add 'topic' to the fields"),
        ({"fields": ["topic", "message"], "topics": {"access": {}}}, "an empty label or none"),
        ({"fields": ["topic", "message"], "topics": {str(n): {"en": "x"} for n in range(8)}}, "7 are the most"),
        ({"optional": ["message"]}, "cannot be optional"),
        ({"sets": {"suspect": "no"}}, "writes the fact 'suspect'"),
        ({"fields": ["affects", "message"], "sets": {"affects": "1"}}, "writes the fact 'affects'"),
        ({"path": "f/help"}, "path"),
        ({"path": "/f/../x"}, "path"),
        ({"path": "/f/{x}"}, "path"),
        ({"waiting": -1}, "waiting"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError) as error:
        Settings.model_validate({"reply_through": "mail-support"} | changes)

    assert words in str(error.value)


def test_files_are_told_apart_as_not_yet_there() -> None:
    with pytest.raises(ValidationError) as error:
        Settings.model_validate({"reply_through": "mail", "fields": ["message", "files"]})

    assert [problem["type"] for problem in error.value.errors()] == ["not_yet"]


def test_a_form_that_asks_no_address_needs_no_way_to_answer() -> None:
    assert Settings.model_validate({"fields": ["message"]}).reply_through == ""


def test_a_form_offers_the_categories_where_it_asks_for_a_topic_and_has_none_of_its_own() -> None:
    topics = {"access": {"en": "Sign-in"}}

    assert Settings.model_validate({"fields": ["topic", "message"]}).offers_categories
    assert not Settings.model_validate({"fields": ["topic", "message"], "topics": topics}).offers_categories
    assert not Settings.model_validate({"fields": ["message"]}).offers_categories


def test_whom_it_hurts_may_be_set_where_the_form_does_not_ask() -> None:
    assert Settings.model_validate({"fields": ["message"], "sets": {"affects": "1"}}).sets == {"affects": "1"}
