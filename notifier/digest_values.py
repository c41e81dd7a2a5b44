"""What templates can say of what comes due: which step of a ladder it was, and the tickets of a digest."""

from collections.abc import Callable
from typing import NamedTuple

from notifier.lines import one_line
from notifier.notification import Notification
from notifier.speech import Speech

_SHOWN = 30  # Tickets of a digest that are named: with their subjects they fit into one message of a chat.
_SUBJECT = 60
_NAME = 80


class DigestLine(NamedTuple):
    """One ticket of a digest."""

    number: str
    priority: str
    subject: str
    team: str
    due: str  # When its next deadline is; empty: it has none.
    late: bool  # That deadline is over.
    word: str  # As in `events.Beside.word`.


class DigestValues:
    """The variables of texts about what comes due by itself."""

    _notification: Notification
    _speech: Speech
    _wrap: Callable[[str], str]

    @property
    def beside(self) -> tuple[DigestLine, ...]:
        """The tickets of a digest, the first ones where there are many."""
        event = self._notification.event
        return tuple(
            DigestLine(
                number=self._wrap(str(one.number)),
                priority=self._wrap(one_line(one.priority, _NAME)),
                subject=self._wrap(one_line(one.subject, _SUBJECT)),
                team=self._wrap(one_line(one.team, _NAME)),
                due=self._wrap(self._speech.moment(one.due_at)),
                late=one.due_at is not None and one.due_at < event.at,
                word=one.word,
            )
            for one in event.beside[:_SHOWN]
        )

    @property
    def beside_count(self) -> str:
        """How many tickets a digest is about."""
        return self._wrap(str(self._count()))

    @property
    def beside_more(self) -> str:
        """How many of them are not named; empty for none."""
        more = self._count() - len(self._notification.event.beside[:_SHOWN])
        return self._wrap(str(more)) if more > 0 else ""

    def _count(self) -> int:
        """Of very many an event names only the first, and says in its text how many there are."""
        event = self._notification.event
        return max(len(event.beside), int(event.text) if event.text.isdecimal() else 0)

    @property
    def step_why(self) -> str:
        """The step that came due: its words in the settings, and where it stands there."""
        decision = self._notification.event.decision
        steps = [one for one in decision.because if one.part == "escalation"] if decision else []
        said = [self._wrap(one_line(word, _NAME)) for one in steps for word in (one.rule, one.place) if word]
        return ", ".join(said)
