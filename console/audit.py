"""The command `deskwire audit`: the sums of the desk, and whether they add up."""

from config.settings import Configuration
from config.stores import blobs_of, bus_of
from console import desk
from console.words import Refused, document, say
from store.audit import Audit
from store.audit import audit as audited


async def audit(configuration: Configuration, *, blobs: bool, as_json: bool) -> None:
    """Audit the desk, running or not; Refused with code 1 where something does not add up."""
    async with desk.opened(configuration) as opened:
        bus, kept = bus_of(configuration), blobs_of(configuration)
        await bus.start()
        try:
            found = await audited(opened.database, bus, blobs=kept if blobs else None)
        finally:
            await bus.close()
            await kept.close()
    if as_json:
        document("audit", found)
    else:
        for line in told(found):
            say(line)
    if not found.balanced:
        raise Refused("", 1)


def told(found: Audit) -> list[str]:
    """The audit as lines."""
    outcomes = " · ".join(f"{count} {name}" for name, count in found.outcomes) or "none yet"
    sent = " · ".join(f"{count} {name}" for name, count in found.deliveries) or "none yet"
    return [
        f"accepted    {found.accepted} in the log, {found.unread} of them not read yet; {found.originals} read in all",
        f"records     {found.records}, {found.in_flight} of them on their way",
        f"outcomes    {outcomes}",
        f"tickets     {found.tickets} with {found.messages} messages",
        f"waiting     {found.parked} parked · {found.dead} dead · {found.held} held · {found.outbox} in the outbox",
        f"deliveries  {sent}",
        *(f"DIFFERENCE  {line}" for line in found.differences),
        "Everything adds up." if found.balanced else f"{len(found.differences)} differences: nothing was changed.",
    ]
