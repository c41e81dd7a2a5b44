"""What the records of a batch name, and so what must be looked up before anything is decided about them. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import msgspec

from router.evidence import mentioned, tagged
from router.hints import pointed_at
from router.known import chat_of
from router.reports import is_from_outside
from router.sameness.monitoring import is_alert, template_of
from store.mailboxes import domains_of
from store.records import Action, Address, DeliveryReport, Edit, Inbound, Membership, Message, Proof
from store.rows import Chat, indexed
from store.tokens import actor_of, candidates


def signed_in(message: Message) -> list[str]:
    """The texts of a message that may hold a token of ours."""
    return [text for text in (*message.tokens, *message.references, message.external_id) if candidates(text)]


class Wanted(msgspec.Struct, kw_only=True):
    """What a batch's records name, and so what must be looked up."""

    ids: set[str] = msgspec.field(default_factory=set)
    fingerprints: set[str] = msgspec.field(default_factory=set)
    external_ids: set[str] = msgspec.field(default_factory=set)  # As `indexed` gives them.
    deliveries: set[str] = msgspec.field(default_factory=set)
    addresses: set[tuple[str, str]] = msgspec.field(default_factory=set)
    domains: set[tuple[str, str]] = msgspec.field(default_factory=set)  # Kind and value of those that senders are in.
    chats: set[Chat] = msgspec.field(default_factory=set)
    tickets: set[int] = msgspec.field(default_factory=set)
    worked_on: set[int] = msgspec.field(default_factory=set)  # Of these tickets, those that somebody acts on.
    items: set[str] = msgspec.field(default_factory=set)
    split: set[str] = msgspec.field(default_factory=set)  # Messages that become tickets of their own.
    signed: set[str] = msgspec.field(default_factory=set)  # Texts that may hold a token of ours.
    signers: set[tuple[str, str]] = msgspec.field(default_factory=set)  # Such texts, and `actor_of` who sent them.
    posted: set[str] = msgspec.field(default_factory=set)  # External ids that reports quote, as `indexed` gives them.
    speakers: set[tuple[str, str]] = msgspec.field(default_factory=set)  # Who may have said the same before.
    templates: set[str] = msgspec.field(default_factory=set)  # Of alerts.
    reported: bool = False  # There is a report from outside.
    moments: list[datetime] = msgspec.field(default_factory=list)  # When messages came that have a sender.
    writers: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)  # How many each of them sent.

    def of(self, records: Iterable[Inbound | Action]) -> "Wanted":
        """The same, with what these records name."""
        for record in records:
            self.ids.add(record.id)
            match record:
                case Action():
                    self._of_action(record)
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
                    self._of_report(record)
                case Membership():
                    self.fingerprints.add(record.fingerprint)
                    self.chats.add(Chat(record.channel, record.chat))
        return self

    def _of_action(self, action: Action) -> None:
        self.items.add(action.item)
        if action.kind == "split":
            self.split.add(action.item)
            self.ids.add(action.item)
        if action.card is not None:
            theirs = {(one.kind, one.value) for one in action.card.addresses}
            self.addresses |= theirs
            self.speakers |= theirs
        if action.ticket is not None:
            self.tickets.add(action.ticket)
            self.worked_on.add(action.ticket)
        if action.kind == "link" and action.value.isdecimal():
            self.tickets.add(int(action.value))

    def _of_message(self, message: Message) -> None:
        self._of_writer(message.sender)
        self.external_ids.update(map(indexed, (message.external_id, *message.references)))
        if message.forwarded is not None:
            self._of_writer(message.forwarded.sender)
            self.external_ids.add(indexed(message.forwarded.external_id))
        quoted = (*message.tokens, *message.references, message.external_id)
        signed = signed_in(message)
        self.signed.update(signed)
        self.signers.update((text, actor_of(message.sender)) for text in signed)
        self.tickets.update(number for _, number in pointed_at(quoted))
        self.tickets.update((*tagged(message.subject), *mentioned(message.subject)))
        if message.sender.value and message.received_at.tzinfo is not None:  # A moment without a zone fails alone.
            self.moments.append(message.received_at)
            self.writers[message.sender.kind, message.sender.value] += 1
            if is_alert(message):
                self.templates.add(template_of(message))
            else:
                self.speakers.add((message.sender.kind, message.sender.value))
        chat = chat_of(message.reply_path) if message.proof is Proof.SESSION else None
        if chat:
            self.chats.add(chat)

    def _of_writer(self, sender: Address) -> None:
        self.addresses.add((sender.kind, sender.value))
        if sender.kind == "mail":
            self.domains.update(("domain", domain) for domain in domains_of(sender.value))

    def _of_report(self, report: DeliveryReport) -> None:
        if not is_from_outside(report):
            self.deliveries.add(report.delivery)
            return
        self.reported = True
        signed = [text for text in (*report.tokens, *report.references) if candidates(text)]
        self.signed.update(signed)
        self.posted.update(map(indexed, signed))
