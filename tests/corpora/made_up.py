"""Made-up messages that are sent twice, and others that only look like it, in four languages."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple


class Text(NamedTuple):
    """What somebody writes."""

    subject: str
    text: str


class Pair(NamedTuple):
    """Two messages, and whether they say the same."""

    name: str
    one: Text
    other: Text
    is_same: bool


MESSAGES = {
    "en": (
        Text(
            "VPN drops every ten minutes",
            "Since Monday my VPN connection from home is cut after 10 minutes, error 691.",
        ),
        Text(
            "Printer on floor 3 jams", "The printer HP-3021 beside the kitchen jams with every second sheet of paper."
        ),
        Text("Wrong amount on invoice 20417", "We ordered 14 monitors and invoice 20417 charges us for 41 of them."),
        Text("Cannot log in to the payroll site", "The payroll page says that my account is locked after the holiday."),
        Text("New laptop for Maria", "Maria Lopez begins on 1 December in accounting and needs a laptop and a phone."),
        Text(
            "Shared calendar is empty",
            "The calendar of the sales team shows no meetings in Outlook since the migration.",
        ),
        Text(
            "Please restore a folder",
            "Somebody deleted the folder Contracts 2025 on drive S:, we need it back this week.",
        ),
        Text("", "My screen flickers when the docking station is connected, without the station it is fine."),
        Text("", "Parcel 88213 was delivered to the neighbour and the box is soaked with water."),
        Text(
            "Access to the warehouse scanner",
            "I moved to the warehouse and the scanner rejects my badge 5571 at gate B.",
        ),
        Text(
            "Backup report shows red",
            "The nightly backup of server FS02 failed three nights in a row with code 0x80070020.",
        ),
        Text(
            "Refund has not arrived",
            "You promised a refund for order 77120 two weeks ago and my bank has received nothing.",
        ),
    ),
    "pl": (
        Text("VPN zrywa połączenie", "Od poniedziałku połączenie VPN z domu zrywa się po 10 minutach, błąd 691."),
        Text("Drukarka na trzecim piętrze", "Drukarka HP-3021 obok kuchni zacina papier przy każdym drugim arkuszu."),
        Text("Zła kwota na fakturze 20417", "Zamówiliśmy 14 monitorów, a faktura 20417 obciąża nas za 41 sztuk."),
        Text("Nie mogę zalogować się do kadr", "Strona kadrowa pisze, że moje konto zostało zablokowane po urlopie."),
        Text(
            "Laptop dla nowej koleżanki",
            "Maria Wilk zaczyna 1 grudnia w księgowości i potrzebuje laptopa oraz telefonu.",
        ),
        Text(
            "Pusty kalendarz zespołu", "Kalendarz działu sprzedaży nie pokazuje spotkań w Outlooku od czasu migracji."
        ),
        Text("", "Ekran miga, kiedy podłączam stację dokującą, bez stacji działa poprawnie."),
        Text("", "Paczkę 88213 zostawiono u sąsiada, a karton jest przemoczony."),
        Text("Zwrot pieniędzy", "Dwa tygodnie temu obiecano zwrot za zamówienie 77120, bank niczego nie zaksięgował."),
    ),
    "ru": (
        Text("Обрывается VPN", "С понедельника домашнее подключение VPN обрывается через 10 минут, ошибка 691."),
        Text("Принтер на третьем этаже", "Принтер HP-3021 возле кухни заминает каждый второй лист бумаги."),
        Text("Неверная сумма в счёте 20417", "Мы заказали 14 мониторов, а счёт 20417 выставлен на 41 штуку."),
        Text(
            "Не могу войти в кадровый портал", "Кадровый портал пишет, что учётная запись заблокирована после отпуска."
        ),
        Text("Ноутбук для новой сотрудницы", "Мария Волкова выходит 1 декабря в бухгалтерию, нужны ноутбук и телефон."),
        Text(
            "Пустой календарь отдела", "Календарь отдела продаж не показывает встречи в Outlook после переезда почты."
        ),
        Text("", "Экран мерцает при подключении док-станции, без станции изображение нормальное."),
        Text("", "Посылку 88213 оставили у соседа, коробка промокла насквозь."),
        Text("Возврат денег не пришёл", "Две недели назад обещали возврат за заказ 77120, банк ничего не получил."),
    ),
    "fa": (
        Text("قطع شدن وی‌پی‌ان", "از دوشنبه اتصال وی‌پی‌ان خانه بعد از ۱۰ دقیقه قطع می‌شود، خطای ۶۹۱."),
        Text("چاپگر طبقه سوم", "چاپگر HP-3021 کنار آشپزخانه هر برگه دوم کاغذ را مچاله می‌کند."),
        Text("مبلغ اشتباه فاکتور ۲۰۴۱۷", "ما ۱۴ مانیتور سفارش دادیم ولی فاکتور ۲۰۴۱۷ برای ۴۱ عدد صادر شده است."),
        Text("ورود به سامانه حقوق", "سامانه حقوق و دستمزد می‌گوید حساب کاربری بعد از مرخصی قفل شده است."),
        Text("لپ‌تاپ برای همکار جدید", "مریم رضایی اول دی در حسابداری شروع می‌کند و لپ‌تاپ و تلفن لازم دارد."),
        Text("تقویم خالی تیم", "تقویم گروه فروش بعد از جابجایی سرور جلسات را در اوتلوک نشان نمی‌دهد."),
        Text("", "صفحه نمایش وقتی داک وصل است چشمک می‌زند، بدون داک تصویر سالم است."),
        Text("", "بسته ۸۸۲۱۳ تحویل همسایه شده و کارتن کاملا خیس است."),
        Text("بازگشت پول نرسیده", "دو هفته پیش قول بازپرداخت سفارش ۷۷۱۲۰ را دادید و بانک چیزی دریافت نکرده است."),
    ),
}
GREETINGS = {
    "en": (
        ("Hello,", "Best regards\nAnn"),
        ("Hi team!", "Thanks"),
        ("Good morning,", ""),
        ("Dear Sir or Madam,", "Cheers, Bob"),
    ),
    "pl": (("Dzień dobry,", "Pozdrawiam\nAnna"), ("Cześć!", "Dziękuję"), ("Szanowni Państwo,", "Z poważaniem")),
    "ru": (("Добрый день!", "С уважением, Анна"), ("Привет,", "Спасибо"), ("Здравствуйте,", "")),
    "fa": (("سلام وقت بخیر", "با تشکر، مریم"), ("درود بر شما", "ممنون"), ("با سلام و احترام", "")),
}
_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
_ARABIC = str.maketrans("یک", "يك")
_ONE_IN = 18  # Letters of which one is mistyped: one word in three or four.


def _greeted(text: Text, language: str, chance: random.Random) -> Text:
    before, after = chance.choice(GREETINGS[language])
    return text._replace(text=f"{before}\n{text.text}\n{after}".strip())


def _mistyped(words: str, chance: random.Random) -> str:
    letters = list(words)
    for at in range(1, len(letters) - 1):
        if letters[at].isalpha() and letters[at + 1].isalpha() and chance.randrange(_ONE_IN) == 0:
            kind = chance.randrange(3)
            if kind == 0:
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
            else:
                letters[at] = "" if kind == 1 else letters[at] * 2
    return "".join(letters)


def _typos(text: Text, language: str, chance: random.Random) -> Text:
    return Text(_mistyped(text.subject, chance), _mistyped(text.text, chance))


def _chat(text: Text, language: str, chance: random.Random) -> Text:
    return Text("", f"{text.subject}\n{text.text}".strip())


def _other_digits(text: Text, language: str, chance: random.Random) -> Text:
    table = _LATIN if language == "fa" else _DIGITS
    return Text(text.subject.translate(table), text.text.translate(table).translate(_ARABIC))


def _shouted(text: Text, language: str, chance: random.Random) -> Text:
    return Text(text.subject.upper(), text.text.upper())


CHANGES: Sequence[Callable[[Text, str, random.Random], Text]] = (_greeted, _typos, _chat, _other_digits, _shouted)


def pairs(languages: Sequence[str], seed: int = 1, copies: int = 6) -> Iterator[Pair]:
    """Each message with `copies` of its own, changed in one to three ways, and with every other of its language."""
    chance = random.Random(seed)
    for language in languages:
        messages = MESSAGES[language]
        for n, original in enumerate(messages):
            for _ in range(copies):
                changes = chance.sample(CHANGES, k=chance.randint(1, 3))
                other = _greeted(original, language, chance) if chance.randrange(2) else original
                for change in changes:
                    other = change(other, language, chance)
                ways = "+".join(change.__name__.strip("_") for change in changes)
                yield Pair(f"{language} {n} {ways}", original, other, is_same=True)
            for m, another in enumerate(messages[:n]):
                yield Pair(f"{language} {n} {m}", _greeted(original, language, chance), another, is_same=False)
            yield from _twins(f"{language} {n} twin", original)


def _twins(name: str, original: Text) -> Iterator[Pair]:
    """The same words about another thing."""
    table = str.maketrans("0123456789۰۱۲۳۴۵۶۷۸۹", "3157924680۳۱۵۷۹۲۴۶۸۰")
    twin = Text(original.subject.translate(table), original.text.translate(table))
    if twin.subject != original.subject:
        yield Pair(name, original, twin, is_same=False)
