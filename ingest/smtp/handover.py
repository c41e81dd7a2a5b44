"""Hands mails over to the channels that take them, and turns what comes back into SMTP replies."""

import asyncio
from collections.abc import Sequence

import structlog

from ingest.smtp.gate import Hold
from ingest.smtp.mailboxes import Mailbox, SmtpMail
from store.errors import Permanent, StorageBroken, Temporary

log = structlog.get_logger()

OURS = "451 4.3.0 Temporary failure here, try again later"  # All that a stranger hears of our own trouble.
_SLOW = "451 4.3.2 Too busy here, try again later"


class Handover:
    """What is begun here is finished, whether or not the client waits for it."""

    def __init__(self, group: asyncio.TaskGroup, publish_wait: float) -> None:
        """`group` owns the work; `publish_wait`, in seconds, is how long a client waits for its reply."""
        self.broken: asyncio.Future[StorageBroken] = asyncio.get_running_loop().create_future()
        self._group = group
        self._publish_wait = publish_wait
        self._tasks: set[asyncio.Task[list[str]]] = set()

    async def deliver(self, mails: Sequence[tuple[Mailbox, SmtpMail]], hold: Hold) -> list[str]:
        """A reply for each mail: 250 where it is durable. `hold` is released when all of them are done with.

        A client that drops, or that hears 451 after `publish_wait`, cancels nothing: a mail that is kept after all is
        known as a duplicate when it comes again.
        """
        task = self._group.create_task(self._accept_all(mails))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: hold.release())
        await asyncio.wait({task}, timeout=self._publish_wait)
        return task.result() if task.done() and not task.cancelled() else [_SLOW] * len(mails)

    async def finish(self) -> None:
        """Wait until nothing is in hand."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def abandon(self) -> int:
        """Cancel what is in hand, and return how many mails that is; their clients have no 250 and will come again."""
        for task in self._tasks:
            task.cancel()
        return len(self._tasks)

    async def _accept_all(self, mails: Sequence[tuple[Mailbox, SmtpMail]]) -> list[str]:
        return [await self._accept(mailbox, mail) for mailbox, mail in mails]

    async def _accept(self, mailbox: Mailbox, mail: SmtpMail) -> str:
        if mailbox.accept is None:
            return OURS
        try:
            return f"250 2.0.0 {await mailbox.accept(mail)}"
        except Temporary as error:
            log.warning("mail not accepted now", reason=str(error))
            return OURS
        except Permanent as error:  # The door in refuses a payload for its size alone.
            log.warning("mail refused", reason=str(error), size=len(mail.content))
            return "552 5.3.4 Message too big for this system"
        except StorageBroken as error:
            if not self.broken.done():
                self.broken.set_result(error)
            return OURS
        except Exception:  # The SMTP edge, one of the five boundaries: a defect must not bounce a customer's mail.
            log.exception("mail not accepted because of a defect")
            return OURS
