"""A Bot API server on loopback: what a bot meets at Telegram, with pretend people behind it and faults on demand.

python-telegram-bot talks to it unchanged by `base_url`. It serves one bot; with a public account and the internet out
of the way, it is what the demo, our tests and whoever develops against Deskwire use in Telegram's place.
"""

import asyncio
import contextlib
import hmac
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import datetime

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from console.demo.botapi_faults import Fault, Faults, Planned
from console.demo.botapi_methods import METHODS, Values
from console.demo.botapi_objects import Parameters, Refused, User
from console.demo.botapi_pace import Meter, Pace
from console.demo.phones import Chat, Group, Person, Phones

_SHAPE = r"[0-9]+:[A-Za-z0-9_-]{30,}"


class Success(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every answer that is a success."""

    ok: bool
    result: object


class BotApi:
    """One bot's server, and the people around it."""

    def __init__(
        self,
        token: str,
        members: Iterable[Person | Group],
        *,
        now: Callable[[], datetime],
        pace: Pace | None = None,
    ) -> None:
        """`token` has the shape of Telegram's, and its number is the bot's; `now` is the time of messages."""
        self._token = token
        bot = User(id=int(token.partition(":")[0]), is_bot=True, first_name="Help desk", username="help_desk_bot")
        self.phones = Phones(bot, members, now)
        self._meter = Meter(pace or Pace())
        self._faults = Faults()
        self.calls: list[str] = []  # The methods that were called with the right token, in order.

    def say(self, person: Person, text: str, *, group: Group | None = None, answers: int | None = None) -> int:
        """The person writes to the bot, or in a group; returns the message's number."""
        return self.phones.say(person, text, group=group, answers=answers)

    def chat(self, of: Person | Group) -> Chat:
        """What the person or the group has on the screen."""
        return self.phones.chat(of)

    def break_next(
        self, fault: Fault | str, times: int = 1, *, method: str = "sendMessage", retry_after: int = 1, after: int = 0
    ) -> None:
        """Fail the next `times` calls of `method`, or those that follow on `after` that work.

        `retry_after`, in seconds, is for "429".
        """
        self._faults.plan(Planned(None, method, retry_after), after)
        self._faults.plan(Planned(Fault(fault), method, retry_after), times)

    def fault_of(self, method: str) -> Planned | None:
        """The fault that this call is to meet."""
        return self._faults.take(method)

    def knows(self, token: str) -> bool:
        """Whether this is the bot's token."""
        return hmac.compare_digest(token.encode(), self._token.encode())

    async def call(self, method: str, values: Values) -> bytes:
        """The body of a successful answer. Raises Refused where Telegram would refuse."""
        function = METHODS.get(method.lower())
        if function is None:
            raise Refused(404, "Not Found")
        self.calls.append(method)
        return msgspec.json.encode(Success(ok=True, result=await function(self.phones, self._meter, values)))


@contextlib.asynccontextmanager
async def running(api: BotApi, *, port: int = 0) -> AsyncIterator[str]:
    """Serve on loopback; gives the `base_url` for a bot. Port 0 means any that is free."""
    listener = socket.create_server(("127.0.0.1", port))
    edge = _Edge(api)
    server = _Quiet(
        uvicorn.Config(
            edge.app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    edge.server = server
    # Awaited below. A TaskGroup would wrap whatever the caller raises inside the `async with`.
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/bot"
    finally:
        edge.hang_up()
        api.phones.updates.end_calls()
        server.should_exit = True
        await serving


class _Quiet(uvicorn.Server):
    """Leaves the signals to the program around it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Edge:
    """HTTP around the methods: tokens, parameters, Telegram's form of errors, faults."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self.server: uvicorn.Server | None = None
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/{anything:path}", self._nothing, methods=["GET", "POST"]),
            ]
        )

    async def _nothing(self, _request: Request) -> Response:
        return _refusal(Refused(404, "Not Found"))

    async def _call(self, request: Request) -> Response:
        token, method = request.path_params["token"], request.path_params["method"]
        try:
            self._admit(token)
            planned = self._api.fault_of(method)
            fault = None if planned is None else planned.fault
            if planned is not None and fault is Fault.FLOOD:
                return _refusal(_flood(planned.retry_after))
            if fault is Fault.BAD_GATEWAY:
                return Response("<html><h1>502 Bad Gateway</h1></html>", 502, media_type="text/html")
            body = await self._api.call(method, await _values_of(request))
        except Refused as error:
            return _refusal(error)
        if fault is not None:
            return await self._broken(request, fault, body)
        return Response(body, media_type="application/json")

    def _admit(self, token: str) -> None:
        if not self._api.knows(token):
            raise Refused(401, "Unauthorized") if re.fullmatch(_SHAPE, token) else Refused(404, "Not Found")

    async def _broken(self, request: Request, fault: Fault, body: bytes) -> Response:
        """An answer that fails after the work was done."""
        if fault is Fault.GARBLED:
            return Response(body[: len(body) // 2], media_type="application/json")
        if fault is Fault.RESET:
            self.hang_up(request.scope["client"])
        while (await request.receive())["type"] != "http.disconnect":
            continue
        return Response(body)  # Nobody reads it any more.

    def hang_up(self, client: tuple[str, int] | None = None) -> None:
        """Break this client's connection, or everybody's."""
        connections = () if self.server is None else tuple(self.server.server_state.connections)
        for connection in connections:
            if isinstance(connection, H11Protocol) and client in (None, connection.client):
                connection.transport.abort()


async def _values_of(request: Request) -> Values:
    """A call's parameters from its query and its body, which Telegram takes as a form or as JSON."""
    values = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        try:
            found = msgspec.json.decode(await request.body(), type=dict[str, msgspec.Raw])
        except msgspec.DecodeError:
            raise Refused(400, "Bad Request: can't parse request JSON object") from None
        values.update({name: _text_of(value) for name, value in found.items()})
    elif request.method == "POST":
        async with request.form() as form:
            values.update({name: value for name, value in form.items() if isinstance(value, str)})
    return values


def _text_of(value: msgspec.Raw) -> str:
    """A JSON value as a form would carry it."""
    found: object = msgspec.json.decode(value)
    return found if isinstance(found, str) else bytes(value).decode()


def _refusal(error: Refused) -> Response:
    return Response(msgspec.json.encode(error.body), error.code, media_type="application/json")


def _flood(seconds: int) -> Refused:
    return Refused(429, f"Too Many Requests: retry after {seconds}", Parameters(retry_after=seconds))
