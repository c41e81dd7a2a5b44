"""Puts a notification into words: pure, from templates that were read before."""

from collections.abc import Mapping

import msgspec
from jinja2 import Template

from notifier.digest_values import DigestLine
from notifier.lines import cut_to_units, one_line
from notifier.notification import Notification
from notifier.plan import is_proven
from notifier.speech import Names, Speech
from notifier.staff_values import Problem
from notifier.values import LeftOut, Values
from store.outgoing import Outgoing, Purpose
from store.tokens import actor_of

# Each language has a file for each of these; each file has the blocks `subject` and `text`.
NAMES = (
    *("acknowledgement", "acknowledgement-chat", "acknowledgement-unproven", "answer"),
    *("alert", "trouble", "unsent-files", "storm", "flood"),
    *("alert-mail", "note", "answered", "not-sent", "held", "help", "carried-out"),
    *("solved", "question", "reminded", "closed", "due", "overdue", "digest"),
)

_LONGEST_SUBJECT = 250  # Characters; folded it is four lines of a header.
_LONGEST_ALERT = 4096  # UTF-16 units; Telegram Bot API, sendMessage. Other channels take more.
_WHOLE = frozenset({"note", "answered"})  # Mail with a colleague's words, which nobody shortens.


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """One compiled template."""

    template: Template
    subject: frozenset[str]  # The values that its block `subject` asks for.
    text: frozenset[str]  # The same of its block `text`.


class Templates(msgspec.Struct, frozen=True, kw_only=True):
    """Compiled templates, and what the desk that they speak for calls things."""

    names: Names
    fallback: tuple[str, ...]  # Languages that stand in for one without a template, in this order.
    wordings: Mapping[tuple[str, str], Wording]  # By language and name; complete for the last fallback.

    def find(self, language: str, name: str) -> tuple[str, Wording]:
        """The template that speaks the language, or the nearest fallback's, with the language that it speaks."""
        for tag in (language, *self.fallback):
            if found := self.wordings.get((tag, name)):
                return tag, found
        raise LookupError(f"no language has a template {name!r}: the loader must refuse such a set")


def render(notification: Notification, templates: Templates) -> Outgoing:
    """The notification in words; the same ones for the same notification."""
    event, ticket = notification.event, notification.event.ticket
    language, wording = templates.find(notification.language, notification.template)
    speech = Speech(names=templates.names, language=language, fallback=templates.fallback)
    plain, isolated = (Values(notification, speech, isolate=isolate) for isolate in (False, True))
    subject = _block(wording.template, "subject", wording.subject, plain)
    text = _block(wording.template, "text", wording.text, isolated)
    is_short = notification.purpose is Purpose.ALERT and notification.template not in _WHOLE
    return Outgoing(
        key=notification.effect,
        delivery=notification.delivery,
        purpose=notification.purpose,
        address=notification.address,
        subject=one_line(subject, _LONGEST_SUBJECT),
        text=cut_to_units(text, _LONGEST_ALERT) if is_short else text,
        language=language,
        references=_answered(notification),
        ticket=ticket.number,
        others=notification.others,
        files=notification.files,
        actor=actor_of(notification.reader) if notification.reader is not None else "",
        reply=notification.reply,
        silent=event.silent,
        at=event.at,
    )


def _answered(notification: Notification) -> tuple[str, ...]:
    """What mail programs sort it by.

    A team never saw the customer's messages, so there is nothing of theirs to answer; and an id is text of whoever
    wrote, which nobody gets whose address is not proven.
    """
    is_courtesy = notification.purpose.is_courtesy
    if notification.purpose is Purpose.ALERT or (is_courtesy and not is_proven(notification.event.ticket)):
        return ()
    return notification.event.ticket.conversation


def _block(template: Template, name: str, asked: frozenset[str], values: Values) -> str:
    said: dict[str, str | bool | tuple[Problem, ...] | tuple[LeftOut, ...] | tuple[DigestLine, ...]]
    said = {value: getattr(values, value) for value in asked}
    return "".join(template.blocks[name](template.new_context(said))).strip()
