"""Sets of UIDs as a few ranges: a mailbox of half a million mails that are done with is one pair of numbers. Pure."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

LARGEST = 2**32 - 1  # RFC 3501, 2.3.1.1: a UID is a 32-bit number, and never 0.

_FORM = re.compile(r"[0-9]{1,10}(-[0-9]{1,10})?(,[0-9]{1,10}(-[0-9]{1,10})?)*")


class UidSet:
    """UIDs, written as `1-500,502`."""

    __slots__ = ("_ranges",)

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        """Each range has its first and its last UID."""
        self._ranges: list[tuple[int, int]] = []
        for first, last in sorted(ranges):
            if self._ranges and first <= self._ranges[-1][1] + 1:
                self._ranges[-1] = (self._ranges[-1][0], max(last, self._ranges[-1][1]))
            elif first <= last:
                self._ranges.append((first, last))

    @classmethod
    def of(cls, uids: Iterable[int]) -> "UidSet":
        """These UIDs."""
        return cls((uid, uid) for uid in uids)

    @classmethod
    def parsed(cls, text: str) -> "UidSet":
        """What `str` wrote; raises ValueError for any other text."""
        if not text:
            return cls()
        if not _FORM.fullmatch(text):
            raise ValueError(f'"{text[:40]}" is no set of UIDs, as 1-500,502 is')
        pairs = (part.partition("-") for part in text.split(","))
        return cls((int(first), int(last or first)) for first, _, last in pairs)

    def __str__(self) -> str:
        return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in self._ranges)

    def __repr__(self) -> str:
        return f"UidSet({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UidSet) and self._ranges == other._ranges

    def __hash__(self) -> int:
        return hash(tuple(self._ranges))

    def __contains__(self, uid: int) -> bool:
        place = bisect_right(self._ranges, (uid, LARGEST)) - 1
        return place >= 0 and uid <= self._ranges[place][1]

    def __or__(self, other: "UidSet") -> "UidSet":
        return UidSet([*self._ranges, *other._ranges])

    def __sub__(self, other: "UidSet") -> "UidSet":
        """Only for small sets: it looks at each UID."""
        return UidSet.of(uid for uid in self if uid not in other)

    def __iter__(self) -> Iterator[int]:
        for first, last in self._ranges:
            yield from range(first, last + 1)

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self._ranges)

    @property
    def top(self) -> int:
        """The highest; 0 where there is none."""
        return self._ranges[-1][1] if self._ranges else 0

    def compact(self, most: int) -> "UidSet":
        """At most this many ranges: the lowest are joined, as if what lies between them were in the set.

        What lies between old UIDs was deleted or moved long ago, so that only the old end of a set loses anything.
        """
        spare = len(self._ranges) - most
        if spare <= 0:
            return self
        return UidSet([(self._ranges[0][0], self._ranges[spare][1]), *self._ranges[spare + 1 :]])
