"""The settings of the demo's desk, and what is said around them."""

import socket
from pathlib import Path

from config.load import read
from console.demo.desk import Places, free_port, settings_text
from console.demo.paint import Paint
from console.demo.tell import invitation, opening

PLACES = Places(Path("/tmp/demo"), Path("/tmp/demo/deskwire.yaml"), 2525, 2526, 8080, "http://127.0.0.1:8081/bot")
PLAIN = Paint(on=False)


def test_the_settings_are_a_file_without_a_single_problem(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("7000000001:" + "a" * 35)
    token.chmod(0o600)

    found = read(settings_text(PLACES, token), name="deskwire.yaml", folder=tmp_path, environment={})

    assert {name: channel.type for name, channel in found.channels.items()} == {
        "mail": "mail",
        "telegram": "telegram",
        "form": "web",
    }
    assert found.embedded


def test_a_port_that_is_taken_is_replaced() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert free_port(port) != port
    assert free_port(port) == port


def test_the_first_line_says_that_nothing_leaves_the_computer_and_a_replaced_port_is_named() -> None:
    lines = opening(PLACES, version="1.0", port=8080, paint=PLAIN)
    replaced = opening(PLACES._replace(http=9999), version="1.0", port=8080, paint=PLAIN)

    assert lines[0] == "Deskwire 1.0 demo: all of it runs on this computer, and nothing leaves it."
    assert "in use" not in "".join([*lines, *opening(PLACES, version="1.0", port=0, paint=PLAIN)])
    assert "  Port 8080 is in use, so the form is at port 9999." in replaced


def test_the_commands_to_try_name_the_settings_file_and_a_ticket() -> None:
    lines = invitation(PLACES, command="deskwire", number=100009, paint=PLAIN)

    assert '  deskwire -c /tmp/demo/deskwire.yaml ticket answer 100009 "It works again."' in lines
    assert not any("ticket answer" in line for line in invitation(PLACES, command="x", number=None, paint=PLAIN))
