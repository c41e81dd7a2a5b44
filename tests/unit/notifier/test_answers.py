"""Who gets an answer, and what becomes of the files that go out with it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from notifier.attached import TooHeavy
from notifier.policy import Policy
from notifier.render import Templates
from notifier.sender import Abilities
from notifier.settings import NotifySettings
from notifier.worker import Notifier
from store.bus import Stored, TopicPartition
from store.codec import encode
from store.database import Database
from store.errors import Permanent, Temporary
from store.events import TicketEvent
from store.outgoing import Outgoing, Purpose, Receipt
from store.records import Address, Attachment, Proof, ReplyPath, SentFile
from store.tokens import actor_of
from store.topics import EVENTS

MakeEvent = Callable[..., TicketEvent]

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SARA = Address(kind="mail", value="sara@delta.example", name="Sara Ahmadi")
MAX, EWA = (Address(kind="mail", value=value) for value in ("max@other.example", "ewa@third.example"))


class Can(Abilities):
    subjects = True

    def __init__(self, *, files: bool) -> None:
        self._files = files

    @property
    def files(self) -> bool:
        return self._files


class Paper:
    """Keeps what it was to form."""

    def __init__(self, *, files: bool = True) -> None:
        self.capabilities = Can(files=files)
        self.formed: list[Outgoing] = []

    def prepare(self, outgoing: Outgoing) -> bytes:
        self.formed.append(outgoing)
        return json.dumps({"text": outgoing.text}).encode()

    async def send(self, payload: bytes, address: str) -> Receipt:
        raise AssertionError("the stage never sends")


class Desk:
    """The stage, two channels and the originals that files are read from."""

    def __init__(self, policy: Policy, templates: Templates, **settings: str) -> None:
        self.mail, self.bot = Paper(), Paper(files=False)
        self.trouble: dict[str, Exception] = {}
        self.read: list[str] = []
        self.notifier = Notifier(
            policy=policy,
            templates=templates,
            senders={"mail-it": self.mail, "bot": self.bot},
            settings=NotifySettings.model_validate(settings),
            now=lambda: NOON,
            read_file=self.read_file,
        )

    async def read_file(self, one: SentFile) -> bytes:
        self.read.append(one.file.name)
        if error := self.trouble.get(one.file.name):
            raise error
        return b"x" * one.file.size

    async def hear(self, database: Database, *events: TicketEvent) -> None:
        works = await self.notifier.prepare([stored(event) for event in events])

        def transact(connection: object) -> None:
            self.notifier.apply(connection, self.notifier.gather(connection, works), works)

        await database.write(transact)

    def answers(self) -> list[Outgoing]:
        return [one for one in self.mail.formed + self.bot.formed if one.purpose is Purpose.ANSWER]

    def alerts(self) -> list[str]:
        return [one.text for one in self.mail.formed + self.bot.formed if one.purpose is Purpose.ALERT]


def stored(event: TicketEvent) -> Stored:
    return Stored(TopicPartition(EVENTS, 0), 0, "", encode(event))


@pytest.fixture
def desk(policy: Policy, templates: Templates) -> Desk:
    return Desk(policy, templates)


def file(name: str, size: int = 10) -> SentFile:
    return SentFile(raw="raw", file=Attachment(name=name, content_type="image/png", size=size, digest="d", part=1))


def names(one: Outgoing) -> list[str]:
    return [file.name for file in one.files]


async def test_everybody_who_takes_part_gets_the_answer_and_sees_the_others(
    database: Database, desk: Desk, by_mail: MakeEvent
) -> None:
    await desk.hear(database, by_mail("answered", text="Done.", participants=(MAX, EWA)))

    assert [(one.address, one.others) for one in desk.answers()] == [
        (SARA.value, (MAX.value, EWA.value)),
        (MAX.value, (SARA.value, EWA.value)),
        (EWA.value, (SARA.value, MAX.value)),
    ]
    assert len({one.key for one in desk.answers()}) == 3


async def test_everybody_s_reply_address_is_their_own(database: Database, desk: Desk, by_mail: MakeEvent) -> None:
    await desk.hear(database, by_mail("answered", text="Done.", participants=(MAX,)))

    assert [one.actor for one in desk.answers()] == [actor_of(SARA), actor_of(MAX)]
    assert {one.reply for one in desk.answers()} == {"c"}


async def test_nobody_gets_an_answer_twice(database: Database, desk: Desk, by_mail: MakeEvent) -> None:
    again = (replace(SARA, value="Sara+x@delta.example"), MAX, replace(MAX, value="max+1@other.example"))
    event = by_mail("answered", text="Done.", participants=again)

    await desk.hear(database, event)
    await desk.hear(database, event)

    assert [one.address for one in desk.answers()] == [SARA.value, MAX.value]


async def test_only_the_customer_is_acknowledged(database: Database, desk: Desk, by_mail: MakeEvent) -> None:
    await desk.hear(database, by_mail(participants=(MAX, EWA)))

    formed = [one for one in desk.mail.formed if one.purpose is Purpose.ACKNOWLEDGEMENT]
    assert [(one.address, one.others) for one in formed] == [(SARA.value, ())]


async def test_who_takes_part_by_mail_is_not_reached_by_a_chat(
    database: Database, desk: Desk, by_chat: MakeEvent
) -> None:
    await desk.hear(database, by_chat("answered", text="Done.", participants=(MAX,)))

    assert [(one.address, one.others) for one in desk.answers()] == [("611000009", ())]


async def test_files_go_out_to_everybody_and_are_read_once(database: Database, desk: Desk, by_mail: MakeEvent) -> None:
    event = by_mail("answered", text="Done.", files=(file("a.png"), file("b.png", 20)), participants=(MAX,))

    await desk.hear(database, event)

    assert [names(one) for one in desk.answers()] == [["a.png", "b.png"]] * 2
    assert desk.read == ["a.png", "b.png"]
    assert desk.alerts() == []


@pytest.mark.parametrize("files", [(file("gone.png"), file("b.png")), (file("huge.png", 15_000_001), file("b.png"))])
async def test_a_file_that_cannot_go_is_named_and_the_team_hears_of_it(
    database: Database, desk: Desk, by_mail: MakeEvent, files: tuple[SentFile, ...]
) -> None:
    desk.trouble["gone.png"] = Permanent("the original is gone: send the file again")

    await desk.hear(database, by_mail("answered", text="Done.", files=files))

    (answer,) = desk.answers()
    assert names(answer) == ["b.png"]
    assert answer.text.startswith("Done.\n")
    assert f"These files could not be sent: \u2068{files[0].file.name}\u2069" in answer.text
    (alert,) = desk.alerts()
    assert files[0].file.name in alert
    assert "b.png" not in alert


async def test_files_beyond_the_most_that_an_answer_may_weigh_stay_behind(
    database: Database, policy: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    desk = Desk(policy, templates, files="100B")

    await desk.hear(database, by_mail("answered", text="Done.", files=(file("a", 60), file("b", 50), file("c", 40))))

    assert [names(one) for one in desk.answers()] == [["a", "c"]]


async def test_a_channel_without_files_says_what_there_was(database: Database, desk: Desk, by_chat: MakeEvent) -> None:
    await desk.hear(database, by_chat("answered", text="Done.", files=(file("a.png"),)))

    (answer,) = desk.answers()
    assert (names(answer), desk.read) == ([], [])
    assert "a.png" in answer.text
    assert len(desk.alerts()) == 1


async def test_files_that_cannot_be_read_now_wait_with_their_answer(desk: Desk, by_mail: MakeEvent) -> None:
    desk.trouble["a.png"] = Temporary("the blobs are away")

    with pytest.raises(Temporary):
        await desk.notifier.prepare([stored(by_mail("answered", text="Done.", files=(file("a.png"),)))])


async def test_what_a_batch_holds_in_memory_is_bounded(
    policy: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    desk = Desk(policy, templates, files_at_once="100B")
    heavy = stored(by_mail("answered", text="Done.", files=(file("a.png", 60),)))

    first, second, third = await desk.notifier.prepare([heavy, heavy, stored(by_mail())])
    (alone,) = await desk.notifier.prepare([heavy])

    assert not isinstance(first, Exception)
    assert isinstance(second, TooHeavy)
    assert not isinstance(third, Exception)
    assert not isinstance(alone, Exception)


async def test_where_so_many_copies_are_too_heavy_the_customer_s_has_the_files(
    database: Database, policy: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    desk = Desk(policy, templates, files_at_once="100B")

    await desk.hear(database, by_mail("answered", text="Done.", files=(file("a", 60),), participants=(MAX,)))

    assert [names(one) for one in desk.answers()] == [["a"], []]
    assert len(desk.alerts()) == 1


async def test_an_unproven_sender_gets_no_text_of_theirs_back(
    database: Database, desk: Desk, by_mail: MakeEvent
) -> None:
    evil = "BUY-NOW-http-evil.example"
    event = by_mail(
        proof=Proof.CLAIMED,
        subject=evil,
        text=evil,
        conversation=(f"<{evil}@x.example>",),
        customer=replace(SARA, name=evil),
        sender=replace(SARA, name=evil),
        reply_path=ReplyPath(channel="mail-it", address=SARA.value),
    )

    await desk.hear(database, event)

    (courtesy,) = [one for one in desk.mail.formed if one.purpose is Purpose.ACKNOWLEDGEMENT]
    assert evil not in f"{courtesy.subject} {courtesy.text} {courtesy.references} {courtesy.others} {courtesy.actor}"
