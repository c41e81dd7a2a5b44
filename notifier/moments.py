"""Moments as their readers read them: in a zone, a language and a calendar."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, get_day_names, get_timezone_location

from notifier.jalali import MONTHS, jalali

_ENGLISH = "en_GB"  # The 24 hours of the clock, and the day before its month, as everywhere but in the USA.
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def day_and_time(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Such as "Mon, 23 Nov, 09:00"; in Persian by the Solar Hijri calendar. An unknown language reads English."""
    local = moment.astimezone(zone)
    if language == "fa":
        return _persian(local)
    locale = _locale(language)
    return f"{format_skeleton('MMMEd', local, locale=locale)}, {format_skeleton('Hm', local, locale=locale)}"


def place_of(zone: ZoneInfo, language: str) -> str:
    """The zone's city, "Warsaw", for readers who may live elsewhere; empty for UTC and what has no city."""
    if "/" not in zone.key or zone.key.startswith("Etc/"):
        return ""
    return get_timezone_location(zone, locale=_locale(language), return_city=True)


def _persian(local: datetime) -> str:
    day = jalali(local.date())
    name = get_day_names("wide", locale="fa")[local.weekday()]
    return f"{name} {day.day} {MONTHS[day.month - 1]}، ساعت {local:%H:%M}".translate(_PERSIAN_DIGITS)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(_ENGLISH if language in ("", "en") else language)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_ENGLISH)
