"""What templates can say: the values of one notification, each of them safe to stand in a text of ours."""

import re
from collections.abc import Callable
from typing import NamedTuple

from notifier.digest_values import DigestValues
from notifier.lines import excerpt, isolated, one_line
from notifier.notification import Notification
from notifier.plan import PROVEN
from notifier.speech import Speech
from notifier.staff_values import StaffValues
from notifier.time_values import TimeValues
from store.events import SENT_AGAIN
from store.mailboxes import mailbox_of
from store.records import Message, Proof, Reason

_SUBJECT = 150  # Characters; with the number it still fits on the three lines that a phone shows of a push message.
_NAME = 80
_REASON = 80
_EXCERPT = 1500  # With everything else an alert stays below 4,096 UTF-16 units, which is what chats take.
_EXCERPT_LINES = 20
_DETAIL = 300
_ABSENT = 5  # Files that are named; an alert has to stay short.

# "Re:" in the languages that we write, and in German, whose mail programs are used all over Europe.
_REPLY = re.compile(r"(?:(?:re|aw|odp|ha|отв|پاسخ)(?:\[\d{1,3}\])?\s{0,3}[:\uff1a]\s{0,3})+", re.IGNORECASE)


class LeftOut(NamedTuple):
    """A file that an alert has not."""

    name: str
    why: str  # As in `notification.Absent`.


class Values(StaffValues, TimeValues, DigestValues):
    """The variables of all templates: each property is one, by its name there, and is worked out when it is asked for.

    In a `text` each one is isolated (or each of its lines), so that a template writes it as it is. In a `subject` none
    is: isolates would stand in the way of filters and of mail programs that thread by it. What there is nothing to say
    about is empty.
    """

    def __init__(self, notification: Notification, speech: Speech, *, isolate: bool) -> None:
        """`isolate` keeps the direction of each value from what stands around it."""
        self._notification = notification
        self._event = notification.event
        self._ticket = notification.event.ticket
        self._message = notification.event.message
        self._speech = speech
        self._unsent = notification.unsent
        self._wrap: Callable[[str], str] = isolated if isolate else str

    @property
    def site(self) -> str:
        """The desk's name."""
        return self._short(self._speech.names.site)

    @property
    def number(self) -> str:
        """The ticket's, plain digits."""
        return self._wrap(str(self._ticket.number))

    @property
    def bare_number(self) -> str:
        """The ticket's, not isolated, for commands that are copied."""
        return str(self._ticket.number)

    @property
    def subject(self) -> str:
        """The ticket's, without what mail programs and our own mails put around it."""
        line = one_line(self._ticket.subject, _SUBJECT)
        untagged = re.sub(rf"\[{re.escape(self._speech.names.site)} \d{{1,20}}\]", "", line)
        return self._wrap(_REPLY.sub("", untagged, count=1).strip())

    @property
    def channel(self) -> str:
        """By which channel the customer's message came, or an answer went; also where a team is told of it."""
        path = self._ticket.reply_path
        return self._short(self._message.channel if self._message else path.channel if path else "")

    @property
    def sender(self) -> str:
        """Who wrote: the name, and a mail's address; of a chat's user the number only where there is no name."""
        writer = self._message.sender if self._message else self._ticket.customer
        name, value = self._short(writer.name), self._short(writer.value)
        if name and value and writer.kind == "mail":
            return f"{name} ({value})"
        return name or value

    @property
    def organisation(self) -> str:
        """What the desk knows the customer as; empty for a stranger, and where the check of the sender failed."""
        because = self._event.decision.because if self._event.decision else ()
        known = (one.result for one in because if one.part == "customer") if not self.forged else iter(())
        return self._short(next(known, ""))

    @property
    def unverified(self) -> bool:
        """Nobody vouches for the sender's address."""
        return self._message is not None and self._message.proof not in PROVEN and not self.forged

    @property
    def forged(self) -> bool:
        """Somebody we trust says that the sender's address is not theirs."""
        return self._message is not None and self._message.proof is Proof.FAILED

    @property
    def followup(self) -> bool:
        """The message continues a ticket."""
        return self._event.kind == "continued"

    @property
    def again(self) -> bool:
        """The message says what the ticket has already, and came by another channel."""
        decision = self._event.decision
        return decision is not None and any(reason.rule == SENT_AGAIN for reason in decision.because)

    @property
    def reopened(self) -> bool:
        """The message opens a closed ticket again."""
        return self._event.kind == "reopened"

    @property
    def priority(self) -> str:
        """The ticket's."""
        return self._short(self._ticket.priority)

    @property
    def priority_why(self) -> str:
        """The rules that made it, their places in the settings file, and what they saw."""
        return self._why("priority", "impact", "urgency")

    @property
    def category(self) -> str:
        """The ticket's."""
        return self._short(self._speech.category(self._ticket.category))

    @property
    def category_why(self) -> str:
        """The rule that chose it."""
        return self._why("category")

    @property
    def team(self) -> str:
        """The ticket's."""
        return self._short(self._ticket.team)

    @property
    def team_why(self) -> str:
        """The rule that chose it."""
        return self._why("team")

    @property
    def conversation_why(self) -> str:
        """By what a message was found to belong to the ticket; empty for the one that opened it."""
        return "" if self._event.kind == "opened" else self._why("conversation")

    @property
    def files(self) -> str:
        """How many were attached; empty for none."""
        count = len(self._message.attachments) if self._message else 0
        return self._wrap(str(count)) if count else ""

    @property
    def absent(self) -> tuple[LeftOut, ...]:
        """The files that an alert should have and has not."""
        return tuple(LeftOut(self._short(one.name), one.why) for one in self._notification.absent[:_ABSENT])

    @property
    def absent_more(self) -> str:
        """How many of them are not named; empty for none."""
        more = len(self._notification.absent) - _ABSENT
        return self._wrap(str(more)) if more > 0 else ""

    @property
    def save_command(self) -> str:
        """What saves files that did not come with an alert, not isolated; empty where there are none to be had."""
        planned = self._notification
        left = any(one.why not in ("infected", "unreadable") for one in planned.absent)
        none = not planned.absent and not planned.files and self.files != "" and planned.kind == "mail"
        return f"deskwire ticket files {self._ticket.number}" if left or none else ""

    @property
    def unsent(self) -> str:
        """The names of files that should go out with an answer, and cannot."""
        return ", ".join(self._short(name) for name in self._unsent)

    @property
    def machine(self) -> str:
        """Why the message is held to be a machine's."""
        return self._short(self._message.automated) if self._message else ""

    @property
    def unreadable(self) -> str:
        """Why the message could not be read."""
        return self._wrap(one_line(self._message.unreadable, _DETAIL)) if self._message else ""

    @property
    def excerpt(self) -> str:
        """The beginning of the message; empty where it says the subject again, as a chat's only line does."""
        lines = _excerpt(self._message)
        return "" if lines == (one_line(self._ticket.subject, _SUBJECT),) else "\n".join(map(self._wrap, lines))

    @property
    def words(self) -> str:
        """A technician's answer, exactly as it was written: not even isolated."""
        return self._event.text

    @property
    def detail(self) -> str:
        """What the peer said about a delivery."""
        return self._wrap(one_line(self._event.text, _DETAIL))

    @property
    def missed(self) -> str:
        """Whom an answer did not reach, where it is somebody who takes part; empty: the customer."""
        address = mailbox_of("mail", self._event.text.partition(": ")[0].strip())
        parts = (mailbox_of(one.kind, one.value) for one in self._ticket.participants)
        return self._short(address) if address in parts else ""

    @property
    def in_doubt(self) -> bool:
        """Nobody knows whether the delivery arrived."""
        return self._event.kind == "delivery-in-doubt"

    @property
    def command(self) -> str:
        """What to type to answer, not isolated, because it is copied; empty: the ticket has no reply address."""
        return f'deskwire ticket answer {self._ticket.number} "..."' if self._ticket.reply_path else ""

    def _short(self, text: str) -> str:
        return self._wrap(one_line(text, _NAME))

    def _why(self, *parts: str) -> str:
        """The reasons of these parts: the first part's in any case, the others' where a rule of the settings spoke."""
        because = self._event.decision.because if self._event.decision else ()
        spoken = [one for one in because if one.part in parts and (one.part == parts[0] or one.place)]
        return "; ".join(self._told(one) for one in sorted(spoken, key=lambda one: parts.index(one.part)))

    def _told(self, reason: Reason) -> str:
        evidence = one_line(reason.evidence, _REASON)
        said = (one_line(reason.rule, _REASON), one_line(reason.place, _REASON), f"“{evidence}”" if evidence else "")
        return ", ".join(self._wrap(one) for one in said if one)


NAMES = frozenset(
    name
    for kind in (StaffValues, TimeValues, DigestValues, Values)
    for name, value in vars(kind).items()
    if isinstance(value, property)
)


def _excerpt(message: Message | None) -> tuple[str, ...]:
    return excerpt(message.text, longest=_EXCERPT, lines=_EXCERPT_LINES) if message else ()
