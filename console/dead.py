"""The commands `deskwire dead`: look at records that could not be processed, replay them, or drop them."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby

from config.settings import Configuration
from console import desk
from console.several import each
from console.words import complain, document, moment, say, shown, table
from store import deadletters
from store.deadletters import Letter


async def listing(configuration: Configuration, *, state: str, as_json: bool) -> None:
    """Dead letters by cause, oldest first within each."""
    async with desk.opened(configuration) as opened:
        found = await opened.read(lambda connection: deadletters.listed(connection, state=state))
    if as_json:
        document("dead", [_plain(one) for one in found])
        return
    causes = sorted(found, key=_cause)
    rows = []
    for cause, group in groupby(causes, key=_cause):
        for one in group:
            letter = one.letter
            told = str(one.ticket) if one.ticket else "-"
            rows.append((letter.id[:8], letter.stage, cause, str(letter.attempts), moment(letter.last_at), told))
    table(("id", "stage", "cause", "tries", "last", "ticket"), rows, empty=f"No dead letter is {state}.")
    if found:
        complain("\nShow one: deskwire dead show ID     Run it again: deskwire dead replay ID")


async def show(configuration: Configuration, prefix: str, *, body: bool, as_json: bool) -> None:
    """One letter, and what is known of its death."""
    async with desk.opened(configuration) as opened:
        found = await opened.read(lambda connection: deadletters.find(connection, prefix))
    if as_json:
        document("dead_letter", _plain(found) | ({"record": _record(found)} if body else {}))
        return
    letter = found.letter
    say(f"{letter.id}  {found.state}" + (f" by {found.decided_by}" if found.decided_by else ""))
    say(f"  stage     {letter.stage}, from {letter.topic}/{letter.partition} at {letter.offset}")
    say(f"  cause     {letter.reason}: {shown(letter.detail)}")
    say(
        f"  tries     {letter.attempts}, {moment(letter.first_at)} to {moment(letter.last_at)}; {found.replays} replays"
    )
    say(f"  program   {letter.code_version}, settings {letter.config_version}")
    say(f"  ticket    {found.ticket or 'none tells of it'}")
    if body:
        say(f"  record    {shown(_record(found))}")
    else:
        say(f"  record    {len(letter.value)} bytes (hidden: --body)")


async def decide(configuration: Configuration, prefixes: Sequence[str], kind: str, *, text: str = "") -> None:
    """Replay or drop each of these; Refused where one could not be."""
    async with desk.opened(configuration) as opened:

        async def do(prefix: str) -> None:
            found = await opened.read(partial(deadletters.find, prefix=prefix))
            told = await opened.act(kind, item=found.letter.id, text=text)
            done = {"replay": "goes its way again", "drop": "is dropped"}[kind]
            say(f"{found.letter.id[:8]} {done if told.outcome else 'is noted; it is done as soon as the router runs'}.")

        await each(prefixes, do)


def _plain(one: Letter) -> dict[str, object]:
    """Without the record, which holds what the customer wrote."""
    letter = one.letter
    return {
        "id": letter.id,
        "state": one.state,
        "stage": letter.stage,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "cause": letter.reason,
        "detail": letter.detail,
        "attempts": letter.attempts,
        "first_at": letter.first_at,
        "last_at": letter.last_at,
        "ticket": one.ticket,
        "replays": one.replays,
        "decided_by": one.decided_by,
    }


def _record(one: Letter) -> str:
    return one.letter.value.decode("utf-8", "replace")


def _cause(one: Letter) -> str:
    return one.letter.reason
