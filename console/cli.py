"""The command line `deskwire`: arguments only; what each command does stands in its own module."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path

import click

from config.build import ROLES
from config.load import BadSettings, load
from config.settings import Configuration
from console import audit, check, dead, demo, files, migrate, parked, run, send, tickets
from console.guess import Guessing
from console.number import TicketNumber
from console.words import Refused, complain
from router.lifecycle import STATES
from store.errors import Permanent, StorageBroken, Temporary

EXIT_WRONG_USAGE = 2
EXIT_BAD_SETTINGS = 3
EXIT_UNREACHABLE = 4
EXIT_INTERRUPTED = 130

LETTER_STATES = ("waiting", "replayed", "resolved", "dropped")
PARKED_STATES = ("waiting", "accepted", "refused")

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")


def finish(work: Callable[[], Awaitable[int | None]]) -> None:
    """Run a command to its exit code; every failure is one plain sentence on standard error."""
    try:
        code = asyncio.run(_awaited(work))
    except BadSettings as error:
        complain(str(error))
        code = EXIT_BAD_SETTINGS
    except (Temporary, StorageBroken) as error:
        complain(str(error))
        code = EXIT_UNREACHABLE
    except Refused as error:
        complain(str(error))
        code = error.code
    except Permanent as error:
        complain(str(error))
        code = 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = EXIT_INTERRUPTED
    sys.exit(code or 0)


async def _awaited(work: Callable[[], Awaitable[int | None]]) -> int | None:
    return await work()


@click.group(cls=Guessing, context_settings={"help_option_names": ["-h", "--help"]})
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


def settings(context: click.Context) -> Configuration:
    """The settings file that the command line names."""
    return load(context.obj, os.environ)


@main.command("run")
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
    finish(lambda: run.run(settings(context), roles or ROLES, http=http))


@main.command("check")
@as_json
@click.pass_context
def check_(context: click.Context, *, as_json: bool) -> None:
    """Read the settings file and say everything that is wrong with it."""
    finish(lambda: check.check(context.obj, os.environ, as_json=as_json))


@main.command("migrate")
@click.pass_context
def migrate_(context: click.Context) -> None:
    """Prepare database, log and blobs for this release.

    On one machine `run` does it by itself.
    """
    finish(lambda: migrate.migrate(settings(context)))


@main.command("demo")
@click.option("--once", is_flag=True, help="Play the scene once, verify what it shows, and exit 0 or 1.")
@click.option("--port", default=8080, show_default=True, help="Of the web form; a port in use is replaced.")
def demo_(*, once: bool, port: int) -> None:
    """Show the whole product on this computer, with no account.

    It leaves nothing behind.
    """
    finish(lambda: demo.demo(once=once, port=port))


@main.command("audit")
@click.option("--blobs", is_flag=True, help="Also read every blob, which takes long.")
@as_json
@click.pass_context
def audit_(context: click.Context, *, blobs: bool, as_json: bool) -> None:
    """Prove that every accepted message is accounted for.

    Where something does not add up it is listed, and the command exits with 1.
    """
    finish(lambda: audit.audit(settings(context), blobs=blobs, as_json=as_json))


@main.group("send", cls=Guessing)
def send_() -> None:
    """Put a message into a running desk, to try it."""


@send_.command("mail")
@click.option("--to", "recipient", help="An address of the desk; the first mail channel's, if left out.")
@click.option("--from", "sender", default="customer@example.org", show_default=True, help="Who writes.")
@click.option("--subject", default="", help="Its subject.")
@click.option("--text", default="", help="Its text; '-' reads standard input.")
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A whole mail.")
@click.pass_context
def send_mail(
    context: click.Context, *, recipient: str | None, sender: str, subject: str, text: str, file: Path | None
) -> None:
    """Send a mail over SMTP to the desk's own listener."""
    finish(
        lambda: send.mail(settings(context), recipient=recipient, sender=sender, subject=subject, text=text, file=file)
    )


@send_.command("form")
@click.option("--channel", help="The form's channel; the first one, if left out.")
@click.option("--email", default="customer@example.org", show_default=True, help="Who writes.")
@click.option("--text", required=True, help="What happened.")
@click.pass_context
def send_form(context: click.Context, channel: str | None, email: str, text: str) -> None:
    """Fill a hosted form in and press its button."""
    finish(lambda: send.form(settings(context), channel=channel, email=email, text=text))


@main.group("ticket", cls=Guessing)
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


@main.group("dead", cls=Guessing)
def dead_() -> None:
    """Records that could not be processed."""


@dead_.command("list")
@click.option("--state", default="waiting", show_default=True, type=click.Choice(LETTER_STATES), help="Which ones.")
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


@main.group("parked", cls=Guessing)
def parked_() -> None:
    """Messages that wait for a person's word.

    Out-of-office replies and bounces that belong to no ticket, and what looks like spam.
    """


@parked_.command("list")
@click.option("--state", default="waiting", show_default=True, type=click.Choice(PARKED_STATES), help="Which ones.")
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
