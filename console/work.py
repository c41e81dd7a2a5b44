"""The commands `deskwire ticket` that do something to a ticket: each says in one sentence what was done."""

import getpass
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from config.settings import Configuration
from console import desk
from console.tickets import unknown
from console.words import document, say
from router.life.allowed import DUPLICATE
from store import lookups
from store.durations import parsed
from store.errors import Permanent

ME = "me"

# What is said when it is done.
_SAID: Mapping[str, str] = {
    "answer": "Ticket {number} is answered; the customer gets it by the channel that they used.",
    "note": "The note stands in ticket {number}; the customer does not see it.",
    "claim": "Ticket {number} is yours.",
    "give": "Ticket {number} is given to {value}.",
    "move": "Ticket {number} is with team {value} now; its number and deadlines stay.",
    "change": "Ticket {number} has {value} now.",
    "wait": "Ticket {number} waits{until}.",
    "solve": "Ticket {number} is solved.",
    "reopen": "Ticket {number} is open again.",
    "close": "Ticket {number} is closed.",
    "escalate": "Ticket {number} went a level up.",
    "link": "Ticket {number} and ticket {value} name each other.",
    DUPLICATE: "Ticket {number} is solved as the same as ticket {value}, which goes on.",
}


async def work(
    configuration: Configuration,
    number: int,
    kind: str,
    *,
    text: str = "",
    value: str = "",
    why: str = "",
    until: str = "",
    as_json: bool = False,
) -> None:
    """Hand the action over, and say what became of it. Raises Permanent where it was refused, Temporary."""
    words = sys.stdin.read() if text == "-" else text
    wakes_at = moment_of(until, configuration, datetime.now(UTC)) if until else None
    async with desk.opened(configuration) as opened:
        if number not in await opened.read(lambda connection: lookups.by_number(connection, [number])):
            raise unknown(number)
        told = await opened.act(
            kind, ticket=number, text=words, value=value, why=why, until=wakes_at, actor=me(configuration)
        )
    shown = f" until {wakes_at:%Y-%m-%d %H:%M} UTC" if wakes_at else " for the customer"
    sentence = _said(kind, value, why, configuration).format(
        number=number, value=value.removeprefix("person:"), until=shown
    )
    if not told.outcome:
        sentence = f"Accepted. It is done to ticket {number} as soon as the router runs."
    if as_json:
        document("action", {"ticket": number, "kind": kind, "applied": bool(told.outcome), "words": sentence})
    else:
        say(sentence)


def _said(kind: str, value: str, why: str, configuration: Configuration) -> str:
    if kind == "give" and value == me(configuration):
        return _SAID["claim"]
    return _SAID[DUPLICATE if why == DUPLICATE else kind]


def me(configuration: Configuration) -> str:
    """Who types: the person of the settings who is called as the user of this machine is, or else an operator."""
    user = getpass.getuser()
    return f"person:{user}" if user in configuration.settings.people else f"operator:{user}"


def person(written: str, configuration: Configuration) -> str:
    """Whom somebody means by "me", by a person's key or by their name; the router says where there is nobody."""
    if written == ME:
        return me(configuration)
    wanted = written.casefold()
    known = configuration.settings.people
    keys = [key for key, one in known.items() if wanted in (key.casefold(), one.name.casefold())]
    return f"person:{keys[0] if keys else written}"


def moment_of(written: str, configuration: Configuration, now: datetime) -> datetime:
    """A moment from now, as 2h or 3d; or by the desk's clock, as 2026-11-24 09:00. Raises Permanent."""
    try:
        return now + parsed(written)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise Permanent(
            f'"{written}" is no moment: write how long from now, as 2h or 3d, or when, as "2026-11-24 09:00"'
        ) from error
    zone = ZoneInfo(configuration.settings.site.time_zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
