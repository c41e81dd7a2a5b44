"""How many messages Telegram lets a bot send before it asks to wait."""

from collections import deque
from datetime import datetime, timedelta
from math import ceil

import msgspec


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Limits; https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this."""

    overall_per_second: int = 30
    group_per_minute: int = 20


class Meter:
    """Counts what was sent."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._all: deque[datetime] = deque()
        self._groups: dict[int, deque[datetime]] = {}

    def wait(self, chat: int, now: datetime) -> int:
        """Seconds to wait before a message to this chat may go; 0 counts it as sent."""
        lanes = [(self._all, self._pace.overall_per_second, timedelta(seconds=1))]
        if chat < 0:
            sent = self._groups.setdefault(chat, deque())
            lanes.append((sent, self._pace.group_per_minute, timedelta(minutes=1)))
        waits = [_wait(*lane, now) for lane in lanes]
        if not any(waits):
            for sent, _, _ in lanes:
                sent.append(now)
        return max(waits)


def _wait(sent: deque[datetime], most: int, window: timedelta, now: datetime) -> int:
    while sent and sent[0] <= now - window:
        sent.popleft()
    return 0 if len(sent) < most else ceil((sent[0] + window - now).total_seconds())
