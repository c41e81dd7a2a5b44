"""What stands below a person's words and is none of them; the words are ours."""

import pytest

from normalize.quotes import Parts, split

REPLY = "It works again, thank you."

SIGNATURES = {
    "dashes": "--\nJan Kowalski\n+48 22 123 45 67",
    "dashes and history": "--\nJan\n\nOn 2 Mar 2026, at 09:30, Ola <ola@example.org> wrote:\n\n> Please restart it.",
    "two": "--\nJan Kowalski\nNordwind\n\nSent from my iPhone",
    "card under underscores": "______________\nJan Kowalski\nNordwind\n+48 22 123 45 67",
    "card under dashes": "-----\nJan Kowalski\nhttps://nordwind.example",
    "iPhone": "Sent from my iPhone",
    "iPhone and history": "Sent from my iPhone\n\n> Please restart it.",
    "Android, with a link": "Sent from Yahoo Mail on Android<https://example.org/app>",
    "Outlook, with its rule": "Get Outlook for iOS<https://example.org/o>\n________________________________\n"
    "From: Ola <ola@example.org>\nSent: Monday\nTo: Jan\nSubject: Hi\n\nOk?",
    "an unknown product": "Sent from Postmaster Pro",
    "an excuse": "Sent from my Galaxy, please excuse any typos.",
    "a name behind a dash": "-Jan Kowalski",
    "a name behind a dash, and a footer": "-Jan\n\n______________\nPrinters mailing list\nprinters@example.org",
    "several": "Sent from my TI-85\n(sent from a phone)\nGet [Outlook for Android](https://example.org/o)",
    "link below": "Sent from my Galaxy\n<https://example.org/app>",
    "German": "Von meinem iPhone gesendet",
    "German, Samsung": "Gesendet von meinem Samsung-Gerät (Galaxy)",
    "French": "Envoyé de mon iPad",
    "Spanish": "Enviado desde mi iPhone",
    "Italian": "Inviato da iPhone",
    "Portuguese": "Enviado do meu iPhone",
    "Dutch": "Verstuurd vanaf mijn iPhone",
    "Polish": "Wysłane z iPhone'a",
    "Russian": "Отправлено с iPhone",
    "Russian, Mail.ru": "Отправлено из Почты Mail.ru для Android",
    "Ukrainian": "Надіслано з iPhone",
    "Czech": "Odesláno z iPhonu",
    "Swedish": "Skickat från min iPhone",
    "Danish": "Sendt fra min iPad",
    "Finnish": "Lähetetty iPhonesta",
    "Turkish": "iPhone'umdan gönderildi",
    "Persian": "ارسال شده از آیفون من",
    "Chinese": "发自我的 iPhone",
    "Japanese": "iPhoneから送信",
    "Korean": "나의 iPhone에서 보냄",
    "Hebrew": "נשלח מה-iPhone שלי",
    "a list's footer": "_______________________________________________\nPrinters mailing list\nprinters@example.org\n"
    "https://example.org/mailman/listinfo/printers",
    "a group's footer": "--\nYou received this message because you are subscribed to the group.\nhttps://example.org",
}


@pytest.mark.parametrize("signature", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_signature_is_cut_off(signature: str) -> None:
    assert split(f"{REPLY}\n\n{signature}") == Parts(REPLY, signature)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!\n\n\u2014Jan",
        "Thanks!\n\n\u2014\nJan Kowalski\nNordwind",
        "My log:\n----\nerror 500 at https://example.org\nline 12",
        "Two points:\n---\nThe printer smokes.\n---\nThe phone rings.",
        "Kind regards\nJan Kowalski",
        "Two things are missing:\n\n-paper",
        "Hello\n\nSent from my desk, it is easier to read than from my phone.",
        "It was\nsent from the printer in room 12",
        "--\n" + "A line of a long text\n" * 30 + "and its end",
    ],
)
def test_what_may_be_a_persons_own_lines_stays(text: str) -> None:
    assert split(text) == Parts(text, "")


def test_a_device_ends_the_reply_without_a_blank_line() -> None:
    assert split(f"{REPLY}\nSent from my iPhone") == Parts(REPLY, "Sent from my iPhone")
