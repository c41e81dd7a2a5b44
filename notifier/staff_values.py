"""What mail to technicians can say beyond what everybody is told: links that act, what was wrong, what was kept."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

from notifier.lines import one_line
from notifier.notification import Notification
from notifier.speech import Speech
from store.events import TicketView
from store.outgoing import REPLY_ADDRESS
from store.records import Reason

RULE = "\u2500" * 60  # Below it stands what a reply never means: whoever reads replies cuts there.

_NAME = 80
_OTHERS = 3  # Of up to 48 people: the first line of a mail is all that a list of mails shows.
_FILES = 20  # Names of files that are shown; an answer may have hundreds of small ones.
_LINE = 120  # Characters of a line that was wrong, or of what there is to choose from.
_KEPT_LINES = 200
_KEPT_LINE = 500
_AFTER = "\n\n-- \n"  # What a mail program adds below it is a signature (RFC 3676, 4.3), not a text for the customer.


class Problem(NamedTuple):
    """A line of a technician's mail that was not carried out."""

    line: str  # Its number; empty: the whole mail is meant.
    written: str
    code: str  # As in `router.technicians.mail_commands.Wrong.code` and `router.technicians.staff_mail`.
    guess: str


class StaffValues:
    """Variables of templates; `notifier.values.Values` has all of them."""

    _notification: Notification
    _speech: Speech
    _wrap: Callable[[str], str]

    @property
    def customer(self) -> str:
        """Whom an answer reaches, by which channel, and who else gets it; empty: the ticket has no reply address."""
        ticket = self._notification.event.ticket
        if ticket.reply_path is None:
            return ""
        main = ", ".join((ticket.customer.name or ticket.customer.value, ticket.reply_path.channel))
        others = _others(ticket)
        shown = [self._wrap(one_line(other, _NAME)) for other in others[:_OTHERS]]
        more = [str(len(others) - _OTHERS)] if len(others) > _OTHERS else []
        named = [", ".join(shown)] if shown else []
        return " + ".join((self._wrap(one_line(main, _NAME)), *named, *more))

    @property
    def claim_link(self) -> str:
        """A link that opens a mail which takes the ticket."""
        return self._link("#claim" + _AFTER)

    @property
    def solve_link(self) -> str:
        """The same which solves it; an answer can be written below."""
        return self._link("#done\n")

    @property
    def note_link(self) -> str:
        """The same for a note."""
        return self._link("#note\n")

    @property
    def help_link(self) -> str:
        """The same which asks for the list of commands."""
        return self._link("#help" + _AFTER)

    @property
    def rule(self) -> str:
        """The line below which nothing is read of a reply."""
        return RULE

    @property
    def related(self) -> str:
        """The numbers of tickets that this one may belong to."""
        return ", ".join(self._wrap(str(number)) for number in self._notification.event.ticket.related[:5])

    @property
    def assignee(self) -> str:
        """Who works on the ticket."""
        return self._who(self._notification.event.ticket.assignee)

    @property
    def person(self) -> str:
        """Whom the ticket was routed to, while nobody has claimed it; empty: it waits for anybody of the team."""
        ticket = self._notification.event.ticket
        return "" if ticket.assignee else self._who(ticket.person)

    @property
    def actor(self) -> str:
        """Who did it."""
        return self._who(self._notification.event.actor)

    @property
    def sent_files(self) -> str:
        """The names of the files of an answer; empty for none."""
        names = [self._wrap(one_line(one.file.name, _NAME)) for one in self._notification.event.files]
        more = [str(len(names) - _FILES)] if len(names) > _FILES else []
        return " + ".join([", ".join(names[:_FILES]), *more])

    @property
    def moved(self) -> bool:
        """The ticket came to this team by hand."""
        return self._notification.event.kind in ("moved", "changed")  # "changed": as older releases said it.

    @property
    def moved_why(self) -> str:
        """From which team it came, and why, as whoever moved it said."""
        return self._wrap(one_line(self._notification.event.text, _LINE)) if self.moved else ""

    @property
    def said_beside(self) -> str:
        """What whoever gave the ticket to somebody, or opened it again, said to them; empty where they said nothing."""
        event = self._notification.event
        if event.kind == "given":  # The text begins with the person.
            return self._wrap(one_line(event.text.partition(" · ")[2], _LINE))
        return self._wrap(one_line(event.text, _LINE)) if event.kind == "reopened" else ""

    @property
    def answers(self) -> bool:
        """A reply to this mail is an answer to the customer."""
        return self._notification.reader is not None and self._notification.reply == "s"

    @property
    def notes(self) -> bool:
        """A reply to this mail is a note for colleagues."""
        return self._notification.reply == "n"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong with a technician's mail."""
        return tuple(
            Problem(
                line=self._wrap(reason.rule) if reason.rule != "0" else "",
                written=self._wrap(one_line(reason.evidence, _LINE)),
                code=reason.result,
                guess=self._wrap(one_line(reason.place, _LINE)),
            )
            for reason in self._because("line")
        )

    @property
    def kept(self) -> str:
        """The text that was not sent, or now was, marked as a quotation (RFC 3676, 4.5)."""
        lines = self._notification.event.text.split("\n")
        shown = [f"> {one_line(line, _KEPT_LINE)}".rstrip() for line in lines[:_KEPT_LINES]]
        return "\n".join([*shown, *(["> …"] if len(lines) > _KEPT_LINES else [])]) if any(lines) else ""

    @property
    def can_send(self) -> bool:
        """The text waits to be sent without what is wrong, and there is something besides that."""
        kept_as_note = ("forwarded", "new-recipients")
        whole = {*kept_as_note, "only-quoted", "quotes-alert", "no-draft", "empty", "not-alone", "perhaps-note"}
        if not self.problems or any(problem.code in whole for problem in self.problems):
            return False
        bad = {one_line(reason.evidence, _LINE) for reason in self._because("line")}
        lines = self._notification.event.text.split("\n")
        return not bad or any(line.strip() and one_line(line, _LINE) not in bad for line in lines)

    @property
    def written_from(self) -> str:
        """The address that a held mail came from."""
        message = self._notification.event.message
        return self._wrap(one_line(message.sender.value, _NAME)) if message else ""

    @property
    def given_to(self) -> str:
        """The address that may act on the ticket by this mail."""
        return self._wrap(one_line(self._notification.address, _NAME))

    @property
    def other_sender(self) -> bool:
        """A held mail came from another address; else nobody vouches for the right one."""
        return any(reason.result == "staff-other-sender" for reason in self._because("parked"))

    def _because(self, part: str) -> list[Reason]:
        decision = self._notification.event.decision
        return [reason for reason in decision.because if reason.part == part] if decision else []

    def _who(self, actor: str) -> str:
        """The name behind "person:ola"."""
        return self._wrap(one_line(self._speech.person(actor), _NAME)) if actor else ""

    def _link(self, body: str) -> str:
        """A mail that is written already (RFC 6068); the channel puts the reader's own reply address into it."""
        subject = f"[{self._speech.names.site} {self._notification.event.ticket.number}]"
        return f"mailto:{REPLY_ADDRESS}?subject={quote(subject)}&body={quote(body.replace(chr(10), chr(13) + chr(10)))}"


def _others(ticket: TicketView) -> list[str]:
    """The addresses of those who take part; a chat reaches nobody but its customer."""
    return [one.value for one in ticket.participants if one.kind == ticket.customer.kind == "mail"]
