"""The commands `deskwire parked`: messages that wait for a person's word."""

from collections.abc import Sequence
from functools import partial

from config.settings import Configuration
from console import desk
from console.words import document, moment, say, shown, table
from store import parked
from store.codec import decode_inbound
from store.errors import Permanent
from store.records import Message


async def listing(configuration: Configuration, *, state: str, as_json: bool) -> None:
    """Parked messages, oldest first."""
    async with desk.opened(configuration) as opened:
        found = await opened.read(lambda connection: parked.listed(connection, state=state))
    if as_json:
        document("parked", [{"id": one.id, "reason": one.reason, "state": one.state} for one in found])
        return
    rows = [(one.id[:8], one.reason, moment(one.parked_at), *_from(one.value)) for one in found]
    table(("id", "reason", "parked", "channel", "from", "subject"), rows)
    if found:
        say("\nShow one: deskwire parked show ID     Let it in: deskwire parked accept ID")


async def show(configuration: Configuration, prefix: str, *, body: bool) -> None:
    """One parked message, and why it waits."""
    async with desk.opened(configuration) as opened:
        found = await opened.read(lambda connection: parked.find(connection, prefix))
    channel, sender, subject = _from(found.value)
    say(f"{found.id}  {found.state}" + (f" by {found.decided_by}" if found.decided_by else ""))
    say(f"  reason   {found.reason}, since {moment(found.parked_at)}")
    for reason in found.because:
        say(f"  because  {reason.rule}: {shown(reason.evidence or reason.result)}")
    say(f"  from     {sender} by {channel}")
    say(f"  subject  {subject}")
    record = decode_inbound(found.value)
    if body and isinstance(record, Message):
        for line in record.text.splitlines():
            say(f"  | {shown(line)}")


async def decide(configuration: Configuration, prefixes: Sequence[str], kind: str, *, text: str = "") -> None:
    """Accept or refuse each of these; the first that is refused ends it, and says so."""
    async with desk.opened(configuration) as opened:
        for prefix in prefixes:
            found = await opened.read(partial(parked.find, prefix=prefix))
            told = await opened.act(kind, item=found.id, text=text)
            done = {"accept": "is accepted", "refuse": "is refused"}[kind]
            ticket = f": ticket {told.ticket}" if told.ticket else ""
            say(
                f"{found.id[:8]} {done}{ticket}."
                if told.outcome
                else f"{found.id[:8]} {done} as soon as the router runs."
            )


def _from(value: bytes) -> tuple[str, str, str]:
    """Channel, sender and subject of a parked record, as far as it has them."""
    try:
        record = decode_inbound(value)
    except Permanent:
        return "-", "-", "-"
    if isinstance(record, Message):
        return record.channel, shown(record.sender.value), shown(record.subject)
    return record.channel, "-", type(record).__name__
