"""What deciding needs to know of the settings, compiled once; equal for all messages until the next start."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from router.conditions import Condition, Rules
from router.phrases import Phrases
from router.staff import Staff
from store.mailboxes import mailbox_of
from store.records import Address


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """Impact and urgency together give the priority."""

    impact: Rules[str]
    urgency: Rules[str]
    cells: Mapping[tuple[str, str], str]  # (impact, urgency) -> priority, complete.


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the routing tree."""

    name: str
    place: str
    when: Condition
    team: str  # Never empty but at a root without one: children inherit.
    routes: "tuple[Route, ...]" = ()


class Flood(msgspec.Struct, frozen=True, kw_only=True):
    """How many tickets one sender may open by the desk's leave."""

    tickets: int = 20  # Delivery, 4.8: more in ten minutes is a loop or a bomb.
    within: timedelta = timedelta(minutes=10)


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the settings say about deciding."""

    phrases: Phrases  # Every word that any rule asks for.
    categories: Rules[str]
    other: str  # The category of what no rule matches; empty: none.
    matrix: Matrix
    route: Route
    digits: int  # The fewest digits of a ticket number.
    keys: tuple[bytes, ...]  # Any of these may have signed a token; the newest first.
    config_version: str
    staff: Staff = Staff()
    choices: Mapping[str, tuple[str, ...]] = {}  # What may be changed by hand (priority, team, language): to what.
    own: frozenset[tuple[str, str]] = frozenset()  # Kind and value of our channels' addresses, in canonical form.
    flood: Flood = Flood()

    def is_ours(self, address: Address) -> bool:
        """Whether it is a channel's, a team's or a technician's: nobody who could take part in a ticket."""
        mailbox = (address.kind, mailbox_of(address.kind, address.value))
        return mailbox in self.own or self.staff.has(address)

    def has_domain(self, domain: str) -> bool:
        """Whether one of our mail addresses is there; `domain` as DNS knows it."""
        return any(kind == "mail" and mailbox.endswith(f"@{domain}") for kind, mailbox in self.own)
