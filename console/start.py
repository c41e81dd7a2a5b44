"""Where `deskwire` begins: its packages have names that other programs use, so it makes sure that they are its own."""

import logging
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("config", "ingest", "normalize", "notifier", "router", "store")


def main() -> None:
    """Run the command line; end with 1 and a sentence where another program's package stands before one of ours."""
    strangers = list(foreign(PACKAGES, Path(__file__).parent.parent))
    if strangers:
        sys.stderr.write(
            f"another program's packages stand before Deskwire's: {', '.join(strangers)}. Install Deskwire apart from "
            "other programs, with `pipx install` or `uv tool install`, and leave their folders out of PYTHONPATH.\n"
        )
        sys.exit(1)
    # A foreign package would break these before anything could be said.
    from config import logs  # noqa: PLC0415
    from console import cli  # noqa: PLC0415

    logs.configure(sys.stderr, level=logging.WARNING)  # What a command has to say is its result; `run` says more.
    cli.main()


def foreign(packages: Iterable[str], home: Path) -> Iterator[str]:
    """Where those of these packages are that would not be imported from `home`."""
    for name in packages:
        spec = find_spec(name)
        origin = Path(spec.origin) if spec is not None and spec.origin is not None else None
        if origin is None or origin.parent.parent.resolve() != home.resolve():
            yield str(origin.parent if origin is not None else name)
