"""A settings file as plain values that know their places: strict YAML 1.2, no tags, no key twice."""

import re
from collections.abc import Mapping

import yaml

from config.problems import Position, Problem, nearest
from store.secrets import FromEnvironment

Path = tuple[str | int, ...]

MAX_DEPTH = 40
MAX_VALUES = 100_000
MAX_SIZE = 1_000_000  # Characters; a settings file of a large desk has some ten thousand.

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")  # YAML 1.2.2, section 10.3.2.
_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}\Z")
_WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class Placed(dict[str, object]):
    """A mapping that knows where it stands: "deskwire.yaml:102"."""

    place: str = ""


class _TooLarge(Exception):
    """The file unfolds into more values than anybody writes."""


class Document:
    """A file that was read, with the place of each value and what is wrong with it as YAML."""

    def __init__(self, text: str, *, name: str, environment: Mapping[str, str]) -> None:
        """`name` is what places are called by; `environment` is what `${NAME}` stands for."""
        self.text = text
        self.problems: list[Problem] = []
        self._name = name
        self._environment = environment
        self._values: dict[Path, Position] = {(): Position(1, 1)}
        self._keys: dict[Path, Position] = {}
        self.root = self._read(text)

    def position(self, path: Path) -> Position:
        """Where the value at this path stands, or the nearest one around it that the file has."""
        while path not in self._values:
            path = path[:-1]
        return self._values[path]

    def key(self, path: Path) -> Position:
        """Where the last key of this path stands; for an item of a list, or what is not there, as `position`."""
        return self._keys.get(path, self.position(path))

    def _read(self, text: str) -> Placed:
        if len(text) > MAX_SIZE:
            self._problem(
                Position(1, 1), "too-large", f"the file has {len(text)} characters, and {MAX_SIZE} is the most"
            )
            return Placed()
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            at = Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
            self._problem(
                at, "not-yaml", f"this is not YAML: {error.problem}", "check indentation, quotes and brackets"
            )
            return Placed()
        except (yaml.YAMLError, RecursionError) as error:
            self._problem(Position(1, 1), "not-yaml", f"this is not YAML: {type(error).__name__}: {error}")
            return Placed()
        if not isinstance(node, yaml.MappingNode):
            self._problem(Position(1, 1), "not-a-mapping", "the file must hold keys and values, as in version: 1")
            return Placed()
        try:
            return self._mapping(node, ())
        except _TooLarge:
            self._problem(Position(1, 1), "too-large", f"the file has more than {MAX_VALUES} values")
            return Placed()

    def _value(self, node: yaml.Node, path: Path) -> object:
        if len(self._values) > MAX_VALUES:  # An alias counts each time it is used.
            raise _TooLarge
        if self.text[node.start_mark.index :].startswith("!"):
            self._problem(_at(node), "tag", "tags are not read here", "write the plain value")
            return None
        if len(path) > MAX_DEPTH:
            self._problem(_at(node), "too-deep", f"values are nested more than {MAX_DEPTH} levels deep")
            return None
        self._values[path] = _at(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node) if isinstance(node, yaml.ScalarNode) else None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> Placed:
        values = Placed()
        values.place = f"{self._name}:{node.start_mark.line + 1}"
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            at = _at(key_node)
            if not key or key_node.tag == "tag:yaml.org,2002:merge":
                self._problem(at, "bad-key", "a key must be a plain word")
            elif key in values:
                first = self._keys[*path, key].line
                self._problem(at, "duplicate-key", f'"{key}" is given twice', f"first at line {first}; keep one")
            elif _is_bare(value_node) and node.flow_style:
                text = f"a comma inside {{…}} starts a new key: quote the text that holds it, or give {key} a value"
                self._problem(at, "key-without-value", f'"{key}" has no value', text)
            else:
                self._keys[*path, key] = at
                values[key] = self._value(value_node, (*path, key))
        return values

    def _scalar(self, node: yaml.ScalarNode) -> object:
        text = str(node.value)
        found = _ENVIRONMENT.match(text)
        if found:
            return self._from_environment(found.group(1), _at(node))
        if node.style is not None:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.match(text):
            return int(text) if len(text) < 20 else text  # noqa: PLR2004 (more digits than 64 bits hold)
        return float(text) if _FLOAT.match(text) else text

    def _from_environment(self, name: str, at: Position) -> str | None:
        if name in self._environment:
            return FromEnvironment(self._environment[name])
        remedy = nearest(name, self._environment) or f"set {name} before starting, for example in a file of mode 600"
        self._problem(at, "env-not-set", f"environment variable {name} is not set", remedy)
        return FromEnvironment("")

    def _problem(self, at: Position, code: str, what: str, remedy: str = "") -> None:
        self.problems.append(Problem(at, code, what, remedy))


def _at(node: yaml.Node) -> Position:
    start, end = node.start_mark, node.end_mark
    return Position(start.line + 1, start.column + 1, end.column - start.column if end.line == start.line else 1)


def _is_bare(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "" and node.style is None
