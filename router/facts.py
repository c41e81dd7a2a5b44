"""Reads what the decisions about a whole batch need, in a number of queries that does not grow with the batch."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import chain, islice
from typing import NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection

from router.floods import SUSPECTED
from router.known import STORM_WITHIN, Facts
from router.life.commands import released_record
from router.overlay import Overlay
from router.policy import Policy
from router.reports import ANSWER_BOUNCED
from router.sameness.splitting import message_of
from router.technicians.staff import STAFF
from router.wanted import Wanted, signed_in
from store import (
    awaited,
    contacts,
    deadletters,
    drafts,
    endpoints,
    greetings,
    inbox,
    links,
    loads,
    lookups,
    parked,
    sent,
    sketches,
    tickets,
)
from store.errors import Permanent
from store.records import Action, Inbound
from store.rows import (
    Awaited,
    Chat,
    Contact,
    Copy,
    DraftKey,
    KeptDraft,
    KeptMessage,
    Opened,
    ParkedItem,
    Said,
    Sent,
    Settled,
    Ticket,
)
from store.tokens import Token, verify

Key = TypeVar("Key")
Found = TypeVar("Found")

# SQLite takes 32,766 values in a statement (sqlite.org/limits.html, SQLITE_MAX_VARIABLE_NUMBER).
_AT_ONCE = 10_000
_LARGEST = 2**63 - 1  # What a column of numbers holds.


def gather(connection: Connection, records: Sequence[Inbound | Action], policy: Policy, now: datetime) -> Facts:
    """The facts for these records, and for the parked ones which they let through."""
    wanted, items, split_off = _named(connection, records)
    outcomes = _ask(connection, inbox.outcomes, wanted.ids)
    tokens, kept = _signed(connection, wanted, policy, now)
    mails = _mails(connection, wanted, tokens)
    copies = _ask(connection, lookups.copies, wanted.external_ids)
    late = _ask(connection, awaited.by_external_id, wanted.external_ids)
    chats = _ask(connection, lookups.of_chats, wanted.chats)
    opened = _opened(connection, wanted, policy)
    once = {*_of_floods(opened, wanted, policy), *(mails.tickets if wanted.reported else ())}
    known, said = _said(connection, wanted, policy)
    numbers = {*wanted.tickets, *mails.tickets, *once, *_pointed(tokens, outcomes, copies, late, chats)}
    found, followers = _tickets(connection, numbers, said)
    facts = Facts(
        now=now,
        serial=tickets.last_serial(connection),
        tokens=tokens,
        deliveries=mails.by_id,
        posted=mails.by_external_id,
        addressed=mails.by_recipient,
        replayed=_replayed(connection, outcomes),
        outcomes=Overlay(outcomes),
        holders=Overlay(_ask(connection, inbox.holders, wanted.fingerprints)),
        tickets=Overlay(found),
        followers=Overlay(followers),
        copies=Overlay(copies),
        awaited=Overlay(late),
        contacts=Overlay(known),
        chats=Overlay(chats),
        parked=Overlay(items),
        drafts=Overlay(kept),
        endpoints=Overlay(_ask(connection, endpoints.by_address, wanted.addresses | mails.recipients(wanted))),
        opened=Overlay(opened),
        turned=endpoints.turned_since(connection, now - STORM_WITHIN) if wanted.reported else 0,
        told=Overlay(_ask(connection, _told, once)),
        said=Overlay(said),
        kept=Overlay(split_off),
    )
    return _with_people(connection, facts, wanted, policy)


def _tickets(
    connection: Connection, numbers: set[int], said: Mapping[str, Sequence[Said]]
) -> tuple[dict[int, Ticket], dict[int, tuple[int, ...]]]:
    """The tickets of these numbers, those in which the same may have been said, and what follows closed ones."""
    same = {row.ticket for row in chain.from_iterable(said.values())}
    found = _ask(connection, lookups.by_number, numbers | same)
    closed = {number for number, ticket in found.items() if ticket.state == "closed"}
    followers = _ask(connection, links.followers, closed)
    later = {*chain.from_iterable(followers.values())} - found.keys()
    return found | _ask(connection, lookups.by_number, later), followers


def _with_people(connection: Connection, facts: Facts, wanted: Wanted, policy: Policy) -> Facts:
    """With greetings, what each person has to do, and the customers of tickets that somebody works on."""
    by_mail = {token.ticket for token in facts.tokens.values() if token.purpose in STAFF}
    worked_on = [one for number in wanted.worked_on | by_mail if (one := facts.tickets.get(number)) is not None]
    asked = {(one.customer.kind, one.customer.value) for one in worked_on}
    missing = {key for key in asked if facts.contacts.get(key) is None}
    return msgspec.structs.replace(
        facts,
        contacts=facts.contacts.adding(_ask(connection, contacts.by_address, missing)),
        greetings=Overlay(_ask(connection, greetings.of_chats, wanted.chats)),
        loads=Overlay(_ask(connection, loads.of_people, _weighed(policy))),
        last_words=_ask(connection, lookups.last_words, {one.number for one in worked_on}),
    )


def _weighed(policy: Policy) -> set[str]:
    """Everybody between whom their loads may decide."""
    is_asked = {"least_busy", "round_robin"} & set(policy.prefer)
    return {person.actor for person in policy.people.values()} if is_asked else set()


def _pointed(
    tokens: Mapping[str, Token],
    outcomes: Mapping[str, Settled],
    copies: Mapping[str, Sequence[Copy]],
    late: Mapping[str, Sequence[Awaited]],
    chats: Mapping[Chat, Sequence[int]],
) -> Iterator[int]:
    """The tickets that what was found leads to."""
    yield from (token.ticket for token in tokens.values())
    yield from (settled.ticket for settled in outcomes.values() if settled.ticket is not None)
    yield from (copy.ticket for copy in chain.from_iterable(copies.values()))
    yield from (row.ticket for row in chain.from_iterable(late.values()))
    yield from chain.from_iterable(chats.values())


class _Mails(NamedTuple):
    """What went out and is reported on."""

    by_id: Mapping[str, Sent]
    by_external_id: Mapping[str, Sent]
    by_recipient: Mapping[tuple[int, str], Sent]

    @property
    def all(self) -> Iterable[Sent]:
        return chain(self.by_id.values(), self.by_external_id.values(), self.by_recipient.values())

    @property
    def tickets(self) -> set[int]:
        return {one.ticket for one in self.all}

    def recipients(self, wanted: Wanted) -> set[tuple[str, str]]:
        """Whose addresses the reports are about."""
        return {("mail", mail.address.lower()) for mail in self.all} if wanted.reported else set()


def _named(
    connection: Connection, records: Sequence[Inbound | Action]
) -> tuple[Wanted, dict[str, ParkedItem], dict[str, KeptMessage]]:
    """What the records name, with the parked ones that they let through and the messages that they split off.

    What these name is wanted too.
    """
    wanted = Wanted().of(records)
    items = _ask(connection, parked.by_id, wanted.items)
    kept = _ask(connection, lookups.messages_by_id, wanted.split)
    again = (message for one in kept.values() if (message := message_of(one)) is not None)
    return wanted.of(released_among(records, items.get)).of(again), items, kept


def _mails(connection: Connection, wanted: Wanted, tokens: Mapping[str, Token]) -> _Mails:
    recipients = {(token.ticket, token.actor) for token in tokens.values()} if wanted.reported else set()
    return _Mails(
        _ask(connection, sent.by_id, wanted.deliveries),
        _ask(connection, sent.by_external_id, wanted.posted),
        _ask(connection, sent.by_recipient, recipients),
    )


def _opened(connection: Connection, wanted: Wanted, policy: Policy) -> dict[tuple[str, str], tuple[Opened, ...]]:
    if not wanted.moments:
        return {}
    since, until = min(wanted.moments) - policy.flood.within, max(wanted.moments) + policy.flood.within

    def look_up(asked: Connection, writers: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[Opened, ...]]:
        return lookups.opened_lately(asked, writers, since, until)

    return _ask(connection, look_up, wanted.writers)


def _said(
    connection: Connection, wanted: Wanted, policy: Policy
) -> tuple[dict[tuple[str, str], Contact], dict[str, tuple[Said, ...]]]:
    """Whoever is named, what the writers of this batch said lately, and the alerts of its templates."""
    known = _ask(connection, contacts.by_address, wanted.addresses | wanted.domains)
    if not wanted.moments:
        return known, {}
    windows = policy.duplicates
    first, last = min(wanted.moments), max(wanted.moments)
    lately = max(windows.window, windows.twice)

    def of_people(asked: Connection, people: Collection[str]) -> dict[str, tuple[Said, ...]]:
        return sketches.of_contacts(asked, people, first - lately, last + lately)

    def of_machines(asked: Connection, templates: Collection[str]) -> dict[str, tuple[Said, ...]]:
        return sketches.of_templates(asked, templates, first - windows.alerts, last + windows.alerts)

    people = {known[address].id for address in wanted.speakers if address in known}
    return known, _ask(connection, of_people, people) | _ask(connection, of_machines, wanted.templates)


def _of_floods(opened: Mapping[tuple[str, str], Sequence[Opened]], wanted: Wanted, policy: Policy) -> set[int]:
    """The tickets of those who may open too many by what this batch brings; nobody else's must be read."""
    return {
        one.number
        for writer, several in opened.items()
        if len(several) + wanted.writers[writer] > policy.flood.tickets
        for one in several
    }


def _told(connection: Connection, numbers: Collection[int]) -> dict[int, frozenset[str]]:
    return sent.told(connection, numbers, SUSPECTED, ANSWER_BOUNCED)


def _signed(
    connection: Connection, wanted: Wanted, policy: Policy, now: datetime
) -> tuple[dict[str, Token], dict[DraftKey, KeptDraft]]:
    """The valid tokens, and the drafts of technicians who write to the same tickets again, whose tokens count too."""
    tokens = _verified(wanted.signed, policy.keys, now)
    claimed = [(tokens[text], actor) for text, actor in wanted.signers if text in tokens]
    keys = {(token.ticket, actor) for token, actor in claimed if token.purpose in STAFF}
    kept = _ask(connection, drafts.by_key, keys)
    words = [draft.message for draft in kept.values() if draft.message is not None]
    tokens |= _verified({text for message in words for text in signed_in(message)}, policy.keys, now)
    return tokens, kept


def released_among(
    records: Sequence[Inbound | Action], item_of: Callable[[str], ParkedItem | None]
) -> Iterator[Inbound]:
    """The parked records that these accept, each found by its id; one that cannot be read is left out."""
    for record in records:
        if isinstance(record, Action) and record.kind == "accept" and (item := item_of(record.item)) is not None:
            with suppress(Permanent):  # Applying the action meets it again, and there it is the action's own failure.
                yield released_record(item)


def _replayed(connection: Connection, outcomes: Mapping[str, Settled]) -> dict[str, str]:
    dead = {settled.id for settled in outcomes.values() if settled.outcome == "dead"}
    return {record: kept.letter.id for record, kept in _ask(connection, deadletters.replayed, dead).items()}


def _verified(texts: Iterable[str], keys: Sequence[bytes], now: datetime) -> dict[str, Token]:
    found: dict[str, Token] = {}
    for text in texts:
        for key in keys:
            token = verify(key, text, now=now)
            if token is not None:
                found.setdefault(text, token)
    return found


def _ask(
    connection: Connection, look_up: Callable[[Connection, Collection[Key]], dict[Key, Found]], keys: Collection[Key]
) -> dict[Key, Found]:
    """What a table has for these keys; nothing is asked where there are none.

    A key that no column can hold is left out: it would fail the batch, and only the record that has it shall fail.
    """
    found: dict[Key, Found] = {}
    askable = iter([key for key in keys if _is_askable(key)])
    while some := set(islice(askable, _AT_ONCE)):
        found |= look_up(connection, some)
    return found


def _is_askable(key: object) -> bool:
    if isinstance(key, tuple):
        return all(_is_askable(part) for part in key) and any(key)
    if isinstance(key, int):
        return 0 < key <= _LARGEST
    return isinstance(key, str) and key != "" and "\x00" not in key
