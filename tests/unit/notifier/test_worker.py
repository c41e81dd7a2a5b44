"""From events to deliveries, in transactions like the stage's, on every database."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from notifier.attached import ReadFile
from notifier.policy import Policy
from notifier.render import Templates
from notifier.sender import Abilities
from notifier.settings import NotifySettings
from notifier.worker import Facts, Notifier
from store import deliveries, outbox
from store.bus import Stored, TopicPartition
from store.codec import decode, encode
from store.database import Database
from store.deliveries import FAILED, QUEUED, SUPPRESSED, Outbound
from store.errors import Permanent
from store.events import TicketEvent
from store.outgoing import Outgoing, Receipt
from store.records import DeliveryReport, Inbound, Proof, ReplyPath
from store.topics import EVENTS, MESSAGES

MakeEvent = Callable[..., TicketEvent]


class Can(Abilities):
    subjects = True

    def __init__(self, *, files: bool) -> None:
        self._files = files

    @property
    def files(self) -> bool:
        return self._files


class Paper:
    """Writes what it is to send as JSON, and refuses one address as a channel refuses what it cannot form."""

    def __init__(self, *, files: bool = True) -> None:
        self.capabilities = Can(files=files)

    def prepare(self, outgoing: Outgoing) -> bytes:
        if outgoing.address == "broken":
            raise Permanent("the address has no domain: use a whole one")
        said = {"to": outgoing.address, "subject": outgoing.subject, "text": outgoing.text}
        files = " ".join(f"{one.name}={len(one.content)}" for one in outgoing.files)
        return json.dumps(said | {"files": files, "cc": " ".join(outgoing.others), "actor": outgoing.actor}).encode()

    async def send(self, payload: bytes, address: str) -> Receipt:
        raise AssertionError("the stage never sends")


@pytest.fixture
def notifier(policy: Policy, templates: Templates, now: datetime) -> Notifier:
    return working(policy, templates, lambda: now)


def working(
    policy: Policy, templates: Templates, now: Callable[[], datetime], read_file: ReadFile | None = None, **changes: str
) -> Notifier:
    return Notifier(
        policy=policy,
        templates=templates,
        senders={"mail-it": Paper(), "bot": Paper(files=False)},
        settings=NotifySettings.model_validate(changes),
        now=now,
        read_file=read_file,
    )


def stored(value: bytes, offset: int = 0) -> Stored:
    return Stored(TopicPartition(EVENTS, 0), offset, "482917", value)


async def handle(database: Database, notifier: Notifier, events: Sequence[TicketEvent]) -> None:
    """What the stage does with a batch."""
    works = await notifier.prepare([stored(encode(event)) for event in events])

    def transact(connection: object) -> None:
        facts: Facts = notifier.gather(connection, works)
        notifier.apply(connection, facts, works)

    await database.write(transact)


async def written(database: Database, *numbers: int) -> list[Outbound]:
    def read(connection: object) -> list[Outbound]:
        return [row for number in numbers or (482917,) for row in deliveries.of_ticket(connection, number)]

    return await database.read(read)


async def payload_of(database: Database, channel: str, now: datetime) -> dict[str, str]:
    claimed = await database.write(
        lambda connection: deliveries.claim_due(
            connection, channel, now=now + timedelta(seconds=1), limit=9, patience=timedelta(0)
        )
    )
    (one,) = claimed
    return json.loads(one.payload)


async def reports(database: Database) -> list[DeliveryReport]:
    rows = await database.read(lambda connection: outbox.read(connection, 100, 1_000_000))
    assert all(row.topic == MESSAGES for row in rows)
    return [decode(row.entry.value, Inbound) for row in rows]


def numbered(event: TicketEvent, number: int) -> TicketEvent:
    """The same customer's next ticket."""
    return replace(event, id=f"event {number}", ticket=replace(event.ticket, number=number))


async def test_a_new_ticket_queues_both_with_their_final_bytes(
    database: Database, notifier: Notifier, by_mail: MakeEvent, now: datetime
) -> None:
    await handle(database, notifier, [by_mail()])

    rows = await written(database)
    assert [(row.purpose, row.channel, row.state) for row in rows] == [
        ("acknowledgement", "mail-it", QUEUED),
        ("alert", "bot", QUEUED),
    ]
    assert (await payload_of(database, "mail-it", now))["subject"].startswith("Re: Cannot log in")
    assert (await payload_of(database, "bot", now))["text"].startswith("📥 ")


async def test_an_event_that_comes_again_changes_nothing(
    database: Database, notifier: Notifier, by_mail: MakeEvent
) -> None:
    await handle(database, notifier, [by_mail(), by_mail()])
    before = await written(database)

    await handle(database, notifier, [by_mail()])

    assert await written(database) == before
    assert len(before) == 2


async def test_replaying_does_not_use_up_a_cap(database: Database, notifier: Notifier, by_mail: MakeEvent) -> None:
    again = [numbered(by_mail(), 1)] * 3

    await handle(database, notifier, [*again, numbered(by_mail(), 2)])
    await handle(database, notifier, [*again, numbered(by_mail(), 3)])

    assert {row.state for row in await written(database, 1, 2, 3)} == {QUEUED}


async def test_an_unproven_address_gets_one_acknowledgement_a_day_and_every_ticket_its_alert(
    database: Database, notifier: Notifier, by_mail: MakeEvent
) -> None:
    events = [numbered(by_mail(proof=Proof.CLAIMED), number) for number in (1, 2, 3)]

    await handle(database, notifier, events[:2])
    await handle(database, notifier, events[2:])

    rows = await written(database, 1, 2, 3)
    assert [(row.state, row.reason) for row in rows if row.purpose == "acknowledgement"] == [
        (QUEUED, ""),
        (SUPPRESSED, "cap-unproven"),
        (SUPPRESSED, "cap-unproven"),
    ]
    assert [row.state for row in rows if row.purpose == "alert"] == [QUEUED] * 3


async def test_a_proven_address_gets_three_over_all_channels_and_batches(
    database: Database, notifier: Notifier, by_mail: MakeEvent
) -> None:
    by_another_way = ReplyPath(channel="bot", address="Sara+x@delta.example")
    events = [
        numbered(by_mail(), 1),
        numbered(by_mail(reply_path=by_another_way), 2),
        numbered(by_mail(), 3),
        numbered(by_mail(), 4),
    ]

    await handle(database, notifier, events[:1])
    await handle(database, notifier, events[1:])

    rows = [row for row in await written(database, 1, 2, 3, 4) if row.purpose == "acknowledgement"]
    assert [row.state for row in rows] == [QUEUED, QUEUED, QUEUED, SUPPRESSED]


async def test_a_cap_ends_with_its_window(
    database: Database, policy: Policy, templates: Templates, by_mail: MakeEvent, now: datetime
) -> None:
    clock = [now]
    notifier = working(policy, templates, lambda: clock[0])
    await handle(database, notifier, [numbered(by_mail(proof=Proof.CLAIMED), 1)])

    clock[0] = now + timedelta(hours=23, minutes=59)
    await handle(database, notifier, [numbered(by_mail(proof=Proof.CLAIMED), 2)])
    clock[0] = now + timedelta(hours=24)
    await handle(database, notifier, [numbered(by_mail(proof=Proof.CLAIMED), 3)])

    rows = [row for row in await written(database, 1, 2, 3) if row.purpose == "acknowledgement"]
    assert [row.state for row in rows] == [QUEUED, SUPPRESSED, QUEUED]


async def test_a_suppressed_acknowledgement_has_a_row_without_a_message(
    database: Database, notifier: Notifier, by_mail: MakeEvent
) -> None:
    await handle(database, notifier, [by_mail(reply_path=None)])

    courtesy, alert = await written(database)
    assert (courtesy.state, courtesy.reason, courtesy.channel) == (SUPPRESSED, "no-reply-path", "")
    assert alert.state == QUEUED


async def test_deliveries_of_a_batch_keep_the_order_of_their_events(
    database: Database, notifier: Notifier, by_mail: MakeEvent
) -> None:
    events = [by_mail("continued", id=f"event {number}") for number in range(20)]

    await handle(database, notifier, events)

    assert [row.event for row in await written(database)] == [event.id for event in events]


async def test_an_answer_through_a_channel_that_is_gone_is_reported_as_failed(
    database: Database, notifier: Notifier, by_mail: MakeEvent
) -> None:
    event = by_mail("answered", text="Done.", reply_path=ReplyPath(channel="mail-old", address="sara@delta.example"))

    await handle(database, notifier, [event])

    (row,) = await written(database)
    assert (row.state, row.reason) == (FAILED, "there is no channel 'mail-old' in the settings any more")
    (report,) = await reports(database)
    assert (report.delivery, report.outcome, report.detail) == (row.id, "failed", f"sara@delta.example: {row.reason}")


async def test_what_a_channel_cannot_form_fails_and_is_reported_without_harm_to_the_rest(
    database: Database, notifier: Notifier, by_mail: MakeEvent
) -> None:
    bad = by_mail("answered", id="bad", text="Done.", reply_path=ReplyPath(channel="mail-it", address="broken"))

    await handle(database, notifier, [bad, by_mail("answered", id="good", text="Done.")])
    await handle(database, notifier, [bad])

    rows = {row.event: row.state for row in await written(database)}
    assert rows == {"bad": FAILED, "good": QUEUED}
    assert [report.outcome for report in await reports(database)] == ["failed"]


async def test_a_failed_acknowledgement_is_not_reported(
    database: Database, notifier: Notifier, by_mail: MakeEvent
) -> None:
    await handle(database, notifier, [by_mail(reply_path=ReplyPath(channel="mail-it", address="broken"))])

    assert (await written(database))[0].state == FAILED
    assert await reports(database) == []


async def test_what_is_no_event_is_that_record_s_failure_alone(notifier: Notifier, by_mail: MakeEvent) -> None:
    bad, good = await notifier.prepare([stored(b"no record"), stored(encode(by_mail()), 1)])

    assert isinstance(bad, Permanent)
    assert not isinstance(good, Exception)
    assert len(good) == 2
