"""Hands mails over to the channels that take them, and turns what comes back into SMTP replies."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import structlog

from ingest.smtp.body import Body
from ingest.smtp.mailboxes import Mailbox, SmtpMail, mails_for
from store.errors import Permanent, StorageBroken, Temporary

log = structlog.get_logger()

OURS = "451 4.3.0 Temporary failure here, try again later"  # All that a stranger hears of our own trouble.
_SLOW = "451 4.3.2 Too busy here, try again later"


class Incoming(NamedTuple):
    """A mail that is here, and for whom."""

    body: Body
    recipients: Sequence[tuple[Mailbox, str]]
    sender: str  # Empty: the null sender.
    peer: str


class Handover:
    """What is begun here is finished, whether or not the client waits for it."""

    def __init__(self, group: asyncio.TaskGroup, publish_wait: float) -> None:
        """`group` owns the work; `publish_wait`, in seconds, is how long a client waits for its reply."""
        self.broken: asyncio.Future[StorageBroken] = asyncio.get_running_loop().create_future()
        self._group = group
        self._publish_wait = publish_wait
        self._tasks: set[asyncio.Task[dict[Mailbox, str]]] = set()
        self._overdue: set[asyncio.Task[dict[Mailbox, str]]] = set()

    @property
    def is_slow(self) -> bool:
        """Whether a mail waits to be durable for longer than a client does: one more would only wait too."""
        return bool(self._overdue)

    async def deliver(self, mail: Incoming) -> Mapping[Mailbox, str]:
        """A reply for each mailbox: 250 where the mail is durable. The body is dropped when all is done.

        A client that drops, or that hears 451 after `publish_wait`, cancels nothing: a mail that is kept after all is
        known as a duplicate when it comes again.
        """
        task = self._group.create_task(self._accept_all(mail))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(self._overdue.discard)
        await asyncio.wait({task}, timeout=self._publish_wait)
        if task.done() and not task.cancelled():
            return task.result()
        if not task.done():
            log.warning("mail waits to be durable", seconds=self._publish_wait)
            self._overdue.add(task)
        return _all(mail, _SLOW)

    def give_up(self, error: StorageBroken) -> None:
        """The disk failed: the listener ends with it."""
        if not self.broken.done():
            self.broken.set_result(error)

    async def finish(self) -> None:
        """Wait until nothing is in hand."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def abandon(self) -> int:
        """Cancel what is in hand, and return how many mails that is; their clients have no 250 and will come again."""
        for task in self._tasks:
            task.cancel()
        return len(self._tasks)

    async def _accept_all(self, mail: Incoming) -> dict[Mailbox, str]:
        try:
            try:
                content = await mail.body.finish()
                mails = mails_for(mail.recipients, content, mail.sender, mail.peer)
                return {mailbox: await self._accept(mailbox, own) for mailbox, own in mails.items()}
            finally:
                await mail.body.drop()
        except Temporary as error:
            log.warning("mail not kept now", reason=str(error))
        except StorageBroken as error:
            self.give_up(error)
        except Exception:  # As in `_accept`.
            log.exception("mail not kept because of a defect")
        return _all(mail, OURS)

    async def _accept(self, mailbox: Mailbox, mail: SmtpMail) -> str:
        if mailbox.accept is None:
            return OURS
        try:
            return f"250 2.0.0 {await mailbox.accept(mail)}"
        except Temporary as error:
            log.warning("mail not accepted now", reason=str(error))
            return OURS
        except Permanent as error:  # The door in refuses a payload for its size alone.
            log.warning("mail refused", reason=str(error), size=mail.content.size)
            return "552 5.3.4 Message too big for this system"
        except StorageBroken as error:
            self.give_up(error)
            return OURS
        except Exception:  # The SMTP edge, one of the five boundaries: a defect must not bounce a customer's mail.
            log.exception("mail not accepted because of a defect")
            return OURS


def _all(mail: Incoming, reply: str) -> dict[Mailbox, str]:
    return dict.fromkeys((mailbox for mailbox, _ in mail.recipients), reply)
