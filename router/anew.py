"""What is known where there is no desk to ask, or where a message is decided about as if it came for the first time."""

from datetime import datetime

import msgspec

from router.known import Facts
from router.overlay import Overlay


def nothing_known(now: datetime) -> Facts:
    """The facts of a desk that has had no message yet."""
    return Facts(
        now=now,
        serial=0,
        tokens={},
        deliveries={},
        posted={},
        addressed={},
        replayed={},
        outcomes=Overlay(),
        holders=Overlay(),
        tickets=Overlay(),
        copies=Overlay(),
        awaited=Overlay(),
        contacts=Overlay(),
        chats=Overlay(),
        greetings=Overlay(),
        parked=Overlay(),
        endpoints=Overlay(),
        opened=Overlay(),
        turned=0,
        told=Overlay(),
    )


def without_tickets(facts: Facts, now: datetime) -> Facts:
    """What is known of people, and nothing of what they wrote: so a message that has its ticket opens one again."""
    blank = nothing_known(now)
    kept = ("serial", "contacts", "endpoints", "loads", "guesses")
    return msgspec.structs.replace(blank, **{name: getattr(facts, name) for name in kept})
