"""The page after sending: waits a moment for the ticket's number, else asks again by itself, without script."""

import asyncio

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ingest.channels.web.render import Pages, Refresh, SentPage
from ingest.channels.web.submission import fingerprint_of, is_reference
from store.database import Database
from store.errors import Temporary
from store.inbox import holders

_LOOK_EVERY = 0.1  # Seconds between two looks at the inbox while a page waits.
_LONGEST_PAUSE = 15  # Seconds between two refreshes, at the end.


class Sent:
    """Answers GET of the pages of what was sent with one form; it only reads."""

    def __init__(
        self,
        channel: str,
        pages: Pages,
        *,
        key: bytes,
        database: Database,
        wait: float,
        waiting: int,
        refreshes: int,
    ) -> None:
        """`wait` in seconds; at most `waiting` pages wait at once; a page refreshes itself `refreshes` times."""
        self._channel = channel
        self._pages = pages
        self._key = key
        self._database = database
        self._wait = wait
        self._free = waiting
        self._refreshes = refreshes

    async def answer(self, request: Request) -> Response:
        """The number, or that the message arrived; 404 for a reference that this form never gave."""
        reference = request.path_params["reference"]
        language = self._pages.language(
            request.query_params.get("lang", ""), request.headers.get("accept-language", "")
        )
        if not is_reference(self._key, self._channel, reference):
            return HTMLResponse(self._pages.missing(language), status_code=404)
        page = await self._waited(fingerprint_of(self._channel, reference))
        if page is None:
            page = self._without_number(reference, language, _count(request.query_params.get("look", "")))
        return HTMLResponse(self._pages.sent(page, reference, language))

    async def _waited(self, fingerprint: str) -> SentPage | None:
        """What the inbox says, after a wait where that is needed and there is room for one more who waits."""
        page = await self._look(fingerprint)
        if page is not None or self._free <= 0:
            return page
        loop = asyncio.get_running_loop()
        end = loop.time() + self._wait
        self._free -= 1
        try:
            while page is None and loop.time() < end:
                await asyncio.sleep(_LOOK_EVERY)
                page = await self._look(fingerprint)
        finally:
            self._free += 1
        return page

    async def _look(self, fingerprint: str) -> SentPage | None:
        """None while the router has not come to it, or where the database cannot say."""
        try:
            found = await self._database.read(lambda connection: holders(connection, [fingerprint]))
        except Temporary:
            return None
        settled = found.get(fingerprint)
        if settled is None:
            return None
        return SentPage(number=settled.ticket, state="review")

    def _without_number(self, reference: str, language: str, looks: int) -> SentPage:
        """The message is safe and has no number yet; the pauses grow, and at last the page rests."""
        if looks >= self._refreshes:
            return SentPage(state="late")
        link = self._pages.link(f"/sent/{reference}", language, look=str(looks + 1))
        return SentPage(state="soon", refresh=Refresh(seconds=min(2 + looks, _LONGEST_PAUSE), link=link))


def _count(text: str) -> int:
    """How often the page has refreshed itself, by its own address; anything else counts as never."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0  # noqa: PLR2004 (no page asks 10,000 times)
