"""The commands about customers: who they are, and what is known of them."""

from pathlib import Path

import click

from console import contacts
from console.finish import as_json, finish, settings
from console.guess import Guessing


@click.group("contact", cls=Guessing)
def contact_() -> None:
    """Whom the desk knows: organisation, tags and language by address or domain."""


@contact_.command("import")
@click.argument("path", metavar="CSV", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--skip-bad", is_flag=True, help="Import the other lines where some are bad.")
@as_json
@click.pass_context
def contact_import(context: click.Context, path: Path, *, skip_bad: bool, as_json: bool) -> None:
    """Import customers from a file.

    Its first line names the columns: address, name, organisation, tags, language, in any order. Several addresses of
    one person stand in one value, parted by spaces; a domain, such as acme.example, is everybody who writes from it.
    What is empty stays as it is, and a file that comes again changes nothing.
    """
    finish(lambda: contacts.bring_in(settings(context), path, skip_bad=skip_bad, as_json=as_json))


@contact_.command("tag", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("address")
@click.argument("changes", nargs=-1, required=True, metavar="+TAG|-TAG...")
@as_json
@click.pass_context
def contact_tag(context: click.Context, address: str, changes: tuple[str, ...], *, as_json: bool) -> None:
    """Add tags (+vip) and remove tags (-trial).

    Those of the settings file are changed there.
    """
    finish(lambda: contacts.tag(settings(context), address, changes, as_json=as_json))


@contact_.command("show")
@click.argument("address")
@as_json
@click.pass_context
def contact_show(context: click.Context, address: str, *, as_json: bool) -> None:
    """Show who an address leads to, what is known of them and from where, and their last tickets."""
    finish(lambda: contacts.show(settings(context), address, as_json=as_json))


@contact_.command("join")
@click.argument("addresses", nargs=-1, required=True)
@as_json
@click.pass_context
def contact_join(context: click.Context, addresses: tuple[str, ...], *, as_json: bool) -> None:
    """Say that several addresses are one person's.

    All their tickets are that person's from then on, and stay as they are otherwise: their answers go where they went
    before. Be sure of it: whoever writes from one of the addresses may read and continue the tickets of the others.
    """
    if len(addresses) < 2:  # noqa: PLR2004 (one is joined to nothing)
        raise click.UsageError("name two addresses at least: deskwire contact join ann@acme.example telegram:12345")
    finish(lambda: contacts.join(settings(context), addresses, as_json=as_json))
