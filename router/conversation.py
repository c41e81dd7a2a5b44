"""Which ticket a message continues, by which evidence; the strongest evidence decides.

A ticket's number is never evidence, nor is a name or a subject. What may add to a ticket: RFC 5322, section 3.6.4, for
the references of mail; our own signed ids and addresses (`store.tokens`) for what nobody can forge.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from router.known import Facts, chat_of
from store.records import Message, Proof, Reason
from store.rows import Ticket, indexed
from store.tokens import Token, actor_of, masked

# Machines that write about something of ours; all others are read like a person.
ABOUT_OURS = frozenset({"auto-replied", "bounce", "own", "report"})

REPLAYED = "replayed"
OTHER_PATH = "same message by another path"
TOKEN = "reply token"  # noqa: S105 (a rule's name)
SIGNED = "our signed Message-ID"
REFERENCE = "reference"
CHAT = "chat"
AWAITED = "awaited by a reply that came first"


class Found(NamedTuple):
    """The ticket that a message continues."""

    ticket: Ticket
    rule: str
    evidence: str

    @property
    def joins(self) -> bool:
        """Whether it belongs there by the order in which things arrived, rather than as an answer."""
        return self.rule in (OTHER_PATH, AWAITED)

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


def has_own_token(message: Message, facts: Facts) -> bool:
    """Whether it was sent to an address of ours that was made for exactly this sender."""
    return any(_is_own(message, token) for token in _tokens(message.tokens, facts))


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
    for token in _tokens(message.tokens, facts):
        if _is_own(message, token) and (ticket := facts.tickets.get(token.ticket)):
            yield Found(ticket, TOKEN, f"made out to this sender, proof {message.proof}")
    for reference in reversed(message.references):
        signed = facts.tokens.get(reference)
        if signed and (ticket := facts.tickets.get(signed.ticket)) and _is_from_customer(message, ticket, facts):
            yield Found(ticket, SIGNED, f"{reference}, proof {message.proof}")
    for reference in reversed(message.references):
        for ticket in _tickets_of(reference, facts):
            if _is_from_customer(message, ticket, facts):
                yield Found(ticket, REFERENCE, f"{reference}, proof {message.proof}")
    yield from _chat(message, facts)
    yield from _awaited(message, facts)


def _of_machine(message: Message, facts: Facts) -> Iterator[Found]:
    """What it says becomes a note, so that who wrote it matters less; our own mail comes back under its own id."""
    yield from _replayed(message, facts)
    signed = _tokens((*message.tokens, *reversed(message.references), message.external_id), facts)
    for token in signed:
        if ticket := facts.tickets.get(token.ticket):
            yield Found(ticket, SIGNED, message.automated)
    for reference in reversed(message.references):
        for ticket in _tickets_of(reference, facts):
            if _is_from_customer(message, ticket, facts):
                yield Found(ticket, REFERENCE, f"{reference}, {message.automated}")
    if message.automated == "own":
        for ticket in _tickets_of(message.external_id, facts):
            yield Found(ticket, REFERENCE, message.automated)


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


def _chat(message: Message, facts: Facts) -> Iterator[Found]:
    chat = chat_of(message.reply_path) if message.proof is Proof.SESSION else None
    for number in reversed(facts.chats.get(chat) or () if chat else ()):
        if ticket := facts.tickets.get(number):
            yield Found(ticket, CHAT, f"the open ticket of this chat of {message.channel}")


def _awaited(message: Message, facts: Facts) -> Iterator[Found]:
    if not message.external_id or message.proof is Proof.FAILED:
        return
    for row in facts.awaited.get(indexed(message.external_id)) or ():
        ticket = facts.tickets.get(row.ticket)
        in_time = message.received_at <= row.until
        if ticket and in_time and _is_from_customer(message, ticket, facts):
            yield Found(ticket, AWAITED, message.external_id)


def _tokens(texts: Iterable[str], facts: Facts) -> Iterator[Token]:
    return (token for text in texts if (token := facts.tokens.get(text)))


def _is_own(message: Message, token: Token) -> bool:
    return token.purpose == "c" and token.actor == actor_of(message.sender)


def _tickets_of(external_id: str, facts: Facts) -> Iterator[Ticket]:
    for number in sorted({copy.ticket for copy in facts.copies_of(external_id)}, reverse=True):
        if ticket := facts.tickets.get(number):
            yield ticket


def _is_from_customer(message: Message, ticket: Ticket, facts: Facts) -> bool:
    """A check of the sender that failed refutes the only thing that ties the message to the customer."""
    return message.proof is not Proof.FAILED and facts.is_customer(message.sender, ticket)
