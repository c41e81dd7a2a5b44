"""How many mails each envelope sender brought lately."""

from collections import OrderedDict

_WINDOW = 3600.0  # Seconds.
_SENDERS = 10_000  # That are remembered: a megabyte or two; whoever was heard of longest ago is forgotten first.


class SenderRates:
    """Counts by the hour, which begins for each sender with a mail; `now` is the event loop's time, in seconds."""

    def __init__(self, most: int) -> None:
        """`most` mails of one sender in an hour."""
        self._most = most
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def allows(self, sender: str, now: float) -> bool:
        """Whether one more mail may come. The null sender's always may: what it brings are bounces."""
        return not sender or self._recent(sender.lower(), now)[1] < self._most

    def count(self, sender: str, now: float) -> None:
        """A mail has come."""
        name = sender.lower()
        since, number = self._recent(name, now)
        self._counts[name] = (since, number + 1)
        self._counts.move_to_end(name)
        if len(self._counts) > _SENDERS:
            self._counts.popitem(last=False)

    def _recent(self, name: str, now: float) -> tuple[float, int]:
        since, number = self._counts.get(name, (now, 0))
        return (since, number) if now - since < _WINDOW else (now, 0)
