"""What becomes of a record and what follows from it: the one way in, for the pipeline and for whoever only asks."""

from typing import NamedTuple

import msgspec

from router import changes as follows
from router.anchors import without_anchors
from router.decide import decide
from router.due.schedule import with_what_comes
from router.known import Changes, Facts
from router.policy import Policy
from store.numbers import first_serial, numbered
from store.records import Decision, Inbound


class Handled(NamedTuple):
    """A record, what was decided about it, and what is to be written."""

    record: Inbound
    decision: Decision
    changes: Changes


def handle(record: Inbound, facts: Facts, policy: Policy, *, key: str = "", accepted: bool = False) -> Handled:
    """Decide about a record that has no outcome yet; nothing is written here.

    `key` is what it stood under on its topic; `accepted`: a person let it through.
    """
    record = without_anchors(record, policy)
    decision = decide(record, facts, policy, accepted=accepted)
    if decision.outcome == "opened":
        decision = with_number(decision, facts, policy)
    changes = _with_reasons(follows.of_record(record, decision, facts, policy, key=key), decision)
    return Handled(record, decision, with_what_comes(changes, facts, policy))


def with_number(decision: Decision, facts: Facts, policy: Policy) -> Decision:
    """A decision to open a ticket, with the number that comes next."""
    serial = max(facts.serial + 1, first_serial(policy.digits))
    return msgspec.structs.replace(decision, ticket=numbered(serial))


def _with_reasons(changes: Changes, decision: Decision) -> Changes:
    """With the reasons in the outcome, where neither an event nor a parked item has them."""
    if changes.events or changes.parked is not None:
        return changes
    settled = msgspec.structs.replace(changes.settled, because=decision.because)
    return msgspec.structs.replace(changes, settled=settled)
