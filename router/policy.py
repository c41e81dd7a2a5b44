"""What deciding needs to know of the settings, compiled once; equal for all messages until the next start."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from router.crew.teams import Person, Team
from router.due.ladders import Ladder
from router.due.loudness import Loudness
from router.due.patience import Patience
from router.hours.open_hours import OpenHours
from router.promises.sla import Sla
from router.rules.conditions import Condition, Rule, Rules
from router.rules.phrases import Phrases
from router.technicians.staff import Staff
from store.mailboxes import mailbox_of
from store.records import Address


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """Impact and urgency together give the priority."""

    impact: Rules[str]
    urgency: Rules[str]
    cells: Mapping[tuple[str, str], str]  # (impact, urgency) -> priority, complete.


class Route(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A node of the routing tree."""

    name: str
    place: str
    when: Condition
    team: str  # Never empty but at a root without one: children inherit.
    copies: tuple[str, ...] = ()  # Teams that hear of it beside; children inherit these too.
    routes: "tuple[Route, ...]" = ()

    @cached_property
    def children(self) -> "Rules[Route]":
        """The same as a table: the first that holds takes the message further."""
        return Rules([Rule(child.when, child, child.name, child.place) for child in self.routes])


Preference = Literal["same_person_as_last_time", "speaks_customer_language", "skills", "least_busy", "round_robin"]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say of an address, or of everybody who writes from a domain."""

    organisation: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""  # What they are answered in where they write too little to tell; empty: not said.
    place: str = ""  # Where it stands in the settings file.


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """How far the guesses of a learned model count."""

    min_confidence: float = 0.8  # A guess that is less sure decides nothing.
    below: str = ""  # The category of what no rule and no guess that is sure enough decides; empty: that of the rest.


class Flood(msgspec.Struct, frozen=True, kw_only=True):
    """How many tickets one sender may open by the desk's leave."""

    tickets: int = 20  # Delivery, 4.8: more in ten minutes is a loop or a bomb.
    within: timedelta = timedelta(minutes=10)


class Lifecycle(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to tickets by what customers write, or do not."""

    thanks_does_not_reopen: bool = True
    close_after: timedelta = timedelta(days=5)  # A solved ticket is closed then.


class Duplicates(msgspec.Struct, frozen=True, kw_only=True):
    """For how long a message may be the same as one before it; no time at all is never."""

    window: timedelta = timedelta(hours=24)  # The same words through another channel.
    twice: timedelta = timedelta(minutes=10)  # Letter for letter the same through the same channel.
    alerts: timedelta = timedelta(hours=24)  # A machine's alert with other numbers, since the last one.


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
    customers: Mapping[tuple[str, str], Card] = {}  # By kind ("domain" too) and value, as `mailbox_of` has it.
    hours: Mapping[str, OpenHours] = {}  # By calendar; of those that a rule asks about.
    learned: Learned = Learned()
    teams: Mapping[str, Team] = {}
    people: Mapping[str, Person] = {}  # By their keys.
    prefer: tuple[Preference, ...] = ()  # What decides between those on shift, the first thing first.
    sla: Mapping[str, Sla] = {}  # By priority; of one that is not there nothing is promised.
    duplicates: Duplicates = Duplicates()
    lifecycle: Lifecycle = Lifecycle()
    zone: ZoneInfo = ZoneInfo("UTC")  # That moments are told in.
    patience: Patience = Patience()
    ladders: tuple[Ladder, ...] = ()  # The first that is for a ticket counts.
    loudness: Loudness = Loudness()

    def is_ours(self, address: Address) -> bool:
        """Whether it is a channel's, a team's or a technician's: nobody who could take part in a ticket."""
        mailbox = (address.kind, mailbox_of(address.kind, address.value))
        return mailbox in self.own or self.staff.has(address)

    def has_domain(self, domain: str) -> bool:
        """Whether one of our mail addresses is there; `domain` as DNS knows it."""
        return any(kind == "mail" and mailbox.endswith(f"@{domain}") for kind, mailbox in self.own)
