"""The commands about tickets."""

from pathlib import Path
from typing import Unpack

import click

from console import files, split, tickets
from console.commands.ticket_work import add_work
from console.finish import as_json, finish, settings
from console.guess import Guessing
from console.number import TicketNumber
from console.seeking import ORDERS, Given, sought
from router.life.lifecycle import STATES


@click.group("ticket", cls=Guessing)
def ticket_() -> None:
    """Look at tickets, and work on them."""


@ticket_.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="In this state, or one of several.")
@click.option("--team", default="", help="Of this team.")
@click.option("--person", default="", metavar="NAME", help="Held by this person; me, or nobody.")
@click.option("--priority", default="", help="Of this priority.")
@click.option("--category", default="", help="Of this category.")
@click.option("--customer", default="", metavar="ADDRESS", help="Of the customer who writes from here.")
@click.option("--due", default="", metavar="WHEN", help="overdue, today, or within a time such as 2h.")
@click.option("--text", default="", metavar="WORDS", help="One message has all these words, or beginnings of them.")
@click.option("--sort", "order", default="newest", show_default=True, type=click.Choice(ORDERS), help="The first.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="The most rows.")
@as_json
@click.pass_context
def ticket_list(context: click.Context, *, as_json: bool, **given: Unpack[Given]) -> None:
    """List tickets: those for which all that is said holds.

    A person in brackets was given the ticket and has not claimed it.
    """

    async def run() -> None:
        configuration = settings(context)
        await tickets.listing(configuration, sought(configuration, **given), as_json=as_json)

    finish(run)


@ticket_.command("show")
@click.argument("number", type=TicketNumber())
@as_json
@click.pass_context
def ticket_show(context: click.Context, number: int, *, as_json: bool) -> None:
    """Show a ticket, its messages, and why it was decided so."""
    finish(lambda: tickets.show(settings(context), number, as_json=as_json))


@ticket_.command("files")
@click.argument("number", type=TicketNumber())
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), help="Save them in this folder.")
@click.option("--message", type=click.IntRange(1), metavar="SEQ", help="Only those of the message with this number.")
@as_json
@click.pass_context
def ticket_files(context: click.Context, number: int, *, to: Path | None, message: int | None, as_json: bool) -> None:
    """List the files of a ticket's messages, and save them.

    No file is overwritten. One that the virus scanner does not let out is not saved.
    """
    finish(lambda: files.files(settings(context), number, to=to, message=message, as_json=as_json))


@ticket_.command("split")
@click.argument("number", type=TicketNumber())
@click.argument("message", type=click.IntRange(1), metavar="SEQ")
@click.option("--why", default="", help="Words that stay where the message was; else the new ticket's number does.")
@click.pass_context
def ticket_split(context: click.Context, number: int, message: int, why: str) -> None:
    """Make the message SEQ of a ticket a ticket of its own.

    It is that one message. Both tickets name each other, and nothing joins either of them by likeness any more.
    """
    finish(lambda: split.split(settings(context), number, message, why))


add_work(ticket_)
