"""The command `deskwire ticket split`: a message that belongs somewhere else becomes a ticket of its own."""

from config.settings import Configuration
from console import desk
from console.tickets import unknown
from console.words import say
from store import inbox, lookups
from store.errors import Permanent


async def split(configuration: Configuration, number: int, message: int, why: str) -> None:
    """Hand it over, and say which number the new ticket has. Raises Permanent where it was refused.

    `message` counts from 1 in its ticket, as `ticket show` counts; `why`: what stands where it was; empty: where it is.
    """
    async with desk.opened(configuration) as opened:
        story = await opened.read(lambda connection: lookups.show(connection, number))
        if story is None:
            raise unknown(number)
        chosen = next((kept for kept in story.messages if kept.seq == message), None)
        if chosen is None:
            raise Permanent(
                f"ticket {number} has {len(story.messages)} messages and no message {message}: "
                f"see `deskwire ticket show {number}`"
            )
        told = await opened.act("split", ticket=number, item=chosen.id, text=why)
        settled = await opened.read(lambda connection: inbox.outcomes(connection, [chosen.id]))
    if told.outcome:
        say(f"Message {message} of ticket {number} is ticket {settled[chosen.id].ticket} now.")
    else:
        say(f"Accepted. Message {message} of ticket {number} becomes a ticket as soon as the router runs.")
