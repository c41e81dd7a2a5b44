"""The errors that cross stages, sorted by what the caller must do next."""


class DeskwireError(Exception):
    """Anything that Deskwire itself raises; its text says what was found, what was expected and what to do."""


class Temporary(DeskwireError):
    """The environment is in trouble (database, broker, disk, network, peer): wait and try the same work again.

    It never counts against a message. `retry_after` is what the peer asked for, in seconds; None leaves the wait to
    the caller's own back-off.
    """

    def __init__(self, text: str, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class Permanent(DeskwireError):
    """This input or this send will never succeed as it is: do not repeat it, show it to a person."""


class Withheld(Permanent):
    """A file stays in the desk; `why` is "infected", "unscanned" (nobody knows whether it is) or "too-large"."""

    def __init__(self, text: str, *, why: str) -> None:
        super().__init__(text)
        self.why = why


class NotOurs(DeskwireError):
    """Code of the operator's own failed on this input; `cause` says which and where, and nothing of the input."""

    def __init__(self, text: str, *, cause: str) -> None:
        super().__init__(text)
        self.cause = cause


class InDoubt(DeskwireError):
    """A send may or may not have happened: its bytes left, and no answer came back."""


class Fenced(DeskwireError):
    """Somebody else owns this partition or lease now: drop the work, which they will do."""


class StorageBroken(DeskwireError):
    """The disk failed a write or a sync; what a retry would say cannot be trusted, so the process must stop."""
