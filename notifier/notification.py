"""One planned notification: who must hear of an event, by which channel, for what and in which language."""

import msgspec

from store.codec import derived_id
from store.events import TicketEvent
from store.outgoing import OutgoingFile, Purpose
from store.records import Address, SentFile

OWN_MAIL = frozenset({"not-sent", "help", "carried-out", "held"})  # Templates about a technician's own mail.


class Absent(msgspec.Struct, frozen=True):
    """A file of the customer's that an alert should have and has not."""

    name: str
    why: str  # "too-large", "infected", "unscanned", "unreadable", "later" or "refused".


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What `plan` decides and `render` puts into words."""

    effect: str  # One send for each; equal for the same event, purpose and recipient.
    purpose: Purpose
    template: str  # One of `notifier.render.NAMES`.
    channel: str  # Empty, with `address`: there is no way to reach the recipient.
    kind: str  # The sort of `address`, as in `records.Address.kind`.
    address: str
    reader: Address | None = None  # Who gets it and may answer it; None: nobody can.
    reply: str = "c"  # What a reply is, as in `Outgoing.reply`.
    others: tuple[str, ...] = ()  # Addresses that get the same.
    files: tuple[OutgoingFile, ...] = ()
    carries: tuple[SentFile, ...] = ()  # The customer's files that an alert should have.
    absent: tuple[Absent, ...] = ()  # Those of them that it has not.
    unsent: tuple[str, ...] = ()  # Names of files that should go out with it, and cannot.
    language: str  # What it should be written in, where there is a template for it.
    event: TicketEvent

    @property
    def is_about_own_mail(self) -> bool:
        """Whether it tells a technician what became of their own mail, of which there is a limit a day."""
        return self.template in OWN_MAIL

    @property
    def delivery(self) -> str:
        """The id of its delivery."""
        return derived_id("delivery", self.effect)
