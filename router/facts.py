"""Reads what the decisions about a whole batch need, in a number of queries that does not grow with the batch."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from router.commands import released_record
from router.known import Facts, chat_of
from router.overlay import Overlay
from store import awaited, contacts, deadletters, greetings, inbox, lookups, parked, tickets
from store.errors import Permanent
from store.records import Action, DeliveryReport, Edit, Inbound, Membership, Message, Proof
from store.rows import Chat, ParkedItem, Settled, indexed
from store.tokens import Token, candidates, verify


class Wanted(msgspec.Struct, kw_only=True):
    """What a batch's records name, and so what must be looked up."""

    ids: set[str] = msgspec.field(default_factory=set)
    fingerprints: set[str] = msgspec.field(default_factory=set)
    external_ids: set[str] = msgspec.field(default_factory=set)  # As `indexed` gives them.
    deliveries: set[str] = msgspec.field(default_factory=set)
    addresses: set[tuple[str, str]] = msgspec.field(default_factory=set)
    chats: set[Chat] = msgspec.field(default_factory=set)
    tickets: set[int] = msgspec.field(default_factory=set)
    items: set[str] = msgspec.field(default_factory=set)
    signed: set[str] = msgspec.field(default_factory=set)  # Texts that may hold a token of ours.

    def of(self, records: Iterable[Inbound | Action]) -> "Wanted":
        """The same, with what these records name."""
        for record in records:
            self.ids.add(record.id)
            match record:
                case Action():
                    self.items.add(record.item)
                    if record.ticket is not None:
                        self.tickets.add(record.ticket)
                case Message():
                    self.fingerprints.add(record.fingerprint)
                    self._of_message(record)
                case Edit():
                    self.fingerprints.add(record.fingerprint)
                    self.external_ids.add(indexed(record.external_id))
                    self.addresses.add((record.sender.kind, record.sender.value))
                    self.chats.add(Chat(record.channel, record.sender.value))
                case DeliveryReport():
                    self.fingerprints.add(record.fingerprint)
                    self.deliveries.add(record.delivery)
                case Membership():
                    self.fingerprints.add(record.fingerprint)
                    self.chats.add(Chat(record.channel, record.chat))
        return self

    def _of_message(self, message: Message) -> None:
        self.addresses.add((message.sender.kind, message.sender.value))
        self.external_ids.update(map(indexed, (message.external_id, *message.references)))
        self.signed.update(
            text for text in (*message.tokens, *message.references, message.external_id) if candidates(text)
        )
        chat = chat_of(message.reply_path) if message.proof is Proof.SESSION else None
        if chat:
            self.chats.add(chat)


Key = TypeVar("Key")
Found = TypeVar("Found")

# SQLite takes 32,766 values in a statement (sqlite.org/limits.html, SQLITE_MAX_VARIABLE_NUMBER).
_AT_ONCE = 10_000
_LARGEST = 2**63 - 1  # What a column of numbers holds.


def gather(connection: Connection, records: Sequence[Inbound | Action], keys: Sequence[bytes], now: datetime) -> Facts:
    """The facts for these records, and for the parked ones which they let through."""
    wanted = Wanted().of(records)
    items = _ask(connection, parked.by_id, wanted.items)
    wanted.of(_released(records, items))
    outcomes = _ask(connection, inbox.outcomes, wanted.ids)
    tokens = _verified(wanted.signed, keys, now)
    sent = _ask(connection, lookups.of_deliveries, wanted.deliveries)
    copies = _ask(connection, lookups.copies, wanted.external_ids)
    late = _ask(connection, awaited.by_external_id, wanted.external_ids)
    chats = _ask(connection, lookups.of_chats, wanted.chats)
    numbers = {
        *wanted.tickets,
        *sent.values(),
        *(token.ticket for token in tokens.values()),
        *(settled.ticket for settled in outcomes.values() if settled.ticket is not None),
        *(copy.ticket for copy in chain.from_iterable(copies.values())),
        *(row.ticket for row in chain.from_iterable(late.values())),
        *chain.from_iterable(chats.values()),
    }
    return Facts(
        now=now,
        serial=tickets.last_serial(connection),
        tokens=tokens,
        deliveries=sent,
        replayed=_replayed(connection, outcomes),
        outcomes=Overlay(outcomes),
        holders=Overlay(_ask(connection, inbox.holders, wanted.fingerprints)),
        tickets=Overlay(_ask(connection, lookups.by_number, numbers)),
        copies=Overlay(copies),
        awaited=Overlay(late),
        contacts=Overlay(_ask(connection, contacts.by_address, wanted.addresses)),
        chats=Overlay(chats),
        greetings=Overlay(_ask(connection, greetings.of_chats, wanted.chats)),
        parked=Overlay(items),
    )


def _released(records: Sequence[Inbound | Action], items: Mapping[str, ParkedItem]) -> list[Inbound]:
    released = []
    for record in records:
        if isinstance(record, Action) and record.kind == "accept" and record.item in items:
            try:
                released.append(released_record(items[record.item]))
            except Permanent:  # Applying the action meets it again, and there it is the action's own failure.
                continue
    return released


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
