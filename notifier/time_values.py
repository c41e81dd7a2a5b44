"""What templates can say of time: what is promised until when, as the reader reads it."""

from collections.abc import Callable
from datetime import datetime

from notifier.moments import place_of
from notifier.notification import Notification
from notifier.speech import Speech


class TimeValues:
    """The variables about deadlines and what comes due; empty where nothing is promised."""

    _notification: Notification
    _speech: Speech
    _wrap: Callable[[str], str]

    @property
    def answer_by(self) -> str:
        """Until when the customer's last words are answered, with the city of the zone."""
        ticket = self._notification.event.ticket
        return self._moment(ticket.update_by or ticket.answer_by)

    @property
    def resolve_by(self) -> str:
        """Until when the ticket is solved."""
        return self._moment(self._notification.event.ticket.resolve_by)

    @property
    def given(self) -> bool:
        """A colleague gave the ticket to the reader."""
        return self._notification.event.kind == "given"

    @property
    def woken(self) -> bool:
        """The time is over for which the ticket waited."""
        return self._notification.event.kind == "woken"

    @property
    def answer_late(self) -> bool:
        """The answer was due before this happened."""
        ticket = self._notification.event.ticket
        due = ticket.update_by or ticket.answer_by
        return due is not None and due < self._notification.event.at

    def _moment(self, moment: datetime | None) -> str:
        place = place_of(self._speech.names.zone, self._speech.language)
        said = self._speech.moment(moment)
        return self._wrap(f"{said} ({place})" if said and place else said)
