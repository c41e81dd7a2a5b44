"""Files that the settings name: as a path or as file:PATH, counted from the folder of the settings file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ValidationInfo

FOLDER = "folder"  # The key of the validation context under which the reader of a settings file gives its folder.

Info = ValidationInfo[Mapping[str, Path] | None]


def near(path: str, info: Info) -> Path:
    """The file that this path means; a relative one counts from the settings' folder, or else from where we run."""
    context = info.context
    return (context[FOLDER] if context else Path()) / path.removeprefix("file:")


def _placed(value: object, info: Info) -> object:
    return near(value, info) if isinstance(value, str) and value else value


NamedFile = Annotated[Path, BeforeValidator(_placed)]
