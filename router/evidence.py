"""What a message brings along that may tie it to a ticket, and how far its sender is proven to take part there."""

import re
from collections.abc import Iterable, Iterator

from router.customer.identity import PROVEN_DOMAIN, is_claimed
from router.known import Facts
from store.numbers import is_number
from store.records import Address, Message, Proof
from store.rows import Ticket
from store.tokens import Token, actor_of

_TAGS = 5  # Numbers of one subject that are looked up; a subject of more is made to be looked up.
# "[Nordwind 482917]" or "#482917"; the digits that a number may have are those of `site.reference` and a few more.
_BARE = re.compile(r"(?<!\w)[0-9]{4,15}(?!\w)")
_TAG = re.compile(r"\[[^\[\]]{0,80}?(?<![0-9])([0-9]{4,15})\]|#([0-9]{4,15})(?![0-9])")


def tagged(subject: str) -> tuple[int, ...]:
    """The ticket numbers that a subject quotes, each with a check digit that holds; they prove nothing."""
    if "[" not in subject and "#" not in subject:
        return ()
    found = (bracketed or sharp for bracketed, sharp in _TAG.findall(subject[:1_000]))
    return tuple(dict.fromkeys(int(digits) for digits in found if is_number(digits)))[:_TAGS]


def mentioned(subject: str) -> tuple[int, ...]:
    """The ticket numbers that a subject may mention without a tag: bare digits whose check digit holds.

    An invoice's number is one by chance in one case of ten, so they are a hint at most.
    """
    found = dict.fromkeys(int(digits) for digits in _BARE.findall(subject[:1_000]) if is_number(digits))
    return tuple(found)[:_TAGS]


def tokens_in(texts: Iterable[str], facts: Facts) -> Iterator[Token]:
    """The valid tokens of ours in these texts."""
    return (token for text in texts if (token := facts.tokens.get(text)))


def is_own(message: Message, token: Token) -> bool:
    """Whether the token lets exactly this sender add to a ticket; a sender who cannot be read is nobody."""
    has_sender = message.proof is not Proof.ANONYMOUS and bool(message.sender.value)
    return has_sender and token.purpose == "c" and token.actor == actor_of(message.sender)


def has_own_token(message: Message, facts: Facts) -> bool:
    """Whether it was sent to an address of ours that was made for exactly this sender."""
    return any(is_own(message, token) for token in tokens_in(message.tokens, facts))


def takes_part(address: Address, ticket: Ticket, facts: Facts) -> bool:
    """Whether this address is the customer's, or one of those who take part beside them."""
    return facts.is_customer(address, ticket) or is_participant(address, ticket)


def is_participant(address: Address, ticket: Ticket) -> bool:
    """Whether this address takes part beside the customer."""
    return any((one.kind, one.value) == (address.kind, address.value) for one in ticket.participants)


def is_claimed_part(message: Message, ticket: Ticket, facts: Facts) -> bool:
    """Whether the sender claims to be one who takes part, and nothing refutes it."""
    return is_claimed(message.proof) and takes_part(message.sender, ticket, facts)


def is_proven_part(message: Message, ticket: Ticket, facts: Facts) -> bool:
    """Whether the sender is proven to be one who takes part."""
    return message.proof in PROVEN_DOMAIN and takes_part(message.sender, ticket, facts)


def is_for_party(token: Token, ticket: Ticket) -> bool:
    """Whether the token was made out to somebody who takes part in its ticket."""
    return token.purpose == "c" and token.actor in map(actor_of, (ticket.customer, *ticket.participants))


def tickets_of(external_id: str, facts: Facts) -> Iterator[Ticket]:
    """The tickets in which something went in or out under this id, the newest first."""
    for number in sorted({copy.ticket for copy in facts.copies_of(external_id)}, reverse=True):
        if ticket := facts.tickets.get(number):
            yield ticket
