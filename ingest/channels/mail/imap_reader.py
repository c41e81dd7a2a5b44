r"""Reads one mailbox over one connection: finds what is new, hands it in, and only then says that it is done.

A mail is done when `intake` has it and the progress is committed, in this order: a crash in between fetches the mail a
second time, and its fingerprint tells that. What people do to the mail, and `\Seen`, change nothing.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from ingest.channels.mail.imap_client import Refused
from ingest.channels.mail.imap_excerpt import WHOLE, header_only
from ingest.channels.mail.imap_fetch import Fetched, fetch, fetch_header
from ingest.channels.mail.imap_line import Line, Opened, Unreadable
from ingest.channels.mail.imap_patience import plan_for
from ingest.channels.mail.imap_progress import Marks, decoded, encoded, renumbered, started, wanted
from ingest.channels.mail.imap_settings import ImapSettings
from ingest.channels.mail.imap_settle import InThread, Settling
from ingest.channels.mail.order import source_of
from ingest.intake import Intake
from store import progress
from store.database import Database
from store.errors import Permanent, Temporary
from store.leases import Lease, assert_held
from store.records import Envelope

log = structlog.get_logger()

PAGE = 500  # Mails that are listed together.
_COMMIT = 100  # Mails after which progress is committed at the latest: so many come again after a crash.
_OLD_PAGES = 4  # Pages of old mail in a row after which no more is looked at: somebody may have moved old mail in.
_COALESCE = (
    0.05  # Seconds after being told of mail, so that a server which never stops telling is not called in a rush.
)
_REFUSED_PAUSE = 600.0  # Seconds, ours: a full folder is not emptied sooner.


class Owner:
    """What outlives a connection: whose mailbox it is, and at which mails attempts failed."""

    def __init__(
        self,
        channel: str,
        address: str,
        settings: ImapSettings,
        database: Database,
        lease: Lease,
        *,
        now: Callable[[], datetime],
    ) -> None:
        """Does no I/O."""
        self.channel = channel
        self.address = address
        self.settings = settings
        self.now = now
        self.tries: dict[int, int] = {}  # By UID.
        self._database = database
        self._lease = lease
        self._name = f"imap:{channel}:{settings.folder}"

    async def load(self) -> str:
        """The progress that was stored; empty for none."""
        return await self._database.read(lambda connection: progress.get(connection, self._name))

    async def store(self, value: str) -> None:
        """Commit the progress; raises Fenced where another process reads the mailbox by now."""

        def write(connection: Connection) -> None:
            assert_held(connection, self._lease)
            progress.put(connection, self._name, value)

        await self._database.write(write)


class Reader:
    """One connection's work."""

    def __init__(self, owner: Owner, line: Line, in_thread: InThread, intake: Intake) -> None:
        """`line` is logged in."""
        self.reading = False  # Whether the mailbox was read up to its end once.
        self._owner = owner
        self._settings = owner.settings
        self._line = line
        self._in_thread = in_thread
        self._intake = intake
        self._again: set[int] = set()  # Mails that are there and could not be fetched yet.
        self._settling = Settling(line, in_thread, owner.settings, self._commit)
        self._idle = line.can_idle
        self._settle_at = 0.0  # Of the loop's clock: when to try again what the server refused.
        self._next = 1  # The lowest UID that was not there when we looked.

    async def run(self) -> None:
        """Read until it is time to look at the whole window again, which a new connection does.

        Raises Temporary where the connection, the intake or the database is in trouble, Fenced where the lease is lost.
        """
        clock = asyncio.get_running_loop().time
        until = clock() + self._settings.rescan.total_seconds()
        settings, line = self._settings, self._line
        opened = await self._in_thread(lambda: line.open(settings.folder, changing=settings.after != "keep"))
        marks = await self._marks(opened)
        await self._settle(marks)
        await self._take(marks, await self._scan(marks, opened))
        await self._commit(marks, read_at=self._owner.now())
        self.reading = True
        log.info("mailbox is read", channel=self._owner.channel, mails=opened.exists, idle=self._idle)
        while clock() < until:
            uids = [
                one.uid
                for one in await self._in_thread(lambda: line.list_from(self._next))
                if one.uid not in marks.done
            ]
            self._next = max([self._next, *(uid + 1 for uid in uids)])
            await self._take(marks, [*sorted(self._again), *uids])
            await self._settle(marks)
            await self._wait(max(0.0, until - clock()))

    async def _marks(self, opened: Opened) -> Marks:
        """What is known of the folder; where that is nothing, the start policy decides."""
        owner = self._owner
        try:
            stored = decoded(await owner.load())
            if stored is not None and stored.validity == opened.validity:
                return Marks(stored)
        except ValueError as error:
            raise Permanent(
                f"the progress of {owner.channel} cannot be read ({error}): restore the database, or run the version "
                "that wrote it"
            ) from error
        owner.tries.clear()
        if stored is not None:
            log.warning("mailbox numbers its mail anew", channel=owner.channel, validity=opened.validity)
            return Marks(renumbered(stored, opened.validity))
        marks = Marks(started(opened.validity, owner.now(), self._settings.since))
        if not self._settings.since and opened.exists:
            # UIDNEXT would do, but servers lie in it. The last mail has the highest UID (RFC 3501, 2.3.1.1).
            last = await self._in_thread(lambda: self._line.list_places(opened.exists, opened.exists))
            if not last:
                raise Temporary(f"the server counts {opened.exists} mails and lists none: it may be busy")
            marks.unwanted_below(last[-1].uid + 1)
        await self._commit(marks)
        return marks

    async def _scan(self, marks: Marks, opened: Opened) -> list[int]:
        """The UIDs in the window that are not done, and missed ones; looks from the newest down, page by page."""
        window, above, first = marks.window(self._settings.window), marks.done.top or 2**32, opened.exists + 1
        found: list[int] = []
        idle_pages = 0
        while first > 1 and idle_pages < _OLD_PAGES:
            last, first = first - 1, max(1, first - PAGE)
            listed = await self._in_thread(partial(self._line.list_places, first, last))
            uids = wanted(listed, done=marks.done, above=above, window=window)
            idle_pages = 0 if any(one.at is None or one.at >= window for one in listed) else idle_pages + 1
            found += uids
            marks.unwanted({one.uid for one in listed} - set(uids))
            self._next = max([self._next, *(one.uid + 1 for one in listed)])
            if found and first > 1:
                log.info("mailbox is looked through", channel=self._owner.channel, at=first, of=opened.exists)
        return sorted({*found, *marks.missed})

    async def _take(self, marks: Marks, uids: list[int]) -> None:
        """Hand in these mails and commit; what was handed in is committed too where something fails on the way."""
        accepted: list[int] = []
        try:
            for number, uid in enumerate(uids, 1):
                if await self._hand_in(marks, uid):
                    accepted.append(uid)
                    self._again.discard(uid)
                if len(accepted) >= _COMMIT:
                    await self._done(marks, accepted)
                    accepted = []
                    await self._settle(marks)
                    log.info("mailbox is caught up with", channel=self._owner.channel, done=number, of=len(uids))
        finally:
            if accepted:
                await self._done(marks, accepted)

    async def _done(self, marks: Marks, uids: Iterable[int]) -> None:
        marks.accepted(uids, owed=self._settings.after != "keep")
        await self._commit(marks)

    async def _hand_in(self, marks: Marks, uid: int) -> bool:
        """Whether the mail is durable now, or gone; False: it is there and is tried again."""
        tries = self._owner.tries
        plan = plan_for(tries.get(uid, 0))
        if plan == "nothing":
            self._again.discard(uid)
            log.error("mail cannot be fetched: read it in its mailbox", channel=self._owner.channel, uid=uid)
            return False
        # Counted before the work: a mail that kills each connection must not hold up all others for ever.
        tries[uid] = tries.get(uid, 0) + 1
        marks.begun(uid)
        try:
            fetched = await self._fetch(uid, whole=plan == "whole")
        except Unreadable as error:
            self._again.add(uid)
            log.warning("mail is not fetched yet", channel=self._owner.channel, uid=uid, detail=str(error))
            return False
        del tries[uid]
        if fetched is not None:
            # A mail whose whole cannot be had is not too large, whatever its size.
            await self._accept(marks, uid, fetched if plan == "whole" else fetched._replace(size=0))
        return True

    async def _fetch(self, uid: int, *, whole: bool) -> Fetched | None:
        if whole:
            return await fetch(self._line, self._in_thread, self._intake, uid, most=self._settings.max_message)
        return await fetch_header(self._line, self._in_thread, uid)

    async def _accept(self, marks: Marks, uid: int, fetched: Fetched) -> None:
        owner = self._owner
        while True:
            try:
                raw = await self._intake.accept(
                    channel=owner.channel,
                    source=source_of(fetched.beginning),
                    payload=fetched.content,
                    content_type=WHOLE if fetched.whole else header_only(fetched.size),
                    envelope=Envelope(fetched=True, recipients=(owner.address,), external_id=f"{marks.validity}:{uid}"),
                )
            except Permanent as error:  # It is too large for the door in, which may take less than we do.
                if not fetched.whole:
                    log.error("mail refused", channel=owner.channel, uid=uid, detail=str(error))  # noqa: TRY400
                    return
                head = await fetch_header(self._line, self._in_thread, uid)
                if head is None:
                    return
                fetched = head._replace(size=fetched.size)
            else:
                log.info("accepted", channel=owner.channel, raw=raw, uid=uid, whole=fetched.whole)
                return

    async def _settle(self, marks: Marks) -> None:
        """Flag or move what is done. A refusal loses nothing: it is owed, and tried again after a while."""
        clock = asyncio.get_running_loop().time
        if not marks.owed or clock() < self._settle_at:
            return
        try:
            await self._settling.settle(marks)
        except Refused as error:
            self._settle_at = clock() + _REFUSED_PAUSE
            log.warning(
                "mail stays in its folder", channel=self._owner.channel, mails=len(marks.owed), detail=str(error)
            )

    async def _commit(self, marks: Marks, *, read_at: datetime | None = None) -> None:
        await self._owner.store(encoded(marks.progress(read_at=read_at)))

    async def _wait(self, most: float) -> None:
        """Until the server tells of something, or it is time to look."""
        settings, line = self._settings, self._line
        seconds = min(most, settings.poll.total_seconds(), settings.idle_renew.total_seconds())
        if self._idle:
            try:
                await self._in_thread(lambda: line.watch(seconds))
            except Refused as error:
                self._idle = False
                log.warning("server does not tell of new mail", channel=self._owner.channel, detail=str(error))
            await asyncio.sleep(_COALESCE)
        else:
            await asyncio.sleep(seconds)
            await self._in_thread(line.look)
