from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize.quotes import cut_quotes, split
from normalize.text import clean_text
from store.records import Message

REPLY = "It works again, thank you."

HISTORIES = {
    "Gmail, English": "On Mon, Mar 2, 2026 at 9:30 AM Help Desk <desk@example.org> wrote:\n\n> Please restart it.",
    "Gmail, English, wrapped": "On Mon, Mar 2, 2026 at 9:30 AM Nordwind Help Desk\n<desk@example.org> wrote:\n> Ok?",
    "Gmail, Polish": "pon., 2 mar 2026 o 09:30 Help Desk <desk@example.org> napisał(a):\n\n> Proszę zrestartować.",
    "Gmail, Russian": "пн, 2 мар. 2026 г. в 09:30, Help Desk <desk@example.org>:\n\n> Перезапустите, пожалуйста.",
    "Gmail, Persian": "در تاریخ دوشنبه ۲ مارس ۲۰۲۶ ساعت ۹:۳۰ Help Desk <desk@example.org> نوشت:\n\n> دوباره روشن کنید.",
    "Gmail, Turkish": "Help Desk <desk@example.org>, 2 Mar 2026 Pzt, 09:30 tarihinde şunu yazdı:\n> Yeniden başlatın.",
    "Thunderbird, Polish": "W dniu 2.03.2026 o 09:30, Help Desk pisze:\n> Proszę uruchomić ponownie.",
    "Thunderbird, Russian": "02.03.2026 09:30, Help Desk пишет:\n> Перезапустите.",
    "Thunderbird, German": "Am 02.03.26 um 09:30 schrieb Help Desk:\n> Bitte neu starten.",
    "Mail.ru": "Понедельник, 2 марта 2026, 9:30 +03:00 от Help Desk <desk@example.org>:\n \n> Перезапустите.",
    "Yandex": '02.03.2026, 09:30, "Help Desk" <desk@example.org>:\nПерезапустите.',
    "French": "Le lun. 2 mars 2026 à 09:30, Help Desk <desk@example.org> a écrit :\n> Redémarrez.",
    "Ukrainian": "пн, 2 бер. 2026 р. о 09:30 Help Desk <desk@example.org> пише:\n> Перезапустіть.",
    "Chinese": "Help Desk <desk@example.org> 于2026年3月2日周一 09:30写道：\n> 请重启。",
    "Outlook, English": "________________________________\nFrom: Help Desk <desk@example.org>\nSent: Monday 09:30\n"
    "To: Jan\nSubject: RE: Printer\n\nPlease restart it.",
    "Outlook, Polish": "Od: Help Desk <desk@example.org>\nWysłano: poniedziałek, 2 marca 2026 09:30\nDo: Jan\n"
    "Temat: Drukarka\n\nProszę uruchomić ponownie.",
    "Outlook, Russian": "От: Help Desk <desk@example.org>\nОтправлено: 2 марта 2026\nКому: Ян\nТема: Принтер\n\n"
    "Перезапустите.",
    "Outlook, Persian": "از: Help Desk <desk@example.org>\nتاریخ: ۲ مارس ۲۰۲۶\nبه: رضا\nموضوع: چاپگر\n\nبله.",
    "Outlook 2003": "-----Original Message-----\nFrom: Help Desk\nPlease restart it.",
    "Original, Polish": "-----Wiadomość oryginalna-----\nProszę uruchomić ponownie.",
    "Original, Russian": "-------- Исходное сообщение --------\nПерезапустите.",
    "Original, Persian": "----- پیام اصلی -----\nدوباره روشن کنید.",
    "Zoho": "---- On Mon, 02 Mar 2026 09:30:00 +0100 desk@example.org wrote ----\n\nPlease restart it.",
    "quote alone": "> Please restart it.\n>\n> Ola",
    "signature": "--\nJan Kowalski\n+48 22 123 45 67",
    "signature and history": "--\nJan\n\nOn 2 Mar 2026, at 09:30, Ola <ola@example.org> wrote:\n\n> Please restart it.",
}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES.keys())
def test_history_is_cut_off(history: str) -> None:
    parts = split(clean_text(f"{REPLY}\n\n{history}\n"))

    assert parts.visible == REPLY
    assert parts.quoted == clean_text(history)


@pytest.mark.parametrize(
    "text",
    [
        "Please call me:\n+48 22 123 45 67",
        "Hello,\n\nmy address is jan@example.org, and it fails since 2.03.2026:\nerror 500",
        "Send the form to desk@example.org by 2.03.2026:\nit is attached.",
        "Steps:\n\n1. open the page\n2. click\n\nThe log says:\n12:30 error",
        "From: the kitchen\nthere is smoke.",
        "- one\n- two\n--- three ---",
        "Здравствуйте!\nОт коллеги узнал: принтер сломан.",
        "If a > b then\n\nthe page is empty",
        "He wrote: it is broken.",
        "On Monday I wrote:\nthe printer is broken",
    ],
)
def test_a_persons_own_words_are_not_cut(text: str) -> None:
    assert split(text) == (text, "")


def test_an_answer_below_the_quotation_is_the_visible_part() -> None:
    text = "On Mon, 2 Mar 2026, Ola <ola@example.org> wrote:\n> Which printer?\n\nThe one in room 12."

    assert split(text) == ("The one in room 12.", "On Mon, 2 Mar 2026, Ola <ola@example.org> wrote:\n> Which printer?")


def test_answers_between_quoted_lines_keep_their_questions() -> None:
    text = "Hi,\n\nOla <ola@example.org> wrote:\n> Which printer?\n\nRoom 12.\n\n> Since when?\n\nMonday."

    assert split(text) == (text, "")


def test_a_quoted_line_that_was_wrapped_without_its_mark_is_no_answer() -> None:
    text = f"{REPLY}\n\n> {'The printer in room twelve has been restarted and should ' * 2}be\nready.\n> Ola"

    assert split(text).visible == REPLY


@pytest.mark.parametrize(
    "text", ["> only a quotation", "On 2.03.2026 Ola <ola@example.org> wrote:", "--\nJan", "", "\n"]
)
def test_where_nothing_would_be_left_all_stays(text: str) -> None:
    assert split(text) == (text, "")


@pytest.mark.parametrize("subject", ["Fwd: Invoice", "FW: Invoice", "PD: Faktura", "Пересл: Счёт", "WG: Rechnung"])
def test_a_forwarded_mail_keeps_what_it_forwards(make_message: Callable[..., Message], subject: str) -> None:
    text = "See below.\n\nFrom: Shop\nSent: Monday\nTo: Jan\nSubject: Invoice\n\nPlease pay."

    assert cut_quotes(make_message(text, subject=subject)).text == text


def test_a_forwarded_message_below_its_line_stays_whatever_the_subject_says() -> None:
    forwarded = "---------- Forwarded message ---------\nFrom: Shop\nDate: Mon\nSubject: Invoice\nTo: Jan\n\nPay."
    text = f"Can you help?\n\n{forwarded}"

    assert split(text) == (text, "")


def test_what_is_cut_comes_before_what_the_decoder_cut(make_message: Callable[..., Message]) -> None:
    cut = cut_quotes(make_message(f"{REPLY}\n\n> from the text", quoted="from the page"))

    assert (cut.text, cut.quoted) == (REPLY, "> from the text\nfrom the page")


LINES = st.sampled_from(
    [
        "",
        "Hello",
        "> quoted",
        "--",
        "On 2 Mar 2026, Ola <ola@example.org> wrote:",
        "<ola@example.org> wrote:",
        "From: a",
        "Sent: b",
        "To: c",
        "-----Original Message-----",
        "-- Forwarded message --",
        "____",
        "text:",
        "x" * 80,
        "> " + "y" * 80,
    ]
)


@settings(deadline=None)
@given(st.lists(st.one_of(LINES, st.text(max_size=60)), max_size=40).map("\n".join))
def test_cutting_never_loses_a_line(text: str) -> None:
    lines = clean_text(text).split("\n")

    parts = split("\n".join(lines))

    kept = [*parts.visible.split("\n"), *parts.quoted.split("\n")]
    assert sorted(filter(None, kept)) == sorted(filter(None, lines))
    assert parts.visible.strip() or not "".join(lines).strip()


@pytest.mark.parametrize(
    "bomb",
    [
        "On " * 21_000,
        "On 1:\n" * 10_000,
        "a@b:\n" * 13_000,
        "\n" * 65_000,
        ":\n" * 32_000,
        "From: a\nSent: b\n" * 4_000,
        "From:\n" * 10_000,
        ">" * 65_000,
        "> a\nb\n" * 10_000,
        "-" * 65_000,
        "--\n" * 21_000,
        "_\n" * 32_000 + "From: a\nSent: b\nTo: c",
        "1." * 32_000 + ":",
        "wrote " * 10_000 + ":",
        ("x" * 398 + ":\n") * 160,
    ],
    ids=range(15),
)
def test_hostile_texts_are_cut_in_linear_time(bomb: str) -> None:
    assert len("".join(split(bomb))) <= len(bomb)
