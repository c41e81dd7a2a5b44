"""What somebody expects to be decided about a message, held against what was decided."""

from collections.abc import Iterator, Mapping

import msgspec

from store.records import Decision, Message, Reason

# In the order in which they are decided: what differs first explains what differs later.
FIELDS = ("language", "category", "priority", "team", "person")


class Difference(msgspec.Struct, frozen=True):
    """Something that came out otherwise than expected."""

    field: str
    expected: str
    found: str
    reason: Reason | None  # That decided it.


def differences(expected: Mapping[str, str], message: Message, decision: Decision) -> Iterator[Difference]:
    """What was decided otherwise than expected, in the order in which it is decided."""
    found = found_in(message, decision)
    for field in FIELDS:
        if field in expected and expected[field].removeprefix("person:") != found[field]:
            yield Difference(field, expected[field], found[field], _reason(field, decision))


def _reason(field: str, decision: Decision) -> Reason | None:
    """What decided it; of a priority, whose matrix has no rules, the rule behind it that stands in the file."""
    parts = {"priority": ("priority", "impact", "urgency")}.get(field, (field,))
    reasons = [reason for reason in decision.because if reason.part in parts]
    return next((reason for reason in reversed(reasons) if reason.place), next(iter(reasons), None))


def found_in(message: Message, decision: Decision) -> Mapping[str, str]:
    """What can be expected of a decision, by field; empty where nothing was decided."""
    return {
        "language": message.language,
        "category": decision.category,
        "priority": decision.priority,
        "team": decision.team,
        "person": decision.person.removeprefix("person:"),
    }
