"""What our Bot API server can be told to do wrong, as Telegram and the network between do at times."""

from enum import StrEnum
from typing import NamedTuple


class Fault(StrEnum):
    """One way to fail."""

    FLOOD = "429"  # "Too Many Requests", with the seconds to wait.
    BAD_GATEWAY = "502"  # A page of a proxy's; nothing was done.
    RESET = "reset"  # The connection breaks after the request was read and done.
    SILENCE = "timeout"  # The request is done, and no answer ever comes.
    GARBLED = "garbled"  # The request is done, and its answer breaks off.


class Planned(NamedTuple):
    """What is to become of one call."""

    fault: Fault | None  # None: this call is to work.
    method: str
    retry_after: int  # Seconds; for FLOOD.


class Faults:
    """Faults in the order in which they were planned, each used once."""

    def __init__(self) -> None:
        self._planned: list[Planned] = []

    def plan(self, planned: Planned, times: int) -> None:
        """Fail the next `times` calls of the method."""
        self._planned.extend([planned] * times)

    def take(self, method: str) -> Planned | None:
        """The next plan for this method, which is then spent; None where there is none."""
        found = next((planned for planned in self._planned if planned.method.lower() == method.lower()), None)
        if found is not None:
            self._planned.remove(found)
        return found
