"""The days on which a calendar does not work: a country's holidays, and those that the desk adds or takes out."""

from datetime import date

import holidays
import msgspec


class DaysOff(msgspec.Struct, frozen=True, kw_only=True):
    """Public holidays and other days."""

    country: str = ""  # ISO 3166-1, two letters, as the `holidays` library knows it; empty: no country's.
    subdivision: str = ""  # Of the country, "BY"; empty: what is a holiday everywhere in it.
    also: frozenset[date] = frozenset()  # Days off that are no public holidays.
    worked: frozenset[date] = frozenset()  # Public holidays on which work goes on.

    def of(self, year: int) -> frozenset[date]:
        """The days off of one year; holidays by the moon are the library's estimate."""
        public = (
            holidays.country_holidays(self.country, subdiv=self.subdivision or None, years=year, expand=False)
            if self.country
            else ()
        )
        return frozenset({*public, *(day for day in self.also if day.year == year)} - self.worked)


def is_country(country: str, subdivision: str = "") -> bool:
    """Whether the holidays of a country, and of its subdivision, are known."""
    known = holidays.list_supported_countries(include_aliases=True)
    return country in known and (not subdivision or subdivision in known[country])


def countries() -> list[str]:
    """The codes of all countries whose holidays are known."""
    return sorted(holidays.list_supported_countries())
