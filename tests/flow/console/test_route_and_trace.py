"""`deskwire route test` says what the desk then does, and `deskwire trace` what it did: on one desk, beside it."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from console.cli import main
from console.demo.botapi import BotApi, running
from console.demo.phones import Person
from store.rows import Ticket
from tests.desks import TEAM_CHAT
from tests.mail_sink import Sink, letter
from tests.running_desk import BOT, GROUP, TEAM, Backend, RunningDesk, World

ANNA, VIP, ROBOT = "anna@customer.example", "boss@vip.example", "robot@x.example"
IVAN, RITA = "ivan@customer.example", "rita@customer.example"
SARA = Person(611, "Sara", language="fa")
FIELDS = ("language", "category", "priority", "team", "person")
SECTIONS = """
customers:
  vip.example: {organisation: Acme, tags: [vip], language: pl}
calendars:
  warsaw: {time_zone: Europe/Warsaw, mon-fri: "08:00-17:00", holidays: PL}
  tehran: {time_zone: Asia/Tehran, sat-wed: "08:00-16:30", holidays: IR}
  always: {time_zone: UTC, mon-sun: "00:00-24:00"}
people:
  ola: {name: Ola, mail: ola@desk.example, speaks: [pl, en]}
  leila: {name: Leila, mail: leila@desk.example, speaks: [fa, en]}
priority:
  impact:
    - {when: {customer_tag: vip}, then: high}
    - {then: low}
  urgency:
    - {when: {words: ["cannot work", "nie mogę pracować", "не могу работать", "نمی‌توانم کار کنم"]}, then: high}
    - {when: {category: network}, then: medium}
    - {then: low}
sla:
  P1: {first_answer: 15m, resolve: 4h, clock: always}
  P2: {first_answer: 1h, resolve: 8h}
  P3: {first_answer: 4h, resolve: 3d}
  P4: {first_answer: 1d, resolve: 10d}
"""


class Case(NamedTuple):
    """The same message, as it comes to the desk and as it is handed in."""

    name: str
    sender: str  # Whose ticket it opens; empty: none.
    mail: bytes = b""
    form: str = ""
    chat: str = ""

    def file(self, number: int) -> bytes:
        """What is handed in to `route test`."""
        if self.mail:
            return self.mail
        if self.form:
            return json.dumps({"typed": {"email": self.sender, "message": self.form}, "language": "en"}).encode()
        sara = {"id": SARA.id, "is_bot": False, "first_name": SARA.name, "language_code": SARA.language}
        chat = {"id": SARA.id, "type": "private", "first_name": SARA.name}
        content = {"message_id": number, "from": sara, "chat": chat, "date": 1, "text": self.chat}
        return json.dumps({"update_id": number, "message": content}).encode()


CASES = (
    Case("an English mail", ANNA, letter("The VPN is down, I cannot work.", sender=ANNA, subject="VPN")),
    Case("a Polish mail of a proven VIP", VIP, letter("Nie mogę pracować bez sieci.", sender=VIP, proven=True)),
    Case("a Russian mail", RITA, letter("Не работает интернет, не могу работать.", sender=RITA)),
    Case("a Persian chat", "611", chat="اینترنت قطع است و نمی‌توانم کار کنم"),
    Case("a form", "f@customer.example", form="My VPN does not connect since this morning"),
    Case(
        "a mail of nobody's rules",
        "g@customer.example",
        letter("Good morning, a question.", sender="g@customer.example"),
    ),
    Case(
        "an automatic reply",
        "",
        letter("I am at the sea.", sender=ROBOT, subject="Away", auto_submitted="auto-replied"),
    ),
)


class Rich(RunningDesk):
    """With people, promises and customers that it knows."""

    def write_settings(self, path: Path, *, smtp: int) -> Path:
        super().write_settings(path, smtp=smtp)
        always = "shifts: [{calendar: always, people: [leila, ola]}]"
        shifts = "shifts: [{calendar: tehran, people: [leila]}, {calendar: warsaw, people: [ola]}]"
        text = path.read_text(encoding="utf-8")
        text = text.replace(f"{{mail: {TEAM}}}", f"{{mail: {TEAM}}}, {always}")
        text = text.replace(f"{{telegram: {GROUP}}}", f"{{telegram: {GROUP}}}, {shifts}")
        text = text.replace("route:\n  team: help\n", "route:\n  team: help\n  prefer: [speaks_customer_language]\n")
        path.write_text(text + SECTIONS, encoding="utf-8")
        return path


class Told(NamedTuple):
    """A case, what was told of it before it came, and the ticket that it became."""

    case: Case
    before: Mapping[str, object]
    ticket: Ticket | None


class Desk(NamedTuple):
    """The desk, which is not running any more."""

    path: Path
    told: tuple[Told, ...]
    environment: Mapping[str, str]

    def run(self, *arguments: str, given: bytes | None = None) -> Result:
        return CliRunner().invoke(main, ["-c", str(self.path), *arguments], env=self.environment, input=given)

    def document(self, *arguments: str, given: bytes | None = None) -> list[dict[str, object]]:
        result = self.run(*arguments, "--json", given=given)
        assert result.exit_code == 0, result.output
        found: list[dict[str, object]] = json.loads(result.stdout)["result"]
        return found

    def numbers(self) -> list[int]:
        return [one.ticket.number for one in self.told if one.ticket is not None]


async def _worked(folder: Path) -> Desk:
    sink, api = Sink(), BotApi(BOT, [SARA, TEAM_CHAT], now=lambda: datetime.now(UTC))
    async with sink.serving(), running(api) as url:
        desk = Rich(folder, Backend(), World(sink.port, url))
        path, environment = desk.path, desk.environment
        try:
            await desk.start()
            told = []
            for number, case in enumerate(CASES, start=1):
                shown = Desk(path, (), environment)
                (before,) = await asyncio.to_thread(shown.document, "route", "test", "-", given=case.file(number))
                await _send(desk, api, case)
                await desk.settled()
                ticket = (await desk.tickets_of(case.sender))[0] if case.sender else None
                told.append(Told(case, before, ticket))
            await desk.answer(told[0].ticket.number, "It works again.") if told[0].ticket else None
            await desk.mail(CASES[0].mail, sender=ANNA)  # Once more: a duplicate.
            await desk.settled()
            await desk.stop()
            return Desk(path, tuple(told), environment)
        finally:
            await desk.close()


async def _send(desk: RunningDesk, api: BotApi, case: Case) -> None:
    if case.mail:
        await desk.mail(case.mail, sender=case.sender or ROBOT)
    elif case.form:
        await desk.post(case.sender, case.form)
    else:
        api.say(SARA, case.chat)
        await desk.until(lambda: not len(api.phones.updates), "every update is confirmed")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return asyncio.run(_worked(tmp_path_factory.mktemp("rich")))


def test_what_is_told_before_a_message_comes_is_what_the_desk_does(desk: Desk) -> None:
    for case, before, ticket in desk.told:
        if ticket is None:
            assert before["outcome"] == "parked", case.name
            continue
        did = {
            "language": ticket.language,
            "category": ticket.category,
            "priority": ticket.priority,
            "team": ticket.team,
            "person": ticket.person.removeprefix("person:"),
        }
        assert (before["outcome"], before["decided"]) == ("opened", did), case.name


def test_a_ticket_s_first_message_is_decided_anew_as_it_was(desk: Desk) -> None:
    for case, before, ticket in desk.told:
        if ticket is None:
            continue
        (anew,) = desk.document("route", "test", str(ticket.number))
        decision = anew["decision"]
        assert isinstance(decision, dict)
        assert anew["decided"] == before["decided"], case.name
        for name, at in (("answer_by", ticket.answer_by), ("resolve_by", ticket.resolve_by)):
            assert at is not None
            assert datetime.fromisoformat(decision[name]) == at, case.name


def test_a_file_against_itself_changes_nothing(desk: Desk) -> None:
    count = len(desk.numbers())

    result = desk.run("route", "test", "--corpus", "last:1d", "--diff", str(desk.path))

    assert (result.exit_code, result.stdout) == (
        0,
        f"{count} messages · {count} same · 0 change\n",
    )


def test_another_file_is_told_from_this_one_by_what_it_changes(desk: Desk, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = desk.path.read_text(encoding="utf-8").replace("[vpn, интернет, اینترنت]", "[интернет]")
    other.write_text(text, encoding="utf-8")

    result = desk.run("route", "test", "--corpus", "last:1d", "--diff", str(other))
    zero = desk.run("route", "test", "--corpus", "last:1d", "--diff", str(other), "--exit-zero")
    (one,) = desk.document("route", "test", str(desk.numbers()[0]), "--diff", str(other), "--exit-zero")

    first = [line.split() for line in result.stdout.splitlines()][1]
    assert first[:5] == ["category", "network", "→", "other", "3"]
    assert (result.exit_code, zero.exit_code) == (1, 0)
    assert {change["field"] for change in one["changes"]} == {"category", "team", "person"}  # type: ignore[union-attr]


def test_what_is_expected_is_verified(desk: Desk) -> None:
    file = CASES[0].mail

    right = desk.run("route", "test", "-", "--verify", "team=network,category=network", "--no-desk", given=file)
    wrong = desk.run("route", "test", "-", "--verify", "team=help,category=network", "--no-desk", given=file)

    assert (right.exit_code, wrong.exit_code) == (0, 1)
    assert "verify     ✘ team expected help, found network\n" in wrong.stdout
    assert right.stdout.endswith("Nothing was stored or sent.\n")


def test_a_message_that_the_desk_has_already_says_how_to_have_it_decided_anew(desk: Desk) -> None:
    known = desk.run("route", "test", "-", "--diff", str(desk.path), given=CASES[0].mail)

    assert "--no-desk decides it as a new one" in known.stdout
    assert "decides the same" not in known.stdout


def test_nothing_is_stored(desk: Desk) -> None:
    before = desk.run("audit").stdout
    desk.document("route", "test", "-", given=CASES[0].mail)

    assert desk.run("audit").stdout == before


def test_a_message_s_way_is_told_from_the_stored_reasons(desk: Desk) -> None:
    number = desk.numbers()[0]

    told = desk.run("trace", str(number)).stdout

    lines = [line.split() for line in told.splitlines()]
    names = [line[1] for line in lines if len(line) > 1 and line[0][2:3] == ":"]
    assert names[:5] == ["in", "normalize", "dedup", "classify", "impact"]
    assert {"priority", "route", "clock", "opened", "notify", "sent", "answered", "duplicate"} <= set(names)
    assert f"config {_version(desk)}" in told
    assert "deskwire.yaml:" in told
    assert "cannot work" not in told.replace("cannot work”", "")  # No words of the customer but what a rule saw.


def _version(desk: Desk) -> str:
    (first,) = [one.ticket for one in desk.told if one.ticket is not None][:1]
    return first.config_version


@pytest.mark.parametrize("what", [ANNA, "611", "bot:611"])
def test_a_way_is_found_by_whatever_is_known_of_it(desk: Desk, what: str) -> None:
    sender = "611" if what.endswith("611") else what
    (number,) = [one.ticket.number for one in desk.told if one.ticket and one.case.sender == sender]

    (way,) = desk.document("trace", what)

    assert way["ticket"] == number


def test_a_way_is_found_by_ids(desk: Desk) -> None:
    number = desk.numbers()[0]
    told = desk.run("trace", str(number)).stdout
    raw = next(line.split()[-1] for line in told.splitlines() if line[13:15] == "in")
    external = CASES[0].mail.split(b"Message-ID: ")[1].split(b"\r\n")[0].decode()

    for what in (raw, raw[:8], external, external.strip("<>")):
        assert [way["ticket"] for way in desk.document("trace", what)] == [number], what


def test_what_waits_for_a_person_is_found_by_its_sender(desk: Desk) -> None:
    (way,) = desk.document("trace", ROBOT)

    lines = way["lines"]
    assert isinstance(lines, list)
    assert way["ticket"] is None
    assert [line["what"] for line in lines] == ["normalize", "parked"]


def test_what_is_not_there_says_where_else_it_may_be(desk: Desk) -> None:
    result = desk.run("trace", "nobody@nowhere.example")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing here is called “nobody@nowhere.example”" in result.stderr
    assert "deskwire parked list" in result.stderr
