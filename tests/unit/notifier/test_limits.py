"""The limits that all ways in share: per domain, in all, in a storm, and for addresses that nothing reaches."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import event as hooks

from notifier.policy import Policy, Storm
from notifier.render import Templates
from notifier.sender import Abilities
from notifier.settings import NotifySettings
from notifier.worker import Notifier
from store import arrivals, deliveries, endpoints
from store.bus import Stored, TopicPartition
from store.codec import encode
from store.database import Database
from store.deliveries import QUEUED, SUPPRESSED, Outbound
from store.endpoints import Endpoint
from store.events import TicketEvent
from store.outgoing import Outgoing, Purpose, Receipt
from store.records import Address, ReplyPath
from store.topics import EVENTS

MakeEvent = Callable[..., TicketEvent]


class Can(Abilities):
    subjects = True
    files = True


class Paper:
    capabilities = Can()

    def prepare(self, outgoing: Outgoing) -> bytes:
        return outgoing.text.encode()

    async def send(self, payload: bytes, address: str) -> Receipt:
        raise AssertionError("the stage never sends")


class Desk:
    """The stage and its clock, over one database."""

    def __init__(self, database: Database, policy: Policy, templates: Templates, now: datetime) -> None:
        self.database = database
        self.policy = policy
        self.now = now
        self.notifier = Notifier(
            policy=policy,
            templates=templates,
            senders={"mail-it": Paper(), "bot": Paper()},
            settings=NotifySettings(),
            now=lambda: self.now,
        )
        self.statements = 0

    async def hear(self, events: Sequence[TicketEvent]) -> None:
        """What the stage does with a batch."""
        works = await self.notifier.prepare(
            [Stored(TopicPartition(EVENTS, 0), 0, "", encode(event)) for event in events]
        )

        def transact(connection: object) -> None:
            hooks.listen(connection, "before_cursor_execute", self._count)
            self.notifier.apply(connection, self.notifier.gather(connection, works), works)

        await self.database.write(transact)

    def _count(self, *_: object) -> None:
        self.statements += 1

    async def told(self, numbers: Sequence[int], purpose: Purpose = Purpose.ACKNOWLEDGEMENT) -> list[str]:
        """What became of them: "queued", or why not."""
        rows = await self.rows(numbers)
        return [row.reason or row.state for row in rows if row.purpose is purpose]

    async def rows(self, numbers: Sequence[int]) -> list[Outbound]:
        """All deliveries of these tickets."""
        return await self.database.read(
            lambda connection: [row for number in numbers for row in deliveries.of_ticket(connection, number)]
        )


@pytest.fixture
def desk(database: Database, policy: Policy, templates: Templates, now: datetime) -> Desk:
    return Desk(database, policy, templates, now)


def opened(make: MakeEvent, number: int, address: str = "", *, words: str = "", **changes: object) -> TicketEvent:
    """Somebody's new ticket; each from a domain of its own, with words of its own, unless they are named."""
    value = address or f"sara@d{number}.example"
    said = words or f"words of {number}"
    event = make(
        customer=Address(kind="mail", value=value),
        reply_path=ReplyPath(channel="mail-it", address=value),
        subject=said,
        digest=said,
        **changes,
    )
    return replace(event, id=f"event {number}", ticket=replace(event.ticket, number=number))


async def test_a_domain_gets_thirty_an_hour_from_all_its_addresses(desk: Desk, by_mail: MakeEvent) -> None:
    first = [opened(by_mail, number, f"p{number}@delta.example") for number in range(1, 36)]

    await desk.hear(first[:20])
    await desk.hear([*first[20:], opened(by_mail, 36, "x@other.example")])
    desk.now += timedelta(hours=1)
    await desk.hear([opened(by_mail, 37, "p37@DELTA.example")])

    assert await desk.told(range(1, 38)) == ["queued"] * 30 + ["cap-domain"] * 5 + ["queued"] * 2


async def test_everybody_together_gets_sixty_a_minute(
    database: Database, policy: Policy, templates: Templates, now: datetime, by_mail: MakeEvent
) -> None:
    desk = Desk(database, replace(policy, storm=Storm(tickets=1000)), templates, now)

    await desk.hear([opened(by_mail, number) for number in range(1, 41)])
    desk.now += timedelta(seconds=59)
    await desk.hear([opened(by_mail, number) for number in range(41, 71)])
    desk.now += timedelta(seconds=1)
    await desk.hear([opened(by_mail, number) for number in range(71, 75)])

    assert await desk.told(range(1, 75)) == ["queued"] * 60 + ["cap-total"] * 10 + ["queued"] * 4


async def test_a_chat_counts_for_everybody_and_for_no_domain(desk: Desk, by_chat: MakeEvent) -> None:
    def told(number: int) -> TicketEvent:
        event = by_chat(
            customer=Address(kind="telegram", value=f"{number}"),
            reply_path=ReplyPath(channel="bot", address=f"{number}"),
            subject=f"words {number}",
        )
        return replace(event, id=f"event {number}", ticket=replace(event.ticket, number=number))

    await desk.hear([told(number) for number in range(1, 41)])

    assert await desk.told(range(1, 41)) == ["queued"] * 40


async def test_many_tickets_that_say_the_same_are_a_storm_with_one_alert(desk: Desk, by_mail: MakeEvent) -> None:
    same = [opened(by_mail, number, words="The VPN is down", team="apps") for number in range(1, 81)]

    await desk.hear(same[:30])
    await desk.hear(same[30:])

    assert await desk.told(range(1, 81)) == ["queued"] * 49 + ["storm"] * 31
    assert len(await desk.told(range(1, 81), Purpose.ALERT)) == 81
    rows = await desk.rows([50])
    assert [row.channel for row in rows if row.purpose is Purpose.ALERT] == ["bot", "mail-it"]


async def test_a_storm_lasts_until_it_was_calm_for_a_while(desk: Desk, by_mail: MakeEvent) -> None:
    await desk.hear([opened(by_mail, number, words="The VPN is down") for number in range(1, 61)])
    desk.now += timedelta(minutes=14)
    await desk.hear([opened(by_mail, 61)])
    desk.now += timedelta(minutes=2)
    await desk.hear([opened(by_mail, 62)])

    assert await desk.told([60, 61, 62]) == ["storm", "storm", "queued"]


async def test_ten_times_the_usual_number_is_a_storm_whatever_they_say(desk: Desk, by_mail: MakeEvent) -> None:
    usual = 8 * 24 * 12  # Eight in five minutes, all day.
    await desk.database.write(lambda c: arrivals.add(c, {arrivals.ALL: usual}, desk.now - timedelta(hours=3)))
    for start in range(1, 91, 10):
        await desk.hear([opened(by_mail, number) for number in range(start, start + 10)])
        desk.now += timedelta(seconds=20)

    assert await desk.told(range(1, 91)) == ["queued"] * 80 + ["storm"] * 10


async def test_a_busy_desk_is_in_no_storm(desk: Desk, by_mail: MakeEvent) -> None:
    await desk.database.write(lambda c: arrivals.add(c, {arrivals.ALL: 24 * 12 * 20}, desk.now - timedelta(hours=3)))

    await desk.hear([opened(by_mail, number) for number in range(1, 61)])

    assert await desk.told(range(1, 61)) == ["queued"] * 60


async def test_events_that_come_again_make_no_storm(desk: Desk, by_mail: MakeEvent) -> None:
    events = [opened(by_mail, number, words="The VPN is down") for number in range(1, 31)]

    for _ in range(3):
        await desk.hear(events)
    await desk.hear([opened(by_mail, 31, words="The VPN is down")])

    assert await desk.told([31]) == ["queued"]


async def test_any_split_into_batches_ends_in_the_same(
    database: Database, policy: Policy, templates: Templates, now: datetime, by_mail: MakeEvent
) -> None:
    events = [opened(by_mail, number, words="The VPN is down" if number % 2 else "") for number in range(1, 101)]
    desk = Desk(database, replace(policy, storm=Storm(share=0.4)), templates, now)
    for event in events[:60]:
        await desk.hear([event])
    await desk.hear(events[60:])

    reasons = await desk.told(range(1, 101))
    assert reasons == ["queued"] * 49 + ["storm"] * 51


async def test_where_nobody_is_acknowledged_nothing_is_counted(
    database: Database, policy: Policy, templates: Templates, now: datetime, by_mail: MakeEvent
) -> None:
    desk = Desk(database, replace(policy, acknowledge=False), templates, now)

    await desk.hear([opened(by_mail, number, words="The VPN is down") for number in range(1, 81)])

    assert await desk.told(range(1, 81)) == ["switched-off"] * 80
    assert len(await desk.told(range(1, 81), Purpose.ALERT)) == 80
    assert (
        await database.read(lambda c: arrivals.lately(c, [arrivals.ALL], now=desk.now, window=timedelta(minutes=5)))
        == {}
    )


@pytest.mark.parametrize(("state", "told"), [("suspended", "address-suspended"), ("complained", "address-suspended")])
async def test_an_address_that_nothing_reaches_gets_no_courtesy(
    desk: Desk, by_mail: MakeEvent, state: str, told: str
) -> None:
    await known(desk, state, "sara@delta.example")

    await desk.hear([opened(by_mail, 1, "Sara@delta.example"), opened(by_mail, 2, "tom@delta.example")])

    assert await desk.told([1, 2]) == [told, "queued"]


async def test_an_address_that_refused_once_still_gets_courtesies(desk: Desk, by_mail: MakeEvent) -> None:
    await known(desk, "failing", "sara@delta.example")

    await desk.hear([opened(by_mail, 1, "sara@delta.example")])

    assert await desk.told([1]) == ["queued"]


async def test_a_suspended_customer_gets_answers_and_a_suspended_participant_does_not(
    desk: Desk, by_mail: MakeEvent
) -> None:
    await known(desk, "suspended", "sara@delta.example", "max@other.example")
    event = by_mail(
        "answered",
        text="Done.",
        participants=(
            Address(kind="mail", value="max@other.example"),
            Address(kind="mail", value="ewa@other.example"),
        ),
    )

    await desk.hear([event])

    rows = {row.address: row.reason or row.state for row in await desk.rows([482917])}
    assert rows == {
        "sara@delta.example": QUEUED,
        "max@other.example": "address-suspended",
        "ewa@other.example": QUEUED,
    }
    assert {row.state for row in await desk.rows([482917])} == {QUEUED, SUPPRESSED}


async def test_a_batch_costs_as_many_statements_however_large_it_is(desk: Desk, by_mail: MakeEvent) -> None:
    await desk.hear([opened(by_mail, 1)])
    small, desk.statements = desk.statements, 0

    await desk.hear([opened(by_mail, number) for number in range(2, 40)])

    assert desk.statements <= small + 1


async def known(desk: Desk, state: str, *addresses: str) -> None:
    rows = [Endpoint(kind="mail", value=value, state=state, since=desk.now, changed_at=desk.now) for value in addresses]
    await desk.database.write(lambda connection: endpoints.put(connection, rows))
