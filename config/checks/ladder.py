"""Escalation: whether its people and teams exist, its steps are in order, and its tickets only go up."""

from collections.abc import Iterator
from datetime import timedelta

from config.checks.names import Check, known
from config.document import Path
from config.draft import Draft
from config.problems import Problem
from router.due.escalate_settings import LadderSettings, StepSettings
from router.due.ladders import NEXT_LEVEL, TARGETS

_CALLED = ("on_call", "next_on_call")


def _names(draft: Draft) -> Iterator[Problem]:
    """The targets that are words of ours come first, so that a guess may name them."""
    for path, _, step in _steps(draft):
        for number, target in enumerate(step.alert):
            place = (*path, "alert", number) if len(step.alert) > 1 else (*path, "alert")
            yield from known(target, [*TARGETS, *draft.written("people")], "person", place, draft)
        if step.move:
            yield from known(step.move, [NEXT_LEVEL, *draft.written("teams")], "team", (*path, "move"), draft)
    for name, team in draft.teams.items():
        if team.escalates_to:
            path = ("teams", name, "escalates_to")
            yield from known(team.escalates_to, draft.written("teams"), "team", path, draft)


def _order(draft: Draft) -> Iterator[Problem]:
    """Of steps that count by the same clock, each comes after the one before it."""
    latest: dict[tuple[Path, str], tuple[timedelta | int, str]] = {}
    for path, _, step in _steps(draft):
        key = "after" if step.at is None else step.at.of
        time = (step.after or timedelta(0)) if step.at is None else step.at.percent
        earlier = latest.get((path[:2], key))
        if earlier is not None and time < earlier[0]:  # type: ignore[operator] # Both are of the same kind: the key says of which.
            what = "this step comes due before the one that stands above it"
            remedy = f"move it up, above line {earlier[1].rpartition(':')[2]}, or correct its time"
            at = draft.document.position((*path, "after" if step.at is None else "at"))
            yield Problem(at, "ladder-order", what, remedy)
        else:
            latest[path[:2], key] = (time, step.place)


def _goes_down(draft: Draft) -> Iterator[Problem]:
    levels = {name: team.level for name, team in draft.teams.items()}
    reached: dict[Path, str] = {}
    for path, ladder, step in _steps(draft):
        of_ladder = ladder.when.team or ()
        before = reached.get(path[:2]) or (min(of_ladder, key=lambda name: levels.get(name, 1)) if of_ladder else "")
        if step.move in levels and before in levels and levels[step.move] < levels[before]:
            what = f'"{step.move}" is of level {levels[step.move]}, below "{before}" with level {levels[before]}'
            at = draft.document.position((*path, "move"))
            yield Problem(at, "escalation-goes-down", what, "escalation only goes up: name a team of a higher level")
        if step.move in levels:
            reached[path[:2]] = step.move
    for name, team in draft.teams.items():
        if levels.get(team.escalates_to, team.level) < team.level or team.escalates_to == name:
            at = draft.document.position(("teams", name, "escalates_to"))
            what = f'"{name}" is of level {team.level} and cannot escalate to "{team.escalates_to}"'
            yield Problem(at, "escalation-goes-down", what, "escalation only goes up: name a team of a higher level")


def _asked(draft: Draft) -> Iterator[Problem]:
    """Whether there is what ladders and loudness ask for."""
    if draft.priority is None:
        return
    priorities = sorted({cell for row in draft.priority.matrix.values() for cell in row})
    for number, ladder in enumerate(draft.escalate):
        for place, priority in enumerate((ladder.when.priority or ()) if ladder is not None else ()):
            path: Path = ("escalate", number, "when", "priority", place)
            yield from known(priority, priorities, "priority", path, draft)
        for place, team in enumerate((ladder.when.team or ()) if ladder is not None else ()):
            yield from known(team, draft.written("teams"), "team", ("escalate", number, "when", "team", place), draft)
    for place, priority in enumerate((draft.notify.loud or ()) if draft.notify is not None else ()):
        yield from known(priority, priorities, "priority", ("notify", "loud", place), draft)


def _nobody_called(draft: Draft) -> Iterator[Problem]:
    """A team that a ladder names in its condition, or else any, has somebody on call where a step calls them."""
    if set(draft.written("teams")) != set(draft.teams):  # One that is wrong may have somebody.
        return
    for path, ladder, step in _steps(draft):
        teams = [draft.teams[name] for name in ladder.when.team or draft.teams if name in draft.teams]
        if any(target in _CALLED for target in step.alert) and all(team.on_call is None for team in teams):
            at = draft.document.position((*path, "alert"))
            what = "this step alerts who is on call, and no team has anybody on call"
            yield Problem(at, "nobody-on-call", what, "add on_call: to the team, or alert the team or a person")


def _reached_by(draft: Draft) -> Iterator[Problem]:
    """Where a person cannot be reached as a step says, the team hears of it, and not they."""
    for path, _, step in _steps(draft):
        for number, target in enumerate(step.alert):
            person = draft.people.get(target)
            if step.by is None or person is None or getattr(person, step.by) is not None:
                continue
            at = draft.document.position((*path, "alert", number) if len(step.alert) > 1 else (*path, "alert"))
            what = f'"{target}" has no {step.by}, by which this step would reach them'
            remedy = f"the team is alerted instead: add {step.by}: … to people.{target}, or leave by: out"
            yield Problem(at, "no-address", what, remedy, level="warning")


def _no_manager(draft: Draft) -> Iterator[Problem]:
    if set(draft.written("people")) != set(draft.people) or any(one.role == "manager" for one in draft.people.values()):
        return
    for path, _, step in _steps(draft):
        if "manager" in step.alert and "manager" not in draft.people:
            at = draft.document.position((*path, "alert"))
            what = "this step alerts the manager, and nobody is one, so that the team is alerted"
            yield Problem(
                at, "no-manager", what, "write role: manager at a person, or name whom you mean", level="warning"
            )


def _no_deadline(draft: Draft) -> Iterator[Problem]:
    for path, ladder, step in _steps(draft):
        if step.at is None:
            continue
        asked = ladder.when.priority or tuple(draft.sla)
        if draft.priority is None or not set(asked) <= {cell for row in draft.priority.matrix.values() for cell in row}:
            continue  # One that there is not is told where it stands.
        promised = [draft.sla[name] for name in asked if name in draft.sla]
        if not any(getattr(sla, step.at.of) is not None for sla in promised) and len(draft.written("sla")) == len(
            draft.sla
        ):
            at = draft.document.position((*path, "at"))
            what = f"no {step.at.of} is promised for these tickets, so that this step never comes due"
            yield Problem(at, "no-deadline", what, f"add {step.at.of}: under sla: for their priority, or write after:")


def _steps(draft: Draft) -> Iterator[tuple[Path, LadderSettings, StepSettings]]:
    for number, ladder in enumerate(draft.escalate):
        for place, step in enumerate(ladder.steps if ladder is not None else ()):
            if ladder is not None:
                yield ("escalate", number, "steps", place), ladder, step


LADDER_CHECKS: tuple[Check, ...] = (
    _names,
    _asked,
    _order,
    _goes_down,
    _nobody_called,
    _reached_by,
    _no_manager,
    _no_deadline,
)
