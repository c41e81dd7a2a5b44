"""Puts a model where the desk reads it: whole or not at all, for its owner alone."""

import contextlib
import os
from pathlib import Path
from tempfile import mkstemp

from store.errors import Permanent


def keep(content: bytes, place: Path) -> None:
    """Replace the file in one step; whoever reads it has the old one or the new one.

    Raises Permanent where it cannot be written; what stood there then stands there still.
    """
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = mkstemp(prefix=f".{place.name}.", dir=place.parent)  # Its mode is 0600.
        fresh = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(place)
        except OSError:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise
    except OSError as error:
        raise Permanent(
            f"{place} cannot be written ({error.strerror}): make room, or name a folder that is yours in "
            "classify.model.file"
        ) from error
