"""Makes the mails that the benchmarks send: synthetic, in four languages, the same for every run of one seed.

60 % are plain (1-4 KB of text), 25 % have an HTML alternative of 8-20 KB, 10 % a file of 50-200 KB, and 5 % answer an
earlier mail. Each stands in a file of its own, its lines ended by CRLF; `manifest.json` lists them in order.

The numbers are drawn in one fixed order: whoever adds a draw makes another workload, with another checksum.
"""

# ruff: noqa: RUF001, SIM905, PLR2004 (Words in four languages read better as texts; shares are the recipe itself.)

import argparse
import base64
import json
import random
import shutil
import textwrap
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate
from pathlib import Path
from typing import NamedTuple, TypedDict

SEED = 20240501
RECIPIENT = "support@desk.example.org"
BEGIN = 1714550400  # 2024-05-01, 08:00 UTC: when the first mail says it was sent.
STEP = 37  # Seconds between two mails' dates.
SENDERS = 300
LATEST = 400  # How many mails back a reply's original may lie.

WORDS = {
    "en": """the a order invoice account password reset cannot login please help my printer network shipping delayed
 refund yesterday customer since update error message server database connection timeout would like to know when will
 be delivered product broken screen charge twice card payment failed subscription cancel renewal license key activate
 install windows laptop phone number address change team manager urgent question about pricing feature request bug
 crash after export report dashboard missing data thank you for your quick reply best regards""".split(),
    "pl": """zamówienie faktura konto hasło reset nie mogę się zalogować proszę o pomoc drukarka sieć przesyłka
 opóźniona zwrot wczoraj klient od aktualizacja błąd komunikat serwer baza danych połączenie przekroczono czas
 chciałbym wiedzieć kiedy będzie dostarczony produkt uszkodzony ekran obciążono dwukrotnie karta płatność nieudana
 subskrypcja anulować odnowienie licencja klucz aktywacja instalacja laptop telefon numer adres zmiana zespół kierownik
 pilne pytanie o cenę funkcja prośba usterka po eksporcie raport brakujące dane dziękuję za szybką odpowiedź pozdrawiam
 żółty""".split(),
    "ru": """заказ счёт учётная запись пароль сброс не могу войти пожалуйста помогите принтер сеть доставка задержана
 возврат вчера клиент после обновления ошибка сообщение сервер база данных соединение тайм-аут хотел бы узнать когда
 будет доставлен товар сломан экран списали дважды карта оплата не прошла подписка отменить продление лицензия ключ
 активация установка ноутбук телефон номер адрес изменить команда менеджер срочно вопрос о цене функция просьба сбой
 экспорт отчёт отсутствуют данные спасибо за быстрый ответ с уважением""".split(),
    "fa": """سفارش فاکتور حساب رمز عبور بازنشانی نمی‌توانم وارد شوم لطفا کمک کنید چاپگر شبکه ارسال تاخیر بازپرداخت دیروز
 مشتری بعد از بروزرسانی خطا پیام سرور پایگاه داده اتصال زمان انتظار می‌خواهم بدانم چه وقت تحویل داده می‌شود محصول خراب
 صفحه دو بار کارت پرداخت ناموفق اشتراک لغو تمدید مجوز کلید فعال‌سازی نصب لپ‌تاپ تلفن شماره آدرس تغییر تیم مدیر فوری سوال
 درباره قیمت قابلیت درخواست اشکال گزارش داده‌های گمشده ممنون از پاسخ سریع شما با احترام""".split(),
}
GIVEN = """Anna Piotr John Mary Ivan Olga Reza Sara Tomasz Ewa Dmitry Elena Ali Maryam Kate Paul Łukasz Żaneta Михаил
 Наталья رضا مریم""".split()
FAMILY = """Kowalski Nowak Smith Brown Ivanov Petrova Ahmadi Hosseini Wiśniewska Jones Sidorov Lewandowski Тихонов
 Karimi""".split()
CHARSETS = {"pl": "iso-8859-2", "ru": "koi8-r"}  # What some senders of these languages still use.
FILES = ("invoice", "faktura", "счёт", "scan", "screenshot")
STYLE = (
    "font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px;color:#333333;margin:0;padding:0 0 12px 0"
)


class Sender(NamedTuple):
    """Somebody who writes, always in one language."""

    name: str
    address: str
    language: str

    @property
    def domain(self) -> str:
        """The part after the @."""
        return self.address.split("@")[1]


Listed = TypedDict(
    "Listed",
    {
        "i": int,
        "file": str,
        "kind": str,  # "plain", "alt", "attach", "reply".
        "lang": str,
        "mid": str,
        "subject": str,
        "size": int,
        "reply_to": int | None,  # The place of the mail that this one answers.
        "from": str,
    },
)


def main() -> None:
    """Write the mails and say what they are like."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("workload"))
    parser.add_argument("-n", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--to", default=RECIPIENT)
    options = parser.parse_args()
    listed = generate(options.out, options.n, seed=options.seed, recipient=options.to)
    for kind in ("plain", "alt", "attach", "reply"):
        sizes = sorted(mail["size"] for mail in listed if mail["kind"] == kind)
        if sizes:
            print(f"{kind}: {len(sizes)} of {sizes[0]} to {sizes[-1]} bytes, median {sizes[len(sizes) // 2]}")
    print(f"{sum(mail['size'] for mail in listed) / 1e6:.1f} MB by {len({mail['from'] for mail in listed})} senders")


def generate(folder: Path, count: int, *, seed: int = SEED, recipient: str = RECIPIENT) -> list[Listed]:
    """Fill the folder, whatever was in it before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    chance = random.Random(seed)
    senders = [_sender(chance, number) for number in range(SENDERS)]
    listed: list[Listed] = []
    for number, kind in enumerate(_kinds(chance, count)):
        original = None
        if kind == "reply":
            original = listed[chance.randrange(max(0, number - LATEST), number)]
            if original["reply_to"] is not None:
                original = listed[original["reply_to"]]
        sender = _by_address(senders, original["from"]) if original else chance.choice(senders)
        mail, entry = _mail(chance, number, kind, sender, original)
        mail.replace_header("To", recipient)
        content = mail.as_bytes(policy=SMTP.clone(max_line_length=78))
        (folder / entry["file"]).write_bytes(content)
        listed.append({**entry, "size": len(content)})
    (folder / "manifest.json").write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
    return listed


def _by_address(senders: list[Sender], address: str) -> Sender:
    return next(sender for sender in senders if sender.address == address)


def _sender(chance: random.Random, number: int) -> Sender:
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    if any("а" <= letter <= "я" for letter in (given + family).lower()):
        language = "ru"
    elif any("\u0600" <= letter <= "\u06ff" for letter in given):
        language = "fa"
    else:
        language = chance.choices(["en", "pl", "ru", "fa"], [45, 30, 15, 10])[0]
    return Sender(f"{given} {family}", f"user{number:03d}@cust{number % 60:02d}.example.com", language)


def _kinds(chance: random.Random, count: int) -> list[str]:
    """What each mail is; no reply comes before there is something to reply to."""
    kinds = ["plain"] * (count * 60 // 100) + ["alt"] * (count * 25 // 100) + ["attach"] * (count * 10 // 100)
    kinds += ["reply"] * (count - len(kinds))
    chance.shuffle(kinds)
    for early in range(min(20, count)):
        if kinds[early] == "reply":
            later = next(place for place in range(20, count) if kinds[place] != "reply")
            kinds[early], kinds[later] = kinds[later], kinds[early]
    return kinds


def _mail(
    chance: random.Random, number: int, kind: str, sender: Sender, original: Listed | None
) -> tuple[EmailMessage, Listed]:
    mail = EmailMessage(policy=SMTP)
    words = WORDS[sender.language]
    message_id = f"<{chance.getrandbits(64):016x}.{number}@mail.{sender.domain}>"
    _add_trace(chance, mail, number, sender)
    mail["From"] = formataddr((sender.name, sender.address))
    mail["To"] = RECIPIENT
    mail["Date"] = formatdate(BEGIN + number * STEP)
    mail["Message-ID"] = message_id
    if original:
        subject = "Re: " + original["subject"]
    else:
        title = " ".join(chance.choice(words) for _ in range(chance.randint(3, 8))).capitalize()
        subject = f"{title} {chance.randint(1000, 99999)}"
    mail["Subject"] = subject
    mail["X-Mailer"] = "Synthetic 1.0"
    mail["MIME-Version"] = "1.0"
    if original:
        mail["In-Reply-To"] = original["mid"]
        mail["References"] = original["mid"]
    _add_content(chance, mail, number, kind, sender.language)
    entry: Listed = {
        "i": number,
        "file": f"{number:05d}.eml",
        "kind": kind,
        "lang": sender.language,
        "mid": message_id,
        "subject": subject,
        "size": 0,
        "reply_to": original["i"] if original else None,
        "from": sender.address,
    }
    return mail, entry


def _add_trace(chance: random.Random, mail: EmailMessage, number: int, sender: Sender) -> None:
    """What servers write on top: two of them, and a signature that nobody can verify."""
    at = BEGIN + number * STEP
    domain = sender.domain
    mail["Received"] = (
        f"from mx{number % 5}.{domain} (mx [203.0.113.{number % 250}]) by desk.example.org with ESMTPS "
        f"id {chance.getrandbits(48):012x}; {formatdate(at)}"
    )
    mail["Received"] = (
        f"from [10.0.{number % 200}.5] by mx{number % 5}.{domain} with ESMTPSA "
        f"id {chance.getrandbits(48):012x}; {formatdate(at - 2)}"
    )
    digest = base64.b64encode(chance.randbytes(32)).decode()
    signature = " ".join(textwrap.wrap(base64.b64encode(chance.randbytes(256)).decode(), 60))
    mail["DKIM-Signature"] = (
        f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1; h=from:to:subject:date; bh={digest}; b={signature}"
    )


def _add_content(chance: random.Random, mail: EmailMessage, number: int, kind: str, language: str) -> None:
    words = WORDS[language]
    is_reply = kind == "reply"
    text = _text(chance, words, chance.randint(300, 1500) if is_reply else chance.randint(1000, 4000))
    if is_reply:
        quoted = "".join(f"> {line}\n" for line in _text(chance, words, 800).splitlines())
        text += f"\nOn {formatdate(BEGIN)}, desk wrote:\n{quoted}"
    encoding = "7bit" if language == "en" else chance.choice(["base64", "quoted-printable"])
    charset = CHARSETS.get(language) if chance.random() < 0.15 else None
    if charset:
        text = text.encode(charset, "replace").decode(charset)
    elif language == "en":
        charset = "us-ascii"
    mail.set_content(text, charset=charset or "utf-8", cte=encoding)
    if kind == "alt":
        page = _page(chance, words, text, chance.randint(8000, 20000))
        mail.add_alternative(page, subtype="html", cte="quoted-printable")
    if kind == "attach":
        content = b"%PDF-1.4\n" + chance.randbytes(chance.randint(50_000, 200_000))
        name = f"{chance.choice(FILES)}-{number}.pdf"
        mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    if mail.is_multipart():
        mail.set_boundary(f"==============={number:019d}==")  # The library would draw one that no seed decides.


def _sentence(chance: random.Random, words: list[str]) -> str:
    count = chance.randint(6, 16)
    said = [chance.choice(words) for _ in range(count)]
    if chance.random() < 0.12:
        said.insert(chance.randrange(count), f"#{chance.randint(10000, 999999)}")
    if chance.random() < 0.05:
        place = chance.randrange(count)
        said.insert(place, f"https://shop.example.com/o/{chance.randint(1000, 99999)}?ref=mail")
    sentence = " ".join(said)
    return sentence[:1].upper() + sentence[1:] + chance.choice(".....?!")


def _text(chance: random.Random, words: list[str], size: int) -> str:
    """Paragraphs of a few sentences, of at least `size` bytes."""
    done: list[str] = []
    paragraph: list[str] = []
    so_far = 0
    while so_far < size:
        sentence = _sentence(chance, words)
        paragraph.append(sentence)
        so_far += len(sentence.encode()) + 1
        if len(paragraph) >= chance.randint(2, 5):
            done.append("\n".join(paragraph))
            paragraph = []
    if paragraph:
        done.append("\n".join(paragraph))
    return "\n\n".join(done) + "\n"


def _page(chance: random.Random, words: list[str], text: str, size: int) -> str:
    """HTML as shops send it: a table, and a style on every paragraph."""
    rules = "".join(
        f".c{number}{{padding:{number}px;color:#{chance.randrange(0xFFFFFF):06x};mso-line-height-rule:exactly}}"
        for number in range(40)
    )
    page = (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><style>body{{margin:0}}table{{border-collapse:collapse}}'
        f'{rules}</style></head><body><table width="100%" cellpadding=0 cellspacing=0><tr><td>'
    )
    page += "\n".join(
        f'<p class="c{number % 40}" style="{STYLE}">{paragraph}</p>'
        for number, paragraph in enumerate(text.split("\n\n"))
    )
    while len(page.encode()) < size:
        page += (
            f'\n<tr><td class="c{chance.randrange(40)}" style="{STYLE}"><a href="https://shop.example.com/p/'
            f'{chance.randrange(10**6)}"><b>{_sentence(chance, words)}</b></a><br><span style="{STYLE}">'
            f"{_sentence(chance, words)}</span></td></tr>"
        )
    return page + "</td></tr></table></body></html>\n"


if __name__ == "__main__":
    main()
