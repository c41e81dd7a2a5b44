"""Whether the disk has room for one more mail."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import structlog

from ingest.smtp.settings import SmtpSettings

log = structlog.get_logger()

_MAILS = 1.5  # Of the largest size: the mail itself, and what is written of it elsewhere.


class Room:
    """The disks on which mails are kept."""

    def __init__(self, folders: Sequence[Path], settings: SmtpSettings) -> None:
        """A folder may not be there yet: its disk is its parent's then."""
        self._folders = tuple(folders)
        self._least = max(settings.min_free, int(_MAILS * settings.max_message))
        self._was_left = True

    def is_left(self) -> bool:
        """Whether each disk has enough; one that cannot be asked has: what is wrong with it a write will tell."""
        short = [str(path) for path in self._folders if (free := _free(path)) is not None and free < self._least]
        if short and self._was_left:
            log.error("the disk is nearly full, and no mail is taken: make room", folders=short, least=self._least)
        if not short and not self._was_left:
            log.info("there is room again, and mail is taken")
        self._was_left = not short
        return self._was_left


def _free(folder: Path) -> int | None:
    place = next((path for path in (folder, *folder.absolute().parents) if path.is_dir()), folder)
    try:
        return shutil.disk_usage(place).free
    except OSError:
        return None
