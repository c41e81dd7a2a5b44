"""Working time: whether calendars, people and priorities exist, promises can be kept, and no hours are nobody's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from config.checks.names import Check, known
from config.document import Path
from config.draft import Draft
from config.problems import Problem, nearest
from router.crew.team_settings import OnCallSettings, TeamSettings
from router.crew.teams import Shift, Team
from router.crew.teams import team as team_of
from router.hours.calendar import Span
from router.hours.calendar_settings import calendars_of
from router.hours.days_off import DaysOff
from router.hours.open_hours import YEARS, NeverOpen, OpenHours
from router.promises.sla import Sla, Within, due
from router.settings import RouteSettings
from router.technicians.staff_settings import people_of
from store.durations import written

_WEEK = timedelta(weeks=1)
# A week without a holiday in most countries, and without a change of clocks: what is open then is open in general.
_ORDINARY = datetime(2026, 11, 16, tzinfo=UTC)
_DAY = timedelta(hours=8)  # Ours: about what a team works on a day, by which days are compared with hours.
_SHOWN = 3  # Gaps that are named; the rest is counted.


def _shifts(draft: Draft) -> Iterator[Problem]:
    for name, team in draft.teams.items():
        for number, shift in enumerate(team.shifts):
            path: Path = ("teams", name, "shifts", number)
            yield from known(shift.calendar, draft.written("calendars"), "calendar", (*path, "calendar"), draft)
            for place, person in enumerate(shift.people):
                yield from known(person, draft.written("people"), "person", (*path, "people", place), draft)


def _on_call(draft: Draft) -> Iterator[Problem]:
    for name, team in draft.teams.items():
        if team.on_call is None:
            continue
        for place, person in enumerate(team.on_call.weekly):
            path: Path = ("teams", name, "on_call", "weekly", place)
            yield from known(person, draft.written("people"), "person", path, draft)
        if team.on_call.ical is not None and set(draft.written("people")) == set(draft.people):
            yield from _duties(name, team.on_call, draft)


def _duties(name: str, on_call: OnCallSettings, draft: Draft) -> Iterator[Problem]:
    try:
        on_call.compiled(ZoneInfo("UTC"), people_of(draft.people), datetime.now(UTC))
    except ValueError as error:
        what, _, remedy = str(error).partition(": ")
        at = draft.document.position(("teams", name, "on_call", "ical"))
        yield Problem(at, "bad-calendar", what, _in_a_line(remedy) or "export it again, as iCalendar (RFC 5545)")


def _in_a_line(remedy: str) -> str:
    """The remedy, or nothing where what was found is repeated instead."""
    return "" if "\n" in remedy else remedy


def _copies(draft: Draft) -> Iterator[Problem]:
    waiting: list[tuple[Path, RouteSettings]] = [(("route",), draft.route)] if draft.route is not None else []
    while waiting:
        path, node = waiting.pop(0)
        for number, team in enumerate(node.copies):
            yield from known(team, draft.written("teams"), "team", (*path, "copy", number), draft)
        waiting += [((*path, "routes", number), child) for number, child in enumerate(node.routes)]


def _priorities(draft: Draft) -> Iterator[Problem]:
    if draft.priority is None:
        return
    names = sorted({cell for row in draft.priority.matrix.values() for cell in row})
    for priority in draft.written("sla"):
        if priority not in names:
            remedy = nearest(priority, names) or f"there are: {', '.join(names)}"
            at = draft.document.key(("sla", priority))
            yield Problem(at, "unknown-priority", f'there is no priority called "{priority}"', remedy)


def _order(draft: Draft) -> Iterator[Problem]:
    for priority, sla in draft.sla.items():
        for key, earlier in (("first_answer", sla.first_answer), ("update", sla.update)):
            if earlier is not None and sla.resolve is not None and _length(earlier) > _length(sla.resolve):
                what = f"{priority}: {key} ({_told(earlier)}) is later than resolve ({_told(sla.resolve)})"
                at = draft.document.position(("sla", priority, key))
                yield Problem(at, "sla-order", what, "an answer comes before the solution: make one of them shorter")


def _length(within: Within) -> timedelta:
    return within.time + within.days * _DAY


def _told(within: Within) -> str:
    return f"{within.days}d" if within.days else written(within.time)


def _covered(draft: Draft) -> Iterator[Problem]:
    """Hours that a team has not matter where an answer is promised day and night, and nobody is on call."""
    night_and_day = [priority for priority, sla in draft.sla.items() if sla.clock == "always"]
    if draft.site is None or not night_and_day or set(draft.written("calendars")) != set(draft.calendars):
        return
    for name, team in draft.teams.items():
        if team.on_call is not None or not team.shifts:
            continue
        gaps = _gaps(team, draft)
        if not gaps:
            continue
        zone = ZoneInfo(draft.site.time_zone)
        shown = [
            f"{gap.begins.astimezone(zone):%a %H:%M}-{gap.ends.astimezone(zone):%a %H:%M}" for gap in gaps[:_SHOWN]
        ]
        if len(gaps) > _SHOWN:
            shown.append(f"{len(gaps) - _SHOWN} more")
        what = f"{', '.join(shown)} {draft.site.time_zone}: no one in {name}, and nobody is on call"
        remedy = f"{', '.join(night_and_day)} promises an answer day and night: add a shift or on_call:"
        at = draft.document.key(("teams", name, "shifts"))
        yield Problem(at, "empty-shift", what, remedy, level="warning")


def _too_long(draft: Draft) -> Iterator[Problem]:
    """What a team does not reach in any time that anybody looks at would stop each message that it is asked of."""
    if set(draft.written("calendars")) != set(draft.calendars):
        return
    for name, settings in draft.teams.items():
        team = _hours_of(name, settings, draft)
        for path, told, within in _times(draft):
            if team is not None and not _is_ever_due(within, team):
                what = f"{told} takes {name} more than {YEARS} years"
                remedy = "make it shorter, let the team work more, or write clock: always for the priority"
                yield Problem(draft.document.position(path), "never-due", what, remedy)


def _times(draft: Draft) -> Iterator[tuple[Path, str, Within]]:
    """All that counts by the hours of teams: where it stands, what it is, and how long."""
    for priority, sla in draft.sla.items():
        for key, within in (("first_answer", sla.first_answer), ("update", sla.update), ("resolve", sla.resolve)):
            if within is not None and sla.clock == "team":
                yield ("sla", priority, key), f"{priority}: {key} ({_told(within)})", within
    for number, ladder in enumerate(draft.escalate):
        for place, step in enumerate(ladder.steps if ladder is not None else ()):
            if step.after:
                yield ("escalate", number, "steps", place, "after"), f"after {written(step.after)}", Within(step.after)


def _hours_of(name: str, team: TeamSettings, draft: Draft) -> Team | None:
    """The team as far as its hours go; None for one that always works."""
    calendars = calendars_of(draft.calendars)
    named = [OpenHours([calendars[shift.calendar]]) for shift in team.shifts if shift.calendar in calendars]
    shifts = tuple(Shift(hours.calendars[0].name, hours, ()) for hours in named)
    return team_of(name, always=named[0], shifts=shifts) if named else None


def _is_ever_due(within: Within, team: Team | None) -> bool:
    try:
        due(within, _ORDINARY, Sla(), team)
    except NeverOpen:
        return False
    return True


def _gaps(team: TeamSettings, draft: Draft) -> list[Span]:
    """When nobody works in an ordinary week, the longest first."""
    calendars = calendars_of(draft.calendars)
    named = [calendars[shift.calendar] for shift in team.shifts if shift.calendar in calendars]
    if not named:
        return []
    hours = OpenHours([msgspec.structs.replace(calendar, days_off=DaysOff()) for calendar in named])
    gaps, at = [], hours.closes_next(_ORDINARY)
    while at is not None and at < _ORDINARY + _WEEK:
        gaps.append(Span(at, hours.opens_next(at)))
        at = hours.closes_next(gaps[-1].ends)
    return sorted(gaps, key=lambda gap: gap.begins - gap.ends)


CLOCK_CHECKS: tuple[Check, ...] = (_shifts, _on_call, _copies, _priorities, _order, _too_long, _covered)
