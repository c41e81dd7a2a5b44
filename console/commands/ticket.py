"""The commands about tickets."""

from pathlib import Path

import click

from console import files, split, tickets
from console.finish import as_json, finish, settings
from console.guess import Guessing
from console.number import TicketNumber
from router.lifecycle import STATES


@click.group("ticket", cls=Guessing)
def ticket_() -> None:
    """List and show tickets, and answer them."""


@ticket_.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only tickets in this state.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="The most rows.")
@as_json
@click.pass_context
def ticket_list(context: click.Context, state: str | None, limit: int, *, as_json: bool) -> None:
    """List tickets, newest first."""
    finish(lambda: tickets.listing(settings(context), state=state or "", limit=limit, as_json=as_json))


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


@ticket_.command("answer")
@click.argument("number", type=TicketNumber())
@click.argument("text")
@click.pass_context
def ticket_answer(context: click.Context, number: int, text: str) -> None:
    """Answer the customer through the channel that they used.

    '-' as TEXT reads it from standard input.
    """
    finish(lambda: tickets.answer(settings(context), number, text))


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
