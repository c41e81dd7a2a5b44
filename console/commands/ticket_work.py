"""The commands that do something to a ticket."""

import click

from console import work
from console.finish import as_json, finish, settings
from console.number import TicketNumber
from router.life.allowed import DUPLICATE, UNSAID, WHYS

_number = click.argument("number", type=TicketNumber())
_text = click.option("--text", default="", help="Words to the customer; '-' reads standard input.")


@click.command("answer")
@_number
@click.argument("text")
@as_json
@click.pass_context
def answer(context: click.Context, number: int, text: str, *, as_json: bool) -> None:
    """Answer the customer through the channel that they used.

    '-' as TEXT reads it from standard input.
    """
    finish(lambda: work.work(settings(context), number, "answer", text=text, as_json=as_json))


@click.command("note")
@_number
@click.argument("text")
@as_json
@click.pass_context
def note(context: click.Context, number: int, text: str, *, as_json: bool) -> None:
    """Write to colleagues; the customer does not see it."""
    finish(lambda: work.work(settings(context), number, "note", text=text, as_json=as_json))


@click.command("claim")
@_number
@as_json
@click.pass_context
def claim(context: click.Context, number: int, *, as_json: bool) -> None:
    """Take a ticket; where somebody has it, they are named."""
    finish(lambda: work.work(settings(context), number, "claim", as_json=as_json))


@click.command("give")
@_number
@click.argument("person")
@click.option("--text", default="", help="Words for them.")
@as_json
@click.pass_context
def give(context: click.Context, number: int, person: str, *, text: str, as_json: bool) -> None:
    """Give a ticket to somebody of its team.

    PERSON is a name of the settings; with me it is taken over from whoever has it.
    """

    async def run() -> None:
        configuration = settings(context)
        to = work.person(person, configuration)
        await work.work(configuration, number, "give", value=to, text=text, as_json=as_json)

    finish(run)


@click.command("move")
@_number
@click.argument("team")
@click.option("--why", type=click.Choice([why for why in WHYS if why != UNSAID]), required=True, help="What was wrong.")
@click.option("--text", default="", help="Words for the new team.")
@as_json
@click.pass_context
def move(context: click.Context, number: int, team: str, *, why: str, text: str, as_json: bool) -> None:
    """Move a ticket to another team; it keeps its number, words and deadlines."""
    finish(lambda: work.work(settings(context), number, "move", value=team, why=why, text=text, as_json=as_json))


@click.command("change")
@_number
@click.argument("what", type=click.Choice(["priority", "category", "language"]))
@click.argument("value")
@as_json
@click.pass_context
def change(context: click.Context, number: int, what: str, value: str, *, as_json: bool) -> None:
    """Give a ticket another priority, category or language."""
    finish(lambda: work.work(settings(context), number, "change", value=f"{what} {value}", as_json=as_json))


@click.command("wait")
@_number
@click.option("--until", default="", metavar="WHEN", help="When it wakes by itself: 2h, 3d, or 2026-11-24 09:00.")
@_text
@as_json
@click.pass_context
def wait(context: click.Context, number: int, *, until: str, text: str, as_json: bool) -> None:
    """Let a ticket wait for its customer, or until a moment.

    The time to solve it stands still while it waits for the customer.
    """
    finish(lambda: work.work(settings(context), number, "wait", until=until, text=text, as_json=as_json))


@click.command("solve")
@_number
@_text
@as_json
@click.pass_context
def solve(context: click.Context, number: int, *, text: str, as_json: bool) -> None:
    """Say that a ticket is solved, with the solution for the customer."""
    finish(lambda: work.work(settings(context), number, "solve", text=text, as_json=as_json))


@click.command("reopen")
@_number
@click.option("--text", default="", help="Why; colleagues read it.")
@as_json
@click.pass_context
def reopen(context: click.Context, number: int, *, text: str, as_json: bool) -> None:
    """Open a solved or closed ticket again, or wake one that waits."""
    finish(lambda: work.work(settings(context), number, "reopen", text=text, as_json=as_json))


@click.command("close")
@_number
@click.option("--text", default="", help="Why; it is kept with the ticket, and the customer does not see it.")
@as_json
@click.pass_context
def close(context: click.Context, number: int, *, text: str, as_json: bool) -> None:
    """Close a ticket that is solved or waits.

    What its customer writes then opens a new one that follows it.
    """
    finish(lambda: work.work(settings(context), number, "close", text=text, as_json=as_json))


@click.command("escalate")
@_number
@click.option("--text", default="", help="Why; the next level reads it.")
@as_json
@click.pass_context
def escalate(context: click.Context, number: int, *, text: str, as_json: bool) -> None:
    """Move a ticket to the team of the next level."""
    finish(lambda: work.work(settings(context), number, "escalate", text=text, as_json=as_json))


@click.command("link")
@_number
@click.argument("other", type=TicketNumber())
@click.option("--duplicate", is_flag=True, help="Both are the same thing of the same customer: NUMBER is solved.")
@as_json
@click.pass_context
def link(context: click.Context, number: int, other: int, *, duplicate: bool, as_json: bool) -> None:
    """Let two tickets name each other."""
    why = DUPLICATE if duplicate else ""
    finish(lambda: work.work(settings(context), number, "link", value=str(other), why=why, as_json=as_json))


def add_work(group: click.Group) -> None:
    """Add them to the group of commands about tickets."""
    for command in (answer, note, claim, give, move, change, wait, solve, reopen, close, escalate, link):
        group.add_command(command)
