"""The commands about messages that wait for a person's word."""

import click

from console import parked
from console.finish import as_json, finish, settings
from console.guess import Guessing

STATES = ("waiting", "accepted", "refused")


@click.group("parked", cls=Guessing)
def parked_() -> None:
    """Messages that wait for a person's word.

    Out-of-office replies and bounces that belong to no ticket, and what looks like spam.
    """


@parked_.command("list")
@click.option("--state", default="waiting", show_default=True, type=click.Choice(STATES), help="Which ones.")
@as_json
@click.pass_context
def parked_list(context: click.Context, state: str, *, as_json: bool) -> None:
    """List parked messages with their reasons."""
    finish(lambda: parked.listing(settings(context), state=state, as_json=as_json))


@parked_.command("show")
@click.argument("item")
@click.option("--body", is_flag=True, help="Also show the text.")
@as_json
@click.pass_context
def parked_show(context: click.Context, item: str, *, body: bool, as_json: bool) -> None:
    """Show one parked message; the beginning of its id is enough."""
    finish(lambda: parked.show(settings(context), item, body=body, as_json=as_json))


@parked_.command("accept")
@click.argument("items", nargs=-1, required=True)
@click.pass_context
def parked_accept(context: click.Context, items: tuple[str, ...]) -> None:
    """Let messages become tickets after all."""
    finish(lambda: parked.decide(settings(context), items, "accept"))


@parked_.command("refuse")
@click.argument("items", nargs=-1, required=True)
@click.option("--reason", default="", help="Why; it is kept with the item.")
@click.pass_context
def parked_refuse(context: click.Context, items: tuple[str, ...], reason: str) -> None:
    """Leave messages as they are, for good."""
    finish(lambda: parked.decide(settings(context), items, "refuse", text=reason))
