"""The command `deskwire reload`: the running desk works by the settings file as it is now."""

from collections.abc import Mapping
from pathlib import Path

from config.control import ask_to_reload
from config.load import BadSettings, examined, files_of
from config.problems import counted
from config.settings import BackendSettings
from console.words import Refused, say
from store.errors import Permanent, Temporary


async def reload(path: Path, environment: Mapping[str, str]) -> None:
    """Say what is different. Raises BadSettings, Refused where a restart is needed, Temporary where nothing runs."""
    folder = _data_folder(path, environment)
    told = await ask_to_reload(folder)
    if told is None:
        raise Temporary(f"no deskwire runs in {folder}, so there is nothing to reload: start it with `deskwire run`")
    if told.error:
        raise Refused(told.error, 3 if "error[" in told.error else 1)
    say(f"reloaded {path}: {told.detail}" if told.detail else f"reloaded {path}: nothing in it is different")


def _data_folder(path: Path, environment: Mapping[str, str]) -> Path:
    """Where the desk is kept. Only the desk's own process has the variables that the file may name."""
    found = examined(files_of(path), environment, without_environment=True)
    backend: BackendSettings | None = found.draft.backend if found.draft is not None else None
    if backend is None:
        total = f"{counted(found.problems)} in {path.name}. Nothing was reloaded."
        raise BadSettings(f"{found.told}\n\n{total}", found.problems)
    if not backend.store.startswith("sqlite:"):
        raise Permanent(
            "this desk runs as several processes, which hear of a new file by SIGHUP: send it to each of them, as with "
            "systemctl reload 'deskwire@*' or docker compose kill --signal SIGHUP"
        )
    return (path.parent / backend.store.removeprefix("sqlite:").removeprefix("///")).parent
