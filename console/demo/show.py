"""Plays the scene on a desk that runs, and shows each message's way as it ends."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

import httpx

from console import desk as commands
from console.demo import tell
from console.demo.customers import Customers
from console.demo.desk import Desk
from console.demo.follow import Followed
from console.demo.journey import Journey
from console.demo.paint import Paint
from console.demo.patience import BETWEEN_LOOKS, PATIENCE, until
from console.demo.received import Received, received
from console.demo.scene import Answer, Filled, Scene
from console.demo.story import told
from console.demo.verify import Seen, differences
from console.words import say
from store.audit import Audit
from store.audit import audit as audited
from store.errors import Temporary

_BETWEEN_ACTS = 0.3  # Seconds: fast enough for a demo, and slow enough to read along.
_GRACE = 5.0  # Seconds in which what differs may still come right.


class Show:
    """One performance."""

    def __init__(self, desk: Desk, scene: Scene, *, start: datetime, paint: Paint) -> None:
        """`start` is when the clock of the lines began."""
        self._desk = desk
        self._scene = scene
        self._start = start
        self._paint = paint
        self._customers = Customers(desk.places, desk.api, desk.sink)
        self._pages: list[tuple[Filled, list[str]]] = []
        self._shown: set[Received] = set()
        self._live = False
        self.followed = Followed(desk.stores, self._tell)
        self.played = False  # Whether the scene has come to its end.

    async def play(self) -> None:
        """All acts and the answer, until everything of them has come to rest or PATIENCE is over. Raises Temporary."""
        await self._doors_open()
        say_all(tell.scene_begins(self._paint))
        for act in self._scene.acts:
            pages = await self._customers.do(act.does)
            if isinstance(act.does, Filled):
                self._pages.append((act.does, pages))
            await asyncio.sleep(_BETWEEN_ACTS)
        await self._answer(self._scene.answer)
        await until(lambda: len(self.followed.ended) > len(self._scene.acts))
        self.played = True

    async def differences(self) -> list[str]:
        """What differs from what must be; what is still on its way gets a little time."""
        clock = asyncio.get_running_loop().time
        end = clock() + _GRACE
        found = differences(self._scene, await self._seen())
        while found and clock() < end:
            await asyncio.sleep(BETWEEN_LOOKS)
            found = differences(self._scene, await self._seen())
        return found

    def tell_texts(self) -> None:
        """Say what everybody has got since this was done before."""
        fresh = [one for one in received(self._desk.api, self._desk.sink) if one not in self._shown]
        self._shown.update(fresh)
        say_all(tell.texts(fresh, self._scene, self._paint))

    async def more(self) -> None:
        """Show whatever else is sent, until cancelled."""
        self._live = True
        await asyncio.Event().wait()

    async def audit(self) -> Audit:
        """The sums of the desk."""
        return await audited(self._desk.stores.database, self._desk.stores.bus)

    def answerable(self) -> int | None:
        """The number of a ticket that can be answered; None where there is none."""
        return next((one.ticket for one in self.followed.ended if one.outcome == "opened"), None)

    def _tell(self, journey: Journey) -> None:
        say_all(told(journey, start=self._start, paint=self._paint))
        say_all(tell.presses(pages) for act, pages in self._pages if act.source == journey.source and len(pages) > 1)
        say("")
        if self._live:
            self.tell_texts()

    async def _doors_open(self) -> None:
        """Wait until the desk says that it is ready."""
        url = f"http://127.0.0.1:{self._desk.places.http}/readyz"
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:

            async def ready() -> bool:
                try:
                    return (await client.get(url)).status_code == httpx.codes.OK
                except httpx.TransportError:
                    return False

            clock = asyncio.get_running_loop().time
            end = clock() + PATIENCE
            while not await ready():
                if clock() > end:
                    raise Temporary(
                        f"the desk was not ready within {PATIENCE:.0f} s: this computer may be too busy; try again"
                    )
                await asyncio.sleep(BETWEEN_LOOKS)

    async def _answer(self, answer: Answer) -> None:
        """Answer as `deskwire ticket answer` does, once the ticket is there."""

        def number() -> int | None:
            ended = self.followed.ended
            return next((one.ticket for one in ended if one.source == answer.to and one.outcome == "opened"), None)

        await until(lambda: number() is not None)
        ticket = number()
        if ticket is not None:
            async with commands.opened(self._desk.configuration) as opened:
                await opened.act("answer", ticket=ticket, text=answer.text)

    async def _seen(self) -> Seen:
        return Seen(
            journeys=tuple(self.followed.ended),
            received=received(self._desk.api, self._desk.sink),
            pages=tuple(self._pages),
            audit=await self.audit(),
        )


def say_all(lines: Iterable[str]) -> None:
    """Several lines of the result."""
    for line in lines:
        say(line)
