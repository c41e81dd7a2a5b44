"""A private Dovecot for tests and trials, on a loopback port of this machine.

    python scripts/dovecot.py start    prints the address of a server that runs until `stop`
    python scripts/dovecot.py stop
    python scripts/dovecot.py run      the same in the foreground, until Ctrl-C or the end of its input

Takes the installed server (Debian: dovecot-imapd), with a configuration of its own. Every user name that begins with
"box" has an empty mailbox, with the password "secret". Everything that it stores is deleted when it stops.
"""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path

from service import free_port, obey, refuse, tail

RUNNING = Path(__file__).resolve().parent.parent / "build" / "dovecot" / "running"
PROGRAMS = ("/usr/sbin/dovecot", "/usr/local/sbin/dovecot")
PATIENCE = 20.0  # Seconds until the server must answer; less than 1 is usual.

# Nothing here need survive a power cut. Processes are shared by connections, or thirty mailboxes would need a hundred.
CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
login_log_format_elements = user=<%u>
ssl = no
disable_plaintext_auth = no
mail_fsync = never
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  client_limit = 500
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  client_limit = 100
  service_count = 0
  process_limit = 200
}}
service anvil {{
  chroot =
}}
service stats {{
  client_limit = 1000
}}
auth_failure_delay = 0
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
"""


def launch(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A server that is ready, and its address; all that it writes goes into its folder."""
    program = next((path for path in PROGRAMS if Path(path).exists()), shutil.which("dovecot"))
    if program is None:
        refuse("there is no Dovecot: install it (Debian: dovecot-imapd), or set DESKWIRE_TEST_DOVECOT to host:port")
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    (folder / "mail").chmod(0o777)
    port, configuration, output = free_port(), folder / "dovecot.conf", folder / "output.log"
    user, group = owner()
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, user=user, group=group), encoding="utf-8")
    with output.open("wb") as file:
        server = subprocess.Popen(
            [program, "-F", "-c", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    wait_until_ready(server, port, [output, folder / "dovecot.log"])
    return server, f"127.0.0.1:{port}"


def owner() -> tuple[str, str]:
    """Whom the mail belongs to: whoever runs this, or nobody where that is root, whom Dovecot refuses."""
    entry = pwd.getpwuid(os.getuid()) if os.getuid() != 0 else pwd.getpwnam("nobody")
    return entry.pw_name, grp.getgrgid(entry.pw_gid).gr_name


def wait_until_ready(server: subprocess.Popen[bytes], port: int, logs: list[Path]) -> None:
    """Return when the server greets."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), 2.0) as probe:
                probe.settimeout(5.0)
                if probe.recv(4) == b"* OK":
                    return
        except OSError:
            pass
        if server.poll() is not None:
            break
        time.sleep(0.05)
    said = "\n".join(tail(log) for log in logs if log.exists())
    server.kill()
    refuse(f"Dovecot was not ready within {PATIENCE:g} s:\n{said}")


if __name__ == "__main__":
    obey(__doc__ or "", "deskwire-dovecot-", RUNNING, launch)
