"""Gives an action to the desk, and waits a little for what the router made of it."""

import asyncio
from collections.abc import Callable

from config.control import Told
from ingest.intake import Intake
from store import inbox
from store.database import Database
from store.records import Action

PATIENCE = 5.0  # Seconds; a router that is at work answers within one.
BETWEEN_LOOKS = 0.05


async def perform(action: Action, *, intake: Intake, database: Database, patience: float = PATIENCE) -> Told:
    """Accept the action, and tell what became of it; an empty outcome: it is accepted and will be applied later.

    Raises Temporary where it cannot even be accepted now.
    """
    await intake.act(action)
    clock: Callable[[], float] = asyncio.get_running_loop().time
    until = clock() + patience
    while clock() < until:
        found = (await database.read(lambda connection: inbox.outcomes(connection, [action.id]))).get(action.id)
        if found is not None:
            return Told(outcome=found.outcome, ticket=found.ticket, detail=found.detail)
        await asyncio.sleep(BETWEEN_LOOKS)
    return Told(outcome="")
