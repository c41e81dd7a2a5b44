"""When a mail was sent by its own account, as far as that can be believed. Pure and total."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from ingest.channels.mail.charset import to_text
from ingest.channels.mail.headers import Headers

_EARLIEST = timedelta(days=7)  # Before it came: longer than any server holds a mail back (RFC 5321, 4.5.4.1).
_LATEST = timedelta(minutes=5)  # After it came: clocks differ.
_NONSENSE = timedelta(days=366)  # A clock that is off by a year says nothing at all.
_LONGEST = 100  # Characters of a date.


def sent_at(headers: Headers, received_at: datetime) -> datetime | None:
    """The Date field in UTC, moved to at most a week before and five minutes after the mail came.

    None where it is absent, no date, or off by more than a year.
    """
    try:
        found = parsedate_to_datetime(to_text(headers.first("date"))[:_LONGEST])
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if abs(found - received_at) > _NONSENSE:
        return None
    return min(max(found, received_at - _EARLIEST), received_at + _LATEST)
