"""The demo's desk: its settings, and the whole product put together from them in a folder that goes away again."""

import asyncio
import atexit
import contextlib
import secrets
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from config import logs
from config.app import App
from config.build import ROLES, build, now
from config.folder import FolderLock
from config.load import load
from config.settings import Configuration
from config.stores import Stores, data_folder, prepared
from config.stores import opened as opened_stores
from console.demo import botapi, cast, sink
from console.demo.botapi import BotApi
from console.demo.sink import Sink

LOG = "desk.log"
FORM = "/f/help"


class Places(NamedTuple):
    """Where everything is."""

    folder: Path
    settings: Path  # The settings file, which other commands can be given.
    mail_in: int  # Ports on loopback.
    mail_out: int
    http: int
    telegram: str  # The base URL of the Bot API.

    @property
    def form(self) -> str:
        """The URL of the form."""
        return f"http://127.0.0.1:{self.http}{FORM}"


class Desk(NamedTuple):
    """The desk, and the world around it."""

    places: Places
    configuration: Configuration
    stores: Stores
    app: App  # Built, and not running yet.
    api: BotApi
    sink: Sink


@contextlib.asynccontextmanager
async def opened(port: int) -> AsyncIterator[Desk]:
    """A desk of its own with its form on `port`, or on another one if that is taken; nothing of it stays."""
    with _folder() as folder:
        # Never closed: whatever still speaks at the very end must have somewhere to speak to.
        logs.configure((folder / LOG).open("w", encoding="utf-8", buffering=1))
        token = f"{7_000_000_001}:{secrets.token_urlsafe(26)}"
        api = BotApi(token, [*cast.PEOPLE, *cast.GROUPS], now=now)
        mailbox = Sink(now)
        async with botapi.running(api) as base_url, sink.running(mailbox) as mail_out:
            places = Places(folder, folder / "deskwire.yaml", free_port(), mail_out, free_port(port), base_url)
            await asyncio.to_thread(_write, places, token)
            configuration = load(places.settings, {})
            lock = FolderLock(data_folder(configuration))
            try:
                async with opened_stores(configuration) as stores:
                    await prepared(stores)
                    yield Desk(places, configuration, stores, build(configuration, stores, ROLES), api, mailbox)
            finally:
                lock.release()


def free_port(wanted: int = 0) -> int:
    """This port of loopback if it is free, else any that is."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError, OverflowError), socket.create_server(("127.0.0.1", port)) as listener:
            found: int = listener.getsockname()[1]
            return found
    raise OSError("this computer has no free port on 127.0.0.1")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="deskwire-demo-"))
    remove = partial(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(remove)  # Once more when all threads have ended: a second Ctrl-C may leave some at work.
    try:
        yield folder
    finally:
        remove()


def _write(places: Places, token: str) -> None:
    secret = places.folder / "telegram.token"
    secret.touch(0o600)
    secret.write_text(token, encoding="ascii")
    places.settings.write_text(settings_text(places, secret), encoding="utf-8")


def settings_text(places: Places, token: Path) -> str:
    """The settings file of the demo; `token` is the file with the bot's token."""
    teams = "\n".join(
        f"  {one.name}: {{workspace: {{{'mail' if '@' in one.reads else 'telegram'}: {one.reads}}}}}"
        for one in cast.TEAMS
    )
    return f"""\
# The desk of `deskwire demo`. It is real but for its addresses, and is deleted when the demo ends.
version: 1
site:
  name: {cast.SITE}
  url: http://127.0.0.1:{places.http}
  languages: [{", ".join(cast.LANGUAGES)}]
listeners:
  smtp: {{listen: "127.0.0.1:{places.mail_in}"}}
  http: {{listen: "127.0.0.1:{places.http}"}}

channels:
  mail:
    type: mail
    address: {cast.ADDRESS}
    receive: {{smtp: {{}}}}
    send: {{smtp: "127.0.0.1:{places.mail_out}", tls: none}}
    plus_addressing: false # Replies are then known by our signed Message-ID, which every mailbox carries.
  telegram:
    type: telegram
    token: "file:{token}"
    base_url: {places.telegram}
  form:
    type: web
    path: {FORM}
    reply_through: mail

teams:
{teams}
{_RULES}"""


_RULES = """
classify:
  categories:
    access:   {en: Sign-in and passwords, pl: Logowanie i hasła, ru: Вход и пароли, fa: ورود و رمز عبور}
    network:  {en: Network and VPN, pl: Sieć i VPN, ru: Сеть и VPN, fa: شبکه و VPN}
    billing:  {en: Invoices, pl: Faktury, ru: Счета, fa: صورتحساب}
    hardware: {en: Devices, pl: Sprzęt, ru: Оборудование, fa: سخت‌افزار}
    other:    {en: Something else, pl: Inne, ru: Другое, fa: سایر}
  rules:
    - {when: {words: [password, hasło, пароль, رمز عبور]},                            then: access}
    - {when: {words: [vpn, wifi, internet, интернет, اینترنت]},                       then: network}
    - {when: {words: [invoice, faktura, счёт, صورتحساب]},                             then: billing}
    - {when: {words: [laptop, printer, monitor, drukarka, ноутбук, принтер, چاپگر]},  then: hardware}

priority:
  impact:
    - {when: {words: [everyone, whole office, całym biurze, весь офис, همهٔ همکاران]}, then: high}
    - {then: medium}
  urgency:
    - {when: {words: [cannot work, możemy pracować, не могу работать, نمی‌توانم کار کنم]}, then: high}
    - {when: {category: [access, network]}, then: medium}
    - {then: low}

route:
  team: servicedesk
  routes:
    - {name: urgent network, when: {category: network, priority: [P1, P2]}, team: network}
    - {name: invoices, when: {category: billing}, team: accounts}
"""
