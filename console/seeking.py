"""What somebody looks for with `deskwire ticket list`, as its options say it."""

from datetime import UTC, datetime, time, timedelta
from typing import TypedDict, Unpack
from zoneinfo import ZoneInfo

from config.settings import Configuration
from console import work
from store.durations import parsed
from store.errors import Permanent
from store.mailboxes import mailbox_of
from store.ticket_list import NOBODY, Order, Sought
from store.words import searched

ORDERS: tuple[Order, ...] = ("newest", "due", "priority")


class Given(TypedDict):
    """The options as they were given; empty ones were not."""

    states: tuple[str, ...]
    team: str
    person: str
    priority: str
    category: str
    customer: str
    due: str
    text: str
    order: Order
    limit: int


def sought(configuration: Configuration, **given: Unpack[Given]) -> Sought:
    """What to look for. Raises Permanent for a moment that is none, and for words without a letter or digit."""
    words = searched(given["text"]).split()
    if given["text"] and not words:
        raise Permanent(f'"{given["text"]}" has no word to look for: write letters or digits')
    person = given["person"]
    return Sought(
        states=given["states"],
        team=given["team"],
        person=person if person in ("", NOBODY) else work.person(person, configuration),
        priority=given["priority"],
        category=given["category"],
        customer=mailbox_of("mail", given["customer"].strip().lower()) if given["customer"] else "",
        due_by=_due(given["due"], configuration, datetime.now(UTC)) if given["due"] else None,
        words=words,
        order=given["order"],
        limit=given["limit"],
    )


def _due(written: str, configuration: Configuration, now: datetime) -> datetime:
    if written == "overdue":
        return now
    if written == "today":
        zone = ZoneInfo(configuration.settings.site.time_zone)
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), zone).astimezone(UTC)
    try:
        return now + parsed(written)
    except ValueError as error:
        raise Permanent(f'"{written}" is no time in which something is due: write overdue, today, or 2h') from error
