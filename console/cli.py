"""The command line `deskwire`: its commands by their names; each is loaded when it is asked for."""

from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click

from console.guess import Guessing

# Where each command stands. One that is not asked for is not even imported, so that `check` answers at once.
COMMANDS = {
    "run": "desk:run_",
    "check": "settings:check_",
    "reload": "settings:reload_",
    "migrate": "desk:migrate_",
    "demo": "desk:demo_",
    "audit": "desk:audit_",
    "send": "send:send_",
    "ticket": "ticket:ticket_",
    "contact": "contact:contact_",
    "dead": "dead:dead_",
    "parked": "parked:parked_",
    "learn": "learn:learn_",
    "route": "route:route_",
    "trace": "trace:trace_",
}


class Loading(Guessing):
    """A group that knows its commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's)
        """All of them."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's)
        """The command of this name; None where there is none."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        found = getattr(import_module(f"console.commands.{module}"), name)
        return found if isinstance(found, click.Command) else None


@click.group(cls=Loading, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", "-c", "path", default="deskwire.yaml", show_default=True, help="The settings file.", type=Path
)
@click.version_option(version("deskwire"), prog_name="deskwire")
@click.pass_context
def main(context: click.Context, path: Path) -> None:
    """Messages in, one ticket each, the right people told, answers back out.

    See all of it on this computer, with no account:  deskwire demo
    """
    context.obj = path
