"""The commands `deskwire contact`: whom the desk knows, and what it knows of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from config.control import Told
from config.settings import Configuration
from console import desk
from console.contact_file import Bad, Line, read
from console.several import PARTLY
from console.words import Refused, complain, counted, document, moment, say, shown
from router.customer.customer_settings import cards_of
from router.policy import Card
from store import contact_views
from store.contact_views import Known
from store.errors import Permanent
from store.mailboxes import domains_of, mailbox_of, spelled
from store.records import Address, ContactCard

_TICKETS = 10  # That are shown of a customer, the newest.


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One place that knows something of an address, nearest first."""

    place: str  # "deskwire.yaml:51", "database", "database, acme.example".
    organisation: str
    tags: tuple[str, ...]
    language: str


async def bring_in(configuration: Configuration, path: Path, *, skip_bad: bool, as_json: bool) -> None:
    """Import a file of customers: all of it, or nothing where a line is bad and bad ones are not to be skipped."""
    lines, bad = read(path)
    if bad and not skip_bad:
        todo = "nothing was imported. Mend the file, or import the others with --skip-bad."
        raise Refused(f"{_told(bad)}\n{counted(len(bad), 'bad line')}: {todo}", 1)
    async with desk.opened(configuration) as opened:
        told = await opened.say_who([(line.card, "") for line in lines])
    refused = [Bad(line.number, one.detail or one.error) for line, one in zip(lines, told, strict=True) if _no(one)]
    failed = sorted([*bad, *refused])
    done = len(lines) - len(refused)
    if as_json:
        document("contact_import", {"imported": done, "bad": [one._asdict() for one in failed]})
    else:
        later = "" if all(one.outcome or _no(one) for one in told) else " as soon as the router runs"
        say(f"{counted(done, 'customer')} imported{later}.")
    if failed:
        raise Refused("" if as_json else _told(failed), PARTLY if done else 1)


def _no(told: Told) -> bool:
    return bool(told.error or told.detail)


def _told(bad: Sequence[Bad | Line]) -> str:
    return "\n".join(f"line {one.number}: {one.why}" for one in bad if isinstance(one, Bad))


async def tag(configuration: Configuration, written: str, changes: Sequence[str], *, as_json: bool) -> None:
    """Add and remove tags of whom an address leads to."""
    async with desk.opened(configuration) as opened:
        await _say(opened, ContactCard(addresses=(_address(written),)), " ".join(changes))
    await show(configuration, written, as_json=as_json)


async def join(configuration: Configuration, several: Sequence[str], *, as_json: bool) -> None:
    """Let several addresses lead to one person."""
    async with desk.opened(configuration) as opened:
        await _say(opened, ContactCard(addresses=tuple(map(_address, several))), "")
    await show(configuration, several[0], as_json=as_json)


async def _say(opened: desk.Desk, card: ContactCard, changes: str) -> None:
    (told,) = await opened.say_who([(card, changes)])
    if _no(told):
        raise Permanent(told.error or told.detail)
    if not told.outcome:
        complain("Accepted. It is done as soon as the router runs; until then what follows is as it was.")


async def show(configuration: Configuration, written: str, *, as_json: bool) -> None:
    """Who an address leads to, what is known of them and from where, and their last tickets."""
    address = _address(written)
    above = [Address(kind="domain", value=domain) for domain in _domains(address)]

    def look(connection: Connection) -> dict[Address, Known]:
        return contact_views.known(connection, [address, *above], tickets=_TICKETS)

    async with desk.opened(configuration) as opened:
        found = await opened.read(look)
    sources = _sources(address, above, found, cards_of(configuration.settings.customers))
    if address not in found and not sources:
        raise Permanent(f"nobody is known by {written}: see `deskwire contact import`")
    known = found.get(address)
    if as_json:
        document("contact", _plain(address, known, sources))
        return
    for line in _lines(address, known, sources):
        say(line)


def _sources(
    address: Address,
    above: Sequence[Address],
    found: Mapping[Address, Known],
    cards: Mapping[tuple[str, str], Card],
) -> list[Source]:
    """In the order of `router.customer.customers.sources_of`."""
    value = address.value if address.kind == "domain" else mailbox_of(address.kind, address.value)
    places = [
        _of_file(cards.get((address.kind, value))),
        _of_store(found.get(address), "database"),
        *(_of_file(cards.get(("domain", one.value))) for one in above),
        *(_of_store(found.get(one), f"database, {one.value}") for one in above),
    ]
    return [place for place in places if place is not None]


def _of_file(card: Card | None) -> Source | None:
    if card is None:
        return None
    return Source(place=card.place, organisation=card.organisation, tags=card.tags, language=card.language)


def _of_store(known: Known | None, place: str) -> Source | None:
    if known is None:
        return None
    one = known.addresses[0]
    if not (one.organisation or one.tags or one.language):
        return None
    return Source(place=place, organisation=one.organisation, tags=one.tags, language=one.language)


def _plain(address: Address, known: Known | None, sources: Sequence[Source]) -> Mapping[str, object]:
    return {
        "address": address,
        "contact": known.addresses[0].id if known else "",
        "addresses": [{"address": one.address, "proof": one.proof} for one in known.addresses] if known else [],
        "last_person": known.addresses[0].last_person if known else "",
        "organisation": next((one.organisation for one in sources if one.organisation), ""),
        "language": next((one.language for one in sources if one.language), ""),
        "tags": list(dict.fromkeys(tag for one in sources for tag in one.tags)),
        "sources": sources,
        "tickets": [one._asdict() for one in known.tickets] if known else [],
    }


def _lines(address: Address, known: Known | None, sources: Sequence[Source]) -> list[str]:
    name = next((one.address.name for one in known.addresses if one.address.name), "") if known else ""
    leading = known.addresses if known else ()
    lines = [
        shown(f"{name} <{address.value}>" if name else address.value),
        *(shown(f"  address       {one.address.kind} {one.address.value}, proof {one.proof}") for one in leading),
    ]
    for source in sources:
        lines += [f"  organisation  {shown(source.organisation)} ({source.place})"] if source.organisation else []
        lines += [f"  tags          {shown(' '.join(source.tags))} ({source.place})"] if source.tags else []
        lines += [f"  language      {source.language} ({source.place})"] if source.language else []
    if known and known.addresses[0].last_person:
        lines.append(f"  last worked with {known.addresses[0].last_person.partition(':')[2]}")
    for ticket in known.tickets if known else ():
        lines.append(
            shown(f"  ticket        {ticket.number}  {ticket.state}  {moment(ticket.opened_at)}  {ticket.subject}")
        )
    return lines


def _address(written: str) -> Address:
    found = spelled(written)
    if found is None:
        raise Refused(f'"{written}" is no address: write one as ann@acme.example, a domain, or telegram:12345', 2)
    return Address(kind=found[0], value=found[1])


def _domains(address: Address) -> Sequence[str]:
    if address.kind == "mail":
        return domains_of(address.value)
    return domains_of(f"x@{address.value}")[1:] if address.kind == "domain" else ()
