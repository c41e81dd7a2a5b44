"""What the router knows while it decides, and how what one record changed is known to the next."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from router.folding import copies_after, followers_after, last_words_after, said_after, said_by_one
from router.overlay import Overlay
from store.cards import KeptCard
from store.errors import Permanent
from store.numbers import serial_of
from store.records import Action, Address, Decision, Guess, Message, Reason, ReplyPath
from store.rows import (
    Awaited,
    Chat,
    Contact,
    Copy,
    DraftKey,
    Endpoint,
    Joined,
    KeptDraft,
    KeptEvent,
    KeptMessage,
    Link,
    Load,
    Opened,
    ParkedItem,
    Said,
    Sent,
    Settled,
    Ticket,
    Timer,
    indexed,
)
from store.tokens import Token

PERSON = "person"  # Among contacts, the kind under whose id the newest of all that lead to one person is found.
STORM_WITHIN = timedelta(minutes=10)  # Delivery, 4.8: what one sender is counted by.


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that the decisions about a batch need, read at once; folded, never changed."""

    now: datetime
    serial: int  # Of the newest ticket.
    tokens: Mapping[str, Token]  # Of the texts in which one of our tokens is valid: what it says.
    deliveries: Mapping[str, Sent]  # By the delivery's id.
    posted: Mapping[str, Sent]  # By external id, as `indexed` gives it: what reports from outside quote of ours.
    addressed: Mapping[tuple[int, str], Sent]  # By ticket and `actor_of` the recipient: the newest.
    replayed: Mapping[str, str]  # Of dead records that were sent round again: the letter's id.
    outcomes: Overlay[str, Settled]  # By a record's id.
    holders: Overlay[str, Settled]  # By fingerprint.
    tickets: Overlay[int, Ticket]
    copies: Overlay[str, tuple[Copy, ...]]  # By external id, as `indexed` gives it.
    awaited: Overlay[str, tuple[Awaited, ...]]  # By external id, as `indexed` gives it.
    contacts: Overlay[tuple[str, str], Contact]  # By an address's kind and value.
    chats: Overlay[Chat, tuple[int, ...]]  # The numbers of tickets that are not closed, smallest first.
    greetings: Overlay[Chat, tuple[Message, ...]] = Overlay()  # That wait, oldest first.
    parked: Overlay[str, ParkedItem]
    endpoints: Overlay[tuple[str, str], Endpoint]  # By an address's kind and value.
    opened: Overlay[tuple[str, str], tuple[Opened, ...]]  # Lately, by the sender's kind and value.
    turned: int  # How many addresses became unwelcome within STORM_WITHIN.
    told: Overlay[int, frozenset[str]]  # By ticket: what is told of it once, and was.
    drafts: Overlay[DraftKey, KeptDraft] = Overlay()
    # By contact what they said lately, and by template what machines reported, the oldest first.
    said: Overlay[str, tuple[Said, ...]] = Overlay()
    kept: Overlay[str, KeptMessage] = Overlay()  # By a message's id: those that are to be split off.
    last_words: Mapping[int, Message] = {}  # By ticket: what somebody outside wrote last, where somebody must read it.
    followers: Overlay[int, tuple[int, ...]] = Overlay()  # By ticket: those that follow it directly.
    loads: Overlay[str, Load] = Overlay()  # By person, "person:ola".
    guesses: Mapping[str, tuple[Guess, ...]] = {}  # By a message's id: what the learned model holds it to be about.

    def is_done(self, record_id: str) -> bool:
        """Whether this record has its outcome, and nobody asked for another try."""
        settled = self.outcomes.get(record_id)
        return settled is not None and not (settled.outcome == "dead" and record_id in self.replayed)

    def copies_of(self, external_id: str) -> tuple[Copy, ...]:
        """What went in or out under this external id."""
        return self.copies.get(indexed(external_id)) or ()

    def has_told(self, ticket: int, what: str) -> bool:
        """Whether something that is told of a ticket once was told."""
        return what in (self.told.get(ticket) or ())

    def contact(self, address: Address) -> Contact | None:
        """Whom this address leads to, as they are known now; an empty one leads to nobody."""
        found = self.contacts.get((address.kind, address.value)) if address.value else None
        newest = self.contacts.get((PERSON, self.person(found.id))) if found is not None else None
        if found is None or newest is None:
            return found
        return msgspec.structs.replace(newest, address=found.address, proof=found.proof)

    def person(self, contact: str) -> str:
        """The id of a contact now: that of the one that has absorbed it, or its own."""
        while (newest := self.contacts.get((PERSON, contact))) is not None and newest.id != contact:
            contact = newest.id
        return contact

    def is_customer(self, address: Address, ticket: Ticket) -> bool:
        """Whether this address leads to the person whose ticket it is."""
        contact = self.contact(address)
        return contact is not None and contact.id == self.person(ticket.contact)


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """All that one record changes, together or not at all."""

    settled: Settled
    again: bool = False  # The record had another outcome before: it was parked or dead.
    letter: str = ""  # The dead letter that is resolved by this.
    contact: Contact | None = None  # New, or with something new about it.
    is_new_contact: bool = False
    card: KeptCard | None = None  # What an operator said about a person.
    ticket: Ticket | None = None  # As it is afterwards.
    is_new_ticket: bool = False
    others: tuple[Ticket, ...] = ()  # Other tickets that it changes, as they are afterwards.
    because: tuple[Reason, ...] = ()  # Of a new ticket.
    joined: tuple[Joined, ...] = ()
    links: tuple[Link, ...] = ()
    messages: tuple[KeptMessage, ...] = ()
    replaced: KeptMessage | None = None  # The original of a stand-in; its place in the ticket stays as it is.
    events: tuple[KeptEvent, ...] = ()
    awaits: tuple[Awaited, ...] = ()
    met: str = ""  # An external id that is awaited no longer.
    greeting: Message | None = None  # That waits from now on.
    greeted: tuple[Message, ...] = ()  # That joined the ticket.
    parked: ParkedItem | None = None  # New, or decided.
    endpoint: Endpoint | None = None  # As it is known afterwards.
    bounced: str = ""  # A delivery that came back; the words of the last event say why.
    told: str = ""  # What was told of the ticket and is told once.
    draft: KeptDraft | None = None  # A technician's, that is kept from now on or no longer.
    actions: tuple[Action, ...] = ()  # That the router applies next.
    moved: KeptMessage | None = None  # A message that stands in another ticket from now on, which is `ticket`.
    left: int = 0  # The ticket in which it stood.
    resettled: Settled | None = None  # The outcome of that message's record.
    said: tuple[Said, ...] = ()  # What messages said, new or with something new about it.
    timers: tuple[Timer, ...] | None = None  # All that the ticket has from now on; None: they stay as they are.

    @property
    def is_plain(self) -> bool:
        """Whether it is about people, tickets, messages and events alone, with a first outcome."""
        waiting = (self.awaits, self.met, self.greeting, self.greeted, self.parked, self.endpoint, self.bounced)
        of_staff = (self.draft, self.actions, self.card)
        return not any((self.again, self.letter, self.replaced, self.moved, *waiting, *of_staff))


def ticket_of(decision: Decision, facts: Facts) -> Ticket:
    """The ticket that was decided on. Raises Permanent where the facts do not have it."""
    ticket = facts.tickets.get(decision.ticket) if decision.ticket is not None else None
    if ticket is None:
        raise Permanent(f"ticket {decision.ticket} was decided on and is not among the facts: a defect, report it")
    return ticket


def chat_of(path: ReplyPath | None) -> Chat | None:
    """The conversation that answers go to."""
    return Chat(path.channel, path.address) if path else None


def folded(facts: Facts, changes: Changes) -> Facts:
    """The facts as they are once these changes are written."""
    outcomes = [changes.settled, *_greeted(facts, changes), *([changes.resettled] if changes.resettled else [])]
    fresh: dict[str, object] = {
        "outcomes": facts.outcomes.adding({settled.id: settled for settled in outcomes}),
        "holders": facts.holders.adding({settled.fingerprint: settled for settled in outcomes if settled.fingerprint}),
    }
    if contacts := _contacts(changes):
        fresh["contacts"] = facts.contacts.adding(contacts)
    if changes.draft:
        fresh["drafts"] = facts.drafts.adding({changes.draft.key: changes.draft})
    if changes.parked:
        fresh["parked"] = facts.parked.adding({changes.parked.id: changes.parked})
    if changes.endpoint:
        fresh["turned"] = facts.turned + _turned(facts, changes.endpoint)
        fresh["endpoints"] = facts.endpoints.adding({(changes.endpoint.kind, changes.endpoint.value): changes.endpoint})
    greetings = _greetings(facts, changes)
    if greetings:
        fresh["greetings"] = facts.greetings.adding(greetings)
    if changes.card and changes.card.absorbed:
        fresh["said"] = said_by_one(facts.said, changes.card)
    if changes.links:
        fresh["followers"] = followers_after(facts.followers, changes.links)
    if changes.said:
        fresh["said"] = said_after(facts.said, changes.said)
    if changes.ticket:
        fresh |= _folded_ticket(facts, changes, changes.ticket)
    return msgspec.structs.replace(facts, **fresh)


def _contacts(changes: Changes) -> Mapping[tuple[str, str], Contact]:
    """By each address that leads to them anew, and by their ids, old ones too: other addresses lead to these."""
    card = changes.card
    leading = [*([changes.contact] if changes.contact is not None else []), *(card.addresses if card else ())]
    found = {(one.address.kind, one.address.value): one for one in leading if one.address.value}
    found |= {(PERSON, one.id): one for one in leading}
    return found | {(PERSON, absorbed): card.contact for absorbed in (card.absorbed if card else ()) if card}


def _turned(facts: Facts, endpoint: Endpoint) -> int:
    since = facts.now - STORM_WITHIN
    before = facts.endpoints.get((endpoint.kind, endpoint.value))
    return endpoint.turned_after(since) - (before is not None and before.turned_after(since))


def _folded_ticket(facts: Facts, changes: Changes, ticket: Ticket) -> dict[str, object]:
    changed = {one.number: one for one in (*changes.others, ticket)}
    fresh: dict[str, object] = {"tickets": facts.tickets.adding(changed)}
    if changes.is_new_ticket:
        fresh["serial"] = serial_of(ticket.number)
        fresh |= _folded_opening(facts, ticket)
    if changes.told:
        told = (facts.told.get(ticket.number) or frozenset()) | {changes.told}
        fresh["told"] = facts.told.adding({ticket.number: told})
    before = facts.tickets.get(ticket.number)
    if loads := _loads(facts, before, ticket):
        fresh["loads"] = facts.loads.adding(loads)
    chats = dict(_moved(facts, before, ticket))
    if chats:
        fresh["chats"] = facts.chats.adding(chats)
    moved = () if changes.moved is None else (changes.moved,)
    if kept := {message.id: message for message in (*changes.messages, *moved)}:
        fresh["kept"] = facts.kept.adding(kept)
    replaced = () if changes.replaced is None else (changes.replaced,)
    if copies := copies_after(facts.copies, (*changes.messages, *replaced), changes.moved, changes.left):
        fresh["copies"] = facts.copies.adding(copies)
    if facts.last_words:
        fresh["last_words"] = last_words_after(facts.last_words, changes.messages)
    if awaited := _awaited(facts, changes):
        fresh["awaited"] = facts.awaited.adding(awaited)
    return fresh


def _folded_opening(facts: Facts, ticket: Ticket) -> dict[str, object]:
    if not ticket.customer.value:
        return {}
    writer = (ticket.customer.kind, ticket.customer.value)
    opened = Opened(ticket.number, ticket.opened_at, ticket.proof)
    return {"opened": facts.opened.adding({writer: (*(facts.opened.get(writer) or ()), opened)})}


def _loads(facts: Facts, before: Ticket | None, after: Ticket) -> Mapping[str, Load]:
    """What those have to do who held the ticket or hold it now; of people whose load nobody looked up nothing."""
    loads: dict[str, Load] = {}
    for ticket, change in ((before, -1), (after, 1)):
        if ticket is None or (before is not None and before.held_by == after.held_by):
            continue
        known = loads.get(ticket.held_by) or facts.loads.get(ticket.held_by)
        if known is not None:
            last_at = known.last_at if known.last_at and known.last_at > ticket.opened_at else ticket.opened_at
            loads[ticket.held_by] = Load(known.open + change, last_at)
    return loads


def _moved(facts: Facts, before: Ticket | None, after: Ticket) -> Mapping[Chat, tuple[int, ...]]:
    """The chats whose open tickets are others now."""
    old = chat_of(before.reply_path) if before and before.state != "closed" else None
    new = chat_of(after.reply_path) if after.state != "closed" else None
    if old == new:
        return {}
    changed: dict[Chat, tuple[int, ...]] = {}
    if old:
        changed[old] = tuple(number for number in facts.chats.get(old) or () if number != after.number)
    if new:
        changed[new] = tuple(sorted({*(facts.chats.get(new) or ()), after.number}))
    return changed


def _greeted(facts: Facts, changes: Changes) -> list[Settled]:
    """The outcomes of greetings that have a ticket now; known here if this batch brought them, or brings them again."""
    ticket = changes.settled.ticket
    found = []
    for message in changes.greeted:
        settled = facts.outcomes.get(message.id) or facts.holders.get(message.fingerprint)
        if settled is not None and settled.id == message.id:
            found.append(msgspec.structs.replace(settled, ticket=ticket))
    return found


def _greetings(facts: Facts, changes: Changes) -> Mapping[Chat, tuple[Message, ...]]:
    if changes.greeting and (chat := chat_of(changes.greeting.reply_path)):
        return {chat: (*(facts.greetings.get(chat) or ()), changes.greeting)}
    if changes.greeted and (chat := chat_of(changes.greeted[0].reply_path)):
        return {chat: ()}
    return {}


def _awaited(facts: Facts, changes: Changes) -> Mapping[str, tuple[Awaited, ...]]:
    found: dict[str, tuple[Awaited, ...]] = {changes.met: ()} if changes.met else {}
    for row in changes.awaits:
        before = found.get(row.external_id) or facts.awaited.get(row.external_id) or ()
        if row.ticket not in {earlier.ticket for earlier in before}:
            found[row.external_id] = (*before, row)
    return found
