"""The commands about the settings file: check, reload."""

import os

import click

from console import check, reload
from console.finish import finish


@click.command("check")
@click.option(
    "--format",
    "form",
    type=click.Choice(check.FORMS),
    default="text",
    show_default=True,
    help="For people, for annotations of GitHub, or one JSON document.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--no-env", is_flag=True, help="Environment variables that are not set are no mistakes.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the file, for editors, and check nothing.")
@click.pass_context
def check_(context: click.Context, *, form: str, as_json: bool, no_env: bool, schema: bool) -> None:
    """Read the settings file and say everything that is wrong with it.

    The messages of its section tests: are decided, too, and what comes out otherwise is told.
    """
    if schema:
        finish(check.print_schema)
    finish(lambda: check.check(context.obj, os.environ, form="json" if as_json else form, no_env=no_env))


@click.command("reload")
@click.pass_context
def reload_(context: click.Context) -> None:
    """Let the running desk work by the settings file as it is now.

    It takes the file over as a whole, if it passes `check` and needs no restart, and says what is different. Processes
    with single roles are sent SIGHUP instead, each of them.
    """
    finish(lambda: reload.reload(context.obj, os.environ))
