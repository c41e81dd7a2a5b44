"""The command `deskwire route test`: what would become of messages by this file, and by another one."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from config.expected import FIELDS, Difference, differences
from config.load import load
from config.samples import Sample, message_of
from config.settings import Configuration
from console.number import is_like_a_number
from console.routing import report
from console.routing.account import Account, account_of
from console.routing.compare import Change, as_by, changes
from console.routing.corpus import compared
from console.routing.lines import head_of, lines_of, paint
from console.routing.mbox import is_mbox, mails_in
from console.routing.other import other_file
from console.routing.past import first_message
from console.routing.payloads import Given, Payload, mail, payloads_in
from console.routing.rehearsal import Rehearsal, Rehearsed, Rules, rehearsing, rules_of
from console.words import Refused, complain, document, say, shown
from router.handle import handle
from store.errors import Permanent
from store.records import Message, RawMessage

FINDINGS = 1  # The exit code where something came out otherwise than expected, or the files differ.


class Question(NamedTuple):
    """What was asked on the command line; empty where it was not."""

    what: str  # A file, "-", or a ticket's number.
    sample: Sample  # A message that is made up, where it has a text.
    at: str  # "2026-11-20 16:40", by the site's clocks.
    verify: Mapping[str, str]
    diff: str  # Another settings file.
    corpus: str
    exit_zero: bool
    asks_desk: bool
    as_json: bool
    plain: bool


async def route_test(path: Path, environment: Mapping[str, str], asked: Question) -> None:
    """Say what would become of the messages; nothing is stored or sent.

    Refused with code 1 where something is not as expected or the two files differ. Raises BadSettings, Permanent for
    what cannot be read, Temporary where the desk does not answer.
    """
    configuration = load(path, environment)
    other = rules_of(other_file(asked.diff, environment)) if asked.diff else None
    async with rehearsing(configuration, asks_desk=asked.asks_desk) as rehearsal:
        if asked.corpus:
            await _corpus(rehearsal, other, asked)
            return
        accounts = []
        async for rehearsed in _rehearsed(rehearsal, asked):
            account = account_of(rehearsed, rehearsal.rules, other=_changed(rehearsed, rehearsal.rules, other))
            found = _wrong(rehearsed, asked.verify)
            accounts.append(msgspec.structs.replace(account, verified=tuple(found)) if asked.verify else account)
            if not asked.as_json:
                _tell(rehearsed, accounts[-1], asked)
        if asked.as_json:
            document("route_test", accounts)
        elif rehearsal.desk is None:
            complain("No desk was asked: nothing is known of people or of earlier tickets.")
    wrong = any(account.wrong for account in accounts)
    if wrong or (any(account.changes for account in accounts) and not asked.exit_zero):
        raise Refused("", FINDINGS)


async def _corpus(rehearsal: Rehearsal, other: Rules | None, asked: Question) -> None:
    if other is None:
        raise Permanent("a corpus is run through two files: name the other one with --diff")
    found = await compared(rehearsal, other, asked.corpus, _given(rehearsal.rules.configuration, asked))
    if asked.as_json:
        document("route_diff", report.plain_of(found))
    else:
        for line in report.lines_of(found):
            say(line)
        complain("Nothing was stored or sent.")
    if found.changed and not asked.exit_zero:
        raise Refused("", FINDINGS)


async def _rehearsed(rehearsal: Rehearsal, asked: Question) -> AsyncIterator[Rehearsed]:
    given = _given(rehearsal.rules.configuration, asked)
    is_past = is_like_a_number(asked.what)  # A file of such a name is told from a ticket by a path: ./482917.
    if is_past and rehearsal.desk is not None:
        payload = await first_message(rehearsal.desk, int(asked.what))
        async for one in _each(rehearsal, f"ticket {asked.what}", payload, given, asked, anew=True):
            yield one
        return
    if is_past:
        raise Permanent(f"there is no desk that could have a ticket {asked.what}: name a file, or give a --text")
    if asked.sample.text:
        message = message_of(asked.sample, given.channels, given.at)
        yield await rehearsal.rehearse("made up", message, given.at)
        return
    content = await asyncio.to_thread(_content, asked.what, rehearsal.rules.configuration)
    most = rehearsal.rules.configuration.settings.intake.max_payload
    mails = (mail(one, given) for one in mails_in(content.splitlines(keepends=True), most))
    for number, payload in enumerate(mails if is_mbox(content) else payloads_in(content, given), start=1):
        name = asked.what if asked.what != "-" else "standard input"
        async for one in _each(rehearsal, f"{name}:{number}" if number > 1 else name, payload, given, asked):
            yield one


async def _each(
    rehearsal: Rehearsal, name: str, payload: Payload, given: Given, asked: Question, *, anew: bool = False
) -> AsyncIterator[Rehearsed]:
    """What would become of each record that a payload gives."""
    if isinstance(payload, RawMessage):
        (records,) = await rehearsal.decoded([payload])
    else:
        records = [payload]
    if not records:
        complain(f"{shown(name)} gives no record: a desk would keep it and do nothing.")
    for record in records:
        if not isinstance(record, Message):
            yield await rehearsal.rehearse(name, record, given.at, anew=anew)
            continue
        message = msgspec.structs.replace(record, received_at=given.at) if asked.at else record
        yield await rehearsal.rehearse(name, _with_facts(message, given), message.received_at, anew=anew)


def _with_facts(message: Message, given: Given) -> Message:
    kept = tuple(fact for fact in message.facts if fact.name not in given.facts)
    return msgspec.structs.replace(message, facts=(*kept, *given.own_facts)) if given.facts else message


def _changed(rehearsed: Rehearsed, rules: Rules, other: Rules | None) -> tuple[Change, ...] | None:
    """What the other file decides otherwise; None where there is none."""
    record = rehearsed.record
    if other is None or not isinstance(record, Message):
        return None
    theirs = handle(as_by(record, other.configuration, rules.configuration), rehearsed.facts, other.routing)
    return tuple(changes(record, rehearsed.decision, theirs.decision))


def _wrong(rehearsed: Rehearsed, expected: Mapping[str, str]) -> list[Difference]:
    if not isinstance(rehearsed.record, Message):
        return [Difference(field, value, "", None) for field, value in expected.items()]
    return list(differences(expected, rehearsed.record, rehearsed.decision))


def _tell(rehearsed: Rehearsed, account: Account, asked: Question) -> None:
    say(head_of(rehearsed))
    for line in lines_of(account.steps, plain=asked.plain):
        say(line)
    for change in account.changes or ():
        say(f"{asked.diff}: {change.field} {shown(change.before) or 'none'} → {shown(change.after) or 'none'}")
    if account.changes == ():
        is_known = rehearsed.decision.outcome == "duplicate"
        say(f"{asked.diff}: {'nothing to compare, as the desk has it already' if is_known else 'decides the same'}")
    wrong = {difference.field: difference for difference in account.verified or ()}
    for field in (field for field in FIELDS if field in asked.verify):
        found = wrong.get(field)
        told = f"expected {found.expected}, found {shown(found.found) or 'nothing'}" if found else asked.verify[field]
        say(f"verify     {paint('✘', 'red') if found else paint('✔', 'green')} {field} {shown(told)}")
    say("Nothing was stored or sent.")


def _given(configuration: Configuration, asked: Question) -> Given:
    zone = ZoneInfo(configuration.settings.site.time_zone)
    now = datetime.now(UTC)
    if asked.at:
        try:
            read = datetime.fromisoformat(asked.at)
        except ValueError as error:
            raise Permanent(f'"{asked.at}" is no moment: write one such as "2026-11-20 16:40"') from error
        now = (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    return Given(configuration.channels, asked.sample.channel, now, asked.sample.facts)


def _content(what: str, configuration: Configuration) -> bytes:
    """A file, or what comes by standard input; of either no more than a mailbox of a hundred large mails has."""
    most = 100 * configuration.settings.intake.max_payload
    try:
        if what == "-":
            return sys.stdin.buffer.read(most)
        with Path(what).open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise Permanent(f"{what} cannot be read: {error.strerror or error}") from error
