"""What the letters of a text alone say about its language."""

# ruff: noqa: RUF001 (Letters of these scripts look like Latin ones.)

import re
from enum import Enum, auto


class Script(Enum):
    """The scripts that this file tells apart."""

    ARABIC = auto()
    CYRILLIC = auto()
    OTHER = auto()


CYRILLIC_LANGUAGES = frozenset({"ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tg", "tt", "ba", "uz"})

_ARABIC = re.compile("[\u0621-\u064a\u066e-\u06d3\u06d5\u06ee-\u06ef\u06fa-\u06ff]")
_CYRILLIC = re.compile("[\u0400-\u0481\u048a-\u052f]")
_LETTER = re.compile(r"[^\W\d_]")

# Letters of Persian that Arabic lacks (the last two are its own forms of kaf and yeh, which Arabic keyboards do not
# write), and letters that its neighbours (Urdu, Pashto, Kurdish, Sindhi, Uyghur) have beyond both.
_PERSIAN = re.compile("[گچپژ\u06a9\u06cc]")
_URDU = re.compile("[ٹڈڑںےھہ]")
_NEITHER = re.compile("[ټډړږښڼېۍۆۇۈۋڕڵێەڭڀڄڃڇڌڍڏڦڪڱڳڻ]")

# Letters that one Cyrillic alphabet has and the others of the list lack.
_UKRAINIAN = re.compile("[їєґ]")
_BELARUSIAN = re.compile("ў")
_RUSSIAN = re.compile("[ыэё]")
_SHARED_I = re.compile("і")  # Ukrainian, Belarusian, Kazakh.
_OTHER_CYRILLIC = re.compile("[ђјљњћџѓќѕәғқңөұүһҳҷӣӯҗҡҙҫ]")


def script_of(text: str) -> tuple[Script, int]:
    """The script that most letters are of, and the number of all letters."""
    letters = len(_LETTER.findall(text))
    for script, pattern in ((Script.ARABIC, _ARABIC), (Script.CYRILLIC, _CYRILLIC)):
        if not text.isascii() and 2 * len(pattern.findall(text)) > letters:
            return script, letters
    return Script.OTHER, letters


def language_of_letters(text: str, script: Script) -> str:
    """The one language whose letters these are; empty where several come into question."""
    if script is Script.ARABIC:
        return _arabic(text)
    return _cyrillic(text.lower()) if script is Script.CYRILLIC else ""


def _arabic(text: str) -> str:
    if _NEITHER.search(text):
        return ""
    if _URDU.search(text):
        return "ur"
    return "fa" if _PERSIAN.search(text) else ""


def _cyrillic(text: str) -> str:
    if _OTHER_CYRILLIC.search(text):
        return ""
    if _UKRAINIAN.search(text):
        return "uk"
    if _BELARUSIAN.search(text):
        return "be"
    if _SHARED_I.search(text):
        return "" if _RUSSIAN.search(text) else "uk"
    return "ru" if _RUSSIAN.search(text) else ""
