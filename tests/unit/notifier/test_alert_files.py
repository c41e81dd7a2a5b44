"""Alerts in mailboxes carry the customer's files; what cannot go at once is named, and no alert waits for it."""

import asyncio

import pytest
from msgspec.structs import replace

from notifier.plan import plan
from notifier.policy import Outlet, Policy
from notifier.render import Templates
from store import deliveries
from store.database import Database
from store.errors import Permanent, Temporary, Withheld
from store.events import TicketEvent
from store.outgoing import Outgoing, Purpose
from store.records import Attachment, SentFile
from tests.unit.notifier.conftest import MakeEvent
from tests.unit.notifier.test_answers import Desk, names

TO_GET_THEM = "deskwire ticket files 482917"


def photo(name: str, size: int = 10) -> Attachment:
    return Attachment(name=name, content_type="image/png", size=size, digest="d", part=1)


@pytest.fixture
def policy(policy: Policy) -> Policy:
    """A desk whose mailbox is read in English, and answered by replying."""
    apps = replace(policy.teams["apps"], language="en")
    outlets = {**policy.outlets, "mail-it": Outlet(mails=True, hears_staff=True)}
    return replace(policy, teams={**policy.teams, "apps": apps}, outlets=outlets)


@pytest.fixture
def desk(policy: Policy, templates: Templates) -> Desk:
    return Desk(policy, templates)


def alerts(desk: Desk) -> list[Outgoing]:
    """Those that are sent at once."""
    formed = [one for one in desk.mail.formed + desk.bot.formed if one.purpose is Purpose.ALERT]
    return [one for one in formed if not one.key.endswith("-without-files")]


def carried(event: TicketEvent, policy: Policy) -> list[tuple[SentFile, ...]]:
    return [one.carries for one in plan(event, policy) if one.purpose is Purpose.ALERT]


@pytest.mark.parametrize(
    ("kind", "team", "goes"),
    [
        ("opened", "apps", True),
        ("continued", "apps", True),
        ("reopened", "apps", True),
        ("opened", "servicedesk", False),
        ("delivery-failed", "apps", False),
        ("loop-suspected", "apps", False),
    ],
)
@pytest.mark.parametrize("hears_staff", [True, False], ids=["answered by replying", "not answered by mail"])
def test_alerts_of_a_customer_s_message_that_go_to_a_mailbox_carry_its_files(
    policy: Policy, by_mail: MakeEvent, *, kind: str, team: str, goes: bool, hears_staff: bool
) -> None:
    outlets = {**policy.outlets, "mail-it": Outlet(mails=True, hears_staff=hears_staff)}
    event = by_mail(kind, team=team, attachments=(photo("a.png"), photo("b.png")))
    assert event.message is not None

    (files,) = carried(event, replace(policy, outlets=outlets))

    assert files == (tuple(SentFile(raw="raw", file=file) for file in event.message.attachments) if goes else ())


def test_a_ticket_that_is_moved_by_hand_carries_nothing(policy: Policy, by_mail: MakeEvent) -> None:
    moved = replace(by_mail("changed", team="apps"), text="team apps", actor="person:ola", message=None)

    assert carried(moved, policy) == [()]


async def test_the_files_go_with_the_alert_and_no_line_is_lost_on_them(
    database: Database, desk: Desk, by_mail: MakeEvent
) -> None:
    await desk.hear(database, by_mail(team="apps", attachments=(photo("a.png"), photo("b.png", 20))))

    (alert,) = alerts(desk)
    assert [(one.name, one.content) for one in alert.files] == [("a.png", b"x" * 10), ("b.png", b"x" * 20)]
    assert "Files: \u20682\u2069\n" in alert.text
    assert "Not attached" not in alert.text
    assert TO_GET_THEM not in alert.text
    (courtesy,) = [one for one in desk.mail.formed if one.purpose is Purpose.ACKNOWLEDGEMENT]
    assert courtesy.files == ()


async def test_beside_an_alert_with_files_one_without_them_waits_until_it_is_refused(
    database: Database, desk: Desk, by_mail: MakeEvent
) -> None:
    event = by_mail("continued", team="apps", attachments=(photo("a.exe"),))

    await desk.hear(database, event)
    await desk.hear(database, event)

    alert, bare = await database.read(lambda connection: deliveries.of_ticket(connection, 482917))
    if bare.state == deliveries.QUEUED:
        alert, bare = bare, alert
    assert (alert.state, bare.state, bare.id) == ("queued", "suppressed", deliveries.stand_in(alert.id))
    formed = next(one for one in desk.mail.formed if one.delivery == bare.id)
    assert formed.files == ()
    assert "\u2068a.exe\u2069 (the mail server refused this mail with its files)" in formed.text


@pytest.mark.parametrize(
    ("error", "said", "can_be_had"),
    [
        (Withheld("infected with Eicar", why="infected"), "a virus was found in it", False),
        (Withheld("no verdict", why="unscanned"), "the virus scanner gave no verdict", True),
        (Withheld("as large as a house", why="too-large"), "too large for this mail", True),
        (Permanent("the original is gone"), "it cannot be taken out of the message", False),
        (Temporary("the blobs are away"), "it could not be had in time", True),
    ],
)
async def test_a_file_that_cannot_go_is_named_with_the_reason_and_how_to_get_it(
    database: Database, desk: Desk, by_mail: MakeEvent, *, error: Exception, said: str, can_be_had: bool
) -> None:
    desk.trouble["bad.png"] = error

    await desk.hear(database, by_mail(team="apps", attachments=(photo("bad.png"), photo("good.png"))))

    (alert,) = alerts(desk)  # And none about unsent files, which is for answers.
    assert names(alert) == ["good.png"]
    assert f"Not attached: \u2068bad.png\u2069 ({said})" in alert.text
    assert (f"\n{TO_GET_THEM}\n" in alert.text) == can_be_had


async def test_files_beyond_what_a_mail_may_weigh_are_named(
    database: Database, policy: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    desk = Desk(policy, templates, files="100B")

    await desk.hear(database, by_mail(team="apps", attachments=(photo("a", 60), photo("b", 50), photo("c", 40))))

    (alert,) = alerts(desk)
    assert names(alert) == ["a", "c"]
    assert "Not attached: \u2068b\u2069 (too large for this mail)" in alert.text
    assert desk.read == ["a", "c"]


async def test_a_batch_of_alerts_takes_half_the_memory_and_fails_for_none(
    database: Database, policy: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    desk = Desk(policy, templates, files_at_once="100B")
    events = [
        replace(by_mail("continued", team="apps", attachments=(photo(f"{number}.png", 40),)), id=f"event-{number}")
        for number in range(3)
    ]
    answer = by_mail("answered", text="Done.", files=(SentFile(raw="raw", file=photo("answer.png", 60)),))

    await desk.hear(database, *events, answer)

    assert [names(one) for one in alerts(desk)] == [["0.png"], [], []]
    assert [names(one) for one in desk.answers()] == [["answer.png"]]
    assert all(TO_GET_THEM in one.text for one in alerts(desk)[1:])


async def test_a_single_alert_has_its_files_however_little_memory_there_is(
    database: Database, policy: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    desk = Desk(policy, templates, files_at_once="100B")

    await desk.hear(database, by_mail(team="apps", attachments=(photo("a", 60), photo("b", 60))))

    assert [names(one) for one in alerts(desk)] == [["a", "b"]]


async def test_the_alerts_of_a_batch_share_one_wait(
    database: Database, policy: Policy, templates: Templates, by_mail: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(policy, templates, alert_files_wait="0.2s")

    async def never(_: SentFile) -> bytes:
        await asyncio.sleep(60)
        return b""

    monkeypatch.setattr(desk.notifier, "_read_file", never)
    many = tuple(photo(f"{number}.png") for number in range(8))
    events = [replace(by_mail("continued", team="apps", attachments=many), id=f"event-{one}") for one in range(8)]

    async with asyncio.timeout(5):
        await desk.hear(database, *events)

    found = alerts(desk)
    assert [names(one) for one in found] == [[]] * 8
    assert all("Not attached: \u20683\u2069 more" in one.text for one in found)
    assert all(len(one.text.encode("utf-16-le")) // 2 < 4096 for one in found)


async def test_where_alerts_carry_no_files_they_say_how_to_get_them(
    database: Database, policy: Policy, templates: Templates, by_mail: MakeEvent
) -> None:
    desk = Desk(replace(policy, alert_files=False), templates)
    await desk.hear(database, by_mail(team="apps"))

    (alert,) = alerts(desk)
    assert (names(alert), desk.read) == ([], [])
    assert f"Files: \u20681\u2069\nGet them:\n{TO_GET_THEM}\n" in alert.text


async def test_a_chat_s_alert_names_no_command_for_files(database: Database, desk: Desk, by_mail: MakeEvent) -> None:
    await desk.hear(database, by_mail())

    (alert,) = alerts(desk)
    assert (alert.files, desk.read) == ((), [])
    assert TO_GET_THEM not in alert.text
