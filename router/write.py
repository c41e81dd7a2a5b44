"""Writes what records change, in few statements; the caller's savepoint holds them together."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection

from router.known import Changes
from store import (
    awaited,
    contact_cards,
    contacts,
    deadletters,
    drafts,
    endpoints,
    greetings,
    inbox,
    links,
    loads,
    outbox,
    parked,
    participants,
    sent,
    sketches,
    texts,
    tickets,
    timers,
)
from store.numbers import serial_of
from store.outbox import Parcel
from store.topics import ACTIONS, EVENTS


class Pen:
    """Writes the changes of one record after the other, and publishes their events with the same transaction.

    Most records change the same few tables: these wait, and are written together, with one statement for each table.
    Nothing that is read in between may depend on them; `flush` at the end.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        """`now` is when everything happens."""
        self._connection = connection
        self._now = now
        self._waiting: list[Changes] = []

    def write(self, changes: Changes) -> None:
        """Write all of it, now or with what follows."""
        if changes.is_plain:
            self._waiting.append(changes)
            return
        self.flush()
        _write_common(self._connection, [changes], self._now)
        _write_waiting(self._connection, changes, self._now)
        _write_reported(self._connection, changes, self._now)
        _write_outcome(self._connection, changes, self._now)
        _write_timers(self._connection, [changes], self._now)

    def flush(self) -> None:
        """Write what waits."""
        several, self._waiting = self._waiting, []
        _write_common(self._connection, several, self._now)
        inbox.record(self._connection, [changes.settled for changes in several], self._now)
        _write_timers(self._connection, several, self._now)


def _write_common(connection: Connection, several: Sequence[Changes], now: datetime) -> None:
    """People before their tickets, and these before what stands in them: rows name rows that are there."""
    people = [(changes.contact, changes.is_new_contact) for changes in several if changes.contact is not None]
    contacts.add(connection, [contact for contact, is_new in people if is_new], now)
    contacts.change(connection, [contact for contact, is_new in people if not is_new])
    for card in [changes.card for changes in several if changes.card is not None]:
        contact_cards.put(connection, card, now)
    changed = [(changes.ticket, changes) for changes in several if changes.ticket is not None]
    opened = [(ticket, changes.because) for ticket, changes in changed if changes.is_new_ticket]
    if opened:
        tickets.use_serial(connection, max(serial_of(ticket.number) for ticket, _ in opened))
    tickets.open_tickets(connection, opened)
    known = [(*changes.others, *([] if changes.is_new_ticket else [ticket])) for ticket, changes in changed]
    tickets.change_tickets(connection, list(chain.from_iterable(known)))
    loads.took(connection, [*(ticket for ticket, _ in opened), *chain.from_iterable(known)])
    for changes in several:
        if changes.moved is not None:  # Before its place is taken.
            tickets.move_message(connection, changes.moved)
    messages = [message for changes in several for message in changes.messages]
    tickets.add_messages(connection, messages)
    texts.add(connection, messages)
    sketches.put(connection, [one for changes in several for one in changes.said])
    participants.add(connection, [person for changes in several for person in changes.joined], now)
    links.add(connection, [link for changes in several for link in changes.links], now)
    events = [event for changes in several for event in changes.events]
    tickets.add_events(connection, events)
    outbox.add_all(connection, [Parcel(EVENTS, str(event.ticket.number), event) for _, event in events])


def _write_timers(connection: Connection, several: Sequence[Changes], now: datetime) -> None:
    """After the outcomes, by which it is known what has fired; of a ticket that changed twice the last set holds."""
    wanted = {
        changes.ticket.number: changes.timers
        for changes in several
        if changes.ticket is not None and changes.timers is not None
    }
    if wanted:
        timers.replace(connection, wanted, now)


def _write_waiting(connection: Connection, changes: Changes, now: datetime) -> None:
    if changes.replaced is not None:
        tickets.replace_message(connection, changes.replaced)
        texts.put(connection, changes.replaced)
    if changes.met:
        awaited.met(connection, changes.met)
    if changes.awaits:
        awaited.add(connection, changes.awaits)
    if changes.greeting is not None and changes.greeting.reply_path is not None:
        greetings.add(connection, changes.greeting, changes.greeting.reply_path)
    if changes.draft is not None:
        drafts.put(connection, changes.draft, now)
    outbox.add_all(connection, [Parcel(ACTIONS, str(action.ticket), action) for action in changes.actions])
    if changes.greeted and changes.ticket is not None:
        ids = [message.id for message in changes.greeted]
        greetings.remove(connection, ids)
        inbox.join(connection, ids, changes.ticket.number)


def _write_reported(connection: Connection, changes: Changes, now: datetime) -> None:
    if changes.endpoint is not None:
        endpoints.put(connection, [changes.endpoint])
    if changes.bounced:
        words = next((event.text for _, event in reversed(changes.events)), "")
        sent.came_back(connection, changes.bounced, words, now)


def _write_outcome(connection: Connection, changes: Changes, now: datetime) -> None:
    if changes.resettled is not None:
        inbox.settle(connection, changes.resettled)
    if changes.parked is not None:
        if changes.parked.state == "waiting":
            parked.add(connection, changes.parked)
        else:
            parked.decide(connection, changes.parked, now)
    if changes.again:
        inbox.settle(connection, changes.settled)
    else:
        inbox.record(connection, [changes.settled], now)
    if changes.letter:
        deadletters.resolve(connection, changes.letter)
