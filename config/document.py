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
_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


_START = Position(1, 1)
_FIRST_LINES = "begin with version: 1, and see the example in README.md"


class Placed(dict[str, object]):
    """A mapping that knows where it stands: "deskwire.yaml:102"."""

    place: str = ""


class _Unreadable(Exception):
    """The file as a whole is no settings file."""

    def __init__(self, at: Position, code: str, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.problem = Problem(at, code, what, remedy)


class Document:
    """A file that was read, with the place of each value and what is wrong with it as YAML."""

    def __init__(self, text: str, *, name: str, environment: Mapping[str, str]) -> None:
        """`name` is what places are called by; `environment` is what `${NAME}` stands for."""
        self.text = text
        self.problems: list[Problem] = []
        self.troubled: set[Path] = set()  # Values that stand for what could not be read.
        self.secrets: set[str] = set()  # Values that came from the environment, and must not be shown.
        self._name = name
        self._environment = environment
        self._values: dict[Path, Position] = {(): Position(1, 1)}
        self._keys: dict[Path, Position] = {}
        root = self._read(text)
        self.readable = root is not None
        self.root = root if root is not None else Placed()

    def position(self, path: Path) -> Position:
        """Where the value at this path stands, or the nearest one around it that the file has."""
        while path not in self._values:
            path = path[:-1]
        return self._values[path]

    def key(self, path: Path) -> Position:
        """Where the last key of this path stands; for an item of a list, or what is not there, as `position`."""
        return self._keys.get(path, self.position(path))

    def _read(self, text: str) -> Placed | None:
        try:
            return self._mapping(_composed(text), ())
        except _Unreadable as error:
            self.problems.append(error.problem)
            return None

    def _value(self, node: yaml.Node, path: Path) -> object:
        if len(self._values) > MAX_VALUES:  # An alias counts each time it is used.
            raise _Unreadable(_START, "too-large", f"the file has more than {MAX_VALUES} values")
        if self.text[node.start_mark.index :].startswith("!"):
            self._trouble(path, node, "tag", "tags are not read here", "write the plain value")
            return None
        if len(path) > MAX_DEPTH:
            self._trouble(path, node, "too-deep", f"values are nested more than {MAX_DEPTH} levels deep")
            return None
        self._values[path] = _at(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path) if isinstance(node, yaml.ScalarNode) else None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> Placed:
        values = Placed()
        values.place = f"{self._name}:{node.start_mark.line + 1}"
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            at = _at(key_node)
            if key == "<<":
                self._problem(at, "bad-key", "nothing is merged with << here", "write the keys themselves")
            elif not key:
                self._problem(at, "bad-key", "a key must be a plain word", "write it as in name: value")
            elif key in values:
                first = self._keys[*path, key].line
                self._problem(at, "duplicate-key", f'"{key}" is given twice', f"first at line {first}; keep one")
            elif _is_bare(value_node) and node.flow_style:
                self.troubled.add((*path, key))
                text = f"a comma inside {{…}} starts a new key: quote the text that holds it, or give {key} a value"
                self._problem(at, "key-without-value", f'"{key}" has no value', text)
            else:
                self._keys[*path, key] = at
                values[key] = self._value(value_node, (*path, key))
        return values

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> object:
        text = str(node.value)
        found = _ENVIRONMENT.fullmatch(text)
        if found:
            return self._from_environment(found[1], node, path)
        if inside := _ENVIRONMENT.search(text):
            what = f"{inside[0]} stands inside other text, where it is not replaced"
            self._trouble(path, node, "variable-inside", what, "let the variable hold the whole value")
            return text
        if node.style is not None:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.match(text):
            return int(text) if len(text) < 20 else text  # noqa: PLR2004 (more digits than 64 bits hold)
        return float(text) if _FLOAT.match(text) else text

    def _from_environment(self, name: str, node: yaml.Node, path: Path) -> FromEnvironment:
        value = self._environment.get(name, "")
        if value:
            self.secrets.add(value)
            return FromEnvironment(value)
        state = "empty" if name in self._environment else "not set"
        near = nearest(name, self._environment) if state == "not set" else ""
        remedy = near or f"set {name} before starting, for example in a file of mode 600"
        self._trouble(path, node, "env-not-set", f"environment variable {name} is {state}", remedy)
        return FromEnvironment("")

    def _trouble(self, path: Path, node: yaml.Node, code: str, what: str, remedy: str = "") -> None:
        """A problem of a value, so that nothing more need be said of what stands in its place."""
        self.troubled.add(path)
        self._values.setdefault(path, _at(node))
        self._problem(_at(node), code, what, remedy)

    def _problem(self, at: Position, code: str, what: str, remedy: str = "") -> None:
        self.problems.append(Problem(at, code, what, remedy))


def _composed(text: str) -> yaml.MappingNode:
    """The file's root as a node; raises _Unreadable."""
    if len(text) > MAX_SIZE:
        raise _Unreadable(_START, "too-large", f"the file has more than {MAX_SIZE} characters")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, text) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        at = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
        what = f"the character U+{ord(text[error.position]):04X} has no place in a settings file"
        raise _Unreadable(at, "not-text", what, "remove it") from error
    except RecursionError as error:
        raise _Unreadable(_START, "too-deep", f"values are nested more than {MAX_DEPTH} levels deep") from error
    if node is None:
        raise _Unreadable(_START, "empty", "the file is empty", _FIRST_LINES)
    if not isinstance(node, yaml.MappingNode):
        raise _Unreadable(_at(node), "not-a-mapping", "the file must hold keys with values", _FIRST_LINES)
    return node


def _not_yaml(error: yaml.MarkedYAMLError, text: str) -> _Unreadable:
    mark, begun = error.problem_mark, error.context_mark
    at = Position(mark.line + 1, mark.column + 1) if mark else _START
    if mark and text[mark.index : mark.index + 1] == "\t":
        return _Unreadable(at, "tab-indent", "a tab stands where only spaces may", "indent with spaces")
    remedy = "check indentation, quotes and brackets"
    if begun and mark and begun.line < mark.line:
        remedy += f" from line {begun.line + 1} on"
    return _Unreadable(at, "not-yaml", f"this is not YAML: {error.problem}", remedy)


def _at(node: yaml.Node) -> Position:
    start, end = node.start_mark, node.end_mark
    return Position(start.line + 1, start.column + 1, end.column - start.column if end.line == start.line else 1)


def _is_bare(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "" and node.style is None
