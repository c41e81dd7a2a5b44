"""The command that tells what would become of messages."""

import os
from collections.abc import Mapping

import click

from config.expected import FIELDS
from config.samples import Sample
from console.finish import finish
from console.guess import Guessing
from console.routing.command import Question, route_test


@click.group("route", cls=Guessing)
def route_() -> None:
    """Try the rules of the settings file."""


@route_.command("test")
@click.argument("what", default="", metavar="[FILE|-|NUMBER]")
@click.option("--text", default="", help="What the customer writes, in place of a file.")
@click.option("--subject", default="", help="Its subject.")
@click.option("--channel", default="", help="The channel that it comes in by.")
@click.option("--from", "sender", default="", help="Who writes: a mail address, or a chat user's number.")
@click.option("--lang", "language", default="", help="Its language; left out, it is told from the text.")
@click.option("--affects", default="", help="Whom it affects, as a form asks: --fact affects=…")
@click.option("--topic", default="", help="The topic, as a form asks: --fact topic=…")
@click.option("--fact", "facts", multiple=True, metavar="NAME=VALUE", help="Any fact that rules may ask about.")
@click.option("--at", default="", metavar="MOMENT", help='When, by the site\'s clocks, such as "2026-11-20 16:40".')
@click.option("--verify", default=None, metavar="FIELD=VALUE,…", help=f"Exit with 1 if not so: {', '.join(FIELDS)}.")
@click.option("--diff", default="", metavar="OTHER", help="Another settings file, or REVISION:PATH of Git.")
@click.option("--corpus", default="", metavar="last:30d|FOLDER|MBOX", help="Run all of these through both files.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 also where the files differ.")
@click.option("--no-desk", is_flag=True, help="Ask no desk: nothing is known of people and earlier tickets.")
@click.option("--plain", is_flag=True, help="Words in place of marks, and no drawings.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def route_test_(
    context: click.Context, /, *, what: str, facts: tuple[str, ...], verify: str | None, **options: str | bool
) -> None:
    """Say what would become of a message, step by step, and why.

    A mail, an mbox, JSON (a channel's payload, or text, subject, channel, from and facts), '-' for standard input, or
    the number of a ticket whose first message is taken anew. Nothing is stored or sent.
    """
    text = str(options["text"])
    given = (bool(what), bool(text), bool(options["corpus"]))
    if sum(given) != 1:
        raise click.UsageError("name one of these: a file, - or a ticket's number; --text; --corpus")
    if options["corpus"] and (not options["diff"] or verify):
        raise click.UsageError("--corpus needs --diff with the other settings file, and no --verify")
    sample = Sample(
        text=text,
        subject=str(options["subject"]),
        channel=str(options["channel"]),
        sender=str(options["sender"]),
        language=str(options["language"]),
        facts=_pairs(facts) | {name: str(options[name]) for name in ("affects", "topic") if options[name]},
    )
    asked = Question(
        what=what,
        sample=sample,
        at=str(options["at"]),
        verify=_expected(verify),
        diff=str(options["diff"]),
        corpus=str(options["corpus"]),
        exit_zero=bool(options["exit_zero"]),
        asks_desk=not options["no_desk"],
        as_json=bool(options["as_json"]),
        plain=bool(options["plain"]),
    )
    finish(lambda: route_test(context.obj, os.environ, asked))


def _pairs(several: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in several:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise click.UsageError(f'"{pair}" is no fact: write NAME=VALUE, such as affects=department')
        found[name.strip()] = value.strip()
    return found


def _expected(verify: str | None) -> Mapping[str, str]:
    if verify is None:
        return {}
    if not verify.strip():  # Such as a variable of a build that is not set: nothing would be verified, and all pass.
        raise click.UsageError("--verify expects nothing: write FIELD=VALUE, such as team=network")
    found = _pairs(tuple(filter(None, (pair.strip() for pair in verify.split(",")))))
    for name in found:
        if name not in FIELDS:
            raise click.UsageError(f'"{name}" cannot be verified: there are: {", ".join(FIELDS)}')
    return found
