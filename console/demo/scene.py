"""What is sent in the demo, and what must become of it: data alone.

The order of the acts is the order of sending. What one sender sends arrives in this order too, so that each arrival is
found again by its channel and its sender.
"""

from typing import NamedTuple

from console.demo.cast import DMITRI, MARTA, SARA, TOM
from console.demo.phones import Person
from router.conversation import SIGNED


class Said(NamedTuple):
    """Somebody writes to the bot."""

    person: Person
    text: str

    @property
    def source(self) -> tuple[str, str]:
        """Channel and sender."""
        return "telegram", str(self.person.id)


class Written(NamedTuple):
    """Somebody writes a mail. The same one twice is the same mail delivered twice, byte for byte."""

    name: str
    address: str
    subject: str
    text: str
    automatic: bool = False  # Their mail server writes it while they are away.
    answers: bool = False  # It is a reply to our acknowledgement, in the way mail programs reply.

    @property
    def source(self) -> tuple[str, str]:
        """Channel and sender."""
        return "mail", self.address


class Filled(NamedTuple):
    """Somebody fills the form in and presses its button, twice where a double click is meant."""

    name: str
    email: str
    text: str
    language: str
    presses: int = 1

    @property
    def source(self) -> tuple[str, str]:
        """Channel and sender."""
        return "form", self.email


class Fate(NamedTuple):
    """What must become of an arrival."""

    outcome: str  # One of `records.OUTCOMES`.
    language: str = ""
    category: str = ""
    priority: str = ""
    team: str = ""
    why: str = ""  # Of a parked one its reason; of a follow-up the evidence that it is one.


class Act(NamedTuple):
    """One thing that happens, and its fate."""

    does: Said | Written | Filled
    fate: Fate


class Answer(NamedTuple):
    """A technician's words to the customer who wrote from there."""

    to: tuple[str, str]  # Channel and sender.
    text: str


class Scene(NamedTuple):
    """All of it; the answer is given after the acts."""

    acts: tuple[Act, ...]
    answer: Answer


_ANNA = Written(
    "Anna Kowalska",
    "anna@acme.example",
    "VPN nie działa",
    "Dzień dobry,\n\nod rana VPN nie działa w całym biurze i nie możemy pracować.\n\nPozdrawiam\nAnna Kowalska",
)

SCENE = Scene(
    acts=(
        Act(
            Said(SARA, "بعد از تغییر رمز عبور نمی‌توانم وارد شوم و نمی‌توانم کار کنم"),
            Fate("opened", "fa", "access", "P2", "servicedesk"),
        ),
        Act(_ANNA, Fate("opened", "pl", "network", "P1", "network")),
        Act(
            Said(DMITRI, "Пропал интернет, не могу работать"),
            Fate("opened", "ru", "network", "P2", "network"),
        ),
        Act(
            Written(
                "James Reed",
                "james@delta.example",
                "Laptop screen stays black",
                "Hello,\n\nthe screen of my laptop stays black after I close and open it.\n\nJames",
            ),
            Fate("opened", "en", "hardware", "P4", "servicedesk"),
        ),
        Act(
            Filled("Ольга", "olga@gamma.example", "Счёт за октябрь пришёл на старый адрес.", "ru", presses=2),
            Fate("opened", "ru", "billing", "P4", "accounts"),
        ),
        Act(_ANNA, Fate("duplicate")),
        Act(
            Said(MARTA, "Drukarka na drugim piętrze nie drukuje"),
            Fate("opened", "pl", "hardware", "P4", "servicedesk"),
        ),
        Act(
            Written(
                "Jan Nowak",
                "jan@acme.example",
                "Nieobecność: Biuletyn",
                "Jestem na urlopie do 30 listopada.",
                automatic=True,
            ),
            Fate("parked", why="auto-replied"),
        ),
        Act(
            Said(TOM, "The invoice for October has the wrong company name"),
            Fate("opened", "en", "billing", "P4", "accounts"),
        ),
        Act(
            Written("Anna Kowalska", "anna@acme.example", "", "Na telefonach VPN też nie działa.", answers=True),
            Fate("continued", why=SIGNED),
        ),
    ),
    answer=Answer(("telegram", str(SARA.id)), "حساب شما باز شد. رمز تازه برای VPN هم کار می‌کند."),
)
