"""A whole desk in processes of its own, as a user starts it; what flow and fault tests drive and look into."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

from click.testing import CliRunner
from sqlalchemy import Connection, select

from config.build import ROLES
from config.load import load
from config.settings import Configuration
from config.stores import bus_of, database_of
from console import desk as commands
from console.cli import main
from console.send import posted
from store import audit_flow
from store.audit import Audit, audit
from store.bus import Log
from store.bus_kafka import KafkaBus
from store.bus_sqlite import SqliteBus
from store.codec import decode_kept
from store.database import Database
from store.deliveries import QUEUED, SENDING
from store.lookups import Story, list_tickets, show
from store.records import Message
from store.rows import Ticket
from store.schema import deliveries
from store.topics import ACTIONS, EVENTS, MESSAGES, RAW
from tests.mail_sink import ADDRESS, AUTHSERV_ID, deliver, deliver_patiently

TEAM = "team@desk.example"
NETWORK = "network@desk.example"
BOT = "123456:" + "t" * 35
GROUP = -1002233445566
ROOT = Path(__file__).parent.parent
PATIENCE = 60.0  # Seconds until something that should come about has not.

Result = TypeVar("Result")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Backend(NamedTuple):
    """Where a desk keeps everything; the default is a folder of its own."""

    name: str = "embedded"
    bus: str = "sqlite:data/log.db"
    store: str = "sqlite:data/desk.db"
    environment: Mapping[str, str] = {}

    @property
    def embedded(self) -> bool:
        return self.store.startswith("sqlite:")


class World(NamedTuple):
    """What is around a desk, and what a test adds to its settings."""

    relay: int  # The port of the mail sink.
    bot_api: str = ""  # Empty: no Telegram, and a team with a mailbox in place of its chat.
    channels: str = ""  # Further lines of `channels:`.
    receive: str = "smtp: {}"  # How the channel for mail receives.
    extra: str = ""  # Further sections.
    customer: str = ""  # Further keys of `customer:`, "close_resolved_after: 1d".
    decisions: str = ""  # Who works here, and what decides; empty: two teams and one rule.
    python_path: str = ""  # Where modules of the test's own are.


class Launch(NamedTuple):
    """How a process was started, so that it can be again."""

    roles: tuple[str, ...]
    http: int
    path: Path


class RunningDesk:
    """One desk: its settings file, its processes and its stores."""

    def __init__(self, folder: Path, backend: Backend, world: World) -> None:
        self.folder = folder
        self.backend = backend
        self.world = world
        self.smtp, self.http = free_port(), free_port()
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self.launched: dict[str, Launch] = {}
        self.log = folder / "desk.log"
        self.path = folder / "deskwire.yaml"
        self.environment = {
            **os.environ,
            "DESKWIRE_SECRET": "s" * 40,
            "BOT_TOKEN": BOT,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), world.python_path))),
            **backend.environment,
        }
        self._looking: tuple[Database, SqliteBus | KafkaBus] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.write_settings(self.path, smtp=self.smtp)

    def write_settings(self, path: Path, *, smtp: int) -> Path:
        """The desk's settings with another port for mail: for a second process that takes it in."""
        path.write_text(settings_text(self.backend, self.world, smtp=smtp, http=self.http), encoding="utf-8")
        return path

    @cached_property
    def configuration(self) -> Configuration:
        return load(self.path, self.environment)

    async def up(self) -> None:
        """Start everything: one process, or after `deskwire migrate` one for each role."""
        if self.backend.embedded:
            await self.start()
            return
        code, said = await self.command("migrate")
        assert code == 0, said
        async with asyncio.TaskGroup() as group:
            for role in ROLES:
                http = self.http if role == "ingest" else free_port()
                group.create_task(self.start(role, name=role, http=http))

    async def start(self, *roles: str, name: str = "desk", http: int = 0, path: Path | None = None) -> None:
        """Start a process with these roles (all, if none), and wait until it is ready."""
        self.launched[name] = Launch(roles, http or self.http, path or self.path)
        await self.restart(name)

    async def restart(self, name: str = "desk") -> None:
        """Start a process again that has ended, and wait until it is ready."""
        await self.launch(name)
        await self.until(lambda: self._is_ready(name), f"{name} is ready")

    async def launch(self, name: str = "desk") -> None:
        """The same, without waiting."""
        roles, http, path = self.launched[name]
        command = [sys.executable, "-m", "console", "-c", str(path), "run", *roles, "--http", f"127.0.0.1:{http}"]
        with self.log.open("ab") as log:
            self.processes[name] = await asyncio.create_subprocess_exec(
                *command,
                cwd=self.folder,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def kill(self, *names: str) -> None:
        """SIGKILL, all at the same moment."""
        ending = [self.processes.pop(name) for name in names or ("desk",)]
        for process in ending:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        for process in ending:
            await process.wait()

    async def stop(self, name: str = "desk") -> int:
        """SIGTERM, and the exit code."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(process.wait(), PATIENCE)

    async def stop_all(self) -> list[int]:
        """SIGTERM to every process, and their exit codes."""
        return await asyncio.gather(*(self.stop(name) for name in list(self.processes)))

    async def close(self) -> None:
        if self.processes:
            await self.kill(*self.processes)
        if self._looking is not None:
            database, bus = self._looking
            await bus.close()
            await database.close()

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Run `deskwire` with this desk's settings; returns its exit code and all it said.

        It runs in a thread of ours, because a process of its own would import for longer than it works.
        """
        line = ["-c", str(self.path), *arguments]
        result = await asyncio.to_thread(CliRunner().invoke, main, line, env=self.environment)
        return result.exit_code, result.output

    async def mail(self, content: bytes, *, sender: str, to: str = ADDRESS) -> str:
        return await deliver(content, sender=sender, port=self.smtp, to=to)

    async def mail_patiently(self, content: bytes, *, sender: str) -> str:
        return await deliver_patiently(content, sender=sender, port=self.smtp)

    async def post(self, email: str, text: str, *, presses: int = 1) -> list[str]:
        """Fill the form in; the pages that each press of its button led to."""
        url = f"http://127.0.0.1:{self.http}/f/help"
        return await posted(url, {"email": email, "message": text, "name": ""}, presses=presses)

    async def answer(self, number: int, text: str) -> None:
        """As `deskwire ticket answer`, without a process of its own."""
        async with commands.opened(self.configuration) as opened:
            await opened.act("answer", ticket=number, text=text)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Look into the desk's database."""
        database, _ = await self._look()
        return await database.read(work)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Change the desk's database behind its back."""
        database, _ = await self._look()
        return await database.write(work)

    async def tickets(self) -> list[Ticket]:
        return sorted(await self.read(lambda c: list_tickets(c, limit=10_000)), key=lambda one: one.number)

    async def tickets_of(self, customer: str) -> list[Ticket]:
        return [one for one in await self.tickets() if one.customer.value == customer]

    async def story(self, number: int) -> Story:
        found = await self.read(lambda connection: show(connection, number))
        assert found is not None
        return found

    async def texts(self, number: int) -> list[str]:
        """What the customer wrote in a ticket, oldest first."""
        kept = [decode_kept(one.record) for one in (await self.story(number)).messages if one.direction == "in"]
        return [record.text.strip() for record in kept if isinstance(record, Message)]

    async def settled(self) -> Audit:
        """Wait until nothing is on its way any more, and make sure that everything adds up."""
        database, bus = await self._look()
        await self.until(lambda: _is_quiet(database, bus), "everything is settled")
        found = await audit(database, bus)
        assert not found.differences, found.differences
        return found

    async def until(self, condition: Callable[[], Awaitable[object] | object], what: str) -> None:
        """Wait until something is true; fails with the desk's log where it does not come about."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    result = condition()
                    if await result if isinstance(result, Awaitable) else result:
                        return
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"it did not come about that {what}; the desk's log ends with:\n{self.tail}") from None

    @property
    def tail(self) -> str:
        """The end of the log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-6000:] if self.log.exists() else ""

    async def _look(self) -> tuple[Database, SqliteBus | KafkaBus]:
        """The desk's stores, opened once."""
        if self._looking is None:
            bus = bus_of(self.configuration)
            await bus.start()
            self._looking = database_of(self.configuration), bus
        return self._looking

    async def _is_ready(self, name: str) -> bool:
        process = self.processes[name]
        assert process.returncode is None, f"{name} has ended with {process.returncode}:\n{self.tail}"
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.launched[name].http)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = await asyncio.wait_for(reader.readline(), 5)
            writer.close()
            return b" 200 " in answer
        return False


async def _is_quiet(database: Database, bus: Log) -> bool:
    """Whether each record was read and each delivery tried, looked at twice: what a delivery reports goes round."""
    return await _is_through(database, bus) and await _is_through(database, bus)


async def _is_through(database: Database, bus: Log) -> bool:
    """Looks in the direction in which records move, so that none slips past from where it will look to where it has."""
    if await _behind(database, bus, "normalize", RAW) or await _behind(database, bus, "router", MESSAGES, ACTIONS):
        return False
    found = await audit(database, bus)
    if found.in_flight or found.outbox or found.held or await _behind(database, bus, "notifier", EVENTS):
        return False
    moving = select(deliveries.c.id).where(deliveries.c.state.in_((QUEUED, SENDING))).limit(1)
    return not await database.read(lambda connection: connection.scalar(moving))


async def _behind(database: Database, bus: Log, group: str, *topics: str) -> int:
    """How many records a group has not read."""
    ends = {at: span for topic in topics for at, span in (await bus.ends(topic)).items()}
    return audit_flow.lag(group, topics, await database.read(audit_flow.read_up_to), ends)


def settings_text(backend: Backend, world: World, *, smtp: int, http: int) -> str:
    """The settings file of a desk with two teams, hurried so that tests need not wait."""
    bot = f"bot: {{type: telegram, token: '${{BOT_TOKEN}}', base_url: '{world.bot_api}', poll_timeout: 1s}}"
    workspace = f"{{telegram: {GROUP}}}" if world.bot_api else f"{{mail: {NETWORK}}}"
    customer = f"{world.customer}, " if world.customer else ""
    return f"""version: 1
site:
  name: Nordwind
  languages: [en, fa, pl, ru]
  secret: "${{DESKWIRE_SECRET}}"
backend: {{bus: "{backend.bus}", store: "{backend.store}"}}
bus: {{partitions: 4, session_timeout: 6s}}
stages: {{retry_after: [0.2s, 0.2s]}}
customer: {{{customer}caps: {{unproven: 100, domain: 10000, total: 10000}}, storm: {{tickets: 10000}}}}
notify: {{first_pause: 0.5s, poll: 0.2s}}
listeners:
  smtp: {{listen: "127.0.0.1:{smtp}"}}
  http: {{listen: "127.0.0.1:{http}"}}
channels:
  mail:
    type: mail
    address: {ADDRESS}
    receive: {{{world.receive}}}
    send: {{smtp: "127.0.0.1:{world.relay}", tls: none}}
    authentication: {{authserv_id: {AUTHSERV_ID}}}
  form: {{type: web, path: /f/help, reply_through: mail}}
  {bot if world.bot_api else "# no bot"}
{world.channels}
{world.decisions or _decisions(workspace)}
{world.extra}"""


def _decisions(workspace: str) -> str:
    """Two teams, of which the second has this workspace, and one rule."""
    return f"""teams:
  help: {{workspace: {{mail: {TEAM}}}}}
  network: {{workspace: {workspace}}}
classify:
  categories:
    network: {{en: Network, fa: شبکه, pl: Sieć, ru: Сеть}}
    other: {{en: Other, fa: سایر, pl: Inne, ru: Другое}}
  rules:
    - {{when: {{words: [vpn, интернет, اینترنت]}}, then: network}}
route:
  team: help
  routes:
    - {{name: network, when: {{category: network}}, team: network}}"""
