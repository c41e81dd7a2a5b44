"""What rules may ask, and what follows: words, conditions, categories, priorities and teams."""

import msgspec
import pytest
from pydantic import ValidationError

from router.crew.team_settings import TeamSettings
from router.policy import Learned
from router.rules.assign import team_of
from router.rules.classify import category_of, second_opinion
from router.rules.condition_settings import When
from router.rules.conditions import Bound, Condition, Rule, Rules, Traits
from router.rules.phrases import Phrases, normalised
from router.rules.priority import priority_of
from router.settings import PrioritySettings, RouteSettings
from store.records import Guess
from tests.unit.router.given import policy


def traits(*words: str, **values: str) -> Traits:
    return Traits(words=frozenset(words), values=frozenset(values.items()))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("vpn", "My VPN is down"),
        ("faktur", "Proszę o faktury"),  # The beginning of a word is enough.
        ("haslo", "Zapomniałem hasła i Hasło"),
        ("счёт", "Пришлите счет"),
        ("СЧЕТ", "Пришлите счёт"),
        ("رمز عبور", "رمز عبورم را فراموش کرده‌ام"),
        ("نمی‌توانم", "نمیتوانم کار کنم"),  # With a joiner and without.
        ("كتاب", "کتاب"),  # Arabic and Persian kaf.
        ("علي", "علی"),  # Arabic and Persian yeh.
        ("مُحَمَّد", "محمد"),  # Vowel signs.
        ("wi-fi", "the Wi-Fi, again"),
        ("wi-fi", "the wi fi"),
        ("cannot work", "I  cannot\nworking"),
        ("2FA", "(2fa)"),
        ("P1", "\u06f1 P\u06f1"),  # Persian digits.
        ("cafe", "CAFÉ"),
        ("x", "xylophone"),
        ("я", "и Я"),
        ("straße", "STRASSE"),
    ],
)
def test_a_phrase_is_found_however_it_is_typed(phrase: str, text: str) -> None:
    assert Phrases([phrase]).found_in(normalised(text)) == {normalised(phrase)}


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("vpn", "openvpn"),  # Not where a word begins.
        ("cannot work", "cannot really work"),
        ("cannot work", "work cannot"),
        ("cannot work", "icannot work"),
        ("password", "pass word"),
        ("", "anything"),
        ("...", "anything"),
        ("vpn", ""),
    ],
)
def test_a_phrase_is_not_found_elsewhere(phrase: str, text: str) -> None:
    assert Phrases([phrase]).found_in(normalised(text)) == frozenset()


def test_all_phrases_are_found_even_where_one_begins_another() -> None:
    found = Phrases(["net", "network", "network is down", "net profit"]).found_in(normalised("Network is down"))

    assert found == {"net", "network", "network is down"}


@pytest.mark.parametrize(
    ("when", "seen", "holds"),
    [
        ({}, traits(), True),
        ({"words": ["vpn", "wifi"]}, traits("wifi"), True),
        ({"words": "vpn"}, traits("wifi"), False),
        ({"channel": "bot"}, traits(channel="bot"), True),
        ({"channel": "bot"}, traits(channel="mail-it"), False),
        ({"category": ["app", "billing"]}, traits(category="billing"), True),
        ({"priority": ["P1", "P2"]}, traits(priority="P3"), False),
        ({"language": "fa"}, traits(language="fa"), True),
        ({"audience": "machine"}, traits(audience="machine"), True),
        ({"audience": "machine"}, traits(), False),
        ({"audience": "machine", "words": ["down"]}, traits("down", audience="machine"), True),
        ({"audience": "machine", "words": ["down"]}, traits(audience="machine"), False),
        ({"audience": "machine", "words": ["down"]}, traits("down"), False),
        ({"affects": 3}, traits(affects="3"), True),
        ({"not": {"channel": "bot"}}, traits(channel="bot"), False),
        ({"not": {"channel": "bot"}}, traits(channel="mail-it"), True),
        ({"words": ["vpn"], "not": {"words": ["solved"]}}, traits("vpn"), True),
        ({"words": ["vpn"], "not": {"words": ["solved"]}}, traits("vpn", "solved"), False),
        ({"not": {"not": {"channel": "bot"}}}, traits(channel="bot"), True),
    ],
)
def test_a_condition_holds_when_each_key_has_one_of_its_values(when: object, seen: Traits, holds: bool) -> None:
    assert When.model_validate(when).compiled().holds(seen) is holds


def test_a_rule_is_found_by_what_the_fewest_rules_ask_for() -> None:
    everywhere = frozenset({("channel", "bot")})
    rules = Rules(
        [
            *(Rule(Condition(words=(f"word{n}",), values=(everywhere,)), str(n), "", "") for n in range(50)),
            Rule(Condition(values=(everywhere, frozenset({("topic", "a"), ("topic", "b")}))), "topic", "", ""),
            Rule(Condition(values=(everywhere,)), "channel", "", ""),
            Rule(Condition(bounds=(Bound("size", 10, "over 10B"),)), "size", "", ""),
        ]
    )
    large = msgspec.structs.replace(traits(), numbers={"size": 11})

    asked = [traits("word7", channel="bot"), traits(topic="b", channel="bot"), traits(channel="bot"), large, traits()]
    assert [match.rule.then if match else "" for match in map(rules.first, asked)] == [
        "7",
        "topic",
        "channel",
        "size",
        "",
    ]


def test_evidence_names_what_was_seen() -> None:
    condition = When.model_validate({"words": ["VPN", "wifi"], "audience": ["machine", "customer"]}).compiled()

    assert condition.evidence(traits("vpn", "other", audience="machine")) == "vpn, audience machine"


def test_the_first_rule_that_holds_decides_with_words_or_without() -> None:
    rules = Rules(
        [
            Rule(Condition(words=("vpn",)), "words", "1", "a:1"),
            Rule(Condition(values=(frozenset({("channel", "bot")}),)), "channel", "2", "a:2"),
            Rule(Condition(words=("vpn",)), "never", "3", "a:3"),
        ]
    )

    assert [match.rule.then for match in (rules.first(traits("vpn", channel="bot")),) if match] == ["words"]
    assert [match.rule.then for match in (rules.first(traits(channel="bot")),) if match] == ["channel"]
    assert rules.first(traits("wifi")) is None


CLASSIFY = {
    "categories": {"access": {"en": "Sign-in"}, "network": {"en": "Network"}, "other": {"en": "Other"}},
    "rules": [
        {"when": {"words": ["password"]}, "then": "access"},
        {"when": {"words": ["vpn"], "channel": "mail-it"}, "then": "network"},
    ],
}


def test_a_category_says_which_rule_gave_it_and_where_that_stands() -> None:
    class Placed(dict[str, object]):
        place = "deskwire.yaml:102"

    rules = [Placed({"when": {"words": ["password"]}, "then": "access"})]
    reason = category_of(traits("password"), policy(classify={"rules": rules}))

    assert (reason.part, reason.result, reason.rule) == ("category", "access", "classify 1")
    assert (reason.place, reason.evidence) == ("deskwire.yaml:102", "password")


@pytest.mark.parametrize(
    ("seen", "category"),
    [
        (traits("vpn", channel="mail-it"), "network"),
        (traits("vpn", "password", channel="mail-it"), "access"),
        (traits("vpn", channel="bot"), "other"),
    ],
)
def test_the_first_matching_rule_gives_the_category(seen: Traits, category: str) -> None:
    assert category_of(seen, policy(classify=CLASSIFY)).result == category


SURE, UNSURE = Guess(category="network", confidence=0.93), Guess(category="network", confidence=0.61)


@pytest.mark.parametrize(
    ("words", "guesses", "category", "rule", "evidence"),
    [
        ((), (SURE,), "network", "learned model", "network 0.93"),
        ((), (UNSURE, SURE), "other", "the learned model is not sure enough", "network 0.61, needs 0.80"),
        ((), (), "other", "no rule matches", ""),
        (("password",), (SURE,), "access", "classify 1", "password"),
    ],
)
def test_where_no_rule_matches_the_learned_model_decides_if_it_is_sure(
    words: tuple[str, ...], guesses: tuple[Guess, ...], category: str, rule: str, evidence: str
) -> None:
    reason = category_of(traits(*words), policy(classify=CLASSIFY), guesses)

    assert (reason.result, reason.rule, reason.evidence) == (category, rule, evidence)


def test_what_is_sure_enough_is_the_policys_to_say() -> None:
    strict = msgspec.structs.replace(policy(classify=CLASSIFY), learned=Learned(min_confidence=0.95, below="access"))

    assert category_of(traits(), strict, (SURE,)).result == "access"


def test_where_a_rule_decided_it_is_told_what_the_model_would_have_said() -> None:
    by_rule = category_of(traits("password"), policy(classify=CLASSIFY), (SURE,))
    by_model = category_of(traits(), policy(classify=CLASSIFY), (SURE,))

    assert [reason.evidence for reason in second_opinion(by_rule, (SURE,))] == ["would say network 0.93"]
    assert second_opinion(by_model, (SURE,)) == second_opinion(by_rule, ()) == ()


def test_without_a_category_for_the_rest_it_stays_empty() -> None:
    assert category_of(traits(), policy(classify={"categories": {"access": {}}})).result == ""


PRIORITY = {
    "impact": [
        {"when": {"affects": ["department", "everyone"]}, "then": "high"},
        {"when": {"category": "network"}, "then": "medium"},
    ],
    "urgency": [{"when": {"words": ["cannot work"]}, "then": "high"}, {"then": "medium"}],
}


@pytest.mark.parametrize(
    ("seen", "priority"),
    [
        (traits("cannot work", affects="everyone"), "P1"),
        (traits(affects="department"), "P2"),
        (traits("cannot work", category="network"), "P2"),
        (traits(category="network"), "P3"),
        (traits("cannot work"), "P3"),
        (traits(), "P4"),
    ],
)
def test_impact_and_urgency_meet_in_the_matrix(seen: Traits, priority: str) -> None:
    impact, urgency, decided = priority_of(seen, policy(priority=PRIORITY))

    assert decided.result == priority
    assert decided.evidence == f"impact {impact.result}, urgency {urgency.result}"


def test_without_rules_every_message_is_of_medium_impact_and_urgency() -> None:
    assert priority_of(traits(), policy())[2].result == "P3"


def test_a_matrix_with_a_row_missing_is_refused() -> None:
    with pytest.raises(ValidationError, match='no row "low"'):
        PrioritySettings.model_validate({"matrix": {"high": ["P1"] * 3, "medium": ["P2"] * 3}})


ROUTE = {
    "team": "servicedesk",
    "routes": [
        {"name": "machines", "when": {"audience": "machine"}, "team": "network"},
        {
            "name": "network",
            "when": {"category": "network"},
            "routes": [{"name": "urgent", "when": {"priority": ["P1", "P2"]}, "team": "network"}],
        },
        {"when": {"category": "network"}, "team": "never"},
    ],
}


@pytest.mark.parametrize(
    ("seen", "team", "way"),
    [
        (traits(), "servicedesk", "route"),
        (traits(audience="machine", category="network"), "network", "route / machines"),
        (traits(category="network", priority="P3"), "servicedesk", "route / network"),
        (traits(category="network", priority="P1"), "network", "route / network / urgent"),
    ],
)
def test_the_first_matching_child_takes_the_message_and_children_inherit(seen: Traits, team: str, way: str) -> None:
    reason = team_of(seen, policy(route=ROUTE))

    assert (reason.result, reason.rule) == (team, way)


def test_an_unknown_key_of_a_route_is_refused() -> None:
    with pytest.raises(ValidationError, match="teem"):
        RouteSettings.model_validate({"teem": "help"})


@pytest.mark.parametrize("workspace", [{}, {"telegram": -100, "mail": "a@b.example"}])
def test_a_team_works_in_exactly_one_place(workspace: object) -> None:
    with pytest.raises(ValidationError, match="one of them"):
        TeamSettings.model_validate({"workspace": workspace})
