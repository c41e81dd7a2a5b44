"""The command `deskwire learn`: learns from the desk's tickets, tries that on the newest, and keeps what helps."""

import asyncio
from datetime import datetime
from importlib.util import find_spec

from config.settings import Configuration
from config.stores import key_of, model_file
from console import desk
from console.learning.keep import keep
from console.learning.lessons import Lessons, read_lessons
from console.routing.rehearsal import rules_of
from console.words import Refused
from router.learned.guesser import NEEDS
from router.learned.pieces import sender_key
from store.errors import Permanent

LEAST = 200  # Tickets: with fewer, the fifth that is kept for the trial says nothing.
PACKAGES = ("numpy", "scipy", "sklearn")


async def learn(configuration: Configuration, *, now: datetime, force: bool, dry_run: bool, as_json: bool) -> None:
    """Say how a model does beside the rules, and keep it if the desk is right more often with it, or by `force`.

    Raises Permanent where packages or tickets are missing; Refused with code 1 where the model does not help.
    """
    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        raise Permanent(f"learning needs packages that are not installed ({', '.join(missing)}): run {NEEDS}")
    from console.learning import report, taught  # noqa: PLC0415 (the other commands work without the extra)

    policy = rules_of(configuration).routing
    async with desk.opened(configuration) as opened:
        lessons = await read_lessons(opened, policy, configuration.settings.classify.model)
    _enough(lessons)
    result = await asyncio.to_thread(taught.taught, lessons.known, policy, sender_key(key_of(configuration)), now)
    place = model_file(configuration) if (result.helps or force) and not dry_run else None
    if place is not None:
        await asyncio.to_thread(keep, result.file, place)
    report.tell(result, lessons, policy.learned.min_confidence, place, as_json=as_json)
    if not result.helps and not force:
        raise Refused("" if as_json else "It is not kept: the desk is not right more often with it than without.", 1)


def _enough(lessons: Lessons) -> None:
    known, categories = len(lessons.known), len({one.category for one in lessons.known})
    if known < LEAST or categories < 2:  # noqa: PLR2004 (one category is no choice)
        raise Permanent(
            f"of the newest {lessons.tickets} tickets {known} are known to have the right category, in {categories} "
            f"categories, and {LEAST} tickets in 2 categories are the least to learn from: solve tickets, and correct "
            "the category of those that have a wrong one"
        )
