"""The command `deskwire check`: everything that is wrong with a settings file, in one run."""

from collections.abc import Mapping
from pathlib import Path

from config.load import BadSettings, load
from config.masks import masked
from config.problems import Problem
from config.settings import Settings
from console.words import Refused, complain, counted, document, say


async def check(path: Path, environment: Mapping[str, str], *, as_json: bool) -> None:
    """Say that the file is right and what it holds; Refused with code 1 and all problems otherwise."""
    try:
        found = load(path, environment)
    except BadSettings as error:
        if as_json and error.problems:
            document("check", [_plain(problem) for problem in sorted(error.problems)])
            raise Refused("", 1) from error
        raise Refused(str(error), 1) from error
    if as_json:
        document("check", [_plain(problem) for problem in sorted(found.remarks)])
        return
    complain(found.warnings)
    settings = found.settings
    holds = (
        counted(len(found.channels), "channel"),
        counted(len(settings.teams), "team"),
        counted(_rules(settings), "rule"),
        counted(len(settings.site.languages), "language"),
    )
    say(f"{path} OK: {', '.join(holds)} (version {found.version})")


def _rules(settings: Settings) -> int:
    """Those that stand in the file."""
    own = settings.priority.model_fields_set
    tables = (
        settings.classify.rules,
        settings.priority.impact if "impact" in own else (),
        settings.priority.urgency if "urgency" in own else (),
    )
    return sum(map(len, tables))


def _plain(problem: Problem) -> dict[str, str | int]:
    return {
        "line": problem.at.line,
        "column": problem.at.column,
        "level": problem.level,
        "code": problem.code,
        "what": masked(problem.what),
        "remedy": masked(problem.remedy),
    }
