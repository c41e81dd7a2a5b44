"""The command `deskwire check`: everything that is wrong with a settings file, in one run."""

from collections.abc import Mapping
from pathlib import Path

from config.load import BadSettings, load
from console.words import Refused, say


async def check(path: Path, environment: Mapping[str, str]) -> None:
    """Say that the file is right and what it holds; Refused with code 1 and all problems otherwise."""
    try:
        found = load(path, environment)
    except BadSettings as error:
        raise Refused(str(error), 1) from error
    settings = found.settings
    rules = len(settings.classify.rules) + len(settings.priority.impact) + len(settings.priority.urgency)
    say(f"{path} OK: {len(found.channels)} channels, {len(settings.teams)} teams, {rules} rules ({found.version})")
