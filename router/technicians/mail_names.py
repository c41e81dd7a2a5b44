"""What the commands of a technician's mail are called: the names themselves, and how each language says them."""

import unicodedata
from collections.abc import Mapping

# The same command in English, Polish, Russian and Persian; what leaves out accents and joiners is the same name.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "note": ("note", "notatka", "заметка", "یادداشت"),
    "reply": ("reply", "answer", "odpowiedź", "odpowiedz", "ответ", "پاسخ"),
    "claim": ("claim", "take", "biorę", "przejmuję", "беру", "взять", "برمی‌دارم", "قبول"),
    "p": ("p", "prio", "priority", "priorytet", "приоритет", "اولویت"),
    "team": ("team", "move", "zespół", "команда", "отдел", "تیم"),
    "wait": ("wait", "waiting", "czekam", "czeka", "жду", "ждать", "منتظر"),
    "done": ("done", "solve", "solved", "gotowe", "rozwiązane", "готово", "решено", "حل‌شد", "تمام"),
    "give": ("give", "assign", "przekaż", "przydziel", "передать", "назначить", "بده", "واگذار"),
    "cat": ("cat", "category", "kategoria", "категория", "دسته"),
    "esc": ("esc", "escalate", "eskaluj", "эскалация", "ارجاع"),
    "dup": ("dup", "duplicate", "duplikat", "дубль", "дубликат", "تکراری"),
    "reopen": ("reopen", "otwórz", "открыть", "بازکن"),
    "lang": ("lang", "language", "język", "язык", "زبان"),
    "send": ("send", "wyślij", "отправить", "بفرست", "ارسال"),
    "help": ("help", "pomoc", "помощь", "справка", "کمک", "راهنما"),
}

LATER = ("inc", "macro", "spam", "undo")  # Of a later version; chats will know them as well.

_LONGEST = 60  # Characters of a name, its joiners and accents among them.
_SAME = str.maketrans({"ł": "l", "ي": "ی", "ى": "ی", "ك": "ک", "ـ": None})  # As keyboards differ.
_JOINED = ("Mn", "Cf")  # Accents that stand by themselves, joiners and marks of direction.


def folded(name: str) -> str:
    """What is the same for all spellings of a name: no accents, no joiners, no capitals."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join([one for one in parts if unicodedata.category(one) not in _JOINED]).translate(_SAME)


def digits(text: str) -> str:
    """The text with the digits of every script, Persian and Arabic ones among them, as 0 to 9."""
    return "".join([str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text])


def name_in(line: str) -> tuple[str, str] | None:
    """The name behind the "#" that a line begins with, and what follows it; None where the line is no command.

    A name has letters only, so that "#1" is a text, and in "#p1" the name is "p".
    """
    start = 0
    while start < len(line) and (line[start].isspace() or unicodedata.category(line[start]) == "Cf"):
        start += 1
    if line[start : start + 1] not in ("#", "\uff03") or not line[start + 1 : start + 2].isalpha():
        return None
    end = start + 1
    while end < min(len(line), start + 1 + _LONGEST) and _belongs(line[end]):
        end += 1
    return line[start + 1 : end], line[end:]


def _belongs(character: str) -> bool:
    return character.isalpha() or unicodedata.category(character) in _JOINED


COMMANDS: Mapping[str, str] = {folded(alias): name for name, aliases in ALIASES.items() for alias in aliases}
