"""Decides about messages as the desk would, with its own code and what it knows, and writes nothing."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from config.folder import KEY_FILE
from config.opened import channels_of, decoders_of
from config.settings import Configuration
from config.stores import data_folder, desk_file, key_of, model_file
from config.translate import notifying_policy, routing_policy
from console import desk
from console.desk import Desk
from normalize.sandbox import Sandbox
from normalize.wire import Decoder
from normalize.worker import settled
from notifier import policy as notifying
from notifier.courtesy import Asked, objection
from notifier.limits import Used
from notifier.notification import Notification
from notifier.plan import plan
from router import policy as routing
from router.anew import nothing_known, without_tickets
from router.facts import gather
from router.handle import handle
from router.known import Facts
from router.learned.guesser import Guesser
from router.rules.classify import CATEGORY
from store.codec import decode_inbound
from store.database import open_database
from store.errors import Permanent
from store.records import Decision, Guess, Inbound, RawMessage

NO_KEY = bytes(32)  # Of a desk that has signed nothing yet: no token of anybody's is valid.


class Rules(NamedTuple):
    """A settings file in the words of the stages."""

    configuration: Configuration
    routing: routing.Policy
    notifying: notifying.Policy
    decoders: tuple[Decoder, ...]


class Notice(NamedTuple):
    """A notification that would be planned."""

    notification: Notification
    against: str  # Why it would not be sent; empty: it would.


class Rehearsed(NamedTuple):
    """What would become of a record."""

    name: str  # Where it came from, for people.
    record: Inbound
    facts: Facts
    decision: Decision
    notices: tuple[Notice, ...]


class Rehearsal:
    """`rehearsing` makes it."""

    def __init__(self, rules: Rules, opened: Desk | None, sandbox: Sandbox) -> None:
        """`opened` is None where there is no desk to ask, so that nothing is known of anybody."""
        self.rules = rules
        self.desk = opened
        self._sandbox = sandbox
        self._is_started = False
        self._guesser = Guesser(model_file(rules.configuration), rules.routing.keys[0])

    async def decoded(self, raws: Sequence[RawMessage]) -> list[Sequence[Inbound]]:
        """The records that each payload gives, through the same child and steps as in a desk.

        Raises Permanent for one that no decoder of ours gets through; Temporary as `Sandbox.decode`.
        """
        if not self._is_started:  # Many messages are none that must be decoded.
            await self._sandbox.start()
            self._is_started = True
        found: list[Sequence[Inbound]] = []
        for raw, outcome in zip(raws, await self._sandbox.decode(raws), strict=True):
            decoded = settled(raw, outcome)
            if isinstance(decoded, Exception):
                raise Permanent(str(decoded)) from decoded
            found.append([decode_inbound(value) for value in decoded.messages])
        return found

    async def rehearse(self, name: str, record: Inbound, now: datetime, *, anew: bool = False) -> Rehearsed:
        """What would become of the record at this moment; `anew`: as if nothing had been written before it."""
        guesses = await self.guessed([record])

        def look(connection: Connection) -> Rehearsed:
            facts = gather(connection, [record], self.rules.routing, now)
            facts = msgspec.structs.replace(facts, guesses=guesses)
            return _rehearsed(name, record, without_tickets(facts, now) if anew else facts, self.rules, connection)

        if self.desk is None:
            facts = msgspec.structs.replace(nothing_known(now), guesses=guesses)
            return _rehearsed(name, record, facts, self.rules, None)
        return await self.desk.read(look)

    async def guessed(self, records: Sequence[Inbound]) -> Mapping[str, tuple[Guess, ...]]:
        """What the learned model of these settings holds messages to be about, by their ids."""
        return await self._guesser.guesses(records, self.rules.routing.choices.get(CATEGORY, ()))


def _rehearsed(name: str, record: Inbound, facts: Facts, rules: Rules, connection: Connection | None) -> Rehearsed:
    handled = handle(record, facts, rules.routing)
    events = [event for _, event in handled.changes.events]
    planned = [notification for event in events for notification in plan(event, rules.notifying)]
    notices = tuple(Notice(one, objection(asked)) for one, asked in _asked(planned, facts, rules, connection))
    return Rehearsed(name, handled.record, facts, handled.decision, notices)


def _asked(
    planned: Sequence[Notification], facts: Facts, rules: Rules, connection: Connection | None
) -> list[tuple[Notification, Asked]]:
    """With what of the limits on courtesies is used up."""
    if connection is None:
        return [(one, Asked(one, rules.notifying)) for one in planned]
    used = Used.read(connection, planned, rules.notifying, facts.now)
    return [(one, used.asked(one)) for one in planned]


@contextlib.asynccontextmanager
async def rehearsing(configuration: Configuration, *, asks_desk: bool = True) -> AsyncIterator[Rehearsal]:
    """A rehearsal by this file. With its desk, if there is one and it is to be asked; raises as `desk.opened`."""
    async with contextlib.AsyncExitStack() as closing:
        opened = None
        if asks_desk and (not configuration.embedded or desk_file(configuration).is_file()):
            opened = await closing.enter_async_context(desk.opened(configuration))
        rules = rules_of(configuration)
        sandbox = Sandbox(rules.decoders, configuration.settings.normalize)
        closing.push_async_callback(sandbox.close)
        yield Rehearsal(rules, opened, sandbox)


def rules_of(configuration: Configuration) -> Rules:
    """A file in the words of the stages; does no I/O but to read the key."""
    key = _key(configuration)
    channels = channels_of(configuration, key, open_database("sqlite::memory:"))  # Nobody receives: it is never used.
    return Rules(
        configuration=configuration,
        routing=routing_policy(configuration, channels, key),
        notifying=notifying_policy(configuration, channels),
        decoders=tuple(decoders_of(configuration, channels)),
    )


def _key(configuration: Configuration) -> bytes:
    """What the desk signs with; none is made here."""
    is_new = configuration.embedded and not (data_folder(configuration) / KEY_FILE).is_file()
    return NO_KEY if is_new and configuration.settings.site.secret is None else key_of(configuration)
