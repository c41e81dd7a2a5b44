"""Tells a message that is nothing but thanks from one that somebody has to read. Pure.

It errs towards people: a word that is in no list makes it a message like any other, since thanks that alert somebody
cost a glance, and a complaint that is taken for thanks is lost.
"""

import re
import unicodedata
from collections.abc import Mapping

from router.rules.phrases import normalised
from store.records import Message

MOST_WORDS = 8  # Experience, 1.1.5.
_LONGEST = 200  # Characters: eight words and a name have fewer.

# Words of gratitude by language; one of them, or one of the signs below, must be there.
_THANKS: Mapping[str, str] = {
    "en": "thanks thank thankyou thx ty tnx thanx cheers grateful appreciate appreciated",
    "pl": "dzięki dziękuję dziękujemy dziękuje dzieki dziękówka dzięks wdzięczny wdzięczna",
    "ru": "спасибо спасибочки благодарю благодарим благодарен благодарна спс пасибо",
    "fa": "مرسی ممنون ممنونم ممنونیم متشکرم متشکریم سپاس سپاسگزارم سپاسگزاریم تشکر سپاسگذارم",
}
# Words that may stand beside them and change nothing: none of them asks, denies, complains or agrees to anything.
_BESIDE: Mapping[str, str] = {
    "en": "you so very much many a lot all again for the your it this that works worked working fixed solved now "
    "great perfect super awesome excellent wonderful lovely brilliant amazing help support quick fast reply answer "
    "response everything everyone team guys dear hi hello best kind regards i really to and good job well done",
    "pl": "bardzo serdecznie pięknie ślicznie wielkie za pomoc wsparcie szybką szybka odpowiedź reakcję wszystko już "
    "działa naprawione super świetnie świetna doskonale rewelacja pozdrawiam pozdrowienia dzień dobry i ci wam państwu "
    "pani panu jeszcze raz z góry ślę robota dobra",
    "ru": "большое огромное вам тебе за помощь поддержку быстрый ответ оперативность быструю реакцию все всё уже "
    "работает заработало решено супер отлично прекрасно замечательно здорово уважением добрый день здравствуйте и "
    "еще ещё раз вас искренне очень",
    "fa": "خیلی بسیار از شما تو کمک راهنمایی پاسخ سریع لطف لطفتان لطفتون زحمت زحمات درست شد حل کار می کند میکند عالی "
    "بود فوق العاده سلام با احترام و همه چیز دوباره بابت برای هستم گزارم دستتون دستت درد نکنه نکند دوست عزیز",
}
# Words that say yes where we have asked something, and thanks with them are an answer.
_AGREES: Mapping[str, str] = {
    "en": "ok okay okey fine alright",
    "pl": "ok okej spoko jasne",
    "ru": "ок окей ладно хорошо",
    "fa": "باشه اوکی خوب خوبه",
}
_THANKFUL_SIGNS = frozenset("🙏❤💙💚💛🧡💜🤍🖤💐🌹🌺🌷🌸🤝")
_AGREEING_SIGNS = frozenset("👍👌✅✔🆗")
_SIGNS_BESIDE = frozenset("🙂😊😀😃😄😁😍🥰🤗😘😇🎉🥳💯🔥⭐🌟✨😎🤩👏🙌💪☺")
_DOTS = frozenset(".,!;:-…()\u2013\u2014\u060c\u061b\uff01\u3002\"'\u2019\u201c\u201d\u201e«»~_*")
_PLAIN = ("Mn", "Cf", "Cc", "Zs", "Sk")  # Joiners, colours of skin, blanks.
_QUESTION = frozenset("?\u061f\uff1f\u203d\u00bf")
_SMILE = re.compile(r"[:;=]-?[)D]{1,3}")
_FROWN = re.compile(r"[:;=]['\u2019]?-?\(|\(\(")


def _words(lists: Mapping[str, str]) -> frozenset[str]:
    return frozenset(word for text in lists.values() for word in normalised(text).split())


THANKFUL, BESIDE, AGREEING = _words(_THANKS), _words(_BESIDE), _words(_AGREES)


def is_thanks(message: Message, *, asked: bool) -> bool:
    """Whether a person wrote no more than thanks, so that nobody has to hear of it.

    That is at most eight words, all of them on our lists or the writer's own name, one of thanks among them, without a
    question mark, a digit, a frown or a file. `asked`: the customer was asked something, and then "ok, thanks" or a
    thumb up is an answer.
    """
    text = message.text.strip()
    if message.automated or message.unreadable or message.uncut or message.attachments or message.forwarded is not None:
        return False
    if not text or len(text) > _LONGEST or _FROWN.search(text):
        return False
    signs = _signs(_SMILE.sub(" ", text))
    words = normalised(text).split()
    if signs is None or len(words) > MOST_WORDS:
        return False
    name = frozenset(normalised(message.sender.name).split())
    agrees = not AGREEING.isdisjoint(words) or not _AGREEING_SIGNS.isdisjoint(signs)
    if (asked and agrees) or not THANKFUL | BESIDE | AGREEING | name >= frozenset(words):
        return False
    thankful = not THANKFUL.isdisjoint(words) or not _THANKFUL_SIGNS.isdisjoint(signs)
    return thankful or (not words and agrees)


def _signs(text: str) -> frozenset[str] | None:
    """What is neither letter nor punctuation; None where something is among it that may say more than thanks."""
    signs = set()
    for character in text:
        if character.isalpha() or character in _DOTS or character.isspace():
            continue
        if unicodedata.category(character) in _PLAIN:
            continue
        if character in _QUESTION or character not in _THANKFUL_SIGNS | _AGREEING_SIGNS | _SIGNS_BESIDE:
            return None
        signs.add(character)
    return frozenset(signs)
