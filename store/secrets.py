"""Secrets in the settings: named by the file, never written in it."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError

from store.files import Info, near

_OWNER_ONLY = 0o077  # None of these bits.
_ROOT_ONLY = 0o037


class FromEnvironment(str):
    """A value that the settings file took from an environment variable, written there as `${NAME}`."""

    __slots__ = ()


def _resolve(value: object, info: Info) -> object:
    if isinstance(value, SecretStr | FromEnvironment):
        return value
    if isinstance(value, str) and value.startswith("file:"):
        return _read(near(value, info))
    raise PydanticCustomError(
        "secret_in_file",
        "a secret is written in this file: put it into an environment variable and write ${NAME}, or into a file of "
        "mode 600 and write file:/path; then revoke the one that stood here",
    )


def _read(path: Path) -> str:
    try:
        status = path.stat()
        # As PostgreSQL's clients have it: a group may read what root owns, as with systemd's credentials.
        if status.st_mode & (_ROOT_ONLY if status.st_uid == 0 else _OWNER_ONLY):
            raise PydanticCustomError(
                "secret_file_open",
                "the secret file {path} can be read by other users: run chmod 600 {path}",
                {"path": str(path)},
            )
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise PydanticCustomError(
            "secret_file_missing",
            "the secret file {path} cannot be read ({why}): create it with the secret as its only line",
            {"path": str(path), "why": type(error).__name__},
        ) from error


Secret = Annotated[SecretStr, BeforeValidator(_resolve)]
