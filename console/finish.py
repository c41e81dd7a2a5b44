"""How every command begins and ends: the settings file that it is given, and its exit code."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

import click

from config.load import BadSettings, load
from config.settings import Configuration
from console.words import Refused, complain
from store.errors import Permanent, StorageBroken, Temporary

EXIT_WRONG_USAGE = 2
EXIT_BAD_SETTINGS = 3
EXIT_UNREACHABLE = 4
EXIT_INTERRUPTED = 130

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
    except BrokenPipeError:  # Whoever read the result has enough of it, as `head` has.
        raise
    except OSError as error:
        complain(f"the result cannot be written, or a file be read: {error.strerror or error}")
        code = EXIT_UNREACHABLE
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = EXIT_INTERRUPTED
    sys.exit(code or 0)


async def _awaited(work: Callable[[], Awaitable[int | None]]) -> int | None:
    return await work()


def settings(context: click.Context, *, tested: bool = False) -> Configuration:
    """The settings file that the command line names; `tested`: its own tests must pass, too. Raises BadSettings."""
    return load(context.obj, os.environ, tested=tested)
