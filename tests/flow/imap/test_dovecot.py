"""Mailboxes on a real Dovecot, with their owners at work in them."""

import asyncio
import statistics
import time

import pytest
from structlog.testing import capture_logs

from tests.flow.imap.conftest import Owner, mail
from tests.mail_sink import Sink


async def until(true, within=15.0):
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(true):
            await asyncio.sleep(0.05)


async def read_up(desk, channel):
    """Read until the mailbox waits for news."""
    with capture_logs() as logs:
        async with desk.reading(channel):
            async with asyncio.timeout(15):
                while not any(entry["event"] == "mailbox is read" for entry in logs):
                    await asyncio.sleep(0.02)


async def test_new_mail_is_taken_once_and_old_mail_is_left_alone(desk, owner):
    owner.deliver("old")
    channel = desk.open(owner.server, user=owner.user)
    await read_up(desk, channel)
    owner.deliver("while away")
    async with desk.reading(channel):
        await desk.until(1)
        owner.deliver("while there")
        await desk.until(2)
    async with desk.reading(channel):
        await asyncio.sleep(0.3)

    assert await desk.bodies() == ["while away", "while there"]
    assert {(raw.envelope.fetched, raw.envelope.recipients) for raw in await desk.accepted()} == {
        (True, ("mail-it@desk.example",))
    }


async def test_mail_that_people_read_flag_or_moved_in_first_is_taken_all_the_same(desk, owner):
    """I8: `\\Seen` is never state."""
    channel = desk.open(owner.server, user=owner.user)
    await read_up(desk, channel)
    owner.deliver("read", flags=["\\Seen"])
    owner.deliver("flagged", flags=["\\Flagged", "\\Answered"])
    owner.client.create_folder("Elsewhere")
    owner.deliver("moved in", folder="Elsewhere", flags=["\\Seen"])
    owner.client.select_folder("Elsewhere")
    owner.client.move(owner.client.search(), "INBOX")
    async with desk.reading(channel):
        await desk.until(3)

    assert await desk.bodies() == ["read", "flagged", "moved in"]
    owner.client.select_folder("INBOX", readonly=True)
    assert b"\\Answered" in owner.client.get_flags([2])[2]


async def test_a_large_mail_goes_to_the_disk_as_it_comes_and_is_whole_there(desk, owner, tmp_path):
    lines = "\r\n".join(f"line {number} of a long report" for number in range(100_000))
    channel = desk.open(owner.server, user=owner.user, start="7d")
    owner.deliver(lines)
    async with desk.reading(channel):
        await desk.until(1)

    (raw,) = await desk.accepted()
    content = await desk.blobs.get(raw.blob)
    assert (raw.payload, content.partition(b"\r\n\r\n")[2].decode().strip()) == (b"", lines)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("after", ["keep", "flag", "move"])
async def test_what_is_durable_is_kept_flagged_or_moved(desk, owner, after):
    channel = desk.open(owner.server, user=owner.user, start="7d", after=after, flag="$Ticket", move_to="Zgłoszone „2”")
    owner.deliver("one")
    async with desk.reading(channel):
        await desk.until(1)
        if after == "move":
            await until(lambda: owner.client.folder_exists("Zgłoszone „2”"))
            await until(lambda: owner.texts("Zgłoszone „2”") == ["one"])
        if after == "flag":
            owner.client.select_folder("INBOX")
            await until(lambda: b"$Ticket" in owner.client.get_flags([1])[1])

    assert owner.texts("INBOX") == ([] if after == "move" else ["one"])
    owner.client.select_folder("INBOX")
    assert not any(b"\\Seen" in flags for flags in owner.client.get_flags([1]).values())


async def test_a_folder_that_is_made_anew_is_read_anew(desk, owner):
    """I1 on a real server, in a folder whose name is no ASCII (I10)."""
    folder = 'Wsparcie "żółte" & co'
    channel = desk.open(owner.server, user=owner.user, folder=folder, start="7d")
    owner.client.create_folder(folder)
    for text in ("one", "two"):
        owner.deliver(text, folder=folder)
    async with desk.reading(channel):
        await desk.until(2)
    owner.client.delete_folder(folder)
    await asyncio.sleep(1.1)  # Dovecot takes the second in which a folder is made for its UIDVALIDITY.
    owner.client.create_folder(folder)
    for text in ("two", "three"):
        owner.deliver(text, folder=folder)
    async with desk.reading(channel):
        await desk.until(4)

    assert await desk.messages() == ["one", "three", "two"]


async def test_a_large_mail_comes_in_parts_byte_for_byte(desk, owner):
    content = mail("large") + b"0123456789abcdef\r\n" * 200_000
    owner.client.append("INBOX", content)
    async with desk.reading(desk.open(owner.server, user=owner.user, start="7d")):
        await desk.until(1)

    (raw,) = await desk.accepted()
    assert await desk.blobs.get(raw.blob) == content


async def test_an_answer_is_copied_to_the_folder_for_sent_mail_once_and_alerts_are_not(desk, owner):
    sink = Sink()
    async with sink.serving():
        channel = desk.open(owner.server, user=owner.user, send={"smtp": f"127.0.0.1:{sink.port}", "tls": "none"})
        answer = mail("answer")
        await channel.send(answer, "sara@customer.example")
        await channel.send(answer, "tom@customer.example")
        await channel.send(b"Auto-Submitted: auto-generated\r\n" + mail("alert"), "team@desk.example")
        await channel.close()

    assert owner.texts("Sent") == ["answer"]
    owner.client.select_folder("Sent")
    assert b"\\Seen" in owner.client.get_flags([1])[1]


async def test_a_copy_that_cannot_be_made_fails_no_answer(desk, unused_port):
    sink = Sink()
    async with sink.serving():
        send = {"smtp": f"127.0.0.1:{sink.port}", "tls": "none"}
        channel = desk.open(f"127.0.0.1:{unused_port}", send=send)
        with capture_logs() as logs:
            receipt = await channel.send(mail("answer"), "sara@customer.example")
            async with asyncio.timeout(5):
                while not logs:
                    await asyncio.sleep(0.02)
        assert receipt.external_id == "<answer@customer.example>"
        assert logs[0]["event"] == "sent mail is not copied yet"


async def test_new_mail_in_any_of_thirty_mailboxes_is_on_the_log_at_once(desk, dovecot):
    """The figure of the issue is 2 s; the bound here is generous because machines of CI are slow."""
    owners = [Owner(dovecot, f"box-thirty-{number}-{time.time_ns()}") for number in range(30)]
    channels = [desk.open(dovecot, name=f"mail-{number}", user=owner.user) for number, owner in enumerate(owners)]
    waits = []
    with capture_logs() as logs:
        async with desk.reading(*channels):
            async with asyncio.timeout(30):
                while sum(entry["event"] == "mailbox is read" for entry in logs) < 30:
                    await asyncio.sleep(0.02)
            for number in (0, 7, 13, 22, 29):
                before = len(waits)
                begun = time.perf_counter()
                await asyncio.to_thread(owners[number].deliver, f"to {number}")
                await desk.until(before + 1)
                waits.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            for number, owner in enumerate(owners):
                await asyncio.to_thread(owner.deliver, f"storm {number}")
            await desk.until(35)
            storm = time.perf_counter() - begun
    for owner in owners:
        owner.client.logout()

    figures = f"median {statistics.median(waits):.2f} s, worst {max(waits):.2f} s, one for each {storm:.2f} s"
    print(f"new mail in thirty mailboxes: {figures}")  # noqa: T201 (a measure, for whoever runs it with -s)
    assert max(waits) < 10
    assert sorted(await desk.bodies()) == sorted(
        [*(f"to {number}" for number in (0, 7, 13, 22, 29)), *(f"storm {number}" for number in range(30))]
    )
