"""How long we wait for a client: for any byte, for a whole mail, and for a mail that trickles."""

from ingest.smtp.settings import SmtpSettings

_GRACE = 30.0  # Seconds before the minimum rate counts: a slow start is no attack.


class Patience:
    """One connection's clock; `now` is always the event loop's time, in seconds."""

    def __init__(self, settings: SmtpSettings, now: float) -> None:
        self._idle = settings.idle.total_seconds()
        self._stress_idle = min(self._idle, settings.stress_idle.total_seconds())
        self._total = settings.total.total_seconds()
        self._min_rate = settings.min_rate
        self._heard = now
        self._data_since: float | None = None  # None: no mail is arriving.
        self._data_size = 0
        self._ours = False

    @property
    def tick(self) -> float:
        """Seconds between looks at the clock."""
        return min(1.0, self._stress_idle / 4)

    def hear(self, now: float, size: int = 0) -> None:
        """The client sent something, or is to be given a fresh start."""
        self._heard = now
        self._data_size += size

    def data_begins(self, now: float) -> None:
        """From here on bytes are a mail's."""
        self._data_since, self._data_size = now, 0

    def data_ends(self) -> None:
        """The mail is there, or it is not taken."""
        self._data_since = None

    def wait_for_us(self) -> None:
        """The client has done its part, and nothing that it does or leaves counts against it."""
        self._ours = True

    def wait_for_client(self, now: float) -> None:
        """It is the client's turn again."""
        self._ours = False
        self._heard = now

    def verdict(self, now: float, *, crowded: bool) -> str:
        """The reply to close the connection with; empty: go on waiting. `crowded`: others need its place."""
        if self._ours:
            return ""
        if now - self._heard > (self._stress_idle if crowded else self._idle):
            return "421 4.4.2 Nothing heard for too long"
        took = 0.0 if self._data_since is None else now - self._data_since
        trickles = took > _GRACE and self._data_size < took * self._min_rate
        return "421 4.4.2 Too slow" if trickles or took > self._total else ""
