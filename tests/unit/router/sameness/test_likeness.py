"""Two messages are alike by what they say, in any script, and never by greetings, case or another thing's number."""

import pytest

from router.sameness.likeness import ALIKE, Sketch, likeness, shared, sketch_from, sketch_of

Said = tuple[str, str]  # Subject and text.

SAME: dict[str, tuple[Said, Said]] = {
    "another greeting": (
        ("Badge reader", "Hello,\nthe badge reader at gate 4 rejects my card.\nBest regards, Eve"),
        ("Badge reader", "Good morning!\nThe badge reader at gate 4 rejects my card.\nThanks"),
    ),
    "a chat, which has no subject": (
        ("Badge reader", "The badge reader at gate 4 rejects my card."),
        ("", "Badge reader\n\nThe badge reader at gate 4 rejects my card."),
    ),
    "typing errors": (
        ("Badge reader", "The badge reader at gate 4 rejects my employee card since yesterday."),
        ("Bagde reader", "The badge raeder at gate 4 rejects my employe card since yesterday."),
    ),
    "digits of another script": (
        ("خطای ۴۰۴ در درگاه", "درگاه پرداخت خطای ۴۰۴ می‌دهد و رسید چاپ نمی‌شود."),
        ("خطاي 404 در درگاه", "درگاه پرداخت خطاي 404 مي‌دهد و رسيد چاپ نمي‌شود."),
    ),
    "case and diacritics": (
        ("Skrzynka pocztowa", "Skrzynka pocztowa działu księgowości jest pełna."),
        ("SKRZYNKA POCZTOWA", "Skrzynka pocztowa dzialu ksiegowosci jest pelna."),
    ),
    "е for ё": (
        ("Счёт не отображается", "В личном кабинете не отображается счёт за ноябрь."),
        ("Счет не отображается", "Добрый день! В личном кабинете не отображается счет за ноябрь. С уважением"),
    ),
    "a browser's own name": (
        ("", "The basket empties itself when I pay.\nMozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
        ("", "The basket empties itself when I pay."),
    ),
}
OTHER: dict[str, tuple[Said, Said]] = {
    "another invoice": (
        ("Invoice 4711", "Invoice 4711 has a wrong tax."),
        ("Invoice 4712", "Invoice 4712 has a wrong tax."),
    ),
    "another site": (("shop.example is down", "It is blank."), ("mail.example is down", "It is blank.")),
    "nothing but greetings": (("", "Hello, thank you"), ("", "Hello, thank you")),
    "the same greeting": (
        ("", "Dzień dobry, drukarka nie działa. Pozdrawiam"),
        ("", "Dzień dobry, faktura jest błędna. Pozdrawiam"),
    ),
    "the same words of courtesy": (
        ("", "سلام وقت بخیر رمز کارت را فراموش کردم"),
        ("", "سلام وقت بخیر فاکتور نرسیده است"),
    ),
    "empty": (("", ""), ("", "")),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME.keys())
def test_the_same_said_in_another_way_is_alike(pair: tuple[Said, Said]) -> None:
    one, other = (sketch_of(*said) for said in pair)

    assert likeness(one, other) == likeness(other, one) >= ALIKE


@pytest.mark.parametrize("pair", OTHER.values(), ids=OTHER.keys())
def test_what_is_about_another_thing_is_not_alike(pair: tuple[Said, Said]) -> None:
    one, other = (sketch_of(*said) for said in pair)

    assert likeness(one, other) == likeness(other, one) < ALIKE


def test_a_sketch_is_small_and_comes_back_from_the_store_as_it_was() -> None:
    sketch = sketch_of("Load test", " ".join(f"word{n} {n * 7919}" for n in range(5_000)))

    assert sketch_from(sketch.encoded()) == sketch
    assert len(sketch.encoded()) < 2_000


def test_a_reason_can_show_the_words_that_both_messages_have() -> None:
    other = sketch_of("", "The badge reader at the gate is broken")

    assert shared("Badge", "my badge is rejected at the gate", other) == ("badge", "gate")


@pytest.mark.parametrize(
    "text", ["9." * 40_000, "Mozilla/5.0 (" * 9_000, "https://" * 9_000, "a-" * 40_000, "\ud800" * 9]
)
def test_no_text_takes_long(text: str) -> None:
    assert isinstance(sketch_of(text, text), Sketch)
