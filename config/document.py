"""Settings files as plain values that know their places: strict YAML 1.2, no tags, no key twice."""

import re
from collections.abc import Mapping

import yaml

from config.form.reading import Form, read_form
from config.form.trouble import STAND_IN, Fault
from config.problems import Position, Problem, nearest
from store.secrets import FromEnvironment

Path = tuple[str | int, ...]

MAX_DEPTH = 40
MAX_VALUES = 100_000
MAX_SIZE = 1_000_000  # Characters; a settings file of a large desk has some ten thousand.

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")  # YAML 1.2.2, section 10.3.2.
_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


_FLATTER = "no setting is so deep: look for a bracket too many"
_FIRST_LINES = "begin with version: 1, and see the example in README.md"


class Placed(dict[str, object]):
    """A mapping that knows where it stands: "deskwire.yaml:102"."""

    place: str = ""


class _Whole(int):
    """A number that is told as it is written: where 007 is taken for a word, it is not 7."""

    def __init__(self, written: str) -> None:
        self._written = written

    def __str__(self) -> str:
        return self._written


class _Decimal(float):
    """The same of a number with a fraction: 1.10 of a version is not 1.1."""

    def __init__(self, written: str) -> None:
        self._written = written

    def __str__(self) -> str:
        return self._written


class _Unreadable(Exception):
    """A file as a whole is no settings file."""

    def __init__(self, at: Position, code: str, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.problem = Problem(at, code, what, remedy)


class Document:
    """Files that were read as one, with the place of each value and what is wrong with them as YAML."""

    def __init__(
        self,
        text: str,
        *,
        name: str,
        environment: Mapping[str, str],
        beside: Mapping[str, str] | None = None,
        without_environment: bool = False,
    ) -> None:
        """`name` is what places are called by; `environment` is what `${NAME}` stands for.

        `beside` are the texts of files whose keys are added to those of the first, by their names.
        `without_environment`: a variable that is not set is no problem, and neither is what it stands for.
        """
        self.texts: dict[str, str] = {"": text, **(beside or {})}  # By `Position.file`.
        self.problems: list[Problem] = []
        self.troubled: set[Path] = set()  # Values that stand for what could not be read.
        self.secrets: set[str] = set()  # Values that came from the environment, and must not be shown.
        self.left_out = ""  # Lines that nothing could be made of.
        self.readable = True
        self.root = Placed()
        self._name = name
        self._environment = environment
        self._lenient = without_environment
        self._values: dict[Path, Position] = {(): Position(1, 1)}
        self._keys: dict[Path, Position] = {}
        for file in self.texts:
            self._read(file)

    def position(self, path: Path) -> Position:
        """Where the value at this path stands, or the nearest one around it that the file has."""
        while path not in self._values:
            path = path[:-1]
        return self._values[path]

    def key(self, path: Path) -> Position:
        """Where the last key of this path stands; for an item of a list, or what is not there, as `position`."""
        return self._keys.get(path, self.position(path))

    def _read(self, file: str) -> None:
        """Add what stands in a file; what is read twice stays as it was first."""
        self._file = file
        try:
            self._form = _formed(self.texts[file], file)
            self.problems += (self._faulty(fault) for fault in self._form.faults)
            self.left_out += self._form.left_out
            if self._form.broken:
                self.readable = False
            else:
                self._add(self._form.node)
        except _Unreadable as error:
            self.problems.append(error.problem)
            self.readable = False

    def _add(self, node: yaml.Node | None) -> None:
        if isinstance(node, yaml.MappingNode):
            self._mapping(node, (), into=self.root)
        elif node is not None:
            raise _Unreadable(self._at(node), "not-a-mapping", "the file must hold keys with values", _FIRST_LINES)
        elif not self._file:
            raise _Unreadable(Position(1, 1), "empty", "the file is empty", _FIRST_LINES)

    def _faulty(self, fault: Fault) -> Problem:
        return Problem(Position(fault.line + 1, fault.column + 1, 1, self._file), fault.code, fault.what, fault.remedy)

    def _at(self, node: yaml.Node) -> Position:
        start, end = node.start_mark, node.end_mark
        column = self._form.moves.original(start.line, start.column)
        width = end.column - start.column if end.line == start.line else 1
        return Position(start.line + 1, column + 1, width, self._file)

    def _value(self, node: yaml.Node, path: Path) -> object:
        if len(self._values) > MAX_VALUES:  # An alias counts each time it is used.
            raise _Unreadable(Position(1, 1, 1, self._file), "too-large", f"the file has more than {MAX_VALUES} values")
        if self._form.text[node.start_mark.index :].startswith("!"):
            self._trouble(path, node, "tag", "tags are not read here", "write the plain value")
            return None
        if len(path) > MAX_DEPTH:
            self._trouble(path, node, "too-deep", f"values are nested more than {MAX_DEPTH} levels deep", _FLATTER)
            return None
        self._values[path] = self._at(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, into=Placed())
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path) if isinstance(node, yaml.ScalarNode) else None

    def _mapping(self, node: yaml.MappingNode, path: Path, *, into: Placed) -> Placed:
        into.place = into.place or f"{self._file or self._name}:{node.start_mark.line + 1}"
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            at = self._at(key_node)
            if key == "<<":
                self._problem(at, "bad-key", "nothing is merged with << here", "write the keys themselves")
            elif not key:
                self._problem(at, "bad-key", "a key must be a plain word", "write it as in name: value")
            elif key in into:
                first = self._keys[*path, key]
                where = f"{first.file or self._name}:{first.line}" if first.file != at.file else f"line {first.line}"
                self._problem(at, "duplicate-key", f'"{key}" is given twice', f"first at {where}; keep one")
            elif _is_bare(value_node) and node.flow_style:
                self.troubled.add((*path, key))
                text = f"a comma inside {{…}} starts a new key: quote the text that holds it, or give {key} a value"
                self._problem(at, "key-without-value", f'"{key}" has no value', text)
            else:
                self._keys[*path, key] = at
                into[key] = self._value(value_node, (*path, key))
        return into

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> object:
        text = str(node.value)
        if STAND_IN in text:  # Its mistake has been told.
            self.troubled.add(path)
            return text.replace(STAND_IN, "")
        found = _ENVIRONMENT.fullmatch(text)
        if found:
            return self._from_environment(found[1], node, path)
        if inside := _ENVIRONMENT.search(text):
            what = f"{inside[0]} stands inside other text, where it is not replaced"
            self._trouble(path, node, "variable-inside", what, "let the variable hold the whole value")
            return text
        return _plain(text) if node.style is None else text

    def _from_environment(self, name: str, node: yaml.Node, path: Path) -> FromEnvironment:
        value = self._environment.get(name, "")
        if value:
            self.secrets.add(value)
            return FromEnvironment(value)
        if self._lenient:
            self.troubled.add(path)
            return FromEnvironment("")
        state = "empty" if name in self._environment else "not set"
        near = nearest(name, self._environment) if state == "not set" else ""
        remedy = near or f"set {name} before starting, for example in a file of mode 600"
        self._trouble(path, node, "env-not-set", f"environment variable {name} is {state}", remedy)
        return FromEnvironment("")

    def _trouble(self, path: Path, node: yaml.Node, code: str, what: str, remedy: str = "") -> None:
        """A problem of a value, so that nothing more need be said of what stands in its place."""
        self.troubled.add(path)
        self._values.setdefault(path, self._at(node))
        self._problem(self._at(node), code, what, remedy)

    def _problem(self, at: Position, code: str, what: str, remedy: str = "") -> None:
        self.problems.append(Problem(at, code, what, remedy))


def _formed(text: str, file: str) -> Form:
    """The file's nodes; raises _Unreadable for what is no text, or too much of it."""
    start = Position(1, 1, 1, file)
    if len(text) > MAX_SIZE:
        raise _Unreadable(start, "too-large", f"the file has more than {MAX_SIZE} characters")
    try:
        return read_form(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        at = Position(before.count("\n") + 1, len(before) - before.rfind("\n"), 1, file)
        what = f"the character U+{ord(text[error.position]):04X} has no place in a settings file"
        raise _Unreadable(at, "not-text", what, "remove it") from error
    except RecursionError as error:
        raise _Unreadable(
            start, "too-deep", f"values are nested more than {MAX_DEPTH} levels deep", _FLATTER
        ) from error


def _plain(text: str) -> object:
    """What a text without quotes stands for (YAML 1.2.2, section 10.3.2)."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return _Whole(text) if len(text) < 20 else text  # noqa: PLR2004 (more digits than 64 bits hold)
    return _Decimal(text) if _FLOAT.match(text) else text


def _is_bare(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "" and node.style is None
