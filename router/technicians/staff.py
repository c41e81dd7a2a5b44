"""Who works here and writes by mail: people by their own addresses, teams by their mailboxes."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from router.evidence import has_own_token
from router.known import Facts
from store.records import Address, Message
from store.rows import Ticket
from store.tokens import Token, actor_of

STAFF = ("s", "n")  # Purposes of tokens: plain words are an answer, or a note.


class Technician(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose mail may act on tickets."""

    actor: str  # "person:ola", "team:apps": who did it, in events and as a ticket's assignee.
    address: Address


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """All of them; by address, as `Address.value` is for mail."""

    people: Mapping[str, Technician] = {}
    mailboxes: Mapping[str, tuple[Technician, ...]] = {}  # Several teams may share one.

    def of_token(self, token: Token) -> Address | None:
        """Whom a token was made out to; None where it is nobody who is in the settings any more."""
        everybody = (*self.people.values(), *(team for teams in self.mailboxes.values() for team in teams))
        return next((one.address for one in everybody if actor_of(one.address) == token.actor), None)

    def acting(self, sender: Address, token: Token, team: str) -> Technician | None:
        """Who acts when this sender uses this token; None where the token gives this sender no right.

        It was made out to the sender, or to a team's mailbox, in which everybody who works here may read it. `team` is
        the ticket's: of the teams that share a mailbox it is the one that acts.
        """
        if sender.kind != "mail":
            return None
        teams = self.mailboxes.get(sender.value, ())
        own = self.people.get(sender.value) or next((one for one in teams if one.actor == f"team:{team}"), None)
        sharers = [actor_of(several[0].address) for several in self.mailboxes.values() if several]
        if actor_of(sender) == token.actor:
            return own or next(iter(teams), None)
        return self.people.get(sender.value) if token.actor in sharers else None

    def has(self, address: Address) -> bool:
        """Whether it is a person's or a team's."""
        return address.kind == "mail" and (address.value in self.people or address.value in self.mailboxes)


class Right(NamedTuple):
    """What a token of ours in a mail lets its sender do; whether this sender may use it is another question."""

    token: Token
    ticket: Ticket


def right_of(message: Message, facts: Facts, staff: Staff) -> Right | None:
    """The right that a mail claims: by the address it was sent to, or by the mail of ours that it answers.

    None where it claims none. The address says so whoever writes to it. What a mail answers counts only for those who
    work here, because customers answer what technicians forward to them. A customer who answers everybody, an address
    that a technician let slip among them, claims no more than their own.
    """
    if not staff.has(message.sender) and has_own_token(message, facts):
        return None
    for token in _claimed(message, facts, staff):
        ticket = facts.tickets.get(token.ticket)
        if token.purpose in STAFF and ticket is not None:
            return Right(token, ticket)
    return None


def _claimed(message: Message, facts: Facts, staff: Staff) -> Iterator[Token]:
    texts = [*message.tokens, *(reversed(message.references) if staff.has(message.sender) else ())]
    return (token for text in texts if (token := facts.tokens.get(text)))
