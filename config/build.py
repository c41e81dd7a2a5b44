"""The composition root: settings and stores become the services of the roles that this process plays."""

import asyncio
import os
import random
import socket
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from config import control
from config.app import App, Phase, Service, supervised, until_set
from config.commands import perform
from config.files import AnswerFiles, answer_files
from config.opened import decoders_of, open_channels, smtp_listener
from config.reload import Commit, Reloader, Taker
from config.retention import retain, tidy
from config.serve import HttpListener
from config.settings import Configuration
from config.stores import Stores, code_version, data_folder, model_file
from config.translate import names_of, notifying_policy, routing_policy
from ingest.channel import Channel
from ingest.intake import Intake
from normalize.gate import Gate
from normalize.sandbox import Sandbox
from normalize.scanner import Clamd
from normalize.worker import Normalizer
from notifier import policy as notifying
from notifier.render import Templates
from notifier.sender import SendLane
from notifier.texts import load_templates
from notifier.worker import Notifier
from router import policy as routing
from router.due.timers import Timers
from router.learned.guesser import Guesser
from router.worker import Router
from store.blobs import Blobs
from store.bus import Bus
from store.bus_sqlite import SqliteBus
from store.failures import Failures, Versions
from store.relay import Relay
from store.stage import Handler, Stage
from store.topics import ACTIONS, EVENTS, MESSAGES, RAW

ROLES = ("ingest", "normalize", "router", "notifier")

Work = TypeVar("Work")
Facts = TypeVar("Facts")


def build(
    configuration: Configuration,
    stores: Stores,
    roles: Sequence[str],
    *,
    http: str = "",
    reread: Callable[[], Configuration] | None = None,
) -> App:
    """The app that plays these roles. It takes the address of its HTTP listener, `http` instead of the file's if given.

    `reread` reads the settings again, when somebody asks for it; None: they stay as they are.

    Raises Permanent where the address cannot be had, or two channels claim the same.
    """
    return Building(configuration, stores, reread or (lambda: configuration)).app(roles, http)


class Building:
    """The parts of one process, made once each."""

    def __init__(self, configuration: Configuration, stores: Stores, reread: Callable[[], Configuration]) -> None:
        settings = configuration.settings
        self._configuration = configuration
        self._settings = settings
        self._stores = stores
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._smtp = smtp_listener(configuration, stores.blobs)
        self._channels = open_channels(configuration, stores, self._smtp, lambda: self._reloader.configuration)
        self._intake = intake_of(configuration, stores.bus, stores.blobs)
        self._relay = Relay(stores.database, stores.bus, settings=settings.relay, owner=self._owner)
        self._parser: Sandbox | None = None  # Of the stage normalize, where this process plays that role.
        self._ready: dict[str, asyncio.Event] = {}
        self._takers: list[Taker] = []  # What must hear of changed settings.
        self._reloader = Reloader(configuration, reread, self._takers)

    def app(self, roles: Sequence[str], http: str) -> App:
        """All services of these roles, and what every role has."""
        services = {
            "ingest": self._ingest,
            "normalize": self._normalize,
            "router": self._router,
            "notifier": self._notifier,
        }
        chosen = [service for role in ROLES if role in roles for service in services[role]()]
        routes = [route for channel in self._channels.values() for route in channel.routes()]
        listening = self._settings.listeners.http
        listener = HttpListener(
            listening.model_copy(update={"listen": http}) if http else listening,
            routes if "ingest" in roles else [],
            languages=self._settings.site.languages,
            ready=self._not_ready,
        )
        chosen.append(Service("http", Phase.DOORS, listener.bind().serve))
        chosen.append(Service("reload", Phase.DOORS, self._reloader.on_signal))
        if self._configuration.embedded:
            chosen += self._embedded()
        return App(chosen)

    def _ingest(self) -> list[Service]:
        channels = [
            Service(name, Phase.DOORS, partial(supervised, name, partial(channel.receive, self._intake)))
            for name, channel in self._channels.items()
        ]
        smtp = self._smtp
        if smtp is None:
            return channels
        return [*channels, Service("smtp", Phase.DOORS, lambda stop: until_set(stop, smtp.serve()))]

    def _normalize(self) -> list[Service]:
        sandbox = self._parser = Sandbox(decoders_of(self._configuration, self._channels), self._settings.normalize)
        handler = Normalizer(
            bus=self._stores.bus,
            blobs=self._stores.blobs,
            sandbox=sandbox,
            settings=self._settings.normalize,
            copy_originals=not isinstance(self._stores.bus, SqliteBus),
        )
        stage = self._stage("normalize", [RAW], handler, after=self._relay.wake)

        async def run(stop: asyncio.Event) -> None:
            async with sandbox:
                await stage.run(stop)

        return [Service("normalize", Phase.STAGES, run)]

    def _router(self) -> list[Service]:
        policy = routing_policy(self._configuration, self._channels, self._stores.key)
        guesser = Guesser(model_file(self._configuration), self._stores.key)
        handler, timers = Router(policy, now=now, guesser=guesser), self._timers(policy)

        def take(fresh: Configuration) -> Commit:
            policy = routing_policy(fresh, self._channels, self._stores.key)

            def use() -> None:
                handler.use(policy)
                timers.use(policy)

            return use

        self._takers.append(take)
        stage = self._stage("router", [ACTIONS, MESSAGES], handler, after=self._relay.wake)
        return [
            Service("router", Phase.STAGES, stage.run),
            Service("timers", Phase.STAGES, lambda stop: until_set(stop, timers.run())),
            Service("tidy", Phase.CARRIERS, partial(tidy, self._stores.database)),
            Service("outbox", Phase.CARRIERS, lambda stop: until_set(stop, self._relay.run())),
        ]

    def _timers(self, policy: routing.Policy) -> Timers:
        return Timers(
            policy,
            bus=self._stores.bus,
            database=self._stores.database,
            settings=self._settings.timers,
            owner=self._owner,
            now=now,
            after=self._relay.wake,
        )

    def _files(self) -> AnswerFiles:
        scanner = Clamd(self._settings.scanner) if self._settings.scanner is not None else None
        return answer_files(
            self._parser,
            decoders_of(self._configuration, self._channels),
            self._settings.normalize,
            self._stores.originals,
            Gate(scanner, self._stores.database, now=now),
            most=self._settings.notify.files,
        )

    def _notifier(self) -> list[Service]:
        lanes = [self._lane(name, channel) for name, channel in self._channels.items()]

        files = self._files()

        def wake() -> None:
            self._relay.wake()
            for lane in lanes:
                lane.wake()

        policy, templates = self._wording(self._configuration)
        handler = Notifier(
            policy=policy,
            templates=templates,
            senders=self._channels,
            settings=self._settings.notify,
            now=now,
            read_file=files.read,
        )
        self._takers.append(lambda fresh: partial(handler.use, *self._wording(fresh)))
        stage = self._stage("notifier", [EVENTS], handler, after=wake)

        async def run(stop: asyncio.Event) -> None:
            try:
                await stage.run(stop)
            finally:
                await files.close()

        return [
            Service("notifier", Phase.STAGES, run),
            *(Service(f"send {lane.channel}", Phase.CARRIERS, partial(self._send, lane)) for lane in lanes),
        ]

    def _wording(self, configuration: Configuration) -> tuple[notifying.Policy, Templates]:
        """What the notifier plans by, and the texts."""
        settings = configuration.settings
        templates = load_templates(names_of(settings), settings.site.languages, settings.notify.templates)
        return notifying_policy(configuration, self._channels), templates

    async def _send(self, lane: SendLane, stop: asyncio.Event) -> None:
        try:
            await lane.run(stop)
        finally:
            await self._channels[lane.channel].close()

    def _lane(self, name: str, channel: Channel) -> SendLane:
        return SendLane(
            name,
            channel,
            database=self._stores.database,
            settings=self._settings.notify,
            owner=self._owner,
            now=now,
            jitter=random.random,
            after=self._relay.wake,
        )

    def _stage(
        self, name: str, topics: Sequence[str], handler: Handler[Work, Facts], *, after: Callable[[], None]
    ) -> Stage[Work, Facts]:
        settings = self._settings.stages
        versions = Versions(code_version(), self._configuration.version)
        failures = Failures(name, settings=settings, versions=versions, now=now)
        self._takers.append(lambda fresh: partial(failures.use, Versions(code_version(), fresh.version)))
        stage = Stage(
            name,
            bus=self._stores.bus,
            topics=topics,
            database=self._stores.database,
            handler=handler,
            failures=failures,
            settings=settings,
            now=now,
            after=after,
        )
        self._ready[name] = stage.ready
        return stage

    def _embedded(self) -> list[Service]:
        """What one process does for the whole desk: hear commands, and trim the log."""
        folder = data_folder(self._configuration)
        answer = partial(perform, intake=self._intake, database=self._stores.database)
        services = [
            Service("commands", Phase.DOORS, partial(control.listen, folder, answer, self._reloader.told_in_log))
        ]
        bus = self._stores.bus
        if isinstance(bus, SqliteBus):
            keep, originals = self._settings.bus.retention, self._settings.backend.keep_originals
            trim = partial(retain, bus, keep, max(keep, originals))
            services.append(Service("retention", Phase.CARRIERS, trim))
        return services

    def _not_ready(self) -> str:
        waiting = [name for name, ready in self._ready.items() if not ready.is_set()]
        return f"not started yet: {', '.join(waiting)}" if waiting else ""


def now() -> datetime:
    """The one clock of a process."""
    return datetime.now(UTC)


def intake_of(configuration: Configuration, bus: Bus, blobs: Blobs) -> Intake:
    """The door in."""
    return Intake(
        bus,
        blobs,
        max_payload=configuration.settings.intake.max_payload,
        now=now,
        new_id=lambda: uuid.uuid4().hex,
    )
