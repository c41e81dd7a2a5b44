"""Reads from a desk what its tickets teach: the newest ones whose category is known to be right."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from console.desk import Desk
from router.anew import nothing_known
from router.learned.lessons import lesson
from router.learned.pieces import MOST_SUBJECT, MOST_TEXT
from router.learned.settings import ModelSettings
from router.policy import Policy
from router.rules.classify import NO_RULE, category_of
from router.rules.traits import traits_of
from store import history
from store.codec import decode_kept
from store.events import TicketEvent
from store.history import Past
from store.records import Message

_PAGE = 200  # Tickets that are read at once.


class Lesson(NamedTuple):
    """A message and its category."""

    message: Message  # What a model looks at of it, and no more.
    category: str
    ruled: str  # The category by the rules of today; empty: none matches.


class Lessons(NamedTuple):
    """All that a desk teaches."""

    known: list[Lesson]  # The oldest first.
    tickets: int  # That were looked at.


async def read_lessons(desk: Desk, policy: Policy, settings: ModelSettings) -> Lessons:
    """What the newest tickets teach, at most `settings.newest` of them. Raises PluginFailed where a rule's fails."""
    known: list[Lesson] = []
    tickets = 0
    before: int | None = None
    while tickets < settings.newest:
        most = min(_PAGE, settings.newest - tickets)
        asked = partial(_page, number=before, most=most, policy=policy, learn_from=settings.learn_from)
        number, page = await desk.read(asked)
        if not page:
            break
        tickets, before = tickets + len(page), number
        known.extend(lesson for lesson in page if lesson is not None)
    return Lessons(known[::-1], tickets)


def _page(
    connection: Connection, *, number: int | None, most: int, policy: Policy, learn_from: Collection[str]
) -> tuple[int, list[Lesson | None]]:
    """The smallest number of the next tickets, and what each of them teaches; the newest first."""
    page = history.opened_before(connection, number, most)
    came = history.teams_of(connection, [past.number for past in page])
    lessons = [_lesson(past, came.get(past.number, ()), policy, learn_from) for past in page]
    return (page[-1].number if page else 0), lessons


def _lesson(past: Past, events: Sequence[TicketEvent], policy: Policy, learn_from: Collection[str]) -> Lesson | None:
    message = decode_kept(past.record)
    if not isinstance(message, Message):
        return None
    traits = traits_of(message, nothing_known(past.opened_at), policy)
    category = lesson(events, past.state, traits, policy, learn_from)
    if not category:
        return None
    ruled = category_of(traits, policy)
    cut = msgspec.structs.replace(
        message, subject=message.subject[:MOST_SUBJECT], text=message.text[:MOST_TEXT], quoted="", html=""
    )
    return Lesson(cut, category, "" if ruled.rule == NO_RULE else ruled.result)
