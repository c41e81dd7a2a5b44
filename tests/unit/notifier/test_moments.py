"""Moments are told as readers of each language write them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from notifier.jalali import Jalali, jalali
from notifier.moments import day_and_time, place_of

MOMENT = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "zone", "said", "place"),
    [
        ("en", "Europe/London", "Mon 23 Nov, 08:00", "London"),
        ("pl", "Europe/Warsaw", "pon., 23 lis, 09:00", "Warszawa"),
        ("ru", "Europe/Moscow", "пн, 23 нояб., 11:00", "Москва"),
        ("fa", "Asia/Tehran", "دوشنبه ۲ آذر، ساعت ۱۱:۳۰", "تهران"),
        ("de", "Europe/Berlin", "Mo., 23. Nov., 09:00", "Berlin"),
        ("no such", "UTC", "Mon 23 Nov, 08:00", ""),
        ("", "Etc/GMT+1", "Mon 23 Nov, 07:00", ""),
    ],
)
def test_a_moment_is_told_in_the_readers_words(language: str, zone: str, said: str, place: str) -> None:
    assert day_and_time(MOMENT, ZoneInfo(zone), language) == said
    assert place_of(ZoneInfo(zone), language) == place


@pytest.mark.parametrize(
    ("day", "called"),
    [
        (date(2026, 11, 23), Jalali(1405, 9, 2)),
        (date(2026, 3, 20), Jalali(1404, 12, 29)),
        (date(2026, 3, 21), Jalali(1405, 1, 1)),
        (date(2025, 3, 20), Jalali(1403, 12, 30)),  # A leap year's last day.
        (date(2025, 3, 21), Jalali(1404, 1, 1)),
        (date(2026, 9, 22), Jalali(1405, 6, 31)),  # The last of the long months.
        (date(2026, 9, 23), Jalali(1405, 7, 1)),
    ],
)
def test_a_day_is_called_as_in_iran(day: date, called: Jalali) -> None:
    assert jalali(day) == called
