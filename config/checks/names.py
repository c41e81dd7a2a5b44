"""Whether a word is one of the names that stand elsewhere in the file."""

from collections.abc import Callable, Iterable, Iterator

from config.document import Path
from config.draft import Draft
from config.problems import Problem, nearest

Check = Callable[[Draft], Iterator[Problem]]


def known(word: str, names: Iterable[str], what: str, path: Path, draft: Draft) -> Iterator[Problem]:
    """A problem where a word, which stands at `path`, is none of the names; `what` is what they name."""
    names = list(names)
    if word not in names:
        remedy = nearest(word, names) or f"there are: {', '.join(names) or 'none'}"
        yield Problem(draft.document.position(path), f"unknown-{what}", f'there is no {what} called "{word}"', remedy)
