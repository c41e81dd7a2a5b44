"""What is handed in to `deskwire route test`, how two files are compared, and what a terminal gets to see."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from config.load import read
from config.settings import Configuration
from console.cli import main
from console.routing.compare import Comparison, as_by, right_team
from console.routing.mbox import is_mbox, mails_in
from console.routing.payloads import Given, payloads_in
from router.draft import Draft
from router.life.commands import act
from store.errors import Permanent
from store.events import TicketEvent
from store.records import Action, Decision, Message, RawMessage, Reason
from tests.unit.router.given import message, ticket

NOW = datetime(2026, 11, 20, 15, 40, tzinfo=UTC)
DESK = """version: 1
site: {name: Nordwind, languages: [en, fa], time_zone: Europe/Warsaw}
channels:
  it: {type: mail, address: it@desk.example, send: {smtp: "127.0.0.1:2525", tls: none}, sets: {audience: employee}}
  help: {type: mail, address: help@desk.example, send: {smtp: "127.0.0.1:2526", tls: none}, sets: {audience: customer}}
  form: {type: web, path: /f/help, reply_through: help}
teams:
  desk: {workspace: {mail: desk@teams.example, channel: it}}
  network: {workspace: {mail: network@teams.example, channel: it}}
classify:
  categories: {network: {en: Network, fa: شبکه}, other: {en: Other, fa: سایر}}
  rules:
    - {when: {words: [vpn, اینترنت]}, then: network}
route:
  team: desk
  routes:
    - {name: network, when: {category: network}, team: network}
"""
FROM = b"From ann@acme.example Fri Nov 20 16:40:00 2026\n"
LETTER = b"From: ann@acme.example\nTo: Help <Help+abc@desk.example>\nSubject: VPN\n\nThe VPN is down.\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "deskwire.yaml").write_text(DESK, encoding="utf-8")
    return tmp_path / "deskwire.yaml"


def configured(text: str = DESK) -> Configuration:
    return read(text, name="deskwire.yaml", folder=Path(), environment={})


def given(**changes: object) -> Given:
    return Given(configured().channels, "", NOW)._replace(**changes)  # type: ignore[arg-type]


def run(path: Path, *arguments: str, handed: bytes | None = None, **env: str) -> Result:
    return CliRunner().invoke(main, ["-c", str(path), "route", "test", *arguments], input=handed, env=env)


def test_an_mbox_is_taken_apart_at_its_from_lines_alone() -> None:
    box = FROM + b"Subject: 1\n\nFrom here on\n>From the start\n\n" + FROM + b"Subject: 2\n\nB\n"

    first, second = mails_in(box.splitlines(keepends=True), most=1000)

    assert is_mbox(box)
    assert first == b"Subject: 1\n\nFrom here on\nFrom the start\n\n"
    assert second == b"Subject: 2\n\nB\n"


def test_a_mail_of_an_mbox_that_is_too_large_is_cut() -> None:
    (mail,) = mails_in([FROM, b"x" * 10 + b"\n", b"y" * 10 + b"\n", b"z\n"], most=15)

    assert mail == b"x" * 10 + b"\n" + b"y" * 10 + b"\n"


def test_a_mail_goes_to_the_channel_that_it_is_addressed_to() -> None:
    (raw,) = payloads_in(LETTER, given())

    assert isinstance(raw, RawMessage)
    assert (raw.channel, raw.envelope.recipients) == ("help", ("help+abc@desk.example",))
    assert raw.payload.count(b"\r\n") == raw.payload.count(b"\n")


def test_a_mail_to_nobody_that_is_known_goes_to_the_first_mail_channel() -> None:
    (raw,) = payloads_in(b"To: xhelp@desk.example.org\n\nhelp@desk.example\n", given())

    assert raw.channel == "it"


@pytest.mark.parametrize(
    ("payload", "channel"),
    [
        ({"text": "VPN", "channel": "form", "from": "a@b.example", "facts": {"affects": "everyone"}}, "form"),
        ({"text": "VPN"}, "it"),
        ({"typed": {"message": "VPN"}}, "form"),
    ],
)
def test_json_is_a_message_or_what_a_channel_sends(payload: Mapping[str, object], channel: str) -> None:
    (found,) = payloads_in(json.dumps(payload).encode(), given())

    assert found.channel == channel
    if isinstance(found, Message) and "facts" in payload:
        assert [(fact.name, fact.value) for fact in found.facts] == [("affects", "everyone")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "begins like JSON and is none"),
        (b"[1]", "a message in JSON is an object"),
        (b'{"texd": "x"}', "no message that a channel of this desk sends"),
        (b'{"text": "x", "form": "y"}', "a message in JSON has text"),
        (b'{"text": "x", "channel": "nope"}', 'no channel called "nope"'),
        (b'{"update_id": 1}', "name the channel"),
    ],
)
def test_what_is_no_message_says_what_one_is(content: bytes, said: str) -> None:
    with pytest.raises(Permanent, match=said):
        list(payloads_in(content, given()))


def test_a_message_has_the_facts_that_its_channel_sets_in_each_file() -> None:
    other = configured(DESK.replace("audience: customer", "audience: partner"))
    came = payloads_in(json.dumps({"text": "VPN", "channel": "help", "facts": {"topic": "x"}}).encode(), given())
    (mail,) = came
    assert isinstance(mail, Message)

    theirs = as_by(mail, other, configured())

    assert {(fact.name, fact.value) for fact in theirs.facts} == {("audience", "partner"), ("topic", "x")}


def _moved(team: str, why: str) -> TicketEvent:
    reason = Reason(part="conversation", result="move 100009", rule="move", evidence=f"{team} · {why} · words")
    decision = Decision(outcome="acted", ticket=100009, because=(reason,))
    view = msgspec.structs.replace(ticket(), team=team)
    draft = Draft(ticket=view).with_event("moved", cause="a1", actor="person:ola", at=NOW, decision=decision)
    return draft.events[0].event


@pytest.mark.parametrize(
    ("moves", "right"),
    [
        ((), "help"),
        ((("network", "wrong-team"),), "network"),
        ((("network", "wrong-topic"), ("engineering", "needs-skill")), "network"),
        ((("network", "customer-asked"),), "help"),
    ],
)
def test_a_ticket_belonged_to_whoever_did_not_send_it_away_as_wrong(
    moves: tuple[tuple[str, str], ...], right: str
) -> None:
    opened = Draft(ticket=ticket()).with_event(
        "opened", cause="m1", actor="customer", at=NOW, decision=Decision(outcome="opened")
    )
    events = [opened.events[0].event, *(_moved(*move) for move in moves)]

    assert right_team(events, is_solved=True) == right
    assert right_team(events, is_solved=False) == ""


def test_a_move_says_why_where_the_comparison_looks_for_it() -> None:
    from tests.unit.router.given import facts, policy  # noqa: PLC0415

    action = Action(
        id="a1", kind="move", actor="person:ola", ticket=100009, value="network", why="wrong-team", text="w", at=NOW
    )
    desk = msgspec.structs.replace(policy(), choices={"team": ("help", "network")})
    because = act(action, facts(ticket()), desk).decision.because

    assert "wrong-team" in because[0].evidence.split(" · ")[:2]


def test_a_comparison_counts_kinds_of_changes_and_keeps_one_example_of_each() -> None:
    comparison = Comparison()
    one = Decision(outcome="opened", category="access", team="desk", priority="P3")
    other = msgspec.structs.replace(one, category="billing")
    for number in range(5):
        comparison.add(message(subject=f"No {number}"), one, other, name=str(number), right="desk")
    comparison.add(message(), one, one, name="6")

    (change,) = comparison.counts
    assert (change.field, change.before, change.after) == ("category", "access", "billing")
    assert (comparison.messages, comparison.same, comparison.changed) == (6, 1, 5)
    assert comparison.examples[change].words == "No 0"
    assert (comparison.known, comparison.right_before, comparison.right_after) == (5, 5, 5)


def test_a_made_up_message_is_told_of_in_ten_steps(path: Path) -> None:
    result = run(path, "--text", "اینترنت قطع است و کار نمی‌کند", "--channel", "form", "--at", "2026-11-20 16:40")

    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert [line[:14].split()[1] for line in lines if line[:2].strip().isdigit()] == [
        *("accept", "dedup", "language", "classify", "priority", "route", "person", "clock", "notify", "answers"),
    ]
    assert " 3 language  ✔ fa  from" in result.stdout
    assert "2026-11-20 15:40:00Z" in lines[0]
    assert "◀ taken" in result.stdout
    assert lines[-1] == "Nothing was stored or sent."
    assert not (path.parent / "data").exists()


def test_plain_output_has_neither_marks_nor_drawings(path: Path) -> None:
    said = run(path, "--text", "VPN", "--plain").stdout

    assert not set("✔✘·├└│◀") & set(said.replace("◀ taken", ""))


def test_a_customer_s_control_characters_never_reach_the_terminal(path: Path) -> None:
    mail = LETTER.replace(b"Subject: VPN", "Subject: \x1b[31mred\u202evil".encode())

    said = run(path, "-", handed=mail).stdout

    assert "red" in said
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_a_file_of_a_folder_that_is_no_message_is_named(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "run.log").write_text('{"event": "started"}\n{"event": "stopped"}\n')

    result = run(path, "--corpus", str(folder), "--diff", str(path))

    assert result.exit_code == 1
    assert "run.log: this begins like JSON and is none" in result.stderr


def test_a_folder_is_run_through_both_files(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "1.eml").write_bytes(LETTER)
    (folder / "2.json").write_text(json.dumps([{"text": "VPN"}, {"text": "printer"}]), encoding="utf-8")
    (folder / "box").write_bytes(FROM + LETTER + b"\n" + FROM + LETTER.replace(b"VPN", b"printer"))
    other = tmp_path / "other.yaml"
    other.write_text(DESK.replace("words: [vpn,", "words: [printer,"), encoding="utf-8")

    same = run(path, "--corpus", str(folder), "--diff", str(path))
    differs = run(path, "--corpus", str(folder), "--diff", str(other), "--json")

    assert (same.exit_code, same.stdout) == (0, "5 messages · 5 same · 0 change\n")
    found = json.loads(differs.stdout)
    assert (differs.exit_code, found["schema"]) == (1, "deskwire.route_diff/1")
    assert (found["result"]["messages"], found["result"]["changed"]) == (5, 5)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 2),
        (("x.eml", "--text", "VPN"), 2),
        (("--corpus", "last:1d"), 2),
        (("--text", "VPN", "--verify", "colour=red"), 2),
        (("--text", "VPN", "--fact", "affects"), 2),
        (("--text", "VPN", "--at", "tomorrow"), 1),
        (("no-such-file.eml",), 1),
        (("482917",), 1),
        (("--corpus", "last:1d", "--diff", "deskwire.yaml"), 3),
        (("--text", "VPN", "--verify", "team=network"), 0),
        (("--text", "VPN", "--verify", "team=desk"), 1),
    ],
)
def test_exit_codes_tell_findings_from_wrong_usage(path: Path, arguments: tuple[str, ...], code: int) -> None:
    result = run(path, *arguments)

    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
