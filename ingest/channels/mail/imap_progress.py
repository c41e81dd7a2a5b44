r"""How far a mailbox has been read, as one value that survives a crash: which UIDs are done, and what is owed. Pure.

`\Seen` is no part of it: people read, flag and move mail before and after us. A mailbox whose UIDVALIDITY changed has
numbered its mail anew (RFC 3501, 2.3.1.1): everything in the window is read again, and fingerprints tell what is known.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from ingest.channels.mail.imap_uids import LARGEST, UidSet

MOST_RANGES = 2_000  # 20 KB or so; a mailbox from which every second mail is deleted has 4,000 mails in them.
CLOCKS = timedelta(minutes=5)  # By how much the server's clock may be behind ours.


class Listed(msgspec.Struct, frozen=True):
    """A mail of which the server says that it is there."""

    uid: int
    at: datetime | None  # When the server received it; None where it does not say that.


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a mailbox between two connections."""

    validity: int  # UIDVALIDITY.
    begun: datetime  # Mail that the server received before this was there when we came, and is not wanted.
    read_at: datetime  # When the mailbox was last known to be read up to its end.
    done: str = ""  # UIDs that are durable with us, or not wanted.
    owed: str = ""  # Of those: ours, and still to be flagged or moved.
    copied: str = ""  # Of those: copied to their new folder, and still to be removed from this one.
    missed: str = ""  # UIDs that were begun and are not done: however old they are, they are looked for again.


class Marks:
    """A progress at work: the same, as sets."""

    def __init__(self, progress: Progress) -> None:
        """Raises ValueError where what was stored is not ours."""
        self._progress = progress
        self.done = UidSet.parsed(progress.done)
        self.owed = UidSet.parsed(progress.owed)
        self.copied = UidSet.parsed(progress.copied)
        self.missed = UidSet.parsed(progress.missed)

    @property
    def validity(self) -> int:
        """UIDVALIDITY."""
        return self._progress.validity

    def begun(self, uid: int) -> None:
        """This is about to be fetched; later ones may be done before it is."""
        self.missed |= UidSet.of((uid,))

    def accepted(self, uids: Iterable[int], *, owed: bool) -> None:
        """These are durable; `owed` says that they are to be flagged or moved."""
        found = UidSet.of(uids)
        self.done |= found
        self.missed -= found
        if owed:
            self.owed |= found

    def unwanted(self, uids: Iterable[int]) -> None:
        """These were there before us, but for those that were missed."""
        self.done |= UidSet.of(uids) - self.missed

    def unwanted_below(self, uid: int) -> None:
        """Everything below was there before us, or long ago."""
        self.done |= UidSet([(1, uid - 1)])

    def copied_over(self, uids: UidSet) -> None:
        """These have a copy in their new folder."""
        self.copied |= uids

    def settled(self, uids: UidSet) -> None:
        """Nothing is owed for these."""
        self.owed -= uids
        self.copied -= uids

    def window(self, depth: timedelta) -> datetime:
        """From when on mail is looked for that was missed: `depth` before the last time that all was read."""
        return max(self._progress.begun, self._progress.read_at - depth)

    def progress(self, *, read_at: datetime | None = None) -> Progress:
        """To be stored; `read_at` where the mailbox has now been read up to its end."""
        return replace(
            self._progress,
            read_at=read_at or self._progress.read_at,
            done=str(self.done.compact(MOST_RANGES)),
            owed=str(self.owed.compact(MOST_RANGES)),
            copied=str(self.copied.compact(MOST_RANGES)),
            missed=str(self.missed.compact(MOST_RANGES)),
        )


def started(validity: int, now: datetime, since: timedelta) -> Progress:
    """A mailbox that is read for the first time; of what is there, the mail of the last `since` is wanted."""
    begun = now - since - CLOCKS
    return Progress(validity=validity, begun=begun, read_at=begun)


def renumbered(stored: Progress, validity: int) -> Progress:
    """The same mailbox under a new UIDVALIDITY: no UID of before means anything."""
    return Progress(validity=validity, begun=stored.begun, read_at=stored.read_at)


def encoded(progress: Progress) -> str:
    """As the store keeps it."""
    return msgspec.json.encode(progress).decode("ascii")


def decoded(text: str) -> Progress | None:
    """What the store kept; None where it has nothing. Raises ValueError where it is not ours."""
    try:
        return msgspec.json.decode(text, type=Progress) if text else None
    except msgspec.MsgspecError as error:
        raise ValueError(f"what is stored is no progress of a mailbox: {error}") from error


def sound(listed: Iterable[Listed]) -> list[Listed]:
    """Each UID once, in order, but for numbers that no UID can be: they would hide the mail that comes later."""
    by_uid = {one.uid: one for one in listed if 0 < one.uid <= LARGEST}
    return [by_uid[uid] for uid in sorted(by_uid)]


def wanted(listed: Sequence[Listed], *, done: UidSet, above: int, window: datetime) -> list[int]:
    """The UIDs to fetch: not done yet, and newer than `above` or than the beginning of the window.

    A mail above is one that came to the folder after us, however old it is: somebody moved it there.
    """
    return [
        one.uid for one in listed if one.uid not in done and (one.uid > above or one.at is None or one.at >= window)
    ]
