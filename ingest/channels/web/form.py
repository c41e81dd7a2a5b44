"""The form over HTTP: shows it, takes in what was typed, and loses nothing of it on the way."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ingest.channels.web.decode import Submission, to_payload
from ingest.channels.web.origin import is_ours
from ingest.channels.web.recent import Recent
from ingest.channels.web.render import FormPage, Pages
from ingest.channels.web.submission import NONCE_BYTES, issue, reference_of, verify
from ingest.channels.web.validate import Posted, Shape, mail_address, problems, read
from ingest.intake import Intake
from store.errors import Permanent, Temporary
from store.records import Envelope

_RETRY_AFTER = 30  # Seconds; what the page asks people for, in words, is a minute.

# Browsers without Sec-Fetch-Site (plain http) must name their Origin, which "no-referrer" turns into "null":
# https://fetch.spec.whatwg.org/#append-a-request-origin-header. The form's own address holds no secret.
_REFERRER = {"Referrer-Policy": "same-origin"}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a request may ask for; the listener limits its bytes and its time."""

    max_fields: int
    accept_within: float  # Seconds.


class Form:
    """Answers GET and POST of one form."""

    def __init__(
        self,
        channel: str,
        pages: Pages,
        shape: Callable[[], Shape],
        limits: Limits,
        *,
        key: bytes,
        site_url: str,
        intake: Callable[[], Intake | None],
    ) -> None:
        """`shape` is asked anew for each request; `intake` gives None while the channel is not receiving."""
        self._channel = channel
        self._pages = pages
        self._shape = shape
        self._limits = limits
        self._key = key
        self._site_url = site_url
        self._intake = intake
        self._recent = Recent()

    async def answer(self, request: Request) -> Response:
        """The empty form, or what becomes of a filled one; only POST changes anything."""
        language = self._pages.language(
            request.query_params.get("lang", ""), request.headers.get("accept-language", "")
        )
        if request.method == "POST":
            return await self._take_in(request, language)
        return self._show(FormPage(submission=self._new_submission()), language)

    async def style(self, _request: Request) -> Response:
        """The style sheet; its address changes with its content, so that it may be kept."""
        return Response(self._pages.style, media_type="text/css", headers={"Cache-Control": "public, max-age=86400"})

    async def _take_in(self, request: Request, language: str) -> Response:
        """Check in the order in which a mistake would mislead: whose page it was, which page, what was typed."""
        shape = self._shape()
        posted = await self._posted(request, shape)
        found = problems(posted.typed, shape)
        page = FormPage(submission=self._new_submission(), typed=posted.typed, problems=found)
        if not is_ours(
            fetch_site=request.headers.get("sec-fetch-site"),
            origin=request.headers.get("origin"),
            host=request.headers.get("host"),
            site_url=self._site_url,
        ):
            return self._show(msgspec.structs.replace(page, notice="foreign"), language, status=403)
        submission = verify(self._key, self._channel, posted.submission, now=datetime.now(UTC))
        if submission is None:
            return self._show(msgspec.structs.replace(page, notice="expired"), language, status=400)
        if found:
            return self._show(msgspec.structs.replace(page, submission=submission), language, status=422)
        return await self._accept(request, posted, submission, page, language)

    async def _accept(
        self, request: Request, posted: Posted, submission: str, page: FormPage, language: str
    ) -> Response:
        reference = reference_of(self._key, self._channel, submission, msgspec.json.encode(posted.typed))
        link = self._pages.link(f"/sent/{reference}", language)
        first = self._recent.reference_of(submission)
        if first == reference:
            return RedirectResponse(link, status_code=303)
        if first is not None:
            first_link = self._pages.link(f"/sent/{first}", language)
            return self._show(msgspec.structs.replace(page, notice="changed", first=first_link), language, status=409)
        try:
            await self._keep(request, posted, reference, language)
        except (Temporary, TimeoutError):
            again = msgspec.structs.replace(page, submission=submission, notice="later")
            return self._show(again, language, status=503, headers={"Retry-After": str(_RETRY_AFTER)})
        self._recent.remember(submission, reference)
        return RedirectResponse(link, status_code=303)

    async def _keep(self, request: Request, posted: Posted, reference: str, language: str) -> None:
        """Durable on return; raises Temporary or TimeoutError where that is not certain."""
        intake = self._intake()
        if intake is None:
            raise Temporary(f"the form {self._channel} is not receiving: the process is starting or stopping")
        suspect = "honeypot" if posted.trap else ""
        peer = request.client.host if request.client else ""
        try:
            async with asyncio.timeout(self._limits.accept_within):
                await intake.accept(
                    channel=self._channel,
                    source=mail_address(posted.typed.email) or reference,
                    payload=to_payload(Submission(typed=posted.typed, language=language, suspect=suspect)),
                    content_type="application/json",
                    envelope=Envelope(sender=peer, peer=peer, external_id=reference),
                )
        except Permanent as error:
            raise HTTPException(413) from error

    async def _posted(self, request: Request, shape: Shape) -> Posted:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise HTTPException(415)
        try:
            return read(await request.body(), shape, max_fields=self._limits.max_fields)
        except ValueError as error:
            raise HTTPException(400) from error

    def _new_submission(self) -> str:
        return issue(self._key, self._channel, now=datetime.now(UTC), nonce=secrets.token_bytes(NONCE_BYTES))

    def _show(
        self, page: FormPage, language: str, *, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        html = self._pages.form(page, language)
        return HTMLResponse(html, status_code=status, headers=_REFERRER | (headers or {}))
