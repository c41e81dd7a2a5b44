from collections.abc import Callable

import pytest

from normalize.automated import mark_automated
from store.records import Address, Message

MakeMessage = Callable[..., Message]


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your number: 482917",
        "Out of Office AutoReply: Printer",
        "Out of office",
        "Automatische Antwort: Drucker",
        "Réponse automatique : imprimante",
        "Odpowiedź automatyczna: Drukarka",
        "Автоматический ответ: Принтер",
        "Автоответ",
        "پاسخ خودکار: چاپگر",
        "自动回复：打印机",
    ],
)
def test_the_subject_of_an_automatic_reply_tells(make_message: MakeMessage, subject: str) -> None:
    assert mark_automated(make_message("I am away.", subject=subject)).automated == "auto-replied"


@pytest.mark.parametrize(
    "text",
    [
        "This is an automatic reply. I am back on Monday.",
        "Hello,\n\nThis is an automated response to your message.",
        "To jest automatyczna odpowiedź. Wracam w poniedziałek.",
        "Это автоматический ответ. Я в отпуске.",
        "این یک پاسخ خودکار است.",
        "*** This is an automatically generated reply ***",
    ],
)
def test_the_first_words_of_an_automatic_reply_tell(make_message: MakeMessage, text: str) -> None:
    assert mark_automated(make_message(text)).automated == "auto-replied"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Out of office printer is broken", "Please help."),
        ("Re: Automatic reply: does not work", "Our auto reply fails."),
        ("Laptop", "I am out of the office until Monday, and my laptop is broken."),
        ("Vacation", "I am on vacation, please move my ticket."),
        ("Autoreply rules", "How do I set one?"),
        ("Question", "a\nb\nc\nThis is an automatic reply that I got from you. Why?"),
        ("Нет доступа", "Пришло письмо. Это автоматический ответ?"),
    ],
)
def test_a_person_who_speaks_of_such_things_is_a_person(make_message: MakeMessage, subject: str, text: str) -> None:
    assert mark_automated(make_message(text, subject=subject)).automated == ""


def test_what_the_decoder_found_stays(make_message: MakeMessage) -> None:
    message = make_message("x", subject="Automatic reply: x", automated="bounce")

    assert mark_automated(message).automated == "bounce"


def test_only_mail_carries_automatic_replies(make_message: MakeMessage) -> None:
    message = make_message("This is an automatic reply.", sender=Address(kind="telegram", value="77"))

    assert mark_automated(message).automated == ""
