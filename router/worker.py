"""The router's shell: gather the facts, decide, apply, for a batch in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from router import changes as follows
from router.burial import remains_of
from router.due.schedule import with_what_comes
from router.facts import gather, released_among
from router.handle import handle, with_number
from router.known import Facts, folded
from router.learned.guesser import Guesser
from router.life.commands import act, decider, refusal, refused
from router.opening import open_one
from router.policy import Policy
from router.rules.classify import CATEGORY
from router.write import Pen
from store import deadletters, inbox
from store.bus import Stored
from store.codec import decode, decode_inbound
from store.database import lock_desk
from store.errors import Permanent
from store.records import Action, DeadLetter, Decision, Guess, Inbound
from store.rows import Settled
from store.topics import ACTIONS


class Work(NamedTuple):
    """A record that was read from its topic."""

    record: Inbound | Action
    key: str
    guesses: tuple[Guess, ...] = ()  # What the learned model holds it to be about.


class Router:
    """Handles topics `messages` and `actions` for the stage loop; each record gets one outcome, once."""

    def __init__(self, policy: Policy, *, now: Callable[[], datetime], guesser: Guesser | None = None) -> None:
        """`now` is what tokens expire by, and when events happen; without a `guesser` rules alone decide."""
        self._policy = self._next = policy
        self._now = now
        self._guesser = guesser

    def use(self, policy: Policy) -> None:
        """Decide by another policy from the next batch on; the one in hand is decided by one policy throughout."""
        self._next = policy

    async def prepare(self, records: Sequence[Stored]) -> list[Work | Exception]:
        """Read the records; bytes that are none fail alone."""
        self._policy = self._next
        works = [_read(record) for record in records]
        if self._guesser is None:
            return works
        read = [work.record for work in works if isinstance(work, Work)]
        guesses = await self._guesser.guesses(read, self._policy.choices.get(CATEGORY, ()))
        return [
            work._replace(guesses=guesses.get(work.record.id, ())) if isinstance(work, Work) else work for work in works
        ]

    def gather(self, connection: Connection, works: Sequence[Work]) -> Facts:
        """Take the desk's lock, then look up what these records name."""
        lock_desk(connection)
        facts = gather(connection, [work.record for work in works], self._policy, self._now())
        guesses = {work.record.id: work.guesses for work in works if work.guesses}
        guesses.update(self._of_released(facts, works))
        return msgspec.structs.replace(facts, guesses=guesses) if guesses else facts

    def _of_released(self, facts: Facts, works: Sequence[Work]) -> Mapping[str, tuple[Guess, ...]]:
        """Of messages that somebody accepts in this batch: which they are is known only now."""
        if self._guesser is None:
            return {}
        released = released_among([work.record for work in works], facts.parked.get)
        return self._guesser.guessed(released, self._policy.choices.get(CATEGORY, ()))

    def apply(self, connection: Connection, facts: Facts, works: Sequence[Work]) -> Facts:
        """Decide about each record and write what follows; a record that has its outcome changes nothing."""
        pen = Pen(connection, facts.now)
        for work in works:
            if facts.is_done(work.record.id):
                continue
            if isinstance(work.record, Action):
                facts = self._act(connection, pen, facts, work.record)
            else:
                facts = self._let_in(pen, facts, work.record, work.key, accepted=False)
        pen.flush()
        return facts

    def bury(self, connection: Connection, record: Stored, letter: DeadLetter) -> int | None:
        """Give a dead record its outcome, and a customer's message a ticket that says what happened."""
        lock_desk(connection)
        remains = remains_of(letter)
        if not remains.id:
            return None
        earlier = inbox.outcomes(connection, [remains.id]).get(remains.id)
        if earlier is not None:  # It died again after a replay: what was told the first time still holds.
            return earlier.ticket
        held = inbox.holders(connection, [remains.fingerprint])
        fingerprint = "" if held else remains.fingerprint
        dead = Settled(id=remains.id, raw=remains.raw, outcome="dead", fingerprint=fingerprint, detail=letter.reason)
        if remains.stand_in is None:
            inbox.record(connection, [dead], self._now())
            return None
        facts = gather(connection, [remains.stand_in], self._policy, self._now())
        decision = with_number(open_one(remains.stand_in, facts, self._policy), facts, self._policy)
        opening = follows.of_record(remains.stand_in, decision, facts, self._policy, key=record.key)
        opening = with_what_comes(opening, facts, self._policy)
        dead = msgspec.structs.replace(dead, ticket=decision.ticket)
        pen = Pen(connection, facts.now)
        pen.write(msgspec.structs.replace(opening, settled=dead))
        pen.flush()
        return decision.ticket

    def _let_in(self, pen: Pen, facts: Facts, record: Inbound, key: str, *, accepted: bool) -> Facts:
        following = handle(record, facts, self._policy, key=key, accepted=accepted).changes
        pen.write(following)
        return folded(facts, following)

    def _act(self, connection: Connection, pen: Pen, facts: Facts, action: Action) -> Facts:
        acted = act(action, facts, self._policy)
        decision = acted.decision
        if action.kind in ("replay", "drop") and not refusal(decision):
            decision = _on_letter(connection, action, decision)
        if acted.released is not None:
            facts = self._let_in(pen, facts, acted.released, "", accepted=True)
            released = facts.outcomes.get(acted.released.id)
            decision = msgspec.structs.replace(decision, ticket=released.ticket if released else None)
        following = with_what_comes(follows.of_action(action, decision, facts, self._policy), facts, self._policy)
        pen.write(following)
        return folded(facts, following)


def _on_letter(connection: Connection, action: Action, decision: Decision) -> Decision:
    """The letters know themselves whether they can be replayed or dropped."""
    change = deadletters.replay if action.kind == "replay" else deadletters.drop
    try:
        change(connection, action.item, by=decider(action))
    except Permanent as error:
        return refused(decision, "dead letter", str(error))
    return decision


def _read(record: Stored) -> Work | Exception:
    try:
        if record.at.topic == ACTIONS:
            return Work(decode(record.value, Action), record.key)
        return Work(decode_inbound(record.value), record.key)
    except Permanent as error:
        return error
