"""The HTTP edge: what holds for every request before and after the page that answers it."""

import asyncio
import secrets
import time
from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.error_pages import ErrorPages
from store.errors import StorageBroken, Temporary

log = structlog.get_logger()

PROBES = ("/healthz", "/readyz")

_RETRY_AFTER = 30  # Seconds, where nobody said how long the trouble lasts.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# What a browser may do with any answer of ours: show it, with our own style, and send its form back to us
# (https://www.w3.org/TR/CSP3/, https://fetch.spec.whatwg.org/#x-content-type-options-header). A route may set its own.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class Edge:
    """Wraps all routes: bounds on size, time and number, headers, error pages, one line of log for each request."""

    def __init__(
        self,
        inner: ASGIApp,
        pages: ErrorPages,
        *,
        max_head: int,
        max_body: int,
        max_requests: int,
        request_timeout: float,
    ) -> None:
        """`max_head` and `max_body` in bytes, `request_timeout` in seconds; probes do not count as `max_requests`."""
        self._inner = inner
        self._pages = pages
        self._max_head = max_head
        self._max_body = max_body
        self._max_requests = max_requests
        self._request_timeout = request_timeout
        self._running = 0
        self.trouble: StorageBroken | None = None
        self.broken = asyncio.Event()  # Set with `trouble`.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises nothing but cancellation."""
        started = time.perf_counter()
        # Starlette's routes answer a wrong method with plain text unless the scope has an app to raise it to.
        scope = {**scope, "app": self}
        exchange = _Exchange(scope, receive, send, self._max_body)
        probe = scope["path"] in PROBES
        self._running += not probe
        try:
            if self._running > self._max_requests and not probe:
                await self._refuse(exchange, 503, headers={"Retry-After": str(_RETRY_AFTER)})
            else:
                await self._answer(exchange)
        finally:
            self._running -= not probe
            level = log.debug if probe and exchange.status == 200 else log.info  # noqa: PLR2004 (OK)
            level(
                "request answered",
                method=scope["method"] if scope["method"] in _METHODS else "other",
                route=getattr(scope.get("route"), "path", "none"),
                status=exchange.status,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )

    async def _answer(self, exchange: "_Exchange") -> None:
        try:
            async with asyncio.timeout(self._request_timeout):
                _check_head(exchange.scope, self._max_head)
                await self._inner(exchange.scope, exchange.receive, exchange.send)
        except HTTPException as error:
            await self._refuse(exchange, error.status_code, headers=error.headers)
        except TimeoutError:
            await self._refuse(exchange, 408 if exchange.reading else 503, headers={"Connection": "close"})
        except Temporary as error:
            log.warning("request postponed", error=str(error))
            wait = str(round(error.retry_after or _RETRY_AFTER))
            await self._refuse(exchange, 503, headers={"Retry-After": wait})
        except StorageBroken as error:
            self.trouble = error
            self.broken.set()
            await self._refuse(exchange, 503, headers={"Retry-After": str(_RETRY_AFTER)})
        except Exception as error:  # The HTTP edge: strangers get an id, the log has the rest.
            error_id = secrets.token_hex(6)
            log.exception("request failed", error_id=error_id, error=type(error).__name__)
            await self._refuse(exchange, 500, error_id=error_id)

    async def _refuse(
        self, exchange: "_Exchange", status: int, *, headers: Mapping[str, str] | None = None, error_id: str = ""
    ) -> None:
        """Show an error page, unless an answer has begun, which can only be broken off."""
        if exchange.status:
            return
        accepted = Headers(scope=exchange.scope).get("accept-language", "")
        html = self._pages.page(status, accepted=accepted, error_id=error_id)
        policy = _HEADERS["Content-Security-Policy"].replace("'self'", self._pages.style_source, 1)
        response = HTMLResponse(
            html, status_code=status, headers={"Content-Security-Policy": policy, **(headers or {})}
        )
        await response(exchange.scope, exchange.receive, exchange.send)


class _Exchange:
    """One request and its answer, watched."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_body: int) -> None:
        self.scope = scope
        self.status = 0  # 0: no answer has begun.
        self.reading = False  # The client is waited for.
        self._receive = receive
        self._send = send
        self._left = max_body
        self._declared = Headers(scope=scope).get("content-length", "")

    async def receive(self) -> Message:
        """The next part of the request; raises HTTPException 413 where it gets too large, told or not."""
        if self._declared.isdigit() and int(self._declared) > self._left:
            raise HTTPException(413, headers={"Connection": "close"})
        self._declared = ""
        self.reading = True
        message = await self._receive()
        self.reading = False
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise HTTPException(413, headers={"Connection": "close"})
        return message

    async def send(self, message: Message) -> None:
        """The next part of the answer, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _check_head(scope: Scope, most: int) -> None:
    """Raises HTTPException 431 for a line and headers of more bytes; uvicorn bounds only those that come in pieces."""
    fields = sum(len(name) + len(value) for name, value in scope["headers"])
    if fields + len(scope["raw_path"]) + len(scope["query_string"]) > most:
        raise HTTPException(431, headers={"Connection": "close"})
