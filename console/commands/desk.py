"""The commands of a desk as a whole: run, migrate, demo, audit."""

import click

from config.build import ROLES
from config.settings import Configuration
from console import audit, demo, migrate, run
from console.finish import as_json, finish, settings


@click.command("run")
@click.argument("roles", nargs=-1, type=click.Choice(ROLES))
@click.option(
    "--http", default="", metavar="HOST:PORT", help="Where this process serves pages and probes, instead of the file's."
)
@click.pass_context
def run_(context: click.Context, roles: tuple[str, ...], http: str) -> None:
    """Run the desk: all of it in one process, or only the ROLES named.

    Processes with single roles share a log and a database: set backend.bus to kafka:// and backend.store to
    postgresql:// for that. SIGTERM ends what was begun, then stops.
    """

    def read() -> Configuration:
        return settings(context, tested=True)

    finish(lambda: run.run(read(), roles or ROLES, http=http, reread=read))


@click.command("migrate")
@click.pass_context
def migrate_(context: click.Context) -> None:
    """Prepare database, log and blobs for this release.

    On one machine `run` does it by itself.
    """
    finish(lambda: migrate.migrate(settings(context)))


@click.command("demo")
@click.option("--once", is_flag=True, help="Play the scene once, verify what it shows, and exit 0 or 1.")
@click.option("--port", default=8080, show_default=True, help="Of the web form; a port in use is replaced.")
def demo_(*, once: bool, port: int) -> None:
    """Show the whole product on this computer, with no account.

    It leaves nothing behind.
    """
    finish(lambda: demo.demo(once=once, port=port))


@click.command("audit")
@click.option("--blobs", is_flag=True, help="Also read every blob, which takes long.")
@as_json
@click.pass_context
def audit_(context: click.Context, *, blobs: bool, as_json: bool) -> None:
    """Prove that every accepted message is accounted for.

    Where something does not add up it is listed, and the command exits with 1.
    """
    finish(lambda: audit.audit(settings(context), blobs=blobs, as_json=as_json))
