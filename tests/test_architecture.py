"""The plan of the house holds: floors, purity, boundaries and sizes, each shown to fail on a violation."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("config", "console", "ingest", "normalize", "router", "notifier", "store")

# Pure: no I/O, clock, logging or randomness, so that each runs from a prompt with literals. Everything in the stages is
# but what is named here.
SHELL = {
    "ingest": {"channel", "intake"},
    "ingest/channels/mail": {
        *(
            "channel",
            "imap_account",
            "imap_client",
            "imap_fetch",
            "imap_line",
            "imap_reader",
            "imap_sent",
            "imap_settings",
            "imap_settle",
        ),
        *("imap_token", "imap_wire", "send_settings", "smtp_out"),
    },
    "ingest/channels/mail/bounces": set(),
    "ingest/channels/telegram": {"channel", "line", "receive", "send", "trouble"},
    "ingest/channels/web": {"channel", "form", "render", "sent", "texts"},
    "normalize": {
        "attachments",
        "child",
        "child_process",
        "confinement",
        "gate",
        "sandbox",
        "scanner",
        "settings",
        "worker",
    },
    "notifier": {"attached", "limits", "marks", "outcome", "reports", "sender", "settings", "texts", "worker"},
    "router": {"facts", "settings", "worker", "write"},
    "router/crew": {"team_settings"},
    "router/customer": {"customer_settings"},
    "router/due": {
        *("barrier", "digest_firing", "escalate_settings", "firing", "loud_settings", "timer_settings", "timers"),
    },
    "router/hours": {"calendar_settings"},
    "router/learned": {"guesser"},
    "router/life": {"lifecycle_settings"},
    "router/promises": {"sla_settings"},
    "router/rules": {"condition_settings", "plugin_settings"},
    "router/sameness": {"duplicate_settings"},
    "router/technicians": {"staff_settings"},
}
PURE_IN_STORE = (
    *("cards", "codec", "errors", "events", "mailboxes", "numbers", "outgoing", "records", "rows", "tokens", "topics"),
    "words",
)
IMPURE = {
    *("aiokafka", "aiosmtpd", "aiosmtplib", "asyncio", "fastapi", "httpx", "io", "logging", "multiprocessing", "os"),
    *("pathlib", "random", "secrets", "shutil", "signal", "socket", "sqlalchemy", "sqlite3", "starlette", "structlog"),
    *("subprocess", "telegram", "tempfile", "threading", "time", "uvicorn"),
}
# One record's, one delivery's, one client's or one channel's failure must not stop the others.
BOUNDARIES = {
    "store/failures.py",  # The stage loop ...
    "normalize/child.py",  # ... and its hand in the parser's process.
    "notifier/sender.py",
    "ingest/smtp/handover.py",  # The SMTP edge.
    "config/edge.py",  # The HTTP edge.
    "config/app.py",  # The supervisor of channels.
}

LONGEST_FILE = 300
LONGEST_FUNCTION = 40


def sources(root: Path = ROOT) -> list[Path]:
    return sorted(path for floor in FLOORS for path in (root / floor).rglob("*.py"))


def pure_modules(root: Path = ROOT) -> list[Path]:
    stages = [
        path for folder, shell in SHELL.items() for path in (root / folder).glob("*.py") if path.stem not in shell
    ]
    return sorted([*stages, *(root / "store" / f"{name}.py" for name in PURE_IN_STORE if (root / "store").is_dir())])


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively: write the whole name"
            yield node.module or ""


def impure_imports(path: Path, root: Path = ROOT) -> list[str]:
    pure_names = {
        ".".join(module.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for module in pure_modules(root)
    }
    wrong = []
    for name in imports_of(path):
        ours = name.split(".")[0] in FLOORS
        if ours and name not in pure_names | {"router", "store", "normalize", "notifier"}:
            wrong.append(name)
        if name.split(".")[0] in IMPURE:
            wrong.append(name)
    return wrong


def catches_everything(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            names = (
                {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else {"Exception"}
            )
            catches_all = not names.isdisjoint({"Exception", "BaseException"})
            if catches_all and not isinstance(node.body[-1], ast.Raise):
                return True  # Cleaning up, or saying more of it, and raising on is no boundary.
    return False


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", program, "--config", str(root / "pyproject.toml"), "--no-cache"]
    return subprocess.run(
        command,
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_no_floor_imports_a_floor_above_it() -> None:
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("store/bus.py", "import router.decide"),
        ("notifier/plan.py", "import ingest.channel"),
        ("router/decide.py", "import config.settings"),
        ("config/load.py", "import console.cli"),
    ],
)
def test_an_import_against_the_direction_is_found(tmp_path: Path, file: str, line: str) -> None:
    for floor in FLOORS:
        shutil.copytree(ROOT / floor, tmp_path / floor, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    broken = tmp_path / file
    broken.write_text(broken.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")

    result = lint_imports(tmp_path)

    assert result.returncode != 0
    assert line.removeprefix("import ").split(".")[0] in result.stdout


def test_pure_modules_import_nothing_that_waits_or_remembers() -> None:
    wrong = {str(path.relative_to(ROOT)): impure_imports(path) for path in pure_modules()}

    assert len(wrong) > 40, "the folders of SHELL no longer hold the pure modules"
    assert {path: names for path, names in wrong.items() if names} == {}


@pytest.mark.parametrize("line", ["import random", "from datetime import datetime\nimport asyncio", "import store.bus"])
def test_an_impure_import_is_found(tmp_path: Path, line: str) -> None:
    module = tmp_path / "router" / "decide.py"
    module.parent.mkdir()
    module.write_text(line, encoding="utf-8")

    assert impure_imports(module, tmp_path) != []


def test_only_the_named_boundaries_catch_everything() -> None:
    found = {str(path.relative_to(ROOT)) for path in sources() if catches_everything(path)}

    assert found == BOUNDARIES


@pytest.mark.parametrize(
    "clause",
    ["except Exception:", "except:", "except BaseException:", "except (ValueError, Exception) as error:"],
)
def test_a_clause_that_catches_everything_is_found(tmp_path: Path, clause: str) -> None:
    module = tmp_path / "module.py"
    module.write_text(f"try:\n    pass\n{clause}\n    pass\n", encoding="utf-8")

    assert catches_everything(module)


def test_a_clause_that_always_raises_again_is_no_boundary(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "try:\n    pass\nexcept Exception as error:\n    raise ValueError('more') from error\n", encoding="utf-8"
    )

    assert not catches_everything(module)


def test_no_file_is_longer_than_a_few_screens() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}

    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]

    assert long == []
