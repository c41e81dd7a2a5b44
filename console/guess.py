"""Answers an unknown command with the nearest known one, and never runs a guess."""

import difflib

import click


class Guessing(click.Group):
    """A group of commands that says which one may have been meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; an unknown name gets a guess, or the names that there are."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            names = self.list_commands(ctx)
            close = difflib.get_close_matches(args[0], names, n=1, cutoff=0.5)
            remedy = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(names)}."
            ctx.fail(f"there is no command {args[0]!r}. {remedy}")
        return super().resolve_command(ctx, args)
