"""The commands about records that could not be processed."""

import click

from console import dead
from console.finish import as_json, finish, settings
from console.guess import Guessing

STATES = ("waiting", "replayed", "resolved", "dropped")


@click.group("dead", cls=Guessing)
def dead_() -> None:
    """Records that could not be processed."""


@dead_.command("list")
@click.option("--state", default="waiting", show_default=True, type=click.Choice(STATES), help="Which ones.")
@as_json
@click.pass_context
def dead_list(context: click.Context, state: str, *, as_json: bool) -> None:
    """List dead letters by cause."""
    finish(lambda: dead.listing(settings(context), state=state, as_json=as_json))


@dead_.command("show")
@click.argument("letter")
@click.option("--body", is_flag=True, help="Also show the record, which holds what the customer wrote.")
@as_json
@click.pass_context
def dead_show(context: click.Context, letter: str, *, body: bool, as_json: bool) -> None:
    """Show one dead letter; the beginning of its id is enough."""
    finish(lambda: dead.show(settings(context), letter, body=body, as_json=as_json))


@dead_.command("replay")
@click.argument("letters", nargs=-1, required=True)
@click.pass_context
def dead_replay(context: click.Context, letters: tuple[str, ...]) -> None:
    """Send records their way again.

    What they have done already is not done twice.
    """
    finish(lambda: dead.decide(settings(context), letters, "replay"))


@dead_.command("drop")
@click.argument("letters", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; it is kept with the letter.")
@click.pass_context
def dead_drop(context: click.Context, letters: tuple[str, ...], reason: str) -> None:
    """Give records up for good; the letters stay."""
    finish(lambda: dead.decide(settings(context), letters, "drop", text=reason))
