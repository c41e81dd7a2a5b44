"""The other settings file of a comparison: a file, or one as it stood at a revision of Git."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from config.load import load, read
from config.settings import Configuration
from store.errors import Permanent

_PATIENCE = 30.0  # Seconds for Git, which reads from the disk alone.


def other_file(name: str, environment: Mapping[str, str]) -> Configuration:
    """The file of this name, or of "origin/main:deskwire.yaml". Raises BadSettings, Permanent where there is none."""
    revision, colon, path = name.partition(":")
    if not colon or not revision or Path(name).exists():
        return load(Path(name), environment)
    try:
        shown = subprocess.run(  # noqa: S603 (what the person at this terminal asks for)
            ["git", "show", "--end-of-options", f"{revision}:./{path}"],  # noqa: S607
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Permanent(f"Git does not show {name}: {error}") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip()
        raise Permanent(f"Git does not show {name}: {said}: name a file, or REVISION:PATH") from error
    text = shown.stdout.decode("utf-8-sig", "replace")
    return read(text, name=Path(path).name, folder=Path(path).parent, environment=environment)
