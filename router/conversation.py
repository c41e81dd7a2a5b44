"""Which ticket a message continues, by which evidence; the strongest evidence decides.

A ticket's number is never evidence by itself, nor is a name. What may add to a ticket: RFC 5322, section 3.6.4, for the
references of mail; our own signed ids and addresses (`store.tokens`) for what nobody can forge.
"""

from collections.abc import Iterator
from typing import NamedTuple

from router import evidence
from router.customer.identity import is_claimed, is_no_weaker
from router.known import Facts, chat_of
from store.events import SENT_AGAIN
from store.records import Message, Proof, Reason
from store.rows import Ticket, indexed
from store.tokens import Token, actor_of, masked

VERIFICATION = "verification"
# Machines that write about something of ours; all others are read like a person.
ABOUT_OURS = frozenset({"auto-replied", "bounce", "challenge", "own", "report", VERIFICATION})

REPLAYED = "replayed"
OTHER_PATH = "same message by another path"
TOKEN = "reply token"  # noqa: S105 (a rule's name)
OTHERS_TOKEN = "reply token of somebody else who takes part"  # noqa: S105 (a rule's name)
SIGNED = "our signed Message-ID"
REFERENCE = "reference"
TAG = "subject tag"
CHAT = "chat"
AWAITED = "awaited by a reply that came first"
OTHER_CHANNEL = SENT_AGAIN
SENT_TWICE = "sent twice by the same channel"
SAME_ALERT = "the same alert with other numbers"
JOINED_CHAT = "the ticket that a message of this chat joined"

_JOINS = frozenset({OTHER_PATH, AWAITED, OTHER_CHANNEL, SENT_TWICE, SAME_ALERT})
_COPIES = frozenset({OTHER_PATH, SENT_TWICE, SAME_ALERT})  # They say nothing that the ticket does not have already.


class Found(NamedTuple):
    """The ticket that a message continues."""

    ticket: Ticket
    rule: str
    evidence: str

    @property
    def joins(self) -> bool:
        """Whether it belongs there without being an answer: by the order of arrival, or because it says the same."""
        return self.rule in _JOINS

    @property
    def reason(self) -> Reason:
        """Why it does."""
        verb = "joined" if self.joins else "continued"
        return Reason(
            part="conversation",
            result=f"{verb} {self.ticket.number}",
            rule=self.rule,
            evidence=masked(self.evidence)[:200],
        )


def find(message: Message, facts: Facts) -> Found | None:
    """The ticket that this message continues; None where nothing says that it continues one."""
    if message.automated in ABOUT_OURS:
        return next(_of_machine(message, facts), None)
    return next(_of_person(message, facts), None)


def is_note(message: Message, rule: str) -> bool:
    """Whether a message that goes to a ticket by this rule wakes nobody and reopens nothing.

    A machine's does not, nor does a copy.
    """
    return rule in _COPIES or message.automated in ABOUT_OURS


def unresolved(message: Message, facts: Facts) -> tuple[str, ...]:
    """The external ids that it answers and that nobody has seen, as `indexed` gives them."""
    return tuple(
        dict.fromkeys(
            indexed(reference)
            for reference in message.references
            if reference and reference not in facts.tokens and not facts.copies_of(reference)
        )
    )


def _of_person(message: Message, facts: Facts) -> Iterator[Found]:
    yield from _replayed(message, facts)
    yield from _other_path(message, facts)
    yield from _token(message, facts)
    yield from _signed(message, facts)
    yield from _reference(message, facts)
    yield from _tag(message, facts)
    yield from _chat(message, facts)
    yield from _awaited(message, facts)


def _of_machine(message: Message, facts: Facts) -> Iterator[Found]:
    """What it says becomes a note; our own mail comes back under its own id.

    A bounce has no sender that could be tied to anybody, so that what it quotes of ours is all there is to believe. An
    automatic reply has one: else "Auto-Submitted" would let everybody in whom somebody has forwarded our mail to. What
    a service writes to have an address of ours proven belongs to no ticket, however it was addressed: whoever opened
    that ticket could have given the service its address, to be taken for one of us (delivery, L14).
    """
    yield from _replayed(message, facts)
    if message.automated == VERIFICATION:
        return
    for token in evidence.tokens_in((*message.tokens, *reversed(message.references), message.external_id), facts):
        ticket = facts.tickets.get(token.ticket)
        if ticket and (message.automated != "auto-replied" or _is_replier(message, token, ticket, facts)):
            yield Found(ticket, SIGNED, message.automated)
    yield from _reference(message, facts)
    if message.automated == "own":
        for ticket in evidence.tickets_of(message.external_id, facts):
            yield Found(ticket, REFERENCE, message.automated)


def _is_replier(message: Message, token: Token, ticket: Ticket, facts: Facts) -> bool:
    if not is_claimed(message.proof):
        return False
    return token.actor == actor_of(message.sender) or evidence.takes_part(message.sender, ticket, facts)


def _replayed(message: Message, facts: Facts) -> Iterator[Found]:
    """A dead record has a ticket already that tells of it."""
    settled = facts.outcomes.get(message.id)
    if settled and settled.ticket and (ticket := facts.tickets.get(settled.ticket)):
        yield Found(ticket, REPLAYED, "this ticket told that the message could not be processed")


def _other_path(message: Message, facts: Facts) -> Iterator[Found]:
    """The same content under the same id from the same sender, through a list or another mailbox of ours.

    The id alone says nothing: whoever guesses it could make a message disappear.
    """
    if not message.digest or not message.external_id or message.proof is Proof.FAILED:
        return
    for copy in facts.copies_of(message.external_id):
        same = copy.digest == message.digest and copy.sender_value == message.sender.value
        ticket = facts.tickets.get(copy.ticket) if same else None
        if ticket and ticket.proof is not Proof.FAILED:
            yield Found(ticket, OTHER_PATH, message.external_id)


def _token(message: Message, facts: Facts) -> Iterator[Found]:
    """A token of one's own is enough; that of another person was passed on, so that its bearer must prove more."""
    for token in evidence.tokens_in(message.tokens, facts):
        ticket = facts.tickets.get(token.ticket)
        if ticket is None:
            continue
        if evidence.is_own(message, token):
            yield Found(ticket, TOKEN, f"made out to this sender, proof {message.proof}")
        elif evidence.is_for_party(token, ticket) and evidence.is_proven_part(message, ticket, facts):
            yield Found(ticket, OTHERS_TOKEN, f"made out to {token.actor}, proof {message.proof}")


def _signed(message: Message, facts: Facts) -> Iterator[Found]:
    for reference in reversed(message.references):
        signed = facts.tokens.get(reference)
        ticket = facts.tickets.get(signed.ticket) if signed else None
        if ticket and evidence.is_claimed_part(message, ticket, facts):
            yield Found(ticket, SIGNED, f"{reference}, proof {message.proof}")


def _reference(message: Message, facts: Facts) -> Iterator[Found]:
    """Anybody who once was in Cc knows such an id, so that only a proven sender may continue by it."""
    for reference in reversed(message.references):
        for ticket in evidence.tickets_of(reference, facts):
            if evidence.is_proven_part(message, ticket, facts):
                yield Found(ticket, REFERENCE, f"{reference}, proof {message.proof}")


def _tag(message: Message, facts: Facts) -> Iterator[Found]:
    for number in evidence.tagged(message.subject):
        ticket = facts.tickets.get(number)
        if ticket and evidence.is_proven_part(message, ticket, facts):
            yield Found(ticket, TAG, f"{number}, proof {message.proof}")


def _chat(message: Message, facts: Facts) -> Iterator[Found]:
    chat = chat_of(message.reply_path) if message.proof is Proof.SESSION else None
    for number in reversed(facts.chats.get(chat) or () if chat else ()):
        if ticket := facts.tickets.get(number):
            yield Found(ticket, CHAT, f"the open ticket of this chat of {message.channel}")


def _awaited(message: Message, facts: Facts) -> Iterator[Found]:
    """Whoever forges a reply to a mail that is on its way must not get that mail, nor may a forged one join."""
    if not message.external_id:
        return
    for row in facts.awaited.get(indexed(message.external_id)) or ():
        ticket = facts.tickets.get(row.ticket)
        if ticket is None or message.received_at > row.until or not is_claimed(ticket.proof):
            continue
        if evidence.is_claimed_part(message, ticket, facts) and is_no_weaker(message.proof, ticket.proof):
            yield Found(ticket, AWAITED, message.external_id)
