"""The settings file to typed settings, or every problem in it at once."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from config.channels import read_channels
from config.checks import cross_checked
from config.document import MAX_SIZE, Document
from config.draft import drafted
from config.findings import problems_in
from config.problems import Position, Problem, counted, shown
from config.settings import Channel, Configuration, Settings
from store.errors import Permanent
from store.files import FOLDER


class BadSettings(Permanent):
    """The settings file has problems; the text lists all of them with their places and remedies."""

    def __init__(self, told: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(told)
        self.problems = problems  # Empty where there is no file.


def _bad(problems: Sequence[Problem], *, name: str, text: str) -> BadSettings:
    told = f"{shown(problems, name=name, text=text)}\n\n{counted(problems)} in {name}. Nothing was started."
    return BadSettings(told, problems)


def load(path: Path, environment: Mapping[str, str]) -> Configuration:
    """Read a settings file; relative paths in it count from its folder. Raises BadSettings."""
    try:
        with path.open("rb") as file:
            content = file.read(4 * MAX_SIZE + 1)  # UTF-8 takes four bytes for a character at the most.
        text = content.decode("utf-8-sig")
    except OSError as error:
        what = f"there is no settings file {path}" if isinstance(error, FileNotFoundError) else str(error)
        remedy = "name one with --config, write one as README.md shows, or try `deskwire demo`, which needs none"
        raise BadSettings(f"{what}: {remedy}") from error
    except UnicodeDecodeError as error:
        before = content[: error.start]
        at = Position(before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        problem = Problem(at, "not-text", "the file is no text in UTF-8", "save it as UTF-8")
        raise _bad([problem], name=path.name, text="") from error
    return read(text, name=path.name, folder=path.parent, environment=environment)


def read(text: str, *, name: str, folder: Path, environment: Mapping[str, str]) -> Configuration:
    """Settings from the text of a file. Raises BadSettings with all problems in it."""
    document = Document(text, name=name, environment=environment)
    problems = list(document.problems)
    settings = None
    channels: dict[str, Channel] = {}
    if document.readable:
        sections = {key: value for key, value in document.root.items() if key != "channels"}
        try:
            settings = Settings.model_validate(sections, context={FOLDER: folder})
        except ValidationError as error:
            problems += problems_in(error.errors(), Settings, sections, (), document)
        channels, wrong = read_channels(document, folder)
        problems += wrong
        problems += cross_checked(drafted(document, channels, folder))
    if settings is None or any(problem.level == "error" for problem in problems):
        raise _bad(problems, name=name, text=text)
    return Configuration(
        settings=settings,
        channels=channels,
        version=hashlib.sha256(text.encode()).hexdigest()[:7],
        folder=folder,
        remarks=tuple(problems),
        warnings=shown(problems, name=name, text=text),
    )
