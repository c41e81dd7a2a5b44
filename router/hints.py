"""Evidence that is too weak to continue a ticket: a hint for people, and a reason that says why it is weak."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from router import evidence
from router.known import Facts
from store.records import Message, Reason
from store.rows import indexed
from store.tokens import masked, pointed

MOST = 5  # Hints of one message: what points to more was made to point.

NOT_OURS = "reply token that does not hold: forged, cut or expired"
NOT_THEIRS = "reply token of somebody else"
NOT_PARTY = "our Message-ID, and the sender is not known to take part"
UNPROVEN = "reference, and the sender is not proven to take part"
NUMBER = "ticket number in the subject, and the sender is not proven to take part"
MENTIONED = "number in the subject, and the sender takes part in the ticket of that number"
SAME_ID = "Message-ID of another message"
AWAITED = "awaited by a reply, and not joined to it"


class Hint(NamedTuple):
    """A ticket that a message may belong to."""

    ticket: int
    rule: str
    evidence: str

    @property
    def reason(self) -> Reason:
        """Why it may, and why that is not enough."""
        return Reason(
            part="related", result=f"possibly {self.ticket}", rule=self.rule, evidence=masked(self.evidence)[:200]
        )


def hints(message: Message, facts: Facts) -> tuple[Hint, ...]:
    """The tickets that a message which continues none of them points at, the strongest evidence first."""
    found: dict[int, Hint] = {}
    for hint in _all(message, facts):
        if facts.tickets.get(hint.ticket) is not None:
            found.setdefault(hint.ticket, hint)
        if len(found) == MOST:
            break
    return tuple(found.values())


def pointed_at(texts: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The tickets that these texts name in the form of a token, valid or not."""
    return ((text, number) for text in texts if (number := pointed(text)))


def collision(message: Message, facts: Facts) -> tuple[Reason, ...]:
    """A reason that says so where another message came under the same id; both are kept.

    Whoever knows an id may use it again, and a mailer that is broken does (delivery of S17: never by the id alone).
    """
    for copy in facts.copies_of(message.external_id) if message.external_id else ():
        if copy.digest and (copy.digest, copy.sender_value) != (message.digest, message.sender.value):
            return (
                Reason(
                    part="message-id",
                    result="collision",
                    rule="other content under the same Message-ID",
                    evidence=f"{copy.ticket}: {masked(indexed(message.external_id))}"[:200],
                ),
            )
    return ()


def _all(message: Message, facts: Facts) -> Iterator[Hint]:
    for text, number in pointed_at(message.tokens):
        yield Hint(number, NOT_THEIRS if text in facts.tokens else NOT_OURS, text)
    for text, number in pointed_at(reversed(message.references)):
        yield Hint(number, NOT_PARTY if text in facts.tokens else NOT_OURS, text)
    for reference in reversed(message.references):
        for ticket in evidence.tickets_of(reference, facts):
            yield Hint(ticket.number, UNPROVEN, reference)
    for number in evidence.tagged(message.subject):
        yield Hint(number, NUMBER, str(number))
    for number in evidence.mentioned(message.subject):
        named = facts.tickets.get(number)
        if named is not None and evidence.is_proven_part(message, named, facts):
            yield Hint(number, MENTIONED, str(number))
    for ticket in evidence.tickets_of(message.external_id, facts) if message.external_id else ():
        yield Hint(ticket.number, SAME_ID, message.external_id)
    for row in facts.awaited.get(indexed(message.external_id)) or () if message.external_id else ():
        yield Hint(row.ticket, AWAITED, message.external_id)
