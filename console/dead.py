"""The commands `deskwire dead`: look at records that could not be processed, replay them, or drop them."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby

from config.settings import Configuration
from console import desk
from console.words import document, moment, say, shown, table
from store import deadletters
from store.deadletters import Letter


async def listing(configuration: Configuration, *, state: str, as_json: bool) -> None:
    """Dead letters by cause, oldest first within each."""
    async with desk.opened(configuration) as opened:
        found = await opened.read(lambda connection: deadletters.listed(connection, state=state))
    if as_json:
        document("dead", [one.letter for one in found])
        return
    causes = sorted(found, key=_cause)
    rows = []
    for cause, group in groupby(causes, key=_cause):
        for one in group:
            letter = one.letter
            told = str(one.ticket) if one.ticket else "-"
            rows.append((letter.id[:8], letter.stage, cause, str(letter.attempts), moment(letter.last_at), told))
    table(("id", "stage", "cause", "tries", "last", "ticket"), rows)
    if found:
        say("\nShow one: deskwire dead show ID     Run it again: deskwire dead replay ID")


async def show(configuration: Configuration, prefix: str, *, body: bool) -> None:
    """One letter, and what can be done about it."""
    async with desk.opened(configuration) as opened:
        found = await opened.read(lambda connection: deadletters.find(connection, prefix))
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
        say(f"  record    {shown(letter.value.decode('utf-8', 'replace'))}")
    else:
        say(f"  record    {len(letter.value)} bytes (hidden: --body)")


async def decide(configuration: Configuration, prefixes: Sequence[str], kind: str, *, text: str = "") -> None:
    """Replay or drop each of these; the first that is refused ends it, and says so."""
    async with desk.opened(configuration) as opened:
        for prefix in prefixes:
            found = await opened.read(partial(deadletters.find, prefix=prefix))
            told = await opened.act(kind, item=found.letter.id, text=text)
            done = {"replay": "goes its way again", "drop": "is dropped"}[kind]
            say(f"{found.letter.id[:8]} {done if told.outcome else 'is noted; it is done as soon as the router runs'}.")


def _cause(one: Letter) -> str:
    return one.letter.reason
