"""Which submissions this process has accepted lately, so that a double click need not be accepted twice."""

from collections import OrderedDict

_MOST = 10_000  # About 2 MB; the router knows repetitions that are older, or that another process took in.


class Recent:
    """Submission ids with the reference under which each was accepted first."""

    def __init__(self) -> None:
        self._references: OrderedDict[str, str] = OrderedDict()

    def reference_of(self, submission: str) -> str | None:
        """Under which reference it was accepted first; None: not lately, and not here."""
        return self._references.get(submission)

    def remember(self, submission: str, reference: str) -> None:
        """Note that it is durable; the oldest one is forgotten for it."""
        self._references.setdefault(submission, reference)
        if len(self._references) > _MOST:
            self._references.popitem(last=False)
