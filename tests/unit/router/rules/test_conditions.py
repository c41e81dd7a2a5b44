"""Every condition of the settings, asked about whole messages: in four languages, wherever it compares text."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from pydantic import ValidationError

from router.hours.calendar import Calendar, Hours
from router.policy import Card, Policy
from router.rules.condition_settings import When
from router.rules.traits import traits_of
from store.records import Address, Attachment, Fact, Message, Proof
from tests.unit.router.given import NOW, facts, message, policy

NIGHT = datetime(2026, 11, 22, 23, tzinfo=UTC)
WORKING = tuple((Hours(timedelta(hours=8), timedelta(hours=17)),) for _ in range(7))
CALENDARS = {
    "warsaw": Calendar(name="warsaw", zone=ZoneInfo("Europe/Warsaw"), week=WORKING),
    "tehran": Calendar(name="tehran", zone=ZoneInfo("Asia/Tehran"), week=WORKING),
}


def asking(when: Mapping[str, object], **changes: object) -> Policy:
    """A policy whose only rule asks this."""
    return policy(
        classify={"categories": {"yes": {"en": "Yes"}}, "rules": [{"when": when, "then": "yes"}]},
        calendars=CALENDARS,
        **changes,
    )


def holds(when: Mapping[str, object], asked: Message, **changes: object) -> bool:
    desk = asking(when, **changes)
    return desk.categories.first(traits_of(asked, facts(), desk)) is not None


def saying(text: str) -> Message:
    return message(subject="", text=text)


def stating(name: str, value: str) -> Message:
    return message(facts=(Fact(name=name, value=value),))


def file(name: str, size: int = 10) -> Attachment:
    return Attachment(name=name, content_type="application/octet-stream", size=size, digest="d", part=1)


# How people type the same thing: what the settings say, and what a customer wrote.
SAME = [
    ("Password", "PASSWORD"),
    ("naïve résumé", "naive resume"),
    ("hasło", "HASLO"),
    ("zażółć gęślą", "Zazolc gesla"),
    ("łódź", "Łódź"),
    ("счёт", "Счет"),
    ("ещё раз", "ЕЩЕ РАЗ"),
    ("пароль", "ПАРОЛЬ"),
    ("کتاب علی", "كتاب علي"),
    ("نمی‌توانم", "نمیتوانم"),
    ("رمز عبور", "رَمز  عبور"),
    ("بخش ۱۲", "بخش 12"),
    ("بخش ١٢", "بخش ۱۲"),
]


@pytest.mark.parametrize(("written", "typed"), SAME)
def test_words_are_found_however_they_are_typed(written: str, typed: str) -> None:
    assert holds({"words": written}, saying(f"... {typed}!"))


@pytest.mark.parametrize(("written", "typed"), SAME)
def test_a_fact_is_the_same_however_it_is_typed(written: str, typed: str) -> None:
    assert holds({"topic": ["else", written]}, stating("topic", typed))


@pytest.mark.parametrize(("written", "typed"), SAME)
@pytest.mark.parametrize("key", ["organisation", "customer_tag"])
def test_what_is_known_of_customers_is_the_same_however_it_is_typed(key: str, written: str, typed: str) -> None:
    card = Card(organisation=typed, tags=(typed,), place="deskwire.yaml:5")
    asked = saying("hello")

    assert holds({key: written}, asked, customers={("mail", "ann@acme.example"): card})
    assert not holds({key: written}, asked, customers={("mail", "bob@acme.example"): card})


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("password", "my passwords"),
        ("faktur", "proszę o faktury"),
        ("счет", "не вижу счёта"),
        ("رمز عبور", "رمز عبورم را فراموش کرده‌ام"),
        ("nie mogę prac", "Nie moge pracować"),
        ("не могу раб", "Не могу работать"),
        ("نمی‌توانم کار", "نمیتوانم کار کنم"),
    ],
)
def test_the_beginning_of_a_word_is_enough(written: str, typed: str) -> None:
    assert holds({"words": written}, saying(typed))


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("word", "password"),
        ("ось", "лось"),
        ("adres", "podadres"),
        ("عبور", "رمزعبور"),
        ("cannot work", "work cannot"),
    ],
)
def test_the_middle_of_a_word_is_not(written: str, typed: str) -> None:
    assert not holds({"words": written}, saying(typed))


def test_a_row_of_words_is_found_at_any_of_the_places_where_it_could_begin() -> None:
    assert holds({"words": "not a work"}, saying("not a day, not a working day"))
    assert not holds({"words": "not a work"}, saying("not a day not a night"))


@pytest.mark.parametrize(
    ("written", "address", "expected"),
    [
        ("ann@acme.example", "ann@acme.example", True),
        ("Ann@Acme.Example", "ann@acme.example", True),
        ("ann@acme.example", "ann+news@acme.example", True),
        ("ann@acme.example", "bob@acme.example", False),
        ("acme.example", "ann@acme.example", True),
        ("@acme.example", "ann@mail.acme.example", True),
        ("mail.acme.example", "ann@acme.example", False),
        ("acme.example", "ann@notacme.example", False),
        ("acme.example", "acme.example@evil.example", False),
        ("żółw.example", "ann@xn--w-uga1v8h.example", True),
        ("żółw.example", "ann@żółw.example", True),
        ("пример.example", "ann@xn--e1afmkfd.example", True),
        ("نمونه.example", "ann@xn--hhbbbed.example", True),
    ],
)
def test_a_sender_is_an_address_or_everybody_of_a_domain(written: str, address: str, expected: bool) -> None:
    assert holds({"sender": written}, message(sender=Address(kind="mail", value=address))) is expected


def test_a_person_on_telegram_is_a_sender_too() -> None:
    asked = message(sender=Address(kind="telegram", value="611000001"), proof=Proof.SESSION)

    assert holds({"sender": "telegram:611000001"}, asked)
    assert holds({"sender": 611000001}, asked)
    assert not holds({"sender": "611000002"}, asked)


@pytest.mark.parametrize("key", ["sender", "organisation", "customer_tag"])
@pytest.mark.parametrize(("proof", "expected"), [(Proof.FAILED, False), (Proof.CLAIMED, True), (Proof.DOMAIN, True)])
def test_a_sender_whose_check_failed_is_nobody(key: str, proof: Proof, expected: bool) -> None:
    card = Card(organisation="Acme", tags=("vip",), place="deskwire.yaml:5")
    value = {"sender": "acme.example", "organisation": "Acme", "customer_tag": "vip"}[key]

    assert holds({key: value}, message(proof=proof), customers={("domain", "acme.example"): card}) is expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ({"in": "warsaw"}, True),  # 08:00 UTC is 09:00 there.
        ({"outside": "warsaw"}, False),
        ({"in": ["tehran", "warsaw"]}, True),
        ({"outside": ["tehran", "warsaw"]}, False),
        ({"in": "warsaw", "outside": "tehran"}, False),  # 11:30 in Tehran.
    ],
)
def test_hours_are_those_in_which_a_message_came(hours: object, expected: bool) -> None:
    assert holds({"hours": hours}, message()) is expected
    at_night = message(received_at=NIGHT)
    assert holds({"hours": {"outside": ["tehran", "warsaw"]}}, at_night)
    assert not holds({"hours": {"in": ["tehran", "warsaw"]}}, at_night)
    assert holds({"not": {"hours": {"in": "warsaw"}}}, at_night)


@pytest.mark.parametrize(
    ("sent_before", "expected"),
    [(timedelta(hours=3), True), (timedelta(hours=2), False), (-timedelta(hours=5), False), (None, False)],
)
def test_age_is_how_long_a_message_was_under_way(sent_before: timedelta | None, expected: bool) -> None:
    sent_at = None if sent_before is None else NOW - sent_before

    assert holds({"age_over": "2h"}, message(sent_at=sent_at)) is expected


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        ("x" * 1000, (), False),
        ("x" * 1001, (), True),
        ("ж" * 501, (), True),  # Bytes, as files have them.
        ("x" * 500, (file("a", 300), file("b", 201)), True),
        ("x" * 500, (file("a", 300), file("b", 200)), False),
        ("\ud800" * 10, (), False),  # Half of a pair, which no encoding has.
    ],
)
def test_size_is_that_of_text_and_files_together(text: str, files: tuple[Attachment, ...], expected: bool) -> None:
    assert holds({"size_over": "1KB"}, message(text=text, attachments=files)) is expected


NOTHING: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("attachments", "names", "expected"),
    [
        (True, ("a.pdf",), True),
        (True, NOTHING, False),
        (False, NOTHING, True),
        (False, ("a.pdf",), False),
        (2, ("a.pdf",), False),
        (2, ("a.pdf", "b.pdf"), True),
        ("pdf", ("Umowa.PDF",), True),
        ([".docx", "pdf"], ("отчёт.docx",), True),
        (["docx", "pdf"], ("قرارداد.pdf",), True),
        ("pdf", ("pdf",), False),
        ("pdf", ("a.pdf.exe",), False),
        ("exe", ("a.pdf.exe",), True),
        ("tar.gz", ("backup.tar.gz",), True),
        ("gz", ("backup.tar.gz",), True),
        ("env", (".env",), False),
    ],
)
def test_attachments_are_asked_for_by_number_or_ending(
    attachments: object, names: tuple[str, ...], expected: bool
) -> None:
    assert holds({"attachments": attachments}, message(attachments=tuple(map(file, names)))) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("25", True),
        ("20", False),
        ("21 people", True),
        ("1,200 osób", True),
        ("1 200 человек", True),
        ("۲۵ نفر", True),
        ("٢٥", True),
        ("2.5", False),
        ("everyone", False),
        ("", False),
        ("9" * 400, False),
    ],
)
def test_how_many_are_affected_is_read_from_the_form(value: str, expected: bool) -> None:
    assert holds({"affects_over": 20}, stating("affects", value)) is expected


def test_language_is_that_of_the_text_or_else_the_customers() -> None:
    card = Card(language="pl", place="deskwire.yaml:5")
    known = {("domain", "acme.example"): card}
    nobody = msgspec.structs.replace(facts(), contacts=facts(contacts={}).contacts)
    desk = asking({"language": "pl"}, customers=known)

    for asked, language in ((message(language=""), "pl"), (message(language="fa"), "fa")):
        assert ("language", language) in traits_of(asked, nobody, desk).values


@pytest.mark.parametrize("key", ["channel", "category", "priority"])
def test_names_of_the_settings_are_compared_as_they_stand(key: str) -> None:
    condition = When.model_validate({key: "Help-Desk"}).compiled()

    assert condition.values == (frozenset({(key, "Help-Desk")}),)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"sender": "acme"}, "no sender"),
        ({"sender": "a b@acme.example"}, "no sender"),
        ({"hours": {}}, "asks nothing"),
        ({"hours": "outside"}, "valid dictionary"),
        ({"age_over": 5}, "not a duration"),
        ({"size_over": "5"}, "not a size"),
        ({"affects_over": "many"}, "valid integer"),
        ({"attachments": 0}, "0 files"),
        ({"attachments": "a b"}, "no ending"),
        ({"attachments": []}, "at least 1"),
        ({"words": []}, "at least 1"),
        ({"topic": {"a": 1}}, "valid string"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_refused(when: Mapping[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        When.model_validate(when)


def test_evidence_says_what_was_met() -> None:
    desk = asking(
        {"words": "vpn", "customer_tag": "VIP", "attachments": 1, "size_over": "1B", "hours": {"in": "warsaw"}},
        customers={("domain", "acme.example"): Card(organisation="Acme", tags=("vip",), place="deskwire.yaml:51")},
    )
    asked = message(attachments=(file("a.pdf"),), proof=Proof.CLAIMED)
    match = desk.categories.first(traits_of(asked, facts(), desk))

    assert match is not None
    assert match.evidence == (
        "vpn, attachments some, customer_tag vip of Acme (deskwire.yaml:51, unproven), hours in warsaw, "
        "size over 1B, attachments 1, at least 1"
    )
