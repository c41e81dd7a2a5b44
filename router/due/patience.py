"""What time does to tickets that wait for their customers."""

from datetime import timedelta

import msgspec


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long a customer is waited for, since the ticket waits; one that waits until a moment is left alone."""

    remind_after: tuple[timedelta, ...] = ()
    close_after: timedelta | None = None  # None: it is never given up.
