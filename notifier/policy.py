"""What the desk's settings say about notifications, as one frozen value."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Where a team hears of its tickets."""

    channel: str  # The configured name of the channel that carries its alerts.
    kind: str  # "mail", "telegram": the sort of `address`, as in `records.Address.kind`.
    address: str  # What the channel's `send` takes, in canonical form.
    language: str = ""  # Empty: the desk's first language.


class Outlet(msgspec.Struct, frozen=True, kw_only=True):
    """What plans must know of a channel."""

    mails: bool  # Its messages have subjects and are answered by mail; else it is a chat.
    acknowledge: bool = True  # Whether what comes in by it is acknowledged at all.
    hears_staff: bool = False  # Technicians' mail comes in by it, and somebody we believe proves who wrote it.


class Storm(msgspec.Struct, frozen=True, kw_only=True):
    """When so much is opened at once that nobody is acknowledged."""

    tickets: int = 50  # Fewer within `window` are never a storm.
    times: int = 10  # More than so many times as many as are usual are one ...
    share: float = 0.5  # ... and so are those of which more than this share say the same.
    window: timedelta = timedelta(minutes=5)
    calm: timedelta = timedelta(minutes=15)  # How long it must be over before acknowledgements are sent again.


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Who hears of what, and how often."""

    languages: tuple[str, ...]  # At least one; the first is the fallback.
    teams: Mapping[str, Destination]
    default_team: str  # Hears of tickets whose team is not in the settings any more; one of `teams`.
    outlets: Mapping[str, Outlet]  # By the configured name of the channel, for all channels.
    own: frozenset[tuple[str, str]]  # Kind and value of our own addresses, in canonical form.
    carriers: Mapping[str, str] = {}  # By the sort of a technician's address: the channel that reaches it.
    acknowledge: bool = True
    alert_files: bool = True  # Whether alerts in mailboxes carry the customer's files.
    unproven_cap: int = 1  # Acknowledgements to one address within `window` while it is not proven.
    proven_cap: int = 3  # The same, once it is proven.
    window: timedelta = timedelta(hours=24)
    domain_cap: int = 30  # Acknowledgements to the addresses of one domain of mail within an hour.
    total_cap: int = 60  # Acknowledgements to everybody within a minute.
    staff_cap: int = 20  # Mails to one technician about their own mail, within a day.
    storm: Storm = Storm()

    def destination(self, team: str) -> Destination:
        """Where a team hears of its tickets; the default team's where there is no such team."""
        return self.teams.get(team, self.teams[self.default_team])

    def channel_to(self, kind: str, team: str) -> str:
        """The channel that reaches a technician at an address of this sort, best their team's; empty: none does."""
        own = self.destination(team)
        return own.channel if own.kind == kind else self.carriers.get(kind, "")

    def hears_staff(self, kind: str, channel: str) -> bool:
        """Whether a technician's reply to what goes to such an address by this channel can be carried out."""
        outlet = self.outlets.get(channel)
        return kind == "mail" and outlet is not None and outlet.hears_staff

    def mails(self, channel: str) -> bool:
        """Whether the channel carries mail; a channel that is not in the settings any more does not."""
        outlet = self.outlets.get(channel)
        return outlet is not None and outlet.mails

    def understood(self, language: str) -> str:
        """The language to write in to somebody who writes in `language`."""
        return language if language in self.languages else self.languages[0]
