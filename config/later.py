"""Keys that a later version will know: whoever writes one hears that, and not that it is a mistake."""

from collections.abc import Mapping

Path = tuple[str | int, ...]

# By the section that they belong to; "*" stands for any name or number.
LATER: Mapping[str, frozenset[str]] = {
    "": frozenset({"answers", "incidents"}),
    "channels.*": frozenset({"files", "protection", "sign_in", "webhook"}),
    "customer": frozenset({"survey", "keep"}),
    "teams.*.workspace": frozenset({"topics"}),
}


def is_later(path: Path) -> bool:
    """Whether the last key of `path` is one of them."""
    *section, key = path
    return any(key in keys and _fits(section, pattern) for pattern, keys in LATER.items())


def _fits(section: list[str | int], pattern: str) -> bool:
    steps = pattern.split(".") if pattern else []
    return len(steps) == len(section) and all(
        step in ("*", str(given)) for step, given in zip(steps, section, strict=True)
    )
