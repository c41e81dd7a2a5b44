"""The HTTP listener: one address of ours, on which channels and others claim paths, with probes on every role."""

import asyncio
import contextlib
import math
import socket
from collections.abc import Awaitable, Callable, Generator, Sequence
from datetime import timedelta

import structlog
import uvicorn
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from config.edge import PROBES, Edge
from config.error_pages import ErrorPages
from config.http_settings import HttpSettings
from store.errors import Permanent

log = structlog.get_logger()


class HttpListener:
    """Serves routes under uvicorn, inside the loop that is running already."""

    def __init__(
        self,
        settings: HttpSettings,
        routes: Sequence[BaseRoute],
        *,
        languages: Sequence[str],
        ready: Callable[[], str],
    ) -> None:
        """`ready` says in words why the process is not ready; empty: it is. Raises Permanent for a path taken twice."""
        own = [Route(path, answer) for path, answer in zip(PROBES, (_alive, _readiness(ready)), strict=True)]
        everything = [*own, *routes]
        _check_paths(everything)
        self._settings = settings
        router = Router(everything, redirect_slashes=False, default=_unknown)
        self._app = Edge(
            router,
            ErrorPages(languages),
            max_head=settings.max_head,
            max_body=settings.max_body,
            max_requests=settings.max_requests,
            request_timeout=settings.request_timeout.total_seconds(),
        )

    def bind(self) -> "Bound":
        """Take the address; clients that connect from now on wait until `Bound.serve` runs.

        Raises Permanent where it cannot be had, with the address and what to do.
        """
        host, _, port = self._settings.listen.rpartition(":")
        family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
        # Only where the protocol is named does asyncio set TCP_NODELAY, without which every answer takes 40 ms more.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host.strip("[]"), int(port)))
            listening.listen(self._settings.max_connections)
        except (OSError, OverflowError) as error:
            listening.close()
            raise Permanent(
                f"cannot listen for HTTP on {self._settings.listen} ({error}): stop what uses that address, or give "
                "another one as listen"
            ) from error
        listening.setblocking(False)
        return Bound(self._config(), self._app, listening, drain=_whole(self._settings.drain))

    def _config(self) -> uvicorn.Config:
        settings = self._settings
        return uvicorn.Config(
            self._app,
            http=_Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=settings.max_head,
            limit_concurrency=settings.max_connections,
            timeout_keep_alive=_whole(settings.head_timeout),
            timeout_graceful_shutdown=_whole(settings.drain),
        )


class Bound:
    """A listener that has its address."""

    def __init__(self, config: uvicorn.Config, edge: Edge, listening: socket.socket, *, drain: int) -> None:
        """`HttpListener.bind` makes it."""
        self._config = config
        self._edge = edge
        self._listening = listening
        self._drain = drain
        self.port: int = listening.getsockname()[1]

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; then take no more requests, and return when those in progress are answered.

        Raises StorageBroken where a request met it: the process must end.
        """
        server = _Server(self._config)
        log.info("http listening", port=self.port)
        try:
            async with asyncio.TaskGroup() as group:
                serving = group.create_task(server.serve(sockets=[self._listening]))
                ends = [group.create_task(event.wait()) for event in (stop, self._edge.broken)]
                await asyncio.wait((serving, *ends), return_when=asyncio.FIRST_COMPLETED)
                server.should_exit = True
                # uvicorn itself cancels what takes longer; a second more is for its own steps.
                await asyncio.wait((serving,), timeout=self._drain + 1)
                for task in (serving, *ends):
                    task.cancel()
        finally:
            server.let_go()
            self._listening.close()
        if self._edge.trouble is not None:
            raise self._edge.trouble


class _Server(uvicorn.Server):
    """uvicorn that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals are `config.app`'s."""
        yield

    def let_go(self) -> None:
        """Close what a cancelled `serve` leaves open; nothing after one that ended by itself."""
        if self.started:
            for server in self.servers:
                server.close()
            for connection in list(self.server_state.connections):
                connection.shutdown()


class _Connection(H11Protocol):
    """HTTP/1.1 of uvicorn, which alone would wait forever for a request's head or the rest of one answered early."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # As in uvicorn: TCP only.
        """A request must come soon."""
        super().connection_made(transport)
        self._expect_request()

    def data_received(self, data: bytes) -> None:
        """A request that has come stops the clock; its own time is the edge's matter."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before and self._deadline is not None:
            self._deadline.cancel()

    def on_response_complete(self) -> None:
        """The next request must come soon, unless it is here already."""
        answered = self.cycle
        super().on_response_complete()
        if self.cycle is answered:
            self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def _expect_request(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(self.config.timeout_keep_alive, self.transport.abort)


def _whole(duration: timedelta) -> int:
    """Seconds, rounded up: uvicorn counts whole ones."""
    return math.ceil(duration.total_seconds())


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


def _readiness(ready: Callable[[], str]) -> Callable[[Request], Awaitable[Response]]:
    """Strangers learn whether, the log why, once for each reason: probes come every few seconds."""
    told = ""

    async def answer(_request: Request) -> Response:
        nonlocal told
        reason = ready()
        if not reason:
            return PlainTextResponse("ready\n")
        if reason != told:
            told = reason
            log.info("not ready", reason=reason)
        return PlainTextResponse("not ready\n", status_code=503, headers={"Retry-After": "5"})

    return answer


async def _unknown(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise HTTPException(404)


def _check_paths(routes: Sequence[BaseRoute]) -> None:
    paths = [route.path for route in routes if isinstance(route, Route)]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    if twice:
        raise Permanent(f"the path {twice[0]} is claimed twice on one HTTP listener: give one of them another path")
