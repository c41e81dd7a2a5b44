"""What `docs/mail.md` tells an administrator is so: its settings load, its commands run, its tables are the code's."""

import re
import shutil
import subprocess
from base64 import b64decode
from importlib import resources
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jinja2.sandbox import SandboxedEnvironment

from config.load import read
from config.settings import Configuration
from ingest.channels.mail.channel import Settings as Mail
from ingest.channels.mail.dkim import private_key
from router.technicians.mail_names import ALIASES

PAGE = (Path(__file__).parent.parent / "docs" / "mail.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = FENCE.findall(PAGE)
SETTINGS = [body for kind, body in BLOCKS if kind == "yaml"]
COMMANDS = [body for kind, body in BLOCKS if kind == "sh"]
TEXTS = [body for kind, body in BLOCKS if kind == "text"]
TEMPLATES = resources.files("notifier") / "templates" / "en"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the page's commands were run, one block after the other."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command, as the page does: apt-get install openssl")
    made = tmp_path_factory.mktemp("mail")
    for number, block in enumerate(COMMANDS):
        with (made / f"printed-{number}").open("wb") as printed:
            subprocess.run(["sh", "-ec", block], cwd=made, stdout=printed, check=True, timeout=60)
    return made


def laid_over(block: str) -> str:
    """The page's first block, which is a whole file, with what a later one says in its place."""
    whole, part = yaml.safe_load(SETTINGS[0]), yaml.safe_load(block)
    of_the_channel = set(part) <= set(Mail.model_fields)
    (whole["channels"]["support"] if of_the_channel else whole).update(part)
    return yaml.safe_dump(whole, allow_unicode=True)


def loaded(block: str, folder: Path) -> Configuration:
    secrets = dict.fromkeys(re.findall(r"\$\{(\w+)\}", block + SETTINGS[0]), "correct-horse-battery-staple")
    return read(laid_over(block), name="deskwire.yaml", folder=folder, environment=secrets)


@pytest.mark.parametrize("block", SETTINGS)
def test_each_piece_of_settings_loads_without_a_remark(block: str, folder: Path) -> None:
    assert loaded(block, folder).warnings == ""


def test_the_first_piece_is_a_whole_file(folder: Path) -> None:
    configuration = read(SETTINGS[0], name="deskwire.yaml", folder=folder, environment={"MAIL_PASSWORD": "x" * 20})

    assert list(configuration.channels) == ["support"]


def test_postfix_hands_mail_to_where_the_listener_is() -> None:
    whole = yaml.safe_load(SETTINGS[0])
    address, listens = whole["channels"]["support"]["address"], whole["listeners"]["smtp"]

    transport = next(text for text in TEXTS if text.startswith(address))

    assert transport.split() == [address, f"{listens['protocol']}:inet:{listens['listen']}"]
    host, _, port = listens["listen"].rpartition(":")
    assert f"`smtp:[{host}]:{port}`" in PAGE


def test_what_is_published_is_the_public_half_of_the_key_that_signs(folder: Path) -> None:
    key = private_key((folder / "dkim.pem").read_text(encoding="ascii"))
    (printed,) = [file for file in folder.glob("printed-*") if file.stat().st_size]

    published = load_der_public_key(b64decode(printed.read_bytes(), validate=True))

    assert published == key.public_key()
    assert "\n" not in printed.read_text(encoding="ascii")


@pytest.mark.parametrize("name", ALIASES)
def test_the_table_of_commands_has_all_their_names(name: str) -> None:
    rows = [row.split("|")[1].split() for row in PAGE.splitlines() if row.startswith("| `#")]

    assert [f"`#{alias}`" for alias in ALIASES[name]] in rows
    assert len(rows) == len(ALIASES)


@pytest.mark.parametrize("template", ["acknowledgement", "acknowledgement-unproven"])
def test_what_a_customer_sees_is_what_is_sent(template: str) -> None:
    body = worded(template, answer_by="")

    assert any(body.startswith(text) for text in TEXTS)


def test_a_promised_time_stands_where_the_page_says() -> None:
    first, second, *_ = worded("acknowledgement", answer_by="Mon 23 Nov, 11:30").splitlines()

    assert first == "Your message arrived. Number: 100009"
    assert f"`{second}`" in PAGE


def worded(template: str, answer_by: str) -> str:
    """The text of a template, as `notifier.texts` fills it in."""
    whole = SandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(
        (TEMPLATES / f"{template}.j2").read_text(encoding="utf-8")
    )
    context = whole.new_context({"number": "100009", "site": "Nordwind Help Desk", "answer_by": answer_by})
    return "".join(whole.blocks["text"](context))
