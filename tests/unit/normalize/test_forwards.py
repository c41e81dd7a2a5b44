"""A mail inside the text of another, by mail program and language; the words are ours."""

from collections.abc import Callable

import pytest

from normalize.forwards import forwarded_in, read_forward
from normalize.pipeline import run
from store.records import Address, Forwarded, Message

JAN = Address(kind="mail", value="jan@example.org", name="Jan Kowalski")
BARE = Address(kind="mail", value="jan@example.org")
SMOKE = "It smokes.\n\n--\nJan"

# The text, the subject of the mail that forwards, who wrote what is forwarded, and its subject.
FORWARDS = {
    "Gmail": (
        (
            "Please look.\n\n---------- Forwarded message ---------\nFrom: Jan Kowalski <Jan@Example.org>\n"
            f"Date: Mon, 2 Mar 2026 at 09:30\nSubject: Printer\nTo: <desk@example.org>\n\n\n{SMOKE}"
        ),
        *("Fwd: Printer", JAN, "Printer"),
    ),
    "Gmail, a long subject": (
        (
            "---------- Forwarded message ---------\nDe: Jan Kowalski <jan@example.org>\nDate: lun. 2 mars 2026\n"
            f"Subject: A printer with a\nlong story\nTo: <desk@example.org>\n\n{SMOKE}"
        ),
        *("Fwd: A printer", JAN, "A printer with a long story"),
    ),
    "Thunderbird": (
        (
            "-------- Forwarded Message --------\nSubject: Printer\nDate: Mon, 2 Mar 2026 09:30:00 +0100\n"
            f"From: Jan Kowalski <jan@example.org>\nTo: desk@example.org\n\n{SMOKE}"
        ),
        *("Printer", JAN, "Printer"),
    ),
    "Thunderbird, Polish": (
        (
            "-------- Przekazana wiadomość --------\nTemat: Drukarka\nData: Mon, 2 Mar 2026 09:30:00 +0100\n"
            f"Nadawca: Jan Kowalski <jan@example.org>\nAdresat: desk@example.org\n\n{SMOKE}"
        ),
        *("Fwd: Drukarka", JAN, "Drukarka"),
    ),
    "Apple": (
        (
            "Look at this.\n\nBegin forwarded message:\n\nFrom: Jan Kowalski <jan@example.org>\nSubject: Printer\n"
            f"Date: 2 March 2026 at 09:30:00 CET\nTo: desk@example.org\n\n{SMOKE}"
        ),
        *("Fwd: Printer", JAN, "Printer"),
    ),
    "Apple, quoted, German": (
        (
            "Anfang der weitergeleiteten Nachricht:\n\n> Von: Jan Kowalski <jan@example.org>\n> Betreff: Drucker\n"
            "> Datum: 2. März 2026\n> An: desk@example.org\n>\n> It smokes.\n>\n> --\n> Jan"
        ),
        *("Fwd: Drucker", JAN, "Drucker"),
    ),
    "Outlook": (
        (
            "FYI\n\n________________________________\nFrom: Jan Kowalski [mailto:jan@example.org]\nSent: Monday\n"
            f"To: Desk\nSubject: Printer\n\n{SMOKE}"
        ),
        *("FW: Printer", JAN, "Printer"),
    ),
    "Outlook, German": (
        (
            "Von: Jan Kowalski <jan@example.org>\nGesendet: Montag, 2. März 2026 09:30\nAn: Desk\nBetreff: Drucker\n\n"
            f"{SMOKE}"
        ),
        *("WG: Drucker", JAN, "Drucker"),
    ),
    "Outlook 2003": (
        (
            "FYI\n\n-----Original Message-----\nFrom: Jan Kowalski <jan@example.org>\nSent: Monday\nTo: Desk\n"
            f"Subject: Printer\n\n{SMOKE}"
        ),
        *("Fwd: Printer", JAN, "Printer"),
    ),
    "Outlook, Russian, only a name": (
        f"От: Ян\nОтправлено: 2 марта 2026\nКому: Desk\nТема: Принтер\n\n{SMOKE}",
        *("Пересл: Принтер", Address(kind="mail", value="", name="Ян"), "Принтер"),
    ),
    "Yandex": (
        (
            '-------- Пересылаемое сообщение --------\n02.03.2026, 09:30, "Ян" <jan@example.org>:\n\n'
            f"{SMOKE}\n\n-------- Конец пересылаемого сообщения --------\n\nМои слова."
        ),
        *("Fwd: Принтер", BARE, ""),
    ),
    "Mail.ru": (
        (
            "-------- Пересылаемое сообщение --------\nОт кого: Jan Kowalski <jan@example.org>\nКому: Desk\n"
            f"Дата: Понедельник, 2 марта 2026\nТема: Принтер\n\n{SMOKE}"
        ),
        *("Fwd: Принтер", JAN, "Принтер"),
    ),
    "Zoho": (
        (
            "============ Forwarded message ============\nFrom : jan@example.org\nTo : desk@example.org\n"
            f"Date : 2 Mar 2026\nSubject : Printer\n============ Forwarded message ============\n\n{SMOKE}"
        ),
        *("Fwd: Printer", BARE, "Printer"),
    ),
    "Persian": (
        (
            "---------- پیام هدایت‌شده ---------\nاز: Jan Kowalski <jan@example.org>\nتاریخ: ۲ مارس ۲۰۲۶\n"
            f"موضوع: چاپگر\nبه: Desk\n\n{SMOKE}"
        ),
        *("هدایت: چاپگر", JAN, "چاپگر"),
    ),
    "an answer forwarded as it stands": (
        "See below.\n\nOn 2 Mar 2026, Jan Kowalski <jan@example.org> wrote:\n\n> It smokes.\n>\n> --\n> Jan",
        *("Fwd: Printer", BARE, ""),
    ),
    "name behind the address": (
        (
            "--- Forwarded message ---\nFrom: jan@example.org (Jan Kowalski)\nDate: 2 Mar 2026\nSubject: Printer\n\n"
            f"{SMOKE}"
        ),
        *("Printer", JAN, "Printer"),
    ),
    "no header": (
        f"-------- Forwarded message --------\n\n{SMOKE}",
        *("Printer", Address(kind="mail", value=""), ""),
    ),
}


@pytest.mark.parametrize(("text", "subject", "sender", "about"), FORWARDS.values(), ids=FORWARDS.keys())
def test_a_forwarded_mail_is_read_out_of_the_text(text: str, subject: str, sender: Address, about: str) -> None:
    assert forwarded_in(text, subject) == Forwarded(sender=sender, subject=about, text=SMOKE)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("The printer smokes.", "Printer"),
        ("The printer smokes.", "Fwd: Printer"),
        ("I forward it to you:\nthe invoice is wrong.", "Invoice"),
        ("Yes.\n\nOn 2 Mar 2026, Ola <ola@example.org> wrote:\n> It smokes.", "Re: Printer"),
        (("Yes.\n\nFrom: Ola <ola@example.org>\nSent: Monday\nTo: Jan\nSubject: FW: Printer\n\n"
         "---------- Forwarded message ---------\nFrom: Ewa <ewa@example.org>\nDate: Monday"), "RE: FW: Hi"),
        (("Yes.\n\nOn 2 Mar 2026, Ola <ola@example.org> wrote:\n\n> ---------- Forwarded message ---------\n"
         "> From: Ewa <ewa@example.org>"), "Re: Fwd: Printer"),
    ],
)  # fmt: skip
def test_other_mail_forwards_nothing(text: str, subject: str) -> None:
    assert forwarded_in(text, subject) is None


def test_of_a_mail_that_was_forwarded_twice_the_nearer_one_is_read() -> None:
    inner = (
        "---------- Forwarded message ---------\nFrom: Ewa <ewa@example.org>\nDate: Monday\nSubject: A\n\nIt smokes."
    )
    outer = f"---------- Forwarded message ---------\nFrom: Jan <jan@example.org>\nDate: Monday\nSubject: B\n\n{inner}"

    forwarded = forwarded_in(outer, "Fwd: Fwd: A")

    assert forwarded is not None
    assert (forwarded.sender.value, forwarded.text) == ("jan@example.org", inner)


def test_the_text_keeps_the_forwarders_words_and_the_forwarded_mail(make_message: Callable[..., Message]) -> None:
    text, subject, sender, _ = FORWARDS["Gmail"]

    message = run(make_message(text, subject=subject, sender=Address(kind="mail", value="ola@example.org")))

    assert "Please look." in message.text
    assert "It smokes." in message.text
    assert message.forwarded is not None
    assert message.forwarded.sender == sender


def test_an_attached_mail_is_what_is_forwarded(make_message: Callable[..., Message]) -> None:
    attached = Forwarded(sender=JAN, text="attached")
    message = make_message(FORWARDS["Gmail"][0], sender=BARE, forwarded=attached)

    assert read_forward(message).forwarded == attached


def test_only_mail_forwards(make_message: Callable[..., Message]) -> None:
    chat = Address(kind="telegram", value="7")

    assert read_forward(make_message(FORWARDS["Gmail"][0], subject="Fwd: x", sender=chat)).forwarded is None
