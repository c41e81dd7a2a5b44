"""A rehearsed message as the ten steps of a decision, each with what was found and why."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from console.routing.rehearsal import Notice, Rehearsed, Rules
from router.promises.explain_clock import stretches, told
from router.promises.sla import Within
from router.rules.explain import Branch, walked
from router.rules.traits import traits_of
from store.outgoing import Purpose
from store.records import Message, Reason

State = Literal["yes", "no", "none"]

NO_SHIFTS = "the team has no shifts: whoever claims it first"
_MOST_HOURS = 6  # Stretches of working time that a deadline names; the rest is counted.


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One of the ten."""

    number: int
    name: str
    state: State
    said: str
    details: tuple[str, ...] = ()
    tree: Branch | None = None  # Of the route.


def steps_of(rehearsed: Rehearsed, rules: Rules) -> tuple[Step, ...]:
    """All ten, in their order; what a message does not come to says so."""
    steps = [_accepted(rehearsed), _known(rehearsed), _language(rehearsed)]
    if rehearsed.decision.outcome == "opened" and isinstance(rehearsed.record, Message):
        steps += [_category(rehearsed), _priority(rehearsed), _route(rehearsed, rehearsed.record, rules)]
        steps += [_person(rehearsed), _clock(rehearsed, rules)]
    else:
        steps += _stays(rehearsed)
    notify, answers = _notify(rehearsed), Step(number=10, name="answers", state="none", said="none configured")
    return (*steps, notify, answers)


def _reasons(rehearsed: Rehearsed, *parts: str) -> list[Reason]:
    return [reason for reason in rehearsed.decision.because if reason.part in parts]


def because(reason: Reason) -> str:
    """A reason behind its result: its rule or, of one of the file, its place; and what it saw."""
    where = reason.place or reason.rule
    return f"{where} {reason.evidence}".strip()


def _accepted(rehearsed: Rehearsed) -> Step:
    record = rehearsed.record
    channel = f"by {record.channel}"
    if parked := _reasons(rehearsed, "parked"):
        said = f"waits for a person's word: {parked[0].result} ({parked[0].rule})  {channel}"
        return Step(number=1, name="accept", state="no", said=said)
    if not isinstance(record, Message):
        return Step(number=1, name="accept", state="yes", said=f"{type(record).__name__.lower()}  {channel}")
    writer = f"written by a machine: {record.automated}" if record.automated else "written by a person"
    details = (f"not read: {record.unreadable}",) if record.unreadable else ()
    said = f"{writer}, sender {record.proof}  {channel}"
    return Step(number=1, name="accept", state="yes", said=said, details=details)


def _known(rehearsed: Rehearsed) -> Step:
    reasons = _reasons(rehearsed, "conversation", "duplicate")
    said = "; ".join(f"{reason.result} ({because(reason)})" for reason in reasons) or rehearsed.decision.outcome
    others = _reasons(rehearsed, "related", "message-id", "alike", "same-problem")
    details = tuple(f"{reason.result}: {because(reason)}" for reason in others)
    is_new = rehearsed.decision.outcome != "duplicate"
    if not is_new:
        details = (
            *details,
            "the desk has this message, so nothing below is decided: --no-desk decides it as a new one",
        )
    return Step(number=2, name="dedup", state="yes" if is_new else "no", said=said, details=details)


def _language(rehearsed: Rehearsed) -> Step:
    record = rehearsed.record
    if not isinstance(record, Message) or not record.language:
        return Step(number=3, name="language", state="none", said="nothing tells it")
    letters = sum(sign.isalpha() for sign in record.text)
    return Step(number=3, name="language", state="yes", said=f"{record.language}  from {letters} letters")


def _category(rehearsed: Rehearsed) -> Step:
    (reason, *_) = _reasons(rehearsed, "category")
    guesses = ", ".join(f"{guess.category} {guess.confidence:.2f}" for guess in rehearsed.decision.guesses)
    details = (f"the model says {guesses}",) if guesses else ()
    said = f"{reason.result or 'none'}  {because(reason)}"
    return Step(number=4, name="classify", state="yes" if reason.result else "none", said=said, details=details)


def _priority(rehearsed: Rehearsed) -> Step:
    factors = " × ".join(  # noqa: RUF001 (the matrix is a table of two)
        f"{reason.part} {reason.result} ({because(reason)})" for reason in _reasons(rehearsed, "impact", "urgency")
    )
    return Step(number=5, name="priority", state="yes", said=f"{rehearsed.decision.priority}  {factors}")


def _route(rehearsed: Rehearsed, message: Message, rules: Rules) -> Step:
    decision = rehearsed.decision
    traits = traits_of(message, rehearsed.facts, rules.routing)
    for reason in _reasons(rehearsed, "category", "impact", "urgency", "priority"):
        traits = traits.having(reason.part, reason.result)
    return Step(number=6, name="route", state="yes", said=decision.team, tree=walked(rules.routing, traits))


def _person(rehearsed: Rehearsed) -> Step:
    reasons = _reasons(rehearsed, "person")
    who = rehearsed.decision.person.removeprefix("person:")
    said = "; ".join(f"{reason.rule}: {reason.evidence}" for reason in reasons)
    if not who:
        return Step(number=7, name="person", state="none", said=f"nobody yet  {said or NO_SHIFTS}")
    return Step(number=7, name="person", state="yes", said=f"{who}  {said}".rstrip())


def _clock(rehearsed: Rehearsed, rules: Rules) -> Step:
    decision, sla = rehearsed.decision, rules.routing.sla.get(rehearsed.decision.priority)
    lines: list[str] = []
    if sla is not None and decision.answer_by is not None:
        lines += _deadline("first answer", decision.answer_by, sla.first_answer, rehearsed, rules)
    if sla is not None and decision.resolve_by is not None:
        lines += _deadline("solve", decision.resolve_by, sla.resolve, rehearsed, rules)
    if not lines:
        return Step(number=8, name="clock", state="none", said="nothing is promised")
    return Step(number=8, name="clock", state="yes", said=lines[0], details=tuple(lines[1:]))


def _deadline(name: str, at: datetime, within: Within | None, rehearsed: Rehearsed, rules: Rules) -> Iterator[str]:
    """When it is, by the clocks of all who count it, and in which hours it was counted."""
    team = rules.routing.teams.get(rehearsed.decision.team)
    calendars = team.hours.calendars if team is not None else ()
    site = ZoneInfo(rules.configuration.settings.site.time_zone)
    zones = dict.fromkeys((site, *(calendar.zone for calendar in calendars)))
    yield f"{name:<14}{' = '.join(_clock_of(at, zone) for zone in zones)}"
    sla = rules.routing.sla[rehearsed.decision.priority]
    if sla.always or not calendars:
        yield f"{'':<14}day and night"
    elif within is not None and within.days:
        yield f"{'':<14}day {within.days} of the team's work after it came"
    else:
        counted = [told(one) for one in stretches(calendars, _arrival(rehearsed), at)]
        more = f" + {len(counted) - _MOST_HOURS} more" if len(counted) > _MOST_HOURS else ""
        yield f"{'':<14}{' + '.join(counted[:_MOST_HOURS])}{more}"


def _arrival(rehearsed: Rehearsed) -> datetime:
    record = rehearsed.record
    return record.received_at if isinstance(record, Message) else rehearsed.facts.now


def _clock_of(at: datetime, zone: ZoneInfo) -> str:
    there = at.astimezone(zone)
    return f"{there:%a} {there.day} {there:%b %H:%M} {zone.key.rpartition('/')[2].replace('_', ' ')}"


def _stays(rehearsed: Rehearsed) -> Sequence[Step]:
    """What a message that opens nothing leaves as it is."""
    decision = rehearsed.decision
    names = ("classify", "priority", "route", "person", "clock")
    values = (decision.category, decision.priority, decision.team, "", "")
    ticket = f"as ticket {decision.ticket} has it" if decision.ticket else f"it is {decision.outcome}"
    return [
        Step(number=number, name=name, state="none", said=f"{value or 'not decided'}: {ticket}")
        for number, (name, value) in enumerate(zip(names, values, strict=True), start=4)
    ]


def _notify(rehearsed: Rehearsed) -> Step:
    lines = tuple(_notice(notice) for notice in rehearsed.notices)
    if not lines:
        return Step(number=9, name="notify", state="none", said="nobody hears of it")
    sent = sum(not notice.against for notice in rehearsed.notices)
    said = f"{sent} would be sent" if sent == len(lines) else f"{sent} of {len(lines)} would be sent"
    return Step(number=9, name="notify", state="yes" if sent else "no", said=said, details=lines)


def _notice(notice: Notice) -> str:
    one = notice.notification
    team = f" for {one.event.ticket.team}" if one.purpose is Purpose.ALERT else ""
    way = f"by {one.channel} to {one.address}" if one.channel else "no way to reach them"
    sound = ", silent" if one.event.silent else ""
    against = f": not sent, {notice.against}" if notice.against else ""
    return f"{'✘' if notice.against else '✔'} {one.purpose}{team} {way} in {one.language}{sound}{against}"
