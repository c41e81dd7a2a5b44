"""Writes what a record changes, in few statements; the caller's savepoint holds them together."""

from sqlalchemy import Connection

from router.known import Changes, Facts
from store import awaited, contacts, deadletters, greetings, inbox, outbox, parked, tickets
from store.numbers import serial_of
from store.outbox import Parcel
from store.topics import EVENTS


def write(connection: Connection, changes: Changes, facts: Facts) -> None:
    """Write all of it, and publish the events with the same transaction."""
    if changes.contact is not None:
        if changes.is_new_contact:
            contacts.add(connection, changes.contact, facts.now)
        else:
            contacts.change(connection, changes.contact)
    if changes.ticket is not None:
        if changes.is_new_ticket:
            tickets.use_serial(connection, serial_of(changes.ticket.number))
            tickets.open_ticket(connection, changes.ticket, changes.because)
        else:
            tickets.change_ticket(connection, changes.ticket)
    if changes.messages:
        tickets.add_messages(connection, changes.messages)
    if changes.replaced is not None:
        tickets.replace_message(connection, changes.replaced)
    if changes.events:
        tickets.add_events(connection, changes.events)
        outbox.add_all(connection, [Parcel(EVENTS, str(event.ticket.number), event) for _, event in changes.events])
    _write_waiting(connection, changes, facts)
    _write_outcome(connection, changes, facts)


def _write_waiting(connection: Connection, changes: Changes, facts: Facts) -> None:
    if changes.met and facts.awaited.get(changes.met):
        awaited.met(connection, changes.met)
    if changes.awaits:
        awaited.add(connection, changes.awaits)
    if changes.greeting is not None and changes.greeting.reply_path is not None:
        greetings.add(connection, changes.greeting, changes.greeting.reply_path)
    if changes.greeted and changes.ticket is not None:
        ids = [message.id for message in changes.greeted]
        greetings.remove(connection, ids)
        inbox.join(connection, ids, changes.ticket.number)


def _write_outcome(connection: Connection, changes: Changes, facts: Facts) -> None:
    if changes.parked is not None:
        if changes.parked.state == "waiting":
            parked.add(connection, changes.parked)
        else:
            parked.decide(connection, changes.parked, facts.now)
    if changes.again:
        inbox.settle(connection, changes.settled)
    else:
        inbox.record(connection, changes.settled, facts.now)
    if changes.letter:
        deadletters.resolve(connection, changes.letter)
