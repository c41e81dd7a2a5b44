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
        "Respuesta automática: Impresora",
        "Risposta automatica: stampante",
        "Resposta automática: Impressora",
        "Automatisch antwoord: printer",
        "Автоматична відповідь: Принтер",
        "Automatická odpověď: Tiskárna",
        "Autosvar: Skrivare",
        "Automatisk svar: Printer",
        "Automaattinen vastaus: Tulostin",
        "Otomatik yanıt: Yazıcı",
        "رد تلقائي: طابعة",
        "自動返信: プリンター",
        "Automatikus válasz: Nyomtató",
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
        "Diese Nachricht wurde automatisch erstellt.",
        "Ceci est une réponse automatique à votre message.",
        "Dette er en automatisk besked.",
        "これは自動返信です。",
    ],
)
def test_the_first_words_of_an_automatic_reply_tell(make_message: MakeMessage, text: str) -> None:
    assert mark_automated(make_message(text)).automated == "auto-replied"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Out of office", "I am currently on vacation with no access to e-mail."),
        ("Out of office: Re: Your number: 482917", "I will be back on Monday."),
        ("Abwesenheit", "Ich bin im Urlaub und ab Montag wieder erreichbar."),
        ("Absence", "Je suis absent jusqu'au 12 juin."),
        ("Fuera de la oficina", "Estoy de vacaciones hasta el lunes."),
        ("Fuori sede", "Sono in ferie fino a lunedì."),
        ("Ausência", "Estou de férias até segunda."),
        ("Afwezig", "Ik ben momenteel afwezig."),
        ("Poza biurem", "Jestem na urlopie do 12 czerwca."),
        ("В отпуске", "Я в отпуске до понедельника."),
        ("У відпустці", "Я у відпустці до понеділка."),
        ("Mimo kancelář", "Jsem mimo kancelář."),
        ("På semester", "Jag är på semester."),
        ("Lomalla", "Olen lomalla maanantaihin asti."),
        ("İzindeyim", "Yıllık izindeyim."),
        ("در مرخصی", "تا شنبه در مرخصی هستم."),
        ("خارج المكتب", "أنا في إجازة."),
        ("不在通知", "月曜日まで休暇をいただいております。"),
        ("休假", "我正在休假。"),
    ],
)
def test_somebody_who_is_away_by_subject_and_text_has_not_written(
    make_message: MakeMessage, subject: str, text: str
) -> None:
    assert mark_automated(make_message(text, subject=subject)).automated == "auto-replied"


def test_an_absence_that_answers_our_mail_is_automatic(make_message: MakeMessage) -> None:
    message = make_message("Call my colleague.", subject="Out of office", references=("<1@desk.example>",))

    assert mark_automated(message).automated == "auto-replied"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Out of office", "How do I set one up in our mail program?"),
        ("Out of office: does not switch off", "Please help."),
        ("Autoresponder", "Ours answers twice."),
        ("Please call me", "I am out of office until Monday. Will the laptop be there then?"),
        ("Strange mail", "This is an automatic reply I got from you. Why?"),
        ("Urlaub", "Ich bin im Urlaub, bitte verschieben Sie den Termin."),
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
