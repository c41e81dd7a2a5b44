"""The commands `deskwire parked`: messages that wait for a person's word."""

from collections.abc import Sequence
from functools import partial

from config.settings import Configuration
from console import desk
from console.several import each
from console.words import complain, document, moment, say, shown, table
from store import parked
from store.codec import decode_inbound
from store.errors import Permanent
from store.records import Message
from store.rows import ParkedItem


async def listing(configuration: Configuration, *, state: str, as_json: bool) -> None:
    """Parked messages, oldest first."""
    async with desk.opened(configuration) as opened:
        found = await opened.read(lambda connection: parked.listed(connection, state=state))
    if as_json:
        document("parked", [_plain(one) for one in found])
        return
    rows = [(one.id[:8], one.reason, moment(one.parked_at), *_from(one.value)) for one in found]
    table(("id", "reason", "parked", "channel", "from", "subject"), rows, empty=f"No parked message is {state}.")
    if found:
        complain("\nShow one: deskwire parked show ID     Let it in: deskwire parked accept ID")


async def show(configuration: Configuration, prefix: str, *, body: bool, as_json: bool) -> None:
    """One parked message, and why it waits."""
    async with desk.opened(configuration) as opened:
        found = await opened.read(lambda connection: parked.find(connection, prefix))
    if as_json:
        document("parked_message", _plain(found) | ({"text": _text(found)} if body else {}))
        return
    channel, sender, subject = _from(found.value)
    say(f"{found.id}  {found.state}" + (f" by {found.decided_by}" if found.decided_by else ""))
    say(f"  reason   {found.reason}, since {moment(found.parked_at)}")
    for reason in found.because:
        say(f"  because  {reason.rule}: {shown(reason.evidence or reason.result)}")
    say(f"  from     {sender} by {channel}")
    say(f"  subject  {subject}")
    if body:
        for line in _text(found).splitlines():
            say(f"  | {shown(line)}")
    else:
        name = found.id[:8]
        accept = f"     Let it in: deskwire parked accept {name}" if found.state == "waiting" else ""
        complain(f"\nIts text: deskwire parked show {name} --body{accept}")


async def decide(configuration: Configuration, prefixes: Sequence[str], kind: str, *, text: str = "") -> None:
    """Accept or refuse each of these; Refused where one could not be."""
    async with desk.opened(configuration) as opened:

        async def do(prefix: str) -> None:
            found = await opened.read(partial(parked.find, prefix=prefix))
            told = await opened.act(kind, item=found.id, text=text)
            done = {"accept": "is accepted", "refuse": "is refused"}[kind]
            ticket = f": ticket {told.ticket}" if told.ticket else ""
            say(
                f"{found.id[:8]} {done}{ticket}."
                if told.outcome
                else f"{found.id[:8]} {done} as soon as the router runs."
            )

        await each(prefixes, do)


def _plain(item: ParkedItem) -> dict[str, object]:
    """Without the text."""
    channel, sender, subject = _from(item.value)
    return {
        "id": item.id,
        "state": item.state,
        "reason": item.reason,
        "because": item.because,
        "parked_at": item.parked_at,
        "channel": channel,
        "from": sender,
        "subject": subject,
        "decided_by": item.decided_by,
    }


def _text(item: ParkedItem) -> str:
    """What the customer wrote; empty for what is no message, or cannot be read any more."""
    try:
        record = decode_inbound(item.value)
    except Permanent:
        return ""
    return record.text if isinstance(record, Message) else ""


def _from(value: bytes) -> tuple[str, str, str]:
    """Channel, sender and subject of a parked record, as far as it has them."""
    try:
        record = decode_inbound(value)
    except Permanent:
        return "-", "-", "-"
    if isinstance(record, Message):
        return record.channel, shown(record.sender.value), shown(record.subject)
    return record.channel, "-", type(record).__name__
