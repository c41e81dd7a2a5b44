"""What `deploy/` ships fits the program: the files that it names are there, its commands exist, its settings load."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from config.app import DRAIN
from config.build import ROLES
from config.load import read
from config.settings import Configuration
from console.cli import main
from console.finish import EXIT_BAD_SETTINGS

DEPLOY = Path(__file__).parent.parent / "deploy"
ROOT = DEPLOY.parent
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "deskwire"]
UNITS = ("deskwire.service", "deskwire@.service")
TOKEN = "801234567:AAEabcdefghijklmnopqrstuvwxyz012345"  # Shaped like one, and nobody's.
SECRETS = {
    "DESKWIRE_SECRET": "s" * 64,
    "DESKWIRE_STORE": "postgresql://desk:pw@postgres/desk",
    "TELEGRAM_TOKEN": TOKEN,
    "MAIL_PASSWORD": "correct-horse",
}


def exists(arguments: list[str]) -> bool:
    """Whether this is a command line of `deskwire`; nothing of it runs."""
    return CliRunner().invoke(main, [*arguments, "--help"]).exit_code == 0


def settings(file: Path) -> Configuration:
    return read(file.read_text(encoding="utf-8"), name=file.name, folder=file.parent, environment=SECRETS)


def unit(name: str) -> dict[str, list[str]]:
    """The values of each key of a unit, in order."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "systemd" / name).read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_compose_has_every_role_and_what_prepares_them() -> None:
    commands = {tuple(SERVICES[name]["command"]) for name in OURS}

    assert commands == {("migrate",), *(("run", role) for role in ROLES)}
    assert all(exists(list(command)) for command in commands)


@pytest.mark.parametrize("name", [name for name in OURS if name != "migrate"])
def test_a_role_waits_for_the_tables_and_is_watched(name: str) -> None:
    service = SERVICES[name]

    assert service["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert "/readyz" in service["healthcheck"]["test"][-1]
    assert float(service["stop_grace_period"].removesuffix("s")) > DRAIN
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_servers_are_asked_for_their_health_before_anything_starts() -> None:
    assert SERVICES["migrate"]["depends_on"] == {
        name: {"condition": "service_healthy"} for name in ("kafka", "postgres")
    }
    assert all("healthcheck" in SERVICES[name] for name in ("kafka", "postgres"))


def test_images_of_others_are_of_a_named_version() -> None:
    images = [service["image"] for service in SERVICES.values() if service["image"] != "deskwire"]

    assert [image for image in images if not re.search(r":\d", image)] == []
    assert SERVICES["kafka"]["image"] == "apache/kafka:4.3.1"
    assert "<version>4.3.1</version>" in (ROOT / "scripts" / "kafka" / "pom.xml").read_text(encoding="utf-8")


def test_files_and_volumes_that_compose_names_are_there() -> None:
    for service in SERVICES.values():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
    for name in OURS:
        build = SERVICES[name]["build"]
        assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_each_variable_that_compose_takes_is_in_the_example_and_each_secret_reaches_the_roles() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    example = set(re.findall(r"^(\w+)=$", (DEPLOY / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    asked = set(re.findall(r"\$\{(\w+)\}", (DEPLOY / "deskwire.yaml").read_text(encoding="utf-8")))

    assert set(re.findall(r"\$\{(\w+)[:}]", text)) == example
    assert asked == set(SERVICES["router"]["environment"])


def test_the_settings_of_compose_load_and_fit_it() -> None:
    found = settings(DEPLOY / "deskwire.yaml")
    ports = [port.split(":")[-1] for port in SERVICES["ingest"]["ports"]]
    mounts = [volume.split(":")[1] for volume in SERVICES["router"]["volumes"]]

    assert found.warnings == ""
    assert found.settings.backend.bus == "kafka://kafka:9092"
    assert found.settings.listeners.smtp is not None
    listening = (found.settings.listeners.smtp.listen, found.settings.listeners.http.listen)
    assert [listen.rpartition(":")[2] for listen in listening] == ports
    assert str(Path(found.settings.backend.blobs.removeprefix("file:")).parent) in mounts


def test_the_image_is_made_of_what_there_is_and_runs_as_nobody_in_particular() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1] if word[0] not in "-/"]
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench"}

    assert packages <= set(copied)
    assert all((ROOT / path).exists() and f"!{path}" in ignored for path in copied)
    assert "USER deskwire" in lines
    assert {line for line in lines if line.startswith("FROM ")} == {
        "FROM python:3.13-slim AS build",
        "FROM python:3.13-slim",
    }


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_runs_a_command_that_there_is_with_few_rights(name: str) -> None:
    found = unit(name)
    (start,) = found["ExecStart"]
    program, *arguments = shlex.split(start.replace("%i", "router").replace("${HTTP}", "127.0.0.1:0"))

    assert Path(program).name == "deskwire"
    assert exists(arguments)
    assert float(found["TimeoutStopSec"][0]) > DRAIN
    assert found["RestartPreventExitStatus"] == [str(EXIT_BAD_SETTINGS)]
    for key, value in {
        "User": "deskwire",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "PrivateDevices": "yes",
        "StateDirectory": "deskwire",
        "SystemCallFilter": "@system-service",
        "CapabilityBoundingSet": "CAP_NET_BIND_SERVICE",
    }.items():
        assert found[key] == [value]
    assert {"MemoryMax", "TasksMax", "RestrictAddressFamilies"} <= found.keys()


def test_the_settings_of_the_unit_load_with_its_credentials(tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / "deskwire.yaml").read_text(encoding="utf-8")
    credentials = dict(entry.split(":") for entry in unit("deskwire.service")["LoadCredential"])
    named = set(re.findall(r"file:/run/credentials/deskwire\.service/([\w.]+)", text))
    for name in credentials:
        (tmp_path / name).touch(0o400)
        (tmp_path / name).chmod(0o600)
        (tmp_path / name).write_text(TOKEN, encoding="ascii")

    found = read(
        text.replace("/run/credentials/deskwire.service", str(tmp_path)),
        name="deskwire.yaml",
        folder=tmp_path,
        environment={},
    )

    assert named == credentials.keys()
    assert found.warnings == ""
    assert found.settings.backend.store == f"sqlite:{unit('deskwire.service')['WorkingDirectory'][0]}/desk.db"


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze, of the package systemd")
def test_systemd_understands_a_unit(name: str, tmp_path: Path) -> None:
    """A word that systemd does not know is only a warning in its journal, and the protection is not there."""
    text = (DEPLOY / "systemd" / name).read_text(encoding="utf-8").replace("/opt/deskwire/bin/deskwire", "/bin/true")
    (tmp_path / name).write_text(text, encoding="utf-8")

    result = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / name)], capture_output=True, text=True, timeout=60, check=False
    )

    assert [line for line in result.stderr.splitlines() if name in line] == []
