"""The commands `deskwire send`: put a message into a running desk by its own front doors."""

import asyncio
import re
import sys
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import aiosmtplib
import httpx

from config.settings import Configuration
from console.words import say
from store.errors import Permanent, Temporary

PATIENCE = 30.0  # Seconds for each step.

_HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"')


async def mail(
    configuration: Configuration, *, recipient: str | None, sender: str, subject: str, text: str, file: Path | None
) -> None:
    """Send one mail to the desk's listener, and say what it answered. Raises Permanent, Temporary."""
    listener = configuration.settings.listeners.smtp
    if listener is None:
        raise Permanent("this desk has no SMTP listener: add listeners: {smtp: …} to its settings")
    host, port = listener.place()
    to = recipient or _first_address(configuration)
    content = (
        await asyncio.to_thread(file.read_bytes)
        if file
        else composed(sender=sender, to=to, subject=subject, text=_words(text))
    )
    answer = await handed_over(content, sender=sender, to=to, host=_reachable(host), port=port)
    say(f"{host}:{port} took it: {answer}")


def composed(*, sender: str, to: str, subject: str, text: str) -> bytes:
    """A plain mail in UTF-8."""
    head = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Date: {format_datetime(datetime.now(UTC))}",
        f"Message-ID: <{uuid4().hex}@send.deskwire>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    lines = [*(" ".join(line.splitlines()) for line in head), "", *text.splitlines()]
    return "\r\n".join([*lines, ""]).encode()


async def handed_over(content: bytes, *, sender: str, to: str, host: str, port: int) -> str:
    """The listener's last answer. Raises Permanent where it refused, Temporary where it could not be asked."""
    client = aiosmtplib.SMTP(hostname=host, port=port, timeout=PATIENCE, start_tls=False)
    try:
        async with client:
            _, answer = await client.sendmail(sender, [to], content, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    except aiosmtplib.SMTPRecipientsRefused as error:
        raise _refused(host, port, error.recipients[0]) from error
    except aiosmtplib.SMTPResponseException as error:
        raise _refused(host, port, error) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Temporary(f"no desk takes mail at {host}:{port}: start it with `deskwire run` ({error})") from error
    return answer


def _refused(host: str, port: int, answer: aiosmtplib.SMTPResponseException) -> Permanent | Temporary:
    """4xx asks to come again, 5xx does not (RFC 5321, section 4.2.1)."""
    kind = Temporary if 400 <= answer.code < 500 else Permanent  # noqa: PLR2004 (the classes of answers)
    return kind(f"{host}:{port} answered {answer.code} {answer.message}")


async def form(configuration: Configuration, *, channel: str | None, email: str, text: str) -> None:
    """Fill a hosted form in, press its button, and say where the answer is. Raises Permanent, Temporary."""
    forms = {name: entry for name, entry in configuration.channels.items() if entry.type == "web"}
    name = channel or next(iter(forms), "")
    if name not in forms:
        raise Permanent(f'this desk has no form called "{name}": there are: {", ".join(forms) or "none"}')
    host, _, port = configuration.settings.listeners.http.listen.rpartition(":")
    claims = forms[name].settings.claims
    url = f"http://{_reachable(host)}:{port}{claims[0]}"
    (place,) = await posted(url, {"email": email, "message": _words(text), "name": ""})
    say(f"sent; see {place}")


async def posted(url: str, fields: dict[str, str], *, presses: int = 1) -> list[str]:
    """Send a form as a browser without scripts would; returns the URL of the page that each press of its button led to.

    Raises Permanent where it does not take the message, Temporary where nothing answers.
    """
    site = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
    try:
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as browser:
            page = await browser.get(url)
            hidden = dict(_HIDDEN.findall(page.text))
            answers = [
                await browser.post(url, data={**hidden, **fields}, headers={"Origin": site}) for _ in range(presses)
            ]
    except httpx.HTTPError as error:
        raise Temporary(f"no desk serves {url}: start it with `deskwire run` ({error})") from error
    for answer in answers:
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise Permanent(f"the form at {url} answered {answer.status_code}: open it in a browser to see why")
    return [site + answer.headers["location"] for answer in answers]


def _first_address(configuration: Configuration) -> str:
    for channel in configuration.channels.values():
        if channel.type == "mail":
            return channel.settings.claims[0]
    raise Permanent("this desk has no mail channel: name a recipient with --to")


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host.strip("[]")  # noqa: S104 (compares, binds nothing)


def _words(text: str) -> str:
    return sys.stdin.read() if text == "-" else text
