"""The command that teaches the desk from its own tickets: learn."""

from datetime import UTC, datetime

import click

from console.finish import as_json, finish, settings
from console.learning.learn import learn


@click.command("learn")
@click.option("--force", is_flag=True, help="Keep the model even if it does not beat the rules.")
@click.option("--dry-run", is_flag=True, help="Only say how it does; write nothing.")
@as_json
@click.pass_context
def learn_(context: click.Context, *, force: bool, dry_run: bool, as_json: bool) -> None:
    """Learn what messages are about from the desk's own tickets.

    The model decides where no rule matches and it is sure enough. It is tried on the newest tickets first, and is kept
    only if the desk is then right more often than by its rules alone; otherwise the command exits with 1. Nothing is
    downloaded, and no message leaves this computer.
    """
    finish(
        lambda: learn(settings(context), now=datetime.now(UTC), force=force, dry_run=dry_run, as_json=as_json),
    )
