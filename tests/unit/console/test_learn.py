"""`deskwire learn` teaches a desk from its own tickets, keeps what helps, and the router then asks it."""

import asyncio
import json
import stat
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from config.load import read
from config.stores import database_of, key_of, model_file
from console.cli import main
from console.routing.rehearsal import rules_of
from router.decide import SUSPECT
from router.learned.guesser import Guesser
from router.worker import Router, Work
from store.bus import Stored, TopicPartition
from store.codec import encode
from store.lookups import list_tickets
from store.records import Action, Fact, Message
from store.topics import ACTIONS, MESSAGES
from tests.unit.router.given import NOW
from tests.unit.router.learned.taught import TOPICS, about

SETTINGS = """\
version: 1
site: {name: Nordwind, languages: [en]}
channels:
  mail-it: {type: mail, address: help@desk.example, send: {smtp: "relay.example:587"}}
teams: {help: {workspace: {mail: team@desk.example}}}
classify:
  categories: {access: {en: Access}, network: {en: Network}, billing: {en: Bills}, other: {en: Other}}
  rules:
    - {when: {words: password}, then: access}
  model: {min_confidence: 0.6}
route: {team: help}
"""


class Desk:
    """A desk whose router is driven by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "deskwire.yaml").write_text(SETTINGS, encoding="utf-8")
        self.configuration = read(SETTINGS, name="deskwire.yaml", folder=folder, environment={})
        assert self.command("migrate").exit_code == 0
        self.router = Router(
            rules_of(self.configuration).routing,
            now=lambda: NOW,
            guesser=Guesser(model_file(self.configuration), key_of(self.configuration)),
        )

    def command(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["-c", str(self.folder / "deskwire.yaml"), *arguments])

    def handle(self, *records: Message | Action) -> None:
        asyncio.run(self._handle(records))

    async def _handle(self, records: Sequence[Message | Action]) -> None:
        database = database_of(self.configuration)
        for start in range(0, len(records), 50):
            works = await self.router.prepare([_stored(record) for record in records[start : start + 50]])
            known = [work for work in works if isinstance(work, Work)]
            await database.write(
                lambda connection, known=known: self.router.apply(
                    connection, self.router.gather(connection, known), known
                )
            )
        await database.close()

    def tickets(self) -> dict[str, int]:
        """By subject."""

        async def look() -> dict[str, int]:
            database = database_of(self.configuration)
            found = await database.read(lambda connection: list_tickets(connection, "", 10_000))
            await database.close()
            return {ticket.subject: ticket.number for ticket in found}

        return asyncio.run(look())

    def teach(self, count: int) -> None:
        """So many open tickets, of which a technician corrects those that no rule knew: nine in ten or so."""
        topics = [tuple(TOPICS)[number % len(TOPICS)] for number in range(count)]
        messages = [about(topic, number) for number, topic in enumerate(topics)]
        self.handle(*messages)
        numbers = self.tickets()
        self.handle(
            *(
                Action(
                    id=f"a{at}",
                    kind="change",
                    actor="operator:ann",
                    ticket=numbers[message.subject],
                    value=f"category {topic}",
                    at=NOW,
                )
                for at, (message, topic) in enumerate(zip(messages, topics, strict=True))
            )
        )


def _stored(record: Message | Action) -> Stored:
    topic = ACTIONS if isinstance(record, Action) else MESSAGES
    return Stored(at=TopicPartition(topic, 0), offset=0, key="k", value=encode(record))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_desk_is_taught_and_then_knows_what_no_rule_does(desk: Desk) -> None:
    desk.teach(240)
    place = model_file(desk.configuration)

    dry = desk.command("learn", "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert not place.exists()

    told = desk.command("learn")
    assert told.exit_code == 0, told.output
    assert "It beats the rules, and is kept in" in told.output
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [path.name for path in place.parent.iterdir() if ".dwm." in path.name] == []

    desk.handle(about("billing", 5_000))
    number = desk.tickets()[about("billing", 5_000).subject]
    shown = json.loads(desk.command("ticket", "show", str(number), "--json").output)["result"]
    assert shown["ticket"]["category"] == "billing"
    (reason,) = [reason for reason in shown["because"] if reason["part"] == "category"]
    assert reason["rule"] == "learned model"
    (opened,) = [event for event in shown["events"] if event["kind"] == "opened"]
    assert opened["decision"]["guesses"][0]["category"] == "billing"
    rehearsed = desk.command("route", "test", "--text", about("billing", 5_001).text)
    assert "the model says billing" in rehearsed.output

    suspected = msgspec.structs.replace(about("billing", 5_002), facts=(Fact(name=SUSPECT, value="honeypot"),))
    desk.handle(suspected)
    (parked,) = json.loads(desk.command("parked", "list", "--json").output)["result"]
    assert desk.tickets().get(suspected.subject) is None
    desk.handle(Action(id="accepted", kind="accept", actor="operator:ann", item=parked["id"], at=NOW))
    number = desk.tickets()[suspected.subject]
    shown = json.loads(desk.command("ticket", "show", str(number), "--json").output)["result"]
    assert shown["ticket"]["category"] == "billing"


def test_with_too_few_tickets_it_says_how_many_are_needed(desk: Desk) -> None:
    desk.teach(30)

    told = desk.command("learn")

    assert told.exit_code == 1
    assert "of the newest 30 tickets 27 are known to have the right category" in told.stderr
    assert "200 tickets in 2 categories are the least" in told.stderr


def test_the_packages_that_are_missing_are_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.learning.learn.find_spec", lambda name: None if name == "sklearn" else object())

    told = desk.command("learn")

    assert told.exit_code == 1
    assert "(sklearn): run pip install 'deskwire[learn]'" in told.stderr


def test_what_does_not_help_is_not_kept_without_force(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.teach(240)
    monkeypatch.setattr("console.learning.taught.beats_rules", lambda trial: False)
    place = model_file(desk.configuration)

    refused = desk.command("learn", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["result"]["beats_rules"] is False
    assert not place.exists()

    forced = desk.command("learn", "--force", "--json")
    assert forced.exit_code == 0
    assert json.loads(forced.stdout)["result"]["file"] == str(place)
    assert place.exists()
