"""Mailboxes on servers that break, lie, stall and forget: rows I1 to I9 of the delivery contract."""

import asyncio
import threading
import tracemalloc
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from ingest.channels.mail.decode import decode
from store.errors import Temporary
from tests.flow.imap.conftest import mail
from tests.flow.imap.hostile import NOW, Drop, Hang, Hostile, Mail

ONE, TWO, THREE = mail("one"), mail("two"), mail("three")
ALL = ["one", "three", "two"]


class Crowd:
    """A list of mails that begins with very many old ones, each made when it is looked at."""

    def __init__(self, old: int, new: list[Mail]) -> None:
        self.old = old
        self.new = new

    def __len__(self) -> int:
        return self.old + len(self.new)

    def __getitem__(self, place: int) -> Mail:
        place = place if place >= 0 else len(self) + place
        if place >= self.old:
            return self.new[place - self.old]
        return Mail(place + 1, b"", at=NOW - timedelta(days=400))

    def append(self, one: Mail) -> None:
        self.new.append(one)


def on(word: str, act):
    """A script that acts once, on the first command with this word in it."""

    async def script(client, tag, command):
        if word not in command:
            return False
        return await act(client, tag, command)

    return script


async def drop(client, tag, command):
    raise Drop


async def hang(client, tag, command):
    raise Hang


async def bye(client, tag, command):
    await client.say("* BYE too many of you")
    raise Drop


async def half_a_literal(client, tag, command):
    await client.say("* 2 FETCH (UID 2 RFC822.SIZE 500 BODY[]<0> {500}\r\nFrom: half")
    raise Drop


async def five_gigabytes(client, tag, command):
    await client.say("* 2 FETCH (UID 2 RFC822.SIZE 100 BODY[]<0> {5000000000}")
    await client.say("x" * 1000)
    raise Hang


async def a_line_without_end(client, tag, command):
    client.writer.write(b"* 2 FETCH (" + b"(" * 3_000_000)
    raise Hang


async def nonsense(client, tag, command):
    await client.say("* 2 FETCH (UID two BODY[]<0> (((")
    await client.say(tag, " OK done")
    return True


async def test_a_mailbox_that_is_numbered_anew_loses_nothing_and_doubles_nothing(desk):
    """I1: another UIDVALIDITY, and UID 1 is another mail now."""
    server = Hostile(ONE, TWO)
    async with server.serving():
        async with desk.reading(desk.account(f"127.0.0.1:{server.port}", start="7d")):
            await desk.until(2)
        server.validity, server.mails = 8, [Mail(1, TWO), Mail(2, THREE), Mail(3, ONE)]
        async with desk.reading(desk.account(f"127.0.0.1:{server.port}")):
            await desk.until(5)
        async with desk.reading(desk.account(f"127.0.0.1:{server.port}")):
            await asyncio.sleep(0.3)

    assert len(await desk.accepted()) == 5
    assert await desk.messages() == ALL


async def test_what_was_there_before_us_stays_unread_when_the_mailbox_is_numbered_anew(desk):
    """I1 with `new-only`: the window begins where we began."""
    old = Mail(1, mail("old"), at=NOW - timedelta(days=2))
    server = Hostile()
    server.mails = [old]
    async with server.serving():
        async with desk.reading(desk.account(f"127.0.0.1:{server.port}")):
            await asyncio.sleep(0.3)
            server.deliver(ONE)
            await desk.until(1)
        server.validity, server.mails = 8, [Mail(1, ONE), Mail(2, old.content, at=old.at), Mail(3, TWO)]
        async with desk.reading(desk.account(f"127.0.0.1:{server.port}")):
            await desk.until(3)

    assert await desk.messages() == ["one", "two"]


@pytest.mark.parametrize("act", [drop, hang, bye], ids=["drop", "silence", "bye"])
@pytest.mark.parametrize("word", ["LOGIN", "SELECT", "INTERNALDATE", "BODY.PEEK", "STORE", "IDLE"])
async def test_a_connection_that_ends_at_any_point_costs_nothing(desk, word, act):
    """I2 and I3: after each of them a new connection goes on, and what is owed is done then."""
    server = Hostile(ONE, TWO, THREE)
    server.scripts = [on(word, act)]
    async with (
        server.serving(),
        desk.reading(desk.account(f"127.0.0.1:{server.port}", start="7d", after="flag", read_timeout="0.3s")),
    ):
        await desk.until(3)
        async with asyncio.timeout(10):
            while not all(mail.flags for mail in server.mails) or server.scripts:
                await asyncio.sleep(0.02)

    assert await desk.bodies() == ["one", "two", "three"]
    assert [mail.flags for mail in server.mails] == [{"\\Seen"}] * 3


@pytest.mark.parametrize("act", [half_a_literal, five_gigabytes, a_line_without_end, nonsense])
async def test_an_answer_that_cannot_be_is_asked_for_again(desk, act):
    """I2 and I4: a broken literal, a huge one, an endless line, and what is no IMAP at all."""
    server = Hostile(ONE, TWO, THREE)
    server.scripts = [on("UID FETCH 2 ", act)]
    tracemalloc.start()
    async with server.serving(), desk.reading(desk.account(f"127.0.0.1:{server.port}", start="7d")):
        await desk.until(3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert await desk.bodies() == ["one", "two", "three"]
    assert peak < 40_000_000


async def test_idle_is_asked_for_anew_before_the_server_forgets_it(desk):
    """I3."""
    server = Hostile()
    async with server.serving(), desk.reading(desk.account(f"127.0.0.1:{server.port}", idle_renew="0.2s", poll="10s")):
        async with asyncio.timeout(5):
            while server.count("IDLE") < 3:
                await asyncio.sleep(0.02)


async def test_a_mail_that_breaks_every_connection_holds_no_other_up(desk):
    """I4: after some attempts its header is taken, and its ticket says so."""
    server = Hostile(ONE, TWO, THREE)

    async def always(client, tag, command):
        if "UID FETCH 2 " in command and "HEADER" not in command:
            raise Drop
        return False

    server.always = always
    async with server.serving(), desk.reading(desk.account(f"127.0.0.1:{server.port}", start="7d")):
        await desk.until(3)

    assert await desk.bodies() == ["one", "", "three"]
    (record,) = decode((await desk.accepted())[1], desk.open("127.0.0.1").decoding)
    assert record.subject == "two"
    assert record.unreadable == "the mail server gave only its header; the rest is in the mailbox"


async def test_what_other_clients_do_meanwhile_disturbs_nothing(desk):
    """I4: mail that vanishes, has no body, is listed twice or under no possible UID, and news in between."""
    server = Hostile(ONE, TWO, THREE)
    again: list[str] = []

    async def always(client, tag, command):
        if "INTERNALDATE" in command:
            await client.say("* 1 FETCH (FLAGS (\\Seen))")
            await client.say('* 1 FETCH (UID 1 INTERNALDATE "23-Nov-2026 08:00:00 +0000")')
            await client.say('* 9 FETCH (UID 99999999999 INTERNALDATE "23-Nov-2026 08:00:00 +0000")')
            await client.say("* 2 EXPUNGE", "\r\n* 7 EXISTS")
        if "UID FETCH 2 " in command:
            await client.say(tag, " OK it is gone")
            return True
        if "UID FETCH 3 " in command and len(again) < 2:
            again.append(command)
            await client.say("* 3 FETCH (UID 3 BODY[]<0> NIL)\r\n", tag, " OK nothing")
            return True
        return False

    server.always = always
    async with server.serving(), desk.reading(desk.account(f"127.0.0.1:{server.port}", start="7d")):
        await desk.until(2)
        server.deliver(mail("four"))
        await desk.until(3)

    assert await desk.bodies() == ["one", "three", "four"]
    assert server.count("99999999999") == 0


async def test_of_a_mail_that_is_too_large_only_the_header_is_fetched(desk):
    """I4: the size that the server says is looked at first, and what it sends is counted."""
    server = Hostile(mail("large" + " and" * 200_000), ONE)
    server.mails[0].size = 10
    server.mails.append(Mail(3, TWO, size=3_000_000_000))
    quick = {"start": "7d", "max_message": "300KiB"}
    async with server.serving(), desk.reading(desk.account(f"127.0.0.1:{server.port}", **quick)):
        await desk.until(3)

    raws = await desk.accepted()
    assert [raw.content_type.partition(";")[0] for raw in raws] == [
        "text/rfc822-headers",
        "message/rfc822",
        "text/rfc822-headers",
    ]
    (record,) = decode(raws[2], desk.open("127.0.0.1").decoding)
    assert record.subject == "two"
    assert "3000000000 bytes" in record.unreadable


async def test_a_mail_that_the_door_in_refuses_comes_as_its_header(desk):
    desk.max_payload = 2_000
    server = Hostile(mail("one" + " more" * 1_000), TWO)
    server.mails[0].content = ONE + b"x" * 5_000
    async with server.serving(), desk.reading(desk.account(f"127.0.0.1:{server.port}", start="7d")):
        await desk.until(2)

    assert [len(raw.payload) < 300 for raw in await desk.accepted()] == [True, True]


@pytest.mark.parametrize("start", ["new-only", "7d"])
async def test_half_a_million_old_mails_are_not_looked_at(desk, start):
    """I5: pages from the end, memory that stays flat, and the wanted mail in order."""
    server = Hostile()
    server.mails = Crowd(499_850, [Mail(uid, mail(f"number {uid}")) for uid in range(499_851, 500_001)])
    tracemalloc.start()
    async with server.serving():
        with capture_logs() as logs:
            async with desk.reading(desk.account(f"127.0.0.1:{server.port}", start=start)):
                async with asyncio.timeout(20):
                    while not server.count("IDLE"):
                        await asyncio.sleep(0.02)
                server.deliver(ONE)
                await desk.until(1 if start == "new-only" else 151)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    bodies = await desk.bodies()
    assert bodies == ([] if start == "new-only" else [f"number {uid}" for uid in range(499_851, 500_001)]) + ["one"]
    assert server.count("INTERNALDATE") < 20
    assert peak < 20_000_000
    assert any(entry["event"] == "mailbox is caught up with" for entry in logs) == (start == "7d")


async def test_a_refused_login_is_tried_seldom_told_loudly_and_nobody_elses_trouble(desk):
    """I6."""
    locked, fine = Hostile(ONE), Hostile()
    locked.passwords = set()
    async with locked.serving(), fine.serving():
        with capture_logs() as logs:
            accounts = (
                desk.account(f"127.0.0.1:{locked.port}", name="locked"),
                desk.account(f"127.0.0.1:{fine.port}", name="fine"),
            )
            async with desk.reading(*accounts):
                async with asyncio.timeout(10):
                    while len(desk.pauses) < 7 or not fine.count("IDLE"):
                        await asyncio.sleep(0.02)
                fine.deliver(ONE)
                await desk.until(1)

    told = [entry["log_level"] for entry in logs if "login to the mailbox is refused" in entry["event"]]
    assert told[:4] == ["warning", "warning", "error", "error"]
    assert sum(desk.pauses[:4]) > 13 * 60
    assert 26 * 60 < max(desk.pauses) <= 30 * 60


async def test_an_access_token_is_fetched_anew_for_each_login(desk, tmp_path):
    """I6: the first token expires while we are idle."""
    server = Hostile(ONE)
    server.passwords = {"token-1"}
    count = tmp_path / "count"
    program = f"n=$(($(cat {count} 2>/dev/null || echo 0) + 1)); echo $n > {count}; echo token-$n"

    async def expire(client, tag, command):
        server.passwords = {"token-3"}
        await bye(client, tag, command)

    server.scripts = [on("IDLE", expire)]
    async with (
        server.serving(),
        desk.reading(desk.account(f"127.0.0.1:{server.port}", start="7d", token={"command": ["sh", "-c", program]})),
    ):
        await desk.until(1)
        async with asyncio.timeout(5):
            while server.scripts:
                await asyncio.sleep(0.02)
        server.deliver(TWO)
        await desk.until(2)

    assert count.read_text().strip() == "3"
    assert server.count("LOGIN") == 0


async def test_a_mailbox_without_move_is_emptied_by_copy_and_never_by_a_plain_expunge(desk):
    """I7: the copy is made, its original cannot be removed at first, and no second copy is made."""
    server = Hostile(ONE, TWO, capabilities="IDLE UIDPLUS")

    async def no(client, tag, command):
        await client.say(tag, " NO not now")
        return True

    server.scripts = [on("EXPUNGE", no)]
    async with server.serving():
        async with desk.reading(desk.account(f"127.0.0.1:{server.port}", start="7d", after="move")):
            async with asyncio.timeout(10):
                while server.scripts:
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.1)
        async with desk.reading(desk.account(f"127.0.0.1:{server.port}", after="move")):
            async with asyncio.timeout(10):
                while server.mails:
                    await asyncio.sleep(0.02)

    assert server.folders == {"Processed": [ONE, TWO]}
    assert all(command.startswith("UID EXPUNGE") for command in server.commands if "EXPUNGE" in command)
    assert await desk.bodies() == ["one", "two"]


@pytest.mark.parametrize("capabilities", ["IDLE UIDPLUS MOVE", "IDLE UIDPLUS", "IDLE"])
async def test_a_full_folder_keeps_the_mail_where_it_is(desk, capabilities):
    """I7: NO [OVERQUOTA]."""
    server = Hostile(ONE, capabilities=capabilities)
    server.folders["Processed"] = []

    async def full(client, tag, command):
        if "MOVE" not in command and "COPY" not in command:
            return False
        await client.say(tag, " NO [OVERQUOTA] full")
        return True

    server.always = full
    async with server.serving():
        with capture_logs() as logs:
            async with desk.reading(desk.account(f"127.0.0.1:{server.port}", start="7d", after="move")):
                await desk.until(1)
                async with asyncio.timeout(5):
                    while not server.count("IDLE"):
                        await asyncio.sleep(0.02)
        server.always = None
        async with desk.reading(desk.account(f"127.0.0.1:{server.port}", after="move")):
            async with asyncio.timeout(5):
                while not server.folders["Processed"]:
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.1)

    assert "make room" in next(entry["detail"] for entry in logs if entry["event"] == "mail stays in its folder")
    assert [one.content for one in server.mails] == ([ONE] if capabilities == "IDLE" else [])
    assert server.folders["Processed"] == [ONE]
    assert await desk.bodies() == ["one"]


async def test_mail_that_the_server_hid_is_found_when_the_window_is_looked_through(desk):
    """I9: UIDNEXT lies, there is no CONDSTORE, and a mail shows only after a later one."""
    server = Hostile(ONE, TWO, THREE)
    server.mails[1].hidden = True
    async with server.serving(), desk.reading(desk.account(f"127.0.0.1:{server.port}", start="7d", rescan="1s")):
        await desk.until(2)
        server.mails[1].hidden = False
        await desk.until(3)

    assert await desk.bodies() == ["one", "three", "two"]


async def test_without_idle_a_mailbox_is_polled(desk):
    server = Hostile(capabilities="UIDPLUS")
    async with server.serving(), desk.reading(desk.account(f"127.0.0.1:{server.port}")):
        async with asyncio.timeout(5):
            while not server.count("NOOP"):
                await asyncio.sleep(0.02)
        server.deliver(ONE)
        await desk.until(1, within=4)

    assert server.count("IDLE") == 0


async def test_nothing_is_fetched_twice_while_the_log_takes_nothing(desk):
    server = Hostile(ONE, TWO)
    refusals = iter([False, True, True])

    def refuse() -> None:
        if next(refusals, False):
            raise Temporary("the disk is full")

    desk.bus.before = refuse
    async with server.serving(), desk.reading(desk.account(f"127.0.0.1:{server.port}", start="7d")):
        await desk.until(2)

    assert await desk.bodies() == ["one", "two"]
    assert server.count("UID FETCH 1 ") == 1


async def test_only_one_process_reads_a_mailbox(desk):
    server = Hostile(ONE)
    async with server.serving():
        entries = [desk.account(f"127.0.0.1:{server.port}", start="7d") for _ in range(2)]
        async with desk.reading(*entries):
            await desk.until(1)
            await asyncio.sleep(0.5)

    assert server.count("LOGIN") == 1
    assert await desk.bodies() == ["one"]


async def test_an_old_mail_that_could_not_be_fetched_at_once_is_fetched_over_the_next_connection(desk):
    """I4: somebody moves mail of last year into the folder; the server does not give one, and drops the connection."""

    async def without_a_body(client, tag, command):
        await client.say("* 1 FETCH (UID 1 RFC822.SIZE 100)")
        await client.say(tag, " OK done")
        return True

    server = Hostile()
    last_year = NOW - timedelta(days=400)
    async with server.serving():
        async with desk.reading(desk.account(f"127.0.0.1:{server.port}")):
            await asyncio.sleep(0.3)
            server.scripts = [on("UID FETCH 1 (RFC", without_a_body), on("IDLE", drop)]
            server.mails = [Mail(1, ONE, at=last_year), Mail(2, TWO, at=last_year)]
            server.clients[-1].news.set()
            await desk.until(1)
            async with asyncio.timeout(10):
                while server.scripts:
                    await asyncio.sleep(0.02)
        async with desk.reading(desk.account(f"127.0.0.1:{server.port}")):
            await desk.until(2)

    assert await desk.messages() == ["one", "two"]


@pytest.mark.parametrize("greeting", [b"", b"* OK welcome\r\n"], ids=["no greeting", "no login"])
async def test_a_silent_server_keeps_no_thread_at_work_when_the_channel_stops(desk, greeting):
    """I3: a thread that waits for the server would keep the whole process from ending."""
    reached = asyncio.Event()

    async def silent(reader, writer):
        writer.write(greeting)
        reached.set()
        await reader.read()  # Up to the end, which is ours to make.
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        async with desk.reading(desk.account(place, read_timeout="30s", connect_timeout="30s")):
            await reached.wait()
            await asyncio.sleep(0.1)

        async with asyncio.timeout(3):
            while any(thread.name.startswith("imap-") for thread in threading.enumerate()):
                await asyncio.sleep(0.02)
