"""Whether a machine reports on another one, and what of its words stays when it does so again. Pure."""

import re

from router.rules.phrases import Phrases, normalised
from store.codec import digest_of
from store.records import Message

MACHINE = ("audience", "machine")  # The fact by which a channel says that machines write to it.

# Machines' mails that may be reports of monitoring; lists and bulk mail are for people.
_AUTOMATED = frozenset({"auto-generated", "null-sender", "noreply", "bot"})
_MOST = 8_000  # Characters that are read.
_DAY = 8  # Digits of a date: year, month and day.

# What the subject of such a report says. An order that cannot be shipped says none of it: each is another order.
_WORDS = Phrases(
    (
        *("alert", "alarm", "critical", "warning", "firing", "down", "unreachable", "not responding", "threshold"),
        *("monitor", "nagios", "zabbix", "icinga", "prometheus", "grafana", "uptime", "disk space", "high load"),
        *("ostrzeżenie", "krytyczn", "awaria", "niedostępn", "przekroczon"),
        *("тревога", "предупреждение", "критическ", "авария", "недоступ", "превышен"),
        *("هشدار", "بحرانی", "اخطار", "از دسترس خارج"),
    )
)
# Programs that watch machines, as the names that they send by; what they write first may say only "Problem: ...".
_WATCHERS = Phrases(("alertmanager", "grafana", "icinga", "monitor", "nagios", "prometheus", "zabbix"))
_MONTHS = frozenset(
    normalised(
        "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september "
        "october november december mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday "
        "sunday am pm utc gmt cet cest msk "
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia "
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря пн вт ср чт пт сб вс "
        "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"
    ).split()
)
_TOKEN = re.compile(r"[^\s,;()\[\]{}<>\"'=|]++")
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")  # IPv4: which machine it is, not how much of something.
_HEX = re.compile(r"(?:0x)?[0-9a-f-]{6,80}")
# "95.5%", "12:04:11z", "3.4gb/s", "-7°c".
_MEASURED = re.compile(r"[-+~]?[0-9][0-9.,:/%°+-]{0,40}[a-zµ%]{0,3}(?:/[a-z]{1,3})?")


def is_alert(message: Message) -> bool:
    """Whether a machine reports on another one: by its channel, or as an automatic mail's subject or writer says."""
    if any((fact.name, fact.value) == MACHINE for fact in message.facts):
        return True
    if message.automated not in _AUTOMATED:
        return False
    writer = f"{message.sender.name} {message.sender.value.partition('@')[0]}"
    return bool(_WORDS.found_in(normalised(message.subject[:_MOST])) or _WATCHERS.found_in(normalised(writer[:_MOST])))


def template_of(message: Message) -> str:
    """A digest of the sender and of what stays the same when a machine reports the same again.

    Numbers, measures, dates and hexadecimal ids are left out. Names that have digits in them ("web-01") and network
    addresses stay: they say which machine it is.
    """
    words = f"{message.subject}\n{message.text}"[:_MOST].casefold()
    kept = (masked for token in _TOKEN.findall(words) if (masked := _masked(token.strip(".:!?#"))))
    parts = (message.channel, message.sender.kind, message.sender.value, " ".join(kept))
    return digest_of(*(part.encode("utf-8", "replace") for part in parts))


def _masked(token: str) -> str:
    """What stands for a token; empty for one that may be another the next time."""
    token = token if token.isascii() else normalised(token)
    if _ADDRESS.fullmatch(token):
        return token
    if not any(sign.isalnum() for sign in token):  # A unit that stands apart: "91 %".
        return ""
    if token in _MONTHS or _MEASURED.fullmatch(token) or _is_moment(token):
        return ""
    return "" if _HEX.fullmatch(token) and any(sign.isdigit() for sign in token) else token


def _is_moment(token: str) -> bool:
    """Whether it is a date with its time in one word, "2026-11-22t08:00:00.123+01:00"."""
    return sum(sign.isdigit() for sign in token) >= _DAY and "t" in token and set(token) <= set("0123456789-+:.tz")
