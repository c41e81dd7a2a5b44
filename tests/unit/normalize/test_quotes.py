"""What of a text is the reply; test_histories.py and test_signatures.py hold the tables of what is cut."""

from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from normalize.quotes import Parts, cut_quotes, split
from normalize.settings import NormalizeSettings
from normalize.text import clean_text
from store.records import Message

REPLY = "It works again, thank you."
RULE = "\u2500" * 60  # As our mail to technicians draws it.


@pytest.mark.parametrize(
    "text",
    [
        "Please call me:\n+48 22 123 45 67",
        "Hello,\n\nmy address is jan@example.org, and it fails since 2.03.2026:\nerror 500",
        "Send the form to desk@example.org by 2.03.2026:\nit is attached.",
        "Steps:\n\n1. open the page\n2. click\n\nThe log says:\n12:30 error",
        "From: the kitchen\nthere is smoke.",
        "I need a ticket.\n\nFrom: Warsaw\nTo: Berlin\nDate: 5.05.2026\n\nThank you",
        "- one\n- two\n--- three ---",
        "Здравствуйте!\nОт коллеги узнал: принтер сломан.",
        "If a > b then\n\nthe page is empty",
        "He wrote: it is broken.",
        "On Monday I wrote:\nthe printer is broken",
        "It logs\n2026-03-02 09:30 login failed\n2026-03-02 09:31 login failed",
        "Read https://example.org/on-monday-someone-wrote: it says how.",
        "I forward it to you:\nthe invoice is wrong.",
        "First part\n\n-----\n\nSecond part of the report, which is long enough to be read.",
        "| name | number |\n| Jan | 12 |",
        "Q: Why?\nA: Because.",
        f"The terminal shows\n{RULE}\nno route to host",
    ],
)
def test_a_persons_own_words_are_not_cut(text: str) -> None:
    assert split(text) == Parts(text, "")


def test_our_own_rule_is_history_in_what_answers_us() -> None:
    ours = f"{RULE}\nP2 · access\n\nI cannot log in."

    assert split(f"{REPLY}\n\n{ours}", answers_us=True) == Parts(REPLY, ours)


def test_the_rule_counts_where_the_message_refers_to_another(make_message: Callable[..., Message]) -> None:
    text = f"{REPLY}\n\n{RULE}\nP2 · access"

    assert cut_quotes(make_message(text, references=("<1@example.org>",))).text == REPLY
    assert cut_quotes(make_message(text)).text == text


def test_an_answer_below_the_quotation_is_the_visible_part() -> None:
    history = "On Mon, 2 Mar 2026, Ola <ola@example.org> wrote:\n> Which printer?"

    assert split(f"{history}\n\nThe one in room 12.") == Parts("The one in room 12.", history)


def test_an_answer_below_loses_its_signature_too() -> None:
    text = "Ola <ola@example.org> wrote:\n> Which printer?\n\nRoom 12.\n\n--\nJan"

    assert split(text) == Parts("Room 12.", "Ola <ola@example.org> wrote:\n> Which printer?\n\n--\nJan")


def test_answers_between_quoted_lines_keep_their_questions() -> None:
    text = "Hi,\n\nOla <ola@example.org> wrote:\n> Which printer?\n\nRoom 12.\n\n> Since when?\n\nMonday."

    parts = split(text)

    assert parts.visible == "Hi,\n\n> Which printer?\n\nRoom 12.\n\n> Since when?\n\nMonday."
    assert parts.quoted == "Ola <ola@example.org> wrote:"


def test_answers_between_keep_the_first_question_and_not_what_stands_below_the_last_answer() -> None:
    text = "> Which printer?\n\nRoom 12.\n\n> Since when?\n\nMonday.\n\n> Regards\n> Ola"

    parts = split(text)

    assert parts.visible == "> Which printer?\n\nRoom 12.\n\n> Since when?\n\nMonday."
    assert parts.quoted == "> Regards\n> Ola"


def test_a_leading_quotation_of_nobody_was_chosen_by_the_writer() -> None:
    text = "> Which printer?\n\nRoom 12."

    assert split(text) == Parts(text, "")


def test_an_introduction_above_words_of_the_writer_stands_for_the_quotation_below_them() -> None:
    introduction = "On 2 Mar 2026, Ola <ola@example.org> wrote:"

    parts = split(f"{introduction}\n\nAs to that:\n\n> Which printer?\n\nRoom 12.")

    assert parts == Parts("As to that:\n\n> Which printer?\n\nRoom 12.", introduction)


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        (f"> {'The printer in room twelve has been restarted and should ' * 2}be", "ready."),
        ("> The printer in the long corridor was restarted by the firm", "extraordinarily late."),
    ],
)
def test_a_quoted_line_that_was_wrapped_without_its_mark_is_no_answer(line: str, rest: str) -> None:
    assert split(f"{REPLY}\n\n{line}\n{rest}\n> Ola").visible == REPLY


@pytest.mark.parametrize(
    "text",
    [
        "> only a quotation",
        "On 2.03.2026 Ola <ola@example.org> wrote:",
        "--\nJan",
        "Sent from my iPhone",
        "From: Ola\nSent: Monday\nTo: Jan\nSubject: Printer\n\nPlease restart it.",
    ],
)
def test_where_nothing_would_be_left_all_stays_and_is_marked(make_message: Callable[..., Message], text: str) -> None:
    assert split(text) == Parts(text, "", uncut=True)
    assert cut_quotes(make_message(text)).uncut


@pytest.mark.parametrize("text", ["", "\n", REPLY])
def test_what_holds_nothing_to_cut_is_not_marked(text: str) -> None:
    assert split(text) == Parts(text, "", uncut=False)


@pytest.mark.parametrize("subject", ["Fwd: Invoice", "FW: Invoice", "PD: Faktura", "Пересл: Счёт", "WG: Rechnung"])
def test_a_forwarded_mail_keeps_what_it_forwards(make_message: Callable[..., Message], subject: str) -> None:
    text = "See below.\n\nFrom: Shop\nSent: Monday\nTo: Jan\nSubject: Invoice\n\nPlease pay.\n\n--\nShop"

    assert cut_quotes(make_message(text, subject=subject)).text == text


@pytest.mark.parametrize(
    "line",
    ["---------- Forwarded message ---------", "Begin forwarded message:", "-------- Przekazana wiadomość -----"],
)
def test_a_forwarded_message_below_its_line_stays_whatever_the_subject_says(line: str) -> None:
    text = f"Can you help?\n\n{line}\nFrom: Shop\nDate: Mon\nSubject: Invoice\nTo: Jan\n\nPay.\n\n--\nShop"

    assert split(text) == Parts(text, "")


def test_what_is_cut_comes_before_what_the_decoder_cut(make_message: Callable[..., Message]) -> None:
    cut = cut_quotes(make_message(f"{REPLY}\n\n> from the text", quoted="from the page"))

    assert (cut.text, cut.quoted) == (REPLY, "> from the text\nfrom the page")


LINES = st.sampled_from(
    [
        *("", "Hello", "> quoted", "--", "On 2 Mar 2026, Ola <ola@example.org> wrote:", "<ola@example.org> wrote:"),
        *("From: a", "Sent: b", "To: c", "Subject: d", "-----Original Message-----", "-- Forwarded message --", "____"),
        *("text:", "x" * 80, "> " + "y" * 80, "Sent from my iPhone", "Jan", "jan@example.org", "to unsubscribe", ">:"),
        *("2016/3/2 Ola <ola@example.org>", "Ola wrote:", "| bar", RULE, "Begin forwarded message:"),
    ]
)
TEXTS = st.lists(st.one_of(LINES, st.text(max_size=60)), max_size=40).map("\n".join)


@settings(deadline=None)
@given(TEXTS, st.booleans())
def test_cutting_never_loses_or_moves_a_line(text: str, answers_us: bool) -> None:
    lines = clean_text(text).split("\n")

    parts = split("\n".join(lines), answers_us=answers_us)

    visible, quoted = parts.visible.split("\n"), parts.quoted.split("\n")
    assert sorted(filter(None, [*visible, *quoted])) == sorted(filter(None, lines))
    assert in_order(visible, lines)
    assert in_order(quoted, lines)
    assert parts.visible.strip() or not "".join(lines).strip()


def in_order(some: list[str], lines: list[str]) -> bool:
    rest = iter(lines)
    return all(line in rest for line in some if line)


@settings(deadline=None)
@given(TEXTS)
@example("0\n> " + 80 * "y" + "\nHello\n--")  # What was below a line is gone once its signature is.
@example("0\n\n2016/3/2 Ola <ola@example.org>\n-----Original Message-----")
@example("2016/3/2 Ola <ola@example.org>\nOn 2 Mar 2026, Ola <ola@example.org> wrote:\n> quoted\nHello")
@example("Hello\n> " + 80 * "y" + "\nHello\nOn 2 Mar 2026, Ola <ola@example.org> wrote:")
def test_cutting_twice_cuts_nothing_more(text: str) -> None:
    once = split(clean_text(text)).visible

    assert split(once).visible == once


BOMBS = {
    "words that begin an introduction": "On " * 21_000,
    "lines that begin one": "On\n" * 21_000,
    "days": "On 1:\n" * 10_000,
    "addresses": "a@b:\n" * 13_000,
    "verbs": "wrote:\n" * 9_000,
    "verbs in a line": "wrote " * 10_000 + ":",
    "long introductions": ("x" * 398 + ":\n") * 160,
    "broken addresses": "<\n>:\n" * 13_000,
    "dated senders": "2016/1/1 a\n" * 6_000,
    "digits": "1." * 32_000 + ":",
    "blank lines": "\n" * 65_000,
    "blank lines between": "Hi\n" + "\n" * 20_000 + "x",
    "colons": ":\n" * 32_000,
    "labels": "From:\n" * 10_000,
    "headers": "From: a@b\nSent: b\n" * 3_600,
    "headers with blank lines": "From: a@b\n\n" * 6_000,
    "a quote's marks": ">" * 1_000_000,
    "quoted lines": "> a\n" * 250_000,
    "quoted lines and others": "> a\nb\n" * 10_000,
    "dashes": "-" * 65_000,
    "signatures": "--\n" * 21_000,
    "signatures with words": "--\nx\n" * 13_000,
    "cards": "---\nJan\na@b\n" * 5_000,
    "footers": "____\nto unsubscribe\n" * 3_000,
    "phones": "Sent from my iPhone\n\n" * 3_000,
    "rules": "_\n" * 32_000 + "From: a\nSent: b\nTo: c",
    "announcements": "forward:\n" * 7_000,
    "links": "Sent from <http://" * 3_500,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_hostile_texts_are_cut_within_what_a_child_may_compute(bomb: str) -> None:
    start = process_time()

    split(bomb, answers_us=True)

    assert process_time() - start < NormalizeSettings().cpu.total_seconds()
