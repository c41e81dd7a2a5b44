"""A ticket as it grows by messages and events while one record is applied."""

from datetime import datetime

import msgspec

from router.known import Changes
from store.codec import derived_id, encode
from store.events import Beside, TicketEvent
from store.records import Action, Address, Decision, Message, SentFile
from store.rows import KeptEvent, KeptMessage, Ticket, indexed
from store.words import searched

THREAD_BY = 20  # As `TicketView.conversation` promises.


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket, and what was added to it so far."""

    ticket: Ticket
    messages: tuple[KeptMessage, ...] = ()
    replaced: KeptMessage | None = None
    events: tuple[KeptEvent, ...] = ()

    def with_message(self, message: Message, direction: str) -> "Draft":
        """With one more message of somebody outside.

        What wakes nobody, such as a machine's or a technician's mail, is nothing that the customer could be answered
        to: neither its id nor its language gets into what goes out.
        """
        seq = self.ticket.messages + 1
        known = self._knowing(message) if direction == "in" else self.ticket
        ticket = msgspec.structs.replace(known, messages=seq)
        return msgspec.structs.replace(
            self, ticket=ticket, messages=(*self.messages, _kept(message, ticket.number, seq, direction))
        )

    def with_original(self, message: Message) -> "Draft":
        """With the message itself where its stand-in has been."""
        replaced = _kept(message, self.ticket.number, 0, "in")
        return msgspec.structs.replace(self, ticket=self._knowing(message), replaced=replaced)

    def with_words(self, action: Action, direction: str) -> "Draft":
        """With one more message of a technician."""
        kept = KeptMessage(
            id=action.id,
            ticket=self.ticket.number,
            seq=self.ticket.messages + 1,
            direction=direction,
            external_id="",
            digest="",
            sender_value=action.actor,
            received_at=action.at,
            record=encode(action),
            words=searched(action.text),
        )
        ticket = msgspec.structs.replace(self.ticket, messages=kept.seq)
        return msgspec.structs.replace(self, ticket=ticket, messages=(*self.messages, kept))

    def with_event(
        self,
        kind: str,
        *,
        cause: str,
        actor: str,
        at: datetime,
        decision: Decision,
        text: str = "",
        message: Message | None = None,
        files: tuple[SentFile, ...] = (),
        to: Address | None = None,
        silent: bool = False,
        beside: tuple[Beside, ...] = (),
        which: tuple[str, ...] = (),
    ) -> "Draft":
        """With one more event, which says how the ticket stands now.

        `which` tells it from other events of its kind that the same cause has.
        """
        ticket = msgspec.structs.replace(self.ticket, version=self.ticket.version + 1, changed_at=at)
        event = TicketEvent(
            id=derived_id(cause, kind, str(ticket.number), *which),
            kind=kind,
            ticket=ticket.view,
            actor=actor,
            cause=cause,
            text=text,
            files=files,
            to=to,
            message=msgspec.structs.replace(message, quoted="", html="") if message else None,
            decision=decision,
            silent=silent,
            beside=beside,
            at=at,
        )
        return msgspec.structs.replace(self, ticket=ticket, events=(*self.events, KeptEvent(ticket.version, event)))

    def _knowing(self, message: Message) -> Ticket:
        return msgspec.structs.replace(
            self.ticket,
            language=self.ticket.language or message.language,
            conversation=_threaded(self.ticket.conversation, message.external_id),
        )


def grown_by(plain: Changes, draft: Draft) -> Changes:
    """With what a draft added; a draft without an event changed nothing."""
    if not draft.events:
        return plain
    return msgspec.structs.replace(
        plain, ticket=draft.ticket, messages=draft.messages, replaced=draft.replaced, events=draft.events
    )


def _kept(message: Message, ticket: int, seq: int, direction: str) -> KeptMessage:
    return KeptMessage(
        id=message.id,
        ticket=ticket,
        seq=seq,
        direction=direction,
        external_id=indexed(message.external_id),
        digest=message.digest,
        sender_value=message.sender.value,
        received_at=message.received_at,
        record=encode(message),
        words=searched(message.subject, message.text),
    )


def _threaded(conversation: tuple[str, ...], external_id: str) -> tuple[str, ...]:
    """The first ids and the last ones: mail programs thread by either (RFC 5322, section 3.6.4)."""
    if not external_id or external_id in conversation:
        return conversation
    longer = (*conversation, external_id)
    return longer if len(longer) <= THREAD_BY else (*longer[: THREAD_BY // 2], *longer[-THREAD_BY // 2 :])
