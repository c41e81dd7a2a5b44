"""All that is told of one rehearsed message, for people and for programs."""

import msgspec

from config.expected import Difference, found_in
from console.routing.compare import Change
from console.routing.rehearsal import Rehearsed, Rules
from console.routing.steps import Step, steps_of
from store.records import Decision, Message


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The document that `deskwire route test --json` holds one of for each message."""

    message: str  # Where it came from.
    outcome: str
    decided: dict[str, str]  # What can be verified, by field.
    decision: Decision
    steps: tuple[Step, ...]
    changes: tuple[Change, ...] | None = None  # By the other file; None: there is none.
    verified: tuple[Difference, ...] | None = None  # What is not as expected; None: nothing was to be verified.
    stored: bool = False  # Never.

    @property
    def wrong(self) -> bool:
        """Whether something came out otherwise than expected."""
        return bool(self.verified)


def account_of(rehearsed: Rehearsed, rules: Rules, *, other: tuple[Change, ...] | None) -> Account:
    """The account of one message."""
    record, decision = rehearsed.record, rehearsed.decision
    return Account(
        message=rehearsed.name,
        outcome=decision.outcome,
        decided=dict(found_in(record, decision)) if isinstance(record, Message) else {},
        decision=decision,
        steps=steps_of(rehearsed, rules),
        changes=other,
    )
