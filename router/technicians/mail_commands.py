"""The commands at the top of a technician's mail: a pure parser, which tells all that is wrong with them at once."""

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from router.technicians.mail_names import COMMANDS, LATER, digits, folded, name_in

_CLOSE = 0.7  # Of difflib: the least likeness at which a name is offered in place of another.
_SHOWN = 80  # Characters of a wrong line that are shown again.
_MOST = 20  # Wrong lines that are told.
_BLOCK = 30  # Lines of a block: three times what there are commands. What follows is text.

_WORDS = frozenset({"note", "reply", "done"})  # What follows on their line is the beginning of the text.
ALONE = frozenset({"send", "help"})  # With anything else in it, a mail that has one of these is not carried out.
_END_OF_TURN = frozenset({"wait", "done", "dup"})
_LONG = re.compile(r"([0-9]{1,4}[mhdw])(?![\w])\s*(.*)", re.DOTALL)  # As `store.durations` reads it.
_NUMBER = re.compile(r"#?([0-9]{4,15})")  # Of a ticket.
_FREE = frozenset({"wait", "esc"})  # What follows may be left out.


class Vocabulary(NamedTuple):
    """What values there are."""

    priorities: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    people: Mapping[str, str] = {}  # What each is called, folded: their key.


class Command(NamedTuple):
    """A line that says what to do."""

    name: str  # A key of `mail_names.ALIASES`.
    value: str = ""  # As the settings spell it; of wait how long, of dup a number, of esc the reason.


class Wrong(NamedTuple):
    """A line that cannot be carried out; `code` says why, in the words of the templates."""

    line: int  # From 1, in the text as it was read.
    written: str  # Cut.
    # "unknown", "later", "missing", "unwanted", "unknown-value", "twice", "contrary", "not-alone", "below".
    code: str
    guess: str = ""  # What may have been meant, or what there is to choose from.


class Letter(NamedTuple):
    """A mail as its technician meant it."""

    commands: tuple[Command, ...] = ()
    wrong: tuple[Wrong, ...] = ()
    text: str = ""  # What is left: never a line of the block, nor a wrong one.
    perhaps_note: bool = False  # A wrong line may have meant "#note".

    def has(self, *names: str) -> bool:
        """Whether one of these commands is given."""
        return any(command.name in names for command in self.commands)


class _Line(NamedTuple):
    number: int
    written: str
    name: str  # Empty: there is no such command.
    given: str  # The name as it was written.
    value: str


def parse(text: str, vocabulary: Vocabulary) -> Letter:
    """The commands of the block at the top, all that is wrong with them, and the text.

    mail = *blank *( command *blank ) text, and command = "#" name [ [":"] value ], one on a line; "#" and ":" may be of
    full width, as Chinese and Japanese keyboards write them.

    Blank lines between commands are passed over, because mail programs put them there. A line further down that is a
    whole command is wrong: its text would reach the customer, and whoever wrote it did not mean that.
    """
    lines = text.split("\n")
    end, block = _block(lines)
    left, below = _text(lines[end:], end + 1)
    commands: list[Command] = []
    wrong: list[Wrong] = []
    for line in block:
        found = _read(line, vocabulary)
        if isinstance(found, Wrong):
            wrong.append(found)
        else:
            commands.append(found)
    said = [words for line in block if (words := _words_on(line))]
    rest = "\n".join([*said, *left]).strip()
    wrong += _clashes(block, has_text=bool(rest))
    wrong += [_wrong(line, "below") for line in below]
    perhaps_note = any(line.name == "note" for line in below) or any(map(_guesses_note, wrong))
    return Letter(tuple(commands), tuple(sorted(wrong)[:_MOST]), rest, perhaps_note)


def _block(lines: list[str]) -> tuple[int, list[_Line]]:
    """Where the text begins, and the commands above it."""
    block: list[_Line] = []
    for index, written in enumerate(lines):
        if not written.strip():
            continue
        line = _line(index + 1, written)
        if line is None or len(block) == _BLOCK:
            return index, block
        block.append(line)
    return len(lines), block


def _text(lines: list[str], first: int) -> tuple[list[str], list[_Line]]:
    """The lines of the text, and those among them that are whole commands."""
    left: list[str] = []
    below: list[_Line] = []
    for number, written in enumerate(lines, start=first):
        command = _whole(number, written)
        if command is None:
            left.append(written)
        else:
            below.append(command)
    return left, below


def _line(number: int, written: str) -> _Line | None:
    found = name_in(written)
    if found is None:
        return None
    given, rest = found
    return _Line(
        number, written.strip(), COMMANDS.get(folded(given), ""), given, rest.lstrip(" \t\u00a0:\uff1a").strip()
    )


def _whole(number: int, written: str) -> _Line | None:
    """The line where it is nothing but a command that there is."""
    line = _line(number, written)
    if line is None or not line.name:
        return None
    if line.name in _FREE:
        return line if len(line.value.split()) <= 1 else None
    return line if len(line.value.split()) == (line.name in _VALUED) else None


def _words_on(line: _Line) -> str:
    """What stands on a command's own line and is the beginning of the text."""
    if line.name in _WORDS:
        return line.value
    long = _LONG.fullmatch(digits(line.value)) if line.name == "wait" else None
    return line.value[long.start(2) :] if long else ""


def _read(line: _Line, vocabulary: Vocabulary) -> Command | Wrong:
    if not line.name:
        return _unknown(line)
    if line.name in _WORDS:
        return Command(line.name)
    if line.name == "esc" or (line.name == "wait" and not line.value):
        return Command(line.name, line.value)
    return _READ.get(line.name, _choice)(line, vocabulary)


def _wait(line: _Line, vocabulary: Vocabulary) -> Command | Wrong:  # noqa: ARG001
    long = _LONG.fullmatch(digits(line.value))
    return Command("wait", long[1]) if long else _wrong(line, "unknown-value", "#wait 2d")


def _dup(line: _Line, vocabulary: Vocabulary) -> Command | Wrong:  # noqa: ARG001
    number = _NUMBER.fullmatch(digits(line.value))
    if number:
        return Command("dup", number[1])
    return _wrong(line, "unknown-value" if line.value else "missing", "#dup 100009")


def _give(line: _Line, vocabulary: Vocabulary) -> Command | Wrong:
    key = vocabulary.people.get(folded(line.value.removeprefix("@")))
    if key:
        return Command("give", key)
    there = ", ".join(dict.fromkeys(vocabulary.people.values()))
    return _wrong(line, "unknown-value" if line.value else "missing", there)


_READ: Mapping[str, Callable[[_Line, Vocabulary], Command | Wrong]] = {"wait": _wait, "dup": _dup, "give": _give}


def _choice(line: _Line, vocabulary: Vocabulary) -> Command | Wrong:
    choose = _CHOICES.get(line.name)
    if choose is None:
        return _wrong(line, "unwanted", f"#{line.name}") if line.value else Command(line.name)
    choices = choose(vocabulary)
    if not line.value:
        return _wrong(line, "missing", ", ".join(choices))
    value = _chosen(line.value, choices)
    if value:
        return Command(line.name, value)
    close = get_close_matches(line.value.casefold(), choices, 1, _CLOSE)
    return _wrong(line, "unknown-value", f"#{line.name} {close[0]}" if close else ", ".join(choices))


_CHOICES: Mapping[str, Callable[[Vocabulary], tuple[str, ...]]] = {
    "p": lambda vocabulary: vocabulary.priorities,
    "team": lambda vocabulary: vocabulary.teams,
    "lang": lambda vocabulary: vocabulary.languages,
    "cat": lambda vocabulary: vocabulary.categories,
}


_VALUED = frozenset({*_CHOICES, "give", "dup"})


def _chosen(written: str, choices: tuple[str, ...]) -> str:
    """The choice that is meant; a priority goes by its digits alone, too. Empty where there is none."""
    value = digits(written).casefold()
    exact = [one for one in choices if one.casefold() == value]
    numbered = [one for one in choices if value.isdigit() and one.casefold() == f"p{value}"]
    return next(iter(exact + numbered), "")


def _unknown(line: _Line) -> Wrong:
    name = folded(line.given)
    if name in LATER:
        return _wrong(line, "later")
    close = get_close_matches(name, COMMANDS, 1, _CLOSE)
    return _wrong(line, "unknown", f"#{COMMANDS[close[0]]} {digits(line.value)}".strip()[:_SHOWN] if close else "")


def _guesses_note(wrong: Wrong) -> bool:
    return wrong.code == "unknown" and wrong.guess.split(maxsplit=1)[:1] == ["#note"]


def _clashes(block: list[_Line], *, has_text: bool) -> Iterator[Wrong]:
    """Commands that cannot stand together."""
    seen: dict[str, _Line] = {}
    for line in block:
        if not line.name:
            continue
        contrary = {"note": "reply", "reply": "note"}.get(line.name, "")
        turn = next((name for name in _END_OF_TURN if line.name in _END_OF_TURN and name in seen), "")
        if line.name in seen:
            yield _wrong(line, "twice")
        elif contrary in seen or turn:
            yield _wrong(line, "contrary", f"#{contrary if contrary in seen else turn}")
        seen.setdefault(line.name, line)
    for name in sorted(ALONE & set(seen)):
        if len(block) > 1 or has_text:
            yield _wrong(seen[name], "not-alone", f"#{name}")


def _wrong(line: _Line, code: str, guess: str = "") -> Wrong:
    shown = line.written if len(line.written) <= _SHOWN else f"{line.written[: _SHOWN - 1]}…"
    return Wrong(line.number, shown, code, guess)
