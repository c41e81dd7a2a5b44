"""The commands that put a message into a running desk."""

from pathlib import Path

import click

from console import send
from console.finish import finish, settings
from console.guess import Guessing


@click.group("send", cls=Guessing)
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
