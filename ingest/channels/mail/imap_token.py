"""What we log in with: the password, or an access token that is asked for anew at each login.

A connection lasts for hours, so that a token is never kept: one that expired cannot be used by mistake.
"""

import asyncio
import contextlib

import httpx

from ingest.channels.mail.imap_settings import ImapSettings, Token
from store.errors import Temporary

_LAST_WORDS = 1.0  # Seconds that a killed command has to be gone.
_LONGEST = 64 * 1024  # Bytes of a token; Microsoft's have some 2,000.


async def secret_of(settings: ImapSettings) -> str:
    """The password or a fresh token; raises Temporary where no token can be had."""
    if settings.token is None:
        return settings.password.get_secret_value() if settings.password is not None else ""
    try:
        async with asyncio.timeout(settings.token.timeout.total_seconds()):
            token = await (_printed(settings.token) if settings.token.command else _granted(settings.token))
    except TimeoutError as error:
        raise Temporary("no access token came in time: try what `token` names by hand") from error
    if not token or not token.isascii() or not token.isprintable():
        raise Temporary("what should be an access token is none: try what `token` names by hand")
    return token


async def _printed(token: Token) -> str:
    """The first line that the command prints."""
    program = token.command[0]
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        running = await asyncio.create_subprocess_exec(*token.command, stdin=nothing, stdout=pipe)
    except OSError as error:
        raise Temporary(f"the command {program} for access tokens cannot be run ({error}): correct `token`") from error
    try:
        printed, _ = await running.communicate()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        with contextlib.suppress(TimeoutError):  # What it has started itself may hold its output open.
            await asyncio.wait_for(running.communicate(), _LAST_WORDS)
        raise
    if len(printed) > _LONGEST:
        raise Temporary(f"the command {program} prints {len(printed)} bytes, and no access token is that long")
    if running.returncode != 0:
        raise Temporary(
            f"the command {program} for access tokens ended with status {running.returncode}: try it by hand"
        )
    return printed.decode("ascii", "replace").partition("\n")[0].strip()


async def _granted(token: Token) -> str:
    """What the provider grants for our client credentials (RFC 6749, 4.4.2 and 5.1)."""
    secret = token.secret.get_secret_value() if token.secret is not None else ""
    asked = {"grant_type": "client_credentials", "client_id": token.id, "client_secret": secret}
    if token.scope:
        asked["scope"] = token.scope
    try:
        async with httpx.AsyncClient(timeout=token.timeout.total_seconds()) as client:
            answer = await client.post(token.url, data=asked)
        answer.raise_for_status()
        granted: object = answer.json()
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise Temporary(
            f"the token endpoint refuses us (status {status}): correct `id`, `secret` or `scope`"
        ) from error
    except (httpx.HTTPError, ValueError) as error:
        raise Temporary(f"the token endpoint gives no answer ({type(error).__name__}): correct `url`") from error
    found = granted.get("access_token") if isinstance(granted, dict) else None
    return found if isinstance(found, str) else ""
