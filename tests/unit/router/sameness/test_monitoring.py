"""A machine's report is known again whatever its numbers are, and never taken for one about another machine."""

import pytest

from router.sameness.monitoring import is_alert, template_of
from store.records import Address, Fact, Message
from tests.unit.router.given import message

AGAIN = {
    "a measure": ("Disk of web-01 is 91 % full", "Disk of web-01 is 97.5% full"),
    "a duration": ("Ping of db2 took 120ms", "Ping of db2 took 4.2s"),
    "a date": ("Backup failed on 2026-11-22 at 03:00", "Backup failed on 2026-11-23 at 03:02:11"),
    "a moment": ("Down since 2026-11-22T08:00:00Z", "Down since 2026-11-22T09:30:00.120+01:00"),
    "a month": ("Sat, 22 Nov 2026: queue is long", "Mon, 1 Dec 2026: queue is long"),
    "an id": ("Trace 5f2a9c1e44d0 timed out", "Trace 9b0a1d0e8f5c timed out"),
    "a long id": (
        "Job 6f0e8f3e-9a0b-5d0e-8f5c-5d2f7a9c1e44 died",
        "Job 0a0e8f3e-1a0b-4d0e-9f5c-5d2f7a9c1e77 died",
    ),
    "digits of another script": ("دمای سرور ۷۱ درجه است", "دمای سرور ۸۴ درجه است"),
    "Polish": ("Zajętość dysku 91%, 22 listopada", "Zajętość dysku 95%, 3 grudnia"),
    "Russian": ("Диск заполнен на 91 %, 22 ноября", "Диск заполнен на 95 %, 3 декабря"),
}
OTHER = {
    "another machine": ("Disk of web-01 is full", "Disk of web-02 is full"),
    "another address": ("10.0.0.5 does not answer", "10.0.0.6 does not answer"),
    "all is well again": ("PROBLEM: web-01 is down", "OK: web-01 is up"),
}


def _template(text: str, **changes: object) -> str:
    return template_of(message(subject="", text=text, **changes))


@pytest.mark.parametrize("pair", AGAIN.values(), ids=AGAIN.keys())
def test_the_same_report_with_other_numbers_is_the_same(pair: tuple[str, str]) -> None:
    assert _template(pair[0]) == _template(pair[1])


@pytest.mark.parametrize("pair", OTHER.values(), ids=OTHER.keys())
def test_a_report_about_something_else_is_another_one(pair: tuple[str, str]) -> None:
    assert _template(pair[0]) != _template(pair[1])


def test_what_another_machine_reports_is_another_report() -> None:
    other = Address(kind="mail", value="nagios@acme.example")

    assert _template("Disk is full") != _template("Disk is full", sender=other)
    assert _template("Disk is full") != _template("Disk is full", channel="mail-hr")


MESSAGES = {
    "by its channel": (message(facts=(Fact(name="audience", value="machine"),)), True),
    "by an automatic mail that says so": (message(automated="auto-generated", subject="CRITICAL: db2 is down"), True),
    "a person who says the same": (message(subject="CRITICAL: db2 is down"), False),
    "a shop's automatic mail": (message(automated="noreply", subject="Your order 4711 could not be shipped"), False),
    "by who sends it": (
        message(
            automated="auto-generated",
            subject="Problem: db2 has no room left",
            sender=Address(kind="mail", value="it@acme.example", name="Zabbix"),
        ),
        True,
    ),
    "by the address that sends it": (
        message(
            automated="noreply",
            subject="Resolved in 3m: db2 has no room left",
            sender=Address(kind="mail", value="nagios@acme.example"),
        ),
        True,
    ),
    "a person whose domain is one of monitoring": (
        message(
            automated="noreply",
            subject="Your order 4711 could not be shipped",
            sender=Address(kind="mail", value="shop@zabbix.example"),
        ),
        False,
    ),
    "a list": (message(automated="list", subject="Monitoring, how to begin"), False),
    "in Russian": (message(automated="null-sender", subject="Тревога: узел недоступен"), True),
    "in Persian": (message(automated="noreply", subject="هشدار: سرور از دسترس خارج شد"), True),
    "in Polish": (message(automated="auto-generated", subject="Ostrzeżenie: serwer niedostępny"), True),
}


@pytest.mark.parametrize("case", MESSAGES.values(), ids=MESSAGES.keys())
def test_a_report_of_a_machine_is_told_from_what_others_write(case: tuple[Message, bool]) -> None:
    assert is_alert(case[0]) is case[1]


@pytest.mark.parametrize("text", ["1." * 30_000, "0x" * 30_000, "a-" * 30_000, "١" * 30_000])
def test_no_report_takes_long(text: str) -> None:
    assert _template(text)
