"""The Solar Hijri calendar of Iran, in which Persian readers read dates."""

from datetime import date
from typing import NamedTuple

MONTHS = (
    *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
    *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
)

# The first day of the year 1, as this rule counts back to it; the sky had it a day later.
_EPOCH = date(622, 3, 21).toordinal()
_CYCLE_YEARS, _CYCLE_LEAPS = 33, 8
_CYCLE_DAYS = _CYCLE_YEARS * 365 + _CYCLE_LEAPS
_LONG_MONTHS = 6  # Of 31 days each; five of 30 follow, and the last, of 29 or 30.


class Jalali(NamedTuple):
    """A day of the calendar."""

    year: int
    month: int  # From 1.
    day: int  # From 1.


def jalali(day: date) -> Jalali:
    """The same day as Persian readers call it.

    By the rule of eight leap years in 33, which is what the astronomical calendar gives for the years 1244 to 1472
    (1865 to 2093).
    """
    cycles, left = divmod(day.toordinal() - _EPOCH, _CYCLE_DAYS)
    year = cycles * _CYCLE_YEARS + 1
    while left >= (length := 365 + _is_leap(year)):
        left -= length
        year += 1
    if left < _LONG_MONTHS * 31:
        return Jalali(year, left // 31 + 1, left % 31 + 1)
    left -= _LONG_MONTHS * 31
    return Jalali(year, left // 30 + _LONG_MONTHS + 1, left % 30 + 1)


def _is_leap(year: int) -> bool:
    return year % _CYCLE_YEARS in (1, 5, 9, 13, 17, 22, 26, 30)
