"""The HTTP listener: what every route gets, whoever offers it, against clients of every kind."""

import asyncio
import base64
import contextlib
import hashlib
import re
import socket
from collections.abc import AsyncIterator, Sequence

import httpx2
import pytest
from pydantic import ValidationError
from selectolax.lexbor import LexborHTMLParser
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from structlog.testing import capture_logs

from config.http_settings import HttpSettings
from config.serve import Bound, HttpListener
from store.errors import Permanent, StorageBroken, Temporary

LANGUAGES = ("en", "fa", "pl", "ru")
SECRET = "what-nobody-may-see"


async def hello(_: Request) -> Response:
    return PlainTextResponse("hello")


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def broken(_: Request) -> Response:
    raise RuntimeError(SECRET)


async def busy(_: Request) -> Response:
    raise Temporary(SECRET, retry_after=7.2)


async def disk(_: Request) -> Response:
    raise StorageBroken(SECRET)


async def slow(_: Request) -> Response:
    await asyncio.sleep(0.5)
    return PlainTextResponse("done")


async def named(_: Request) -> Response:
    return PlainTextResponse("named", headers={"Cache-Control": "public, max-age=60"})


ROUTES = (
    Route("/hello", hello),
    Route("/echo", echo, methods=["POST"]),
    Route("/broken", broken),
    Route("/busy", busy),
    Route("/disk", disk),
    Route("/slow", slow),
    Route("/named/{secret}", named),
)


@contextlib.asynccontextmanager
async def serving(
    routes: Sequence[BaseRoute] = ROUTES, *, reason: str = "", **settings: object
) -> AsyncIterator[tuple[httpx2.AsyncClient, Bound]]:
    listener = HttpListener(
        HttpSettings.model_validate({"listen": "127.0.0.1:0"} | settings),
        routes,
        languages=LANGUAGES,
        ready=lambda: reason,
    )
    bound = listener.bind()
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(bound.serve(stop))
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{bound.port}", timeout=20) as client:
            yield client, bound
        stop.set()


@contextlib.asynccontextmanager
async def connected(bound: Bound) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client that writes what it likes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bound.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def raw(bound: Bound, request: bytes) -> bytes:
    """What comes back until the server closes."""
    async with connected(bound) as (reader, writer), asyncio.timeout(15):
        writer.write(request)
        with contextlib.suppress(ConnectionError):
            return await reader.read()
    return b""


async def drip(bound: Bound, start: bytes, drop: bytes) -> None:
    """Send a start and then drops for ever; raises ConnectionError when the server has had enough."""
    async with connected(bound) as (_, writer), asyncio.timeout(5):
        writer.write(start)
        while True:
            writer.write(drop)
            await asyncio.sleep(0.2)
            await writer.drain()


def parsed(answer: httpx2.Response) -> LexborHTMLParser:
    return LexborHTMLParser(answer.text)


async def test_probes_are_on_every_listener() -> None:
    async with serving(()) as (client, _):
        alive, ready = await client.get("/healthz"), await client.get("/readyz")

    assert (alive.status_code, ready.status_code) == (200, 200)


async def test_a_process_that_is_not_ready_is_alive_and_tells_only_the_log_why() -> None:
    with capture_logs() as lines:
        async with serving(reason=SECRET) as (client, _):
            alive, ready = await client.get("/healthz"), await client.get("/readyz")

    assert (alive.status_code, ready.status_code) == (200, 503)
    assert SECRET not in ready.text
    assert {"event": "not ready", "reason": SECRET, "log_level": "info"} in lines


async def test_every_answer_has_the_security_headers() -> None:
    async with serving(request_timeout="0.2s") as (client, _):
        answers = [
            await client.get(path) for path in ("/hello", "/healthz", "/nowhere", "/broken", "/busy", "/slow", "/echo")
        ]

    assert [answer.status_code for answer in answers] == [200, 200, 404, 500, 503, 503, 405]
    for headers in (answer.headers for answer in answers):
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in headers


async def test_a_route_may_say_otherwise_about_its_own_answer() -> None:
    async with serving() as (client, _):
        answer = await client.get("/named/x")

    assert answer.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_error_is_a_page_in_the_language_of_the_browser(language: str) -> None:
    async with serving(request_timeout="0.2s") as (client, _):
        for path, status in (("/nowhere", 404), ("/broken", 500), ("/busy", 503), ("/slow", 503)):
            answer = await client.get(path, headers={"Accept-Language": language})

            page = parsed(answer)
            assert answer.status_code == status
            assert page.css_first("html").attributes["lang"] == language
            assert page.css_first("html").attributes["dir"] == ("rtl" if language == "fa" else "ltr")
            assert page.css_first("h1").text()
            assert page.css_first("p").text()
            assert SECRET not in answer.text
            assert "Traceback" not in answer.text


async def test_the_style_of_an_error_page_is_the_one_that_its_policy_allows() -> None:

    async with serving() as (client, _):
        answer = await client.get("/nowhere")

    style = parsed(answer).css_first("style").text()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in answer.headers["content-security-policy"]


async def test_a_defect_shows_an_id_that_the_log_has() -> None:
    with capture_logs() as lines:
        async with serving() as (client, _):
            answer = await client.get("/broken")

    shown = parsed(answer).css_first("bdi").text()
    (line,) = (line for line in lines if line["event"] == "request failed")
    assert (line["error_id"], line["error"]) == (shown, "RuntimeError")
    assert isinstance(line["exc_info"], bool)


async def test_trouble_that_passes_says_when_to_come_again() -> None:
    async with serving() as (client, _):
        answer = await client.get("/busy")

    assert answer.headers["retry-after"] == "7"


async def test_a_wrong_method_is_refused_with_the_right_ones() -> None:
    async with serving() as (client, _):
        answer = await client.post("/hello")

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert parsed(answer).css_first("h1") is not None


@pytest.mark.parametrize("size", [1023, 1024])
async def test_a_body_up_to_the_limit_is_taken(size: int) -> None:
    async with serving(max_body="1KiB") as (client, _):
        assert (await client.post("/echo", content=b"x" * size)).text == str(size)


async def test_a_body_over_the_limit_is_refused_told_or_not() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * 300

    async with serving(max_body="1KiB") as (client, _):
        told = await client.post("/echo", content=b"x" * 1025)
        untold = await client.post("/echo", content=pieces())

    assert (told.status_code, untold.status_code) == (413, 413)
    assert parsed(untold).css_first("h1") is not None


async def test_a_body_that_is_announced_too_large_is_refused_before_it_comes() -> None:
    async with serving(max_body="1KiB") as (_, bound):
        answer = await raw(bound, b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_body_that_drips_is_given_up() -> None:
    async with serving(request_timeout="0.3s", head_timeout="1s") as (_, bound):
        answer = await raw(bound, b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")

    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_head_that_never_ends_is_given_up() -> None:
    async with serving(head_timeout="1s") as (_, bound):
        with pytest.raises(ConnectionError):
            await drip(bound, b"GET /hello HTTP/1.1\r\nHost: x\r\n", b"X: y\r\n")


async def test_a_connection_that_says_nothing_is_given_up() -> None:
    async with serving(head_timeout="1s") as (_, bound):
        assert await raw(bound, b"") == b""


async def test_a_body_that_is_still_sent_after_its_answer_is_given_up() -> None:
    async with serving(max_body="1KiB", head_timeout="1s") as (_, bound):
        with pytest.raises(ConnectionError):
            await drip(bound, b"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n", b"x")


async def test_a_kept_connection_serves_again_and_again() -> None:
    async with serving(head_timeout="1s") as (_, bound), connected(bound) as (reader, writer):
        for _ in range(3):
            writer.write(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b"hello")
            await asyncio.sleep(0.5)
        writer.write(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        for _ in range(3):
            await reader.readuntil(b"hello")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /hello HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"y" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_refused(request_: bytes) -> None:
    async with serving(head_timeout="1s") as (_, bound):
        answer = await raw(bound, request_)

    assert re.match(rb"HTTP/1.1 (400|431|501) ", answer)
    assert b"Traceback" not in answer


async def test_more_requests_than_allowed_are_asked_to_come_again_and_probes_are_not() -> None:
    async with serving(max_requests=2) as (client, _):
        waiting = [asyncio.create_task(client.get("/slow")) for _ in range(2)]
        await asyncio.sleep(0.2)
        third, probe = await client.get("/hello"), await client.get("/healthz")
        answers = await asyncio.gather(*waiting)

    assert (third.status_code, probe.status_code) == (503, 200)
    assert int(third.headers["retry-after"]) > 0
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_small_answers_are_not_held_back_until_the_client_has_acknowledged_others() -> None:
    async with serving() as (client, bound):
        await client.get("/hello")

        assert bound._listening.proto == socket.IPPROTO_TCP


async def test_stopping_lets_requests_in_progress_end() -> None:
    listener = HttpListener(HttpSettings(listen="127.0.0.1:0"), ROUTES, languages=LANGUAGES, ready=lambda: "")
    bound = listener.bind()
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group, httpx2.AsyncClient(base_url=f"http://127.0.0.1:{bound.port}") as client:
        serve = group.create_task(bound.serve(stop))
        asking = group.create_task(client.get("/slow"))
        await asyncio.sleep(0.2)
        stop.set()
        answer = await asking
        async with asyncio.timeout(5):
            await serve

    assert answer.text == "done"


async def test_a_broken_disk_ends_the_listener() -> None:
    listener = HttpListener(HttpSettings(listen="127.0.0.1:0"), ROUTES, languages=LANGUAGES, ready=lambda: "")
    bound = listener.bind()

    async def ask() -> int:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{bound.port}") as client:
            return (await client.get("/disk")).status_code

    asking = asyncio.create_task(ask())
    with pytest.raises(StorageBroken):
        async with asyncio.timeout(5):
            await bound.serve(asyncio.Event())
    assert await asking == 503


async def test_the_log_has_one_line_for_each_request_without_what_is_in_it() -> None:
    with capture_logs() as lines:
        async with serving() as (client, _):
            await client.get(f"/named/{SECRET}?q={SECRET}", headers={"X-Any": SECRET})
            await client.request(SECRET.upper(), f"/{SECRET}")

    answered = [line for line in lines if line["event"] == "request answered"]
    assert [(line["method"], line["route"], line["status"]) for line in answered] == [
        ("GET", "/named/{secret}", 200),
        ("other", "none", 404),
    ]
    assert all(line["ms"] >= 0 for line in answered)
    assert SECRET not in repr(lines).lower()


def test_a_path_that_two_claim_is_an_error() -> None:
    with pytest.raises(Permanent, match="/f/help is claimed twice"):
        HttpListener(
            HttpSettings(), [Route("/f/help", hello), Route("/f/help", hello)], languages=("en",), ready=lambda: ""
        )
    with pytest.raises(Permanent, match="/healthz is claimed twice"):
        HttpListener(HttpSettings(), [Route("/healthz", hello)], languages=("en",), ready=lambda: "")


async def test_an_address_that_is_taken_is_named_with_what_to_do() -> None:
    async with serving() as (_, bound):
        taken = HttpListener(HttpSettings(listen=f"127.0.0.1:{bound.port}"), (), languages=("en",), ready=lambda: "")
        with pytest.raises(Permanent, match=f"127.0.0.1:{bound.port} .* give another one as listen"):
            taken.bind()


@pytest.mark.parametrize("listen", ["8080", "host", "127.0.0.1:", "::1:8080", "127.0.0.1:http", "http://x:1", ""])
def test_an_address_that_is_none_is_refused(listen: str) -> None:
    with pytest.raises(ValidationError):
        HttpSettings(listen=listen)


@pytest.mark.parametrize("listen", ["127.0.0.1:99999", "no.such.host.invalid:1"])
def test_an_address_that_cannot_be_had_is_an_error_in_words(listen: str) -> None:
    with pytest.raises(Permanent, match="cannot listen for HTTP"):
        HttpListener(HttpSettings(listen=listen), (), languages=("en",), ready=lambda: "").bind()
