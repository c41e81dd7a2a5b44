"""The tests of a settings file: those that fail, each with what came out and the rule that first decided otherwise."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.document import Document
from config.expected import Difference, differences
from config.inline_tests import InlineTest
from config.problems import Problem, nearest
from config.samples import Sample, message_of
from config.settings import Configuration
from config.translate import routing_policy
from router.anew import nothing_known
from router.handle import handle
from router.settings import FALLBACK

_NOON = datetime(2026, 1, 14, 12)  # noqa: DTZ001 (by the site's clocks) A Wednesday: no test depends on the hour.


class Ran(NamedTuple):
    """A test that was run."""

    number: int  # From 0, as it stands in the list.
    differences: tuple[Difference, ...]  # In the order in which things are decided; empty: it passed.


def failed_tests(configuration: Configuration, document: Document) -> Iterator[Problem]:
    """A problem for each test that does not come out; of a file that is right in everything else."""
    wrong = [*_channels(configuration, document), *_names(configuration, document)]
    yield from wrong
    for ran in run_tests(configuration) if not wrong else ():
        if ran.differences:
            remedy = 'see why with deskwire route test --text "…"'
            yield Problem(document.position(("tests", ran.number)), "test-failed", _said(ran), remedy)


def run_tests(configuration: Configuration) -> Iterator[Ran]:
    """Run each test by the file that it stands in, as of a customer of whom nothing is known.

    Raises Permanent where one names a channel that is not there.
    """
    policy = routing_policy(configuration, {}, b"")
    zone = ZoneInfo(configuration.settings.site.time_zone)
    for number, test in enumerate(configuration.settings.tests):
        at = test.at or _NOON
        moment = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
        message = message_of(_sample(test), configuration.channels, moment)
        handled = handle(message, nothing_known(moment), policy)
        yield Ran(number, tuple(differences(test.expect.fields, message, handled.decision)))


def _sample(test: InlineTest) -> Sample:
    return Sample(
        text=test.text,
        subject=test.subject,
        channel=test.channel,
        sender=test.sender,
        language=test.language,
        facts=test.facts,
    )


def _channels(configuration: Configuration, document: Document) -> Iterator[Problem]:
    names = list(configuration.channels)
    for number, test in enumerate(configuration.settings.tests):
        if test.channel and test.channel not in names:
            remedy = nearest(test.channel, names) or f"there are: {', '.join(names)}"
            at = document.position(("tests", number, "channel"))
            yield Problem(at, "unknown-channel", f'there is no channel called "{test.channel}"', remedy)


def _names(configuration: Configuration, document: Document) -> Iterator[Problem]:
    """What a test expects and nothing can come out as: a misspelt test, and not one that fails."""
    settings = configuration.settings
    there_are: dict[str, Sequence[str]] = {
        "category": [*settings.classify.categories, FALLBACK],
        "priority": sorted({cell for row in settings.priority.matrix.values() for cell in row}),
        "team": list(settings.teams),
        "person": list(settings.people),
    }
    for number, test in enumerate(settings.tests):
        for field, value in test.expect.fields.items():
            names = there_are.get(field, ())
            if value and names and value.removeprefix("person:") not in names:
                at = document.position(("tests", number, "expect", field))
                remedy = nearest(value, names) or f"there are: {', '.join(names)}"
                yield Problem(at, f"unknown-{field}", f'there is no {field} called "{value}"', remedy)


def _said(ran: Ran) -> str:
    """The last difference, which is what somebody wanted, and the first, which explains it."""
    first, last = ran.differences[0], ran.differences[-1]
    what = f"tests[{ran.number}]: {last.field} is {last.found or 'nothing'}, expected {last.expected}"
    if first is last:
        return f"{what}; decided {_where(first).rstrip(':')}"
    return f"{what}; first difference {_where(first)} {first.field} {first.found or 'nothing'} not {first.expected}"


def _where(difference: Difference) -> str:
    reason = difference.reason
    if reason is None:
        return "without a rule:"
    return f"at {reason.place}" if reason.place else f"by {reason.rule}:"
