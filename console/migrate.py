"""The command `deskwire migrate`: prepares database, log and blobs for this release."""

from config.settings import Configuration
from config.stores import opened, prepared
from console.words import say


async def migrate(configuration: Configuration) -> None:
    """Do what is to be done, once; a desk that is prepared already stays as it is."""
    async with opened(configuration) as stores:
        changed = await prepared(stores)
    say(
        "The desk is prepared: its database was migrated."
        if changed
        else "The desk is prepared; nothing had to change."
    )
