"""Whether the disk has room for one more mail."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from ingest.smtp.settings import SmtpSettings

_MAILS = 1.5  # Of the largest size: the mail itself, and what is written of it elsewhere.


class Room:
    """The disks on which mails are kept."""

    def __init__(self, folders: Sequence[Path], settings: SmtpSettings) -> None:
        """A folder may not be there yet: its disk is its parent's then."""
        self._folders = tuple(folders)
        self._least = max(settings.min_free, int(_MAILS * settings.max_message))

    def is_left(self) -> bool:
        """Whether each disk has enough; one that cannot be asked has: what is wrong with it a write will tell."""
        return all(free is None or free >= self._least for free in map(_free, self._folders))


def _free(folder: Path) -> int | None:
    place = next((path for path in (folder, *folder.absolute().parents) if path.is_dir()), folder)
    try:
        return shutil.disk_usage(place).free
    except OSError:
        return None
