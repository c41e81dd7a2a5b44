"""Who plays in the demo: customers, their teams of technicians, and where each of them reads."""

from typing import NamedTuple

from console.demo.phones import Group, Person

SITE = "Nordwind Help Desk"
ADDRESS = "help@nordwind.example"  # What customers write mails to.
LANGUAGES = ("en", "fa", "pl", "ru")

SARA = Person(611_000_011, "Sara", "fa")
DMITRI = Person(611_000_012, "Dmitri", "ru")
MARTA = Person(611_000_013, "Marta", "pl")
TOM = Person(611_000_014, "Tom", "en")
PEOPLE = (SARA, DMITRI, MARTA, TOM)

SERVICE_DESK = Group(-1_002_233_445_566, "Service Desk")
NETWORK = Group(-1_002_233_445_577, "Network")
GROUPS = (SERVICE_DESK, NETWORK)


class Team(NamedTuple):
    """A team as its members see it."""

    name: str  # In the settings.
    reads: str  # A chat's number or a mail address.
    short: str  # What the demo calls them.
    place: str  # In words, where they read.


TEAMS = (
    Team("servicedesk", str(SERVICE_DESK.id), SERVICE_DESK.title, "a Telegram group"),
    Team("network", str(NETWORK.id), NETWORK.title, "a Telegram group"),
    Team("accounts", "accounts@nordwind.example", "Accounts", "a mailbox"),
)


def team(name: str) -> Team:
    """The team of this name in the settings. Raises LookupError where there is none."""
    for one in TEAMS:
        if one.name == name:
            return one
    raise LookupError(f"no team of the demo is called {name!r}")
