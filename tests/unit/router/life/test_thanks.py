"""Thanks alert nobody, in four languages; what may say more than thanks is a message like any other."""

import pytest

from router.life.thanks import is_thanks
from store.records import Address, Attachment
from tests.unit.router.given import message

THANKS = [
    "Thanks!",
    "Thank you so much, that fixed it.",
    "thx :)",
    "спасибо)))",
    "Thanks (Ann)",
    "Thank you\n\nAnn",
    "ok thanks",
    "🙏",
    "👍",
    "Many thanks 🙂",
    "THANK YOU!!!",
    "Dzięki!",
    "Dziękuję bardzo za szybką pomoc",
    "dzieki, juz dziala",
    "Dziękuję, pozdrawiam",
    "Спасибо большое!",
    "спасибо, всё работает",
    "Благодарю за помощь 🙏",
    "مرسی",
    "خیلی ممنون 🙏",
    "ممنونم از راهنمایی شما",
    "دستتون درد نکنه، متشکرم",
    "مرسي",  # With the Arabic yeh of other keyboards.
]
MESSAGES = [
    "",
    "Thanks, but it still fails",
    "Thanks, it does not work",
    "Thanks. When does it close?",
    "Thanks, what now",
    "Thanks, call me at 5",
    "Thank you for the order of three new screens",
    "thanks thanks thanks thanks thanks thanks thanks thanks thanks",  # Nine words.
    "Now it works",
    "😡",
    "thanks 🙄",
    "👎",
    "Thanks ❓",
    "thanks :(",
    "thank you :-(",
    "Спасибо большое((",  # A frown without its eyes, as it is written in Russian.
    "Dzięki, ale nadal nie działa",
    "dzięki, kiedy będzie gotowe",
    "Dzięki?",
    "Спасибо, но не работает",
    "Спасибо, а когда?",
    "спасибо, жду",
    "ممنون اما هنوز درست نشد",
    "ممنون، ولی کار نمی‌کند",
    "ممنون، کی درست می‌شود؟",
    "مرسی ۲",
    "Thanks\n\nhttps://example.org",
]


@pytest.mark.parametrize("text", THANKS)
def test_thanks_are_thanks(text: str) -> None:
    assert is_thanks(message(text=text), asked=False)


@pytest.mark.parametrize("text", MESSAGES)
def test_what_may_say_more_is_a_message(text: str) -> None:
    assert not is_thanks(message(text=text), asked=False)


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("ok, thanks", False),
        ("👍", False),
        ("ок, спасибо", False),
        ("باشه، ممنون", False),
        ("Thank you", True),
        ("🙏", True),
    ],
)
def test_where_the_customer_was_asked_a_yes_is_an_answer(text: str, quiet: bool) -> None:
    assert is_thanks(message(text=text), asked=True) is quiet


@pytest.mark.parametrize(
    "changes",
    [
        {"automated": "auto-replied"},
        {"unreadable": "the mail could not be read"},
        {"uncut": True},
        {"attachments": (Attachment(name="a.png", content_type="image/png", size=1, digest="0", part=1),)},
    ],
)
def test_what_is_more_than_its_words_is_a_message(changes: dict[str, object]) -> None:
    assert not is_thanks(message(text="Thanks!", **changes), asked=False)


def test_the_writers_own_name_below_is_no_word_of_theirs() -> None:
    signed = "Thank you\nSara Ahmadi"

    assert is_thanks(
        message(text=signed, sender=Address(kind="mail", value="s@a.example", name="Sara Ahmadi")), asked=False
    )
    assert not is_thanks(message(text=signed, sender=Address(kind="mail", value="s@a.example")), asked=False)
