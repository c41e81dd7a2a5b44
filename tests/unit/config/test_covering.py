"""A rule that can never decide anything is found, and no other one is said to be such."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.checks.conditions import covers
from router.rules.condition_settings import When
from router.rules.conditions import Condition
from router.rules.traits import traits_of
from store.records import Address, Attachment, Fact, Message
from tests.unit.router.given import NOW, facts, message, policy


def condition(when: object) -> Condition:
    return When.model_validate(when).compiled()


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ({}, {"words": "vpn"}),
        ({"words": "vp"}, {"words": ["vpn", "vps"]}),
        ({"words": "не мог"}, {"words": "Не могу работать"}),
        ({"words": "hasl"}, {"words": "hasło"}),
        ({"words": "كتاب"}, {"words": "کتابم"}),
        ({"topic": ["a", "b"]}, {"topic": "A", "words": "x"}),
        ({"sender": "acme.example"}, {"sender": ["ann@acme.example", "@mail.acme.example"]}),
        ({"sender": "ann@acme.example"}, {"sender": "Ann@acme.example"}),
        ({"age_over": "1h"}, {"age_over": "2h"}),
        ({"size_over": "1KB"}, {"size_over": "1KiB"}),
        ({"affects_over": 5}, {"affects_over": 5}),
        ({"attachments": True}, {"attachments": "pdf"}),
        ({"attachments": True}, {"attachments": 3}),
        ({"attachments": 2}, {"attachments": 3}),
        ({"attachments": ["pdf", "docx"]}, {"attachments": "docx"}),
        ({"hours": {"in": ["a", "b"]}}, {"hours": {"in": "a"}}),
        ({"hours": {"outside": "a"}}, {"hours": {"outside": ["a", "b"]}}),
        ({"plugin": ["os.path.isabs", "os.path.isdir"]}, {"plugin": "os.path.isabs"}),
        ({"not": {"words": "vpn"}}, {"not": {"words": "vp"}}),
        ({"not": {"topic": "a"}}, {"not": {"topic": ["a", "b"]}}),
    ],
)
def test_a_rule_behind_one_that_takes_all_of_its_messages_is_found(first: object, other: object) -> None:
    assert covers(condition(first), condition(other))


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ({"words": "vpn"}, {}),
        ({"words": "vpn"}, {"words": ["vpn", "wifi"]}),
        ({"words": "vpns"}, {"words": "vpn"}),
        ({"sender": "mail.acme.example"}, {"sender": "acme.example"}),
        ({"sender": "ann@acme.example"}, {"sender": "ann+x@acme.example"}),  # Both may be, and one is not sure to be.
        ({"sender": "ann@acme.example"}, {"sender": "acme.example"}),
        ({"age_over": "2h"}, {"age_over": "1h"}),
        ({"age_over": "1h"}, {"size_over": "5GB"}),
        ({"attachments": "pdf"}, {"attachments": True}),
        ({"attachments": 3}, {"attachments": 2}),
        ({"attachments": False}, {"attachments": True}),
        ({"hours": {"outside": ["a", "b"]}}, {"hours": {"outside": "a"}}),
        ({"hours": {"in": "a"}}, {"hours": {"in": ["a", "b"]}}),
        ({"plugin": "os.path.isabs"}, {"plugin": ["os.path.isabs", "os.path.isdir"]}),
        ({"plugin": "os.path.isabs"}, {}),
        ({"not": {"words": "vp"}}, {"not": {"words": "vpn"}}),
        ({"not": {"words": "vpn"}}, {}),
    ],
)
def test_a_rule_that_may_decide_something_is_not(first: object, other: object) -> None:
    assert not covers(condition(first), condition(other))


ASKED = some.fixed_dictionaries(
    {},
    optional={
        "words": some.lists(some.sampled_from(["vpn", "vp", "down", "is down", "is d"]), min_size=1, max_size=2),
        "topic": some.lists(some.sampled_from(["a", "b"]), min_size=1, max_size=2),
        "sender": some.lists(
            some.sampled_from(["ann@acme.example", "ann+x@acme.example", "acme.example", "mail.acme.example"]),
            min_size=1,
            max_size=2,
        ),
        "attachments": some.sampled_from([True, False, 1, 2, "pdf", ["pdf", "gz"], "tar.gz"]),
        "affects_over": some.integers(0, 3),
        "age_over": some.sampled_from(["1h", "2h"]),
        "size_over": some.sampled_from(["5B", "50B"]),
    },
)
WHEN = some.one_of(ASKED, some.builds(lambda when, other: {**when, "not": other}, ASKED, ASKED))


@some.composite
def messages(draw: some.DrawFn) -> Message:
    names = draw(some.lists(some.sampled_from(["a.pdf", "b.tar.gz", "c"]), max_size=3))
    files = [Attachment(name=name, content_type="", size=20, digest="", part=n) for n, name in enumerate(names)]
    people = ["ann@acme.example", "ann+x@acme.example", "bob@mail.acme.example", "eve@else.example"]
    return message(
        text=draw(some.sampled_from(["vpn", "vpns is down", "it is due", ""])),
        subject="",
        sender=Address(kind="mail", value=draw(some.sampled_from(people))),
        attachments=tuple(files),
        sent_at=NOW - timedelta(minutes=draw(some.sampled_from([0, 90, 150]))),
        facts=(
            Fact(name="topic", value=draw(some.sampled_from(["a", "b", "c"]))),
            Fact(name="affects", value=draw(some.sampled_from(["1", "2", "many"]))),
        ),
    )


@given(first=WHEN, other=WHEN, asked=messages())
def test_what_is_covered_never_holds_alone(first: object, other: object, asked: Message) -> None:
    one, two = When.model_validate(first), When.model_validate(other)
    desk = policy(
        classify={
            "categories": {"other": {}},
            "rules": [{"when": first, "then": "other"}, {"when": other, "then": "other"}],
        }
    )
    traits = traits_of(asked, facts(), desk)

    if covers(one.compiled(), two.compiled()) and two.compiled().holds(traits):
        assert one.compiled().holds(traits)
