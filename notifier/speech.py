"""How the desk speaks: its name, its clock, and what it calls categories and people in a language."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from notifier.moments import day_and_time


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What people read in place of the settings' own keys; what has no name is called by its key."""

    site: str  # The desk's name.
    zone: ZoneInfo  # That dates are told in.
    categories: Mapping[str, Mapping[str, str]] = {}  # The names of each by language.
    people: Mapping[str, str] = {}  # By actor: "person:ola" is "Ola Nowak".


class Speech(msgspec.Struct, frozen=True, kw_only=True):
    """The names, as one text has them."""

    names: Names
    language: str  # Of the template.
    fallback: tuple[str, ...]  # Languages that stand in for it, in this order.

    def category(self, key: str) -> str:
        """What a category is called in the language, or in the nearest one that has a name for it."""
        labels = self.names.categories.get(key, {})
        return next((labels[one] for one in (self.language, *self.fallback) if one in labels), key)

    def moment(self, moment: datetime | None) -> str:
        """When it is, on the desk's clock; empty for never."""
        return day_and_time(moment, self.names.zone, self.language) if moment else ""

    def person(self, actor: str) -> str:
        """Who an actor is; of one that has no name what stands behind its colon."""
        return self.names.people.get(actor) or actor.partition(":")[2] or actor
