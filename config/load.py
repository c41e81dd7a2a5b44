"""The settings file to typed settings, or every problem in it at once."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from config.channels import read_channels
from config.checks import cross_checked
from config.checks.inline_tests import failed_tests
from config.document import MAX_SIZE, Document
from config.draft import Draft, drafted, named
from config.findings import problems_in
from config.leaks import leaks
from config.problems import Position, Problem, counted, in_order, shown, without_secrets
from config.settings import Configuration, Settings
from store.errors import Permanent
from store.files import FOLDER

_MEANT = re.compile(r'did you mean "([^"]*)"\?')
_CONSEQUENCES = ("missing-", "unknown-", "no-", "too-short")  # Of lines that could not be read.


NOT_STARTED = "Nothing was started."  # How the message ends of a file that does not pass.


class BadSettings(Permanent):
    """The settings file has problems; the text lists all of them with their places and remedies."""

    def __init__(self, told: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(told)
        self.problems = problems  # In order; empty where there is no file.


class Files(NamedTuple):
    """The settings file and those beside it, as they are on the disk at one moment."""

    text: str
    name: str
    folder: Path
    beside: Mapping[str, str]  # By "deskwire.d/people.yaml".
    unreadable: tuple[Problem, ...] = ()


class Examined(NamedTuple):
    """What a settings file is found to be."""

    problems: tuple[Problem, ...]  # In order; without secrets.
    told: str  # The same for people.
    draft: Draft | None  # None where the file is no YAML.
    configuration: Configuration | None  # None where there are errors, or variables are missing that may be.

    @property
    def has_errors(self) -> bool:
        """Whether nothing can be started with it."""
        return any(problem.level == "error" for problem in self.problems)


def load(path: Path, environment: Mapping[str, str], *, tested: bool = False) -> Configuration:
    """Read a settings file; relative paths in it count from its folder. Raises BadSettings.

    `tested`: also where one of its own tests fails.
    """
    return _started(examined(files_of(path), environment, tested=tested), path.name)


def read(text: str, *, name: str, folder: Path, environment: Mapping[str, str]) -> Configuration:
    """Settings from the text of a file. Raises BadSettings with all problems in it."""
    return _started(examined(Files(text, name, folder, {}), environment), name)


def files_of(path: Path) -> Files:
    """The file, and those of the folder deskwire.d (its own name without its ending) beside it, in their order.

    Raises BadSettings where there is no file to read.
    """
    try:
        text, wrong = _text(path, "")
    except OSError as error:
        what = f"there is no settings file {path}" if isinstance(error, FileNotFoundError) else str(error)
        remedy = "name one with --config, write one as README.md shows, or try `deskwire demo`, which needs none"
        raise BadSettings(f"{what}: {remedy}") from error
    unreadable = [wrong] if wrong else []
    beside: dict[str, str] = {}
    folder = path.with_suffix(".d")
    for part in sorted(folder.glob("*.yaml")):
        name = f"{folder.name}/{part.name}"
        try:
            beside[name], wrong = _text(part, name)
        except OSError as error:
            remedy = "make it a file that can be read, or give it another ending than .yaml"
            wrong = Problem(Position(1, 1, 1, name), "no-file", f"{name} cannot be read ({error.strerror})", remedy)
        unreadable += [wrong] if wrong else []
    return Files(text, path.name, path.parent, beside, tuple(unreadable))


def examined(
    files: Files, environment: Mapping[str, str], *, without_environment: bool = False, tested: bool = False
) -> Examined:
    """The settings of these files and what is wrong with them; never raises.

    `without_environment`: variables that are not set are no problem; there is no configuration then. `tested`: the
    file's own tests are run.
    """
    if files.unreadable:
        return _as_told(files.unreadable, files, None, None)
    document = Document(
        files.text,
        name=files.name,
        environment=environment,
        beside=files.beside,
        without_environment=without_environment,
    )
    problems = list(document.problems)
    if not document.readable:
        return _as_told(problems, files, None, None)
    settings, draft = _validated(document, files.folder, problems)
    told = _as_told(_meant(problems, document), files, draft, None)
    if settings is None or told.has_errors or len(draft.channels) < len(draft.written("channels")):
        return told
    configuration = Configuration(
        settings=settings,
        channels=draft.channels,
        version=_version(files),
        folder=files.folder,
        remarks=told.problems,
        warnings=told.told,
    )
    failed = list(failed_tests(configuration, document)) if tested else []
    return _as_told((*told.problems, *failed), files, draft, None if failed else configuration)


def _validated(document: Document, folder: Path, problems: list[Problem]) -> tuple[Settings | None, Draft]:
    """What can be made of a readable file; adds to `problems` what is wrong with it. No settings where that is much."""
    sections = {key: value for key, value in document.root.items() if key != "channels"}
    if "people" in sections:
        sections["people"] = named(sections["people"])
    settings = None
    try:
        settings = Settings.model_validate(sections, context={FOLDER: folder})
    except ValidationError as error:
        problems += problems_in(error.errors(), Settings, sections, (), document)
    channels, wrong = read_channels(document, folder)
    problems += wrong
    draft = drafted(document, channels, folder)
    said = {problem.at for problem in problems}
    problems += (problem for problem in cross_checked(draft) if problem.at not in said)
    return settings, draft


def _started(found: Examined, name: str) -> Configuration:
    if found.configuration is None:
        total = f"{counted(found.problems)} in {name}. {NOT_STARTED}"
        raise BadSettings(f"{found.told}\n\n{total}", found.problems)
    return found.configuration


def _as_told(
    problems: Iterable[Problem], files: Files, draft: Draft | None, configuration: Configuration | None
) -> Examined:
    texts = {"": files.text, **files.beside}
    told = tuple(problems)
    clean = in_order(dict.fromkeys(without_secrets(problem, texts) for problem in (*told, *leaks(texts, told))))
    return Examined(tuple(clean), shown(clean, name=files.name, texts=texts), draft, configuration)


def _meant(problems: Sequence[Problem], document: Document) -> list[Problem]:
    """Without what only follows from a mistake that is told already."""
    troubled = {document.position(path) for path in document.troubled}
    own = len(document.problems)
    lost = document.left_out
    misspelt = {(place, meant) for one in problems for place, meant in _misspelt(one)}
    return [
        problem
        for number, problem in enumerate(problems)
        if number < own
        or not (
            problem.at in troubled
            or _missed(problem) in misspelt
            or (lost and problem.code.startswith(_CONSEQUENCES) and _names(problem, lost))
        )
    ]


def _misspelt(problem: Problem) -> Iterable[tuple[str, str]]:
    """The section in which a key is misspelt, and how it is spelt."""
    words = problem.what.split('"')
    meant = _MEANT.fullmatch(problem.remedy)
    if problem.code == "unknown-key" and meant is not None:
        yield words[3] if len(words) > 3 else "", meant[1]  # noqa: PLR2004 (two words in quotes)


def _missed(problem: Problem) -> tuple[str, str] | None:
    """The section in which a key is missing, and the key; None for another problem."""
    words = problem.what.split('"')
    if problem.code != "missing-key" or len(words) < 3:  # noqa: PLR2004 (a word in quotes)
        return None
    return (words[1], words[3]) if len(words) > 3 else ("", words[1])  # noqa: PLR2004


def _names(problem: Problem, lost: str) -> bool:
    """Whether what the problem is about stands in the lines that were lost."""
    words = problem.what.split('"')[1::2]
    return not words or any(word.rpartition(".")[2] in lost for word in words)


def _version(files: Files) -> str:
    """Changes with every edit of any of the files."""
    digest = hashlib.sha256(files.text.encode())
    for name, text in files.beside.items():
        digest.update(f"\0{name}\0{text}".encode())
    return digest.hexdigest()[:7]


def _text(path: Path, file: str) -> tuple[str, Problem | None]:
    """The text of a file, and what is wrong where it is none. Raises OSError."""
    with path.open("rb") as opened:
        content = opened.read(4 * MAX_SIZE + 1)  # UTF-8 takes four bytes for a character at the most.
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n"), None
    except UnicodeDecodeError as error:
        before = content[: error.start]
        at = Position(before.count(b"\n") + 1, len(before) - before.rfind(b"\n"), 1, file)
        return "", Problem(at, "not-text", "the file is no text in UTF-8", "save it as UTF-8")
