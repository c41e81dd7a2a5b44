"""The command that tells a message's way."""

import click

from console import trace
from console.finish import as_json, finish, settings


@click.command("trace")
@click.argument("what", metavar="NUMBER|ID|ADDRESS|CHAT|MESSAGE-ID")
@click.option("--last", default=5, show_default=True, type=click.IntRange(1, 100), help="The most tickets.")
@as_json
@click.pass_context
def trace_(context: click.Context, what: str, last: int, *, as_json: bool) -> None:
    """Tell a message's whole way: when it came, what was decided and why, what went out and what became of that.

    Times are in UTC. Nothing is changed, and what people wrote is not shown.
    """
    finish(lambda: trace.trace(settings(context), what, last=last, as_json=as_json))
