"""What a client hears, and what is kept, over a real socket."""

import asyncio
import smtplib
import socket
from ipaddress import ip_network
from pathlib import Path

import pytest

from ingest.smtp import Content, SmtpListener, SmtpMail, SmtpSettings
from store.blobs_file import FileBlobs
from store.errors import Permanent, StorageBroken, Temporary

HEADER = b"From: sara@customer.example\r\nSubject: Printer"
MAIL = b"From: sara@customer.example\r\nSubject: Printer\r\n\r\nIt is broken.\r\n"


# Taking mail.


async def test_accepted_mail_is_handed_over_as_it_came_and_answered_with_its_id(serving) -> None:
    async with serving() as desk:
        client = await desk.connect()

        reply = await client.mail(MAIL.rstrip())

    assert reply == "250 2.0.0 id-1"
    assert desk.taken == [SmtpMail(Content(MAIL, HEADER), "sara@customer.example", ("help@desk.example",), "127.0.0.1")]


async def test_smtplib_can_deliver_several_mails_on_one_connection(serving) -> None:
    def deliver(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            for _ in range(3):
                client.sendmail("sara@customer.example", ["help@desk.example"], MAIL)

    async with serving() as desk:
        await asyncio.to_thread(deliver, desk.listener.port)

        assert await desk.contents() == [MAIL] * 3


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (b".", b""),
        (b"\r\n.", b"\r\n"),
        (b"a\r\n.", b"a\r\n"),
        (b"..\r\n.", b".\r\n"),
        (b".a\r\n.", b"a\r\n"),
        (b"a\r\n..\r\n.", b"a\r\n.\r\n"),
        (b"a\r\n...b\r\n\r\n.", b"a\r\n..b\r\n\r\n"),
        (b"\r\n\r\n..\r\n..\r\n.", b"\r\n\r\n.\r\n.\r\n"),
        (b"x" * 5_000 + b"\r\n.", b"x" * 5_000 + b"\r\n"),
        (b"x" * 200_000 + b"\r\n.", b"x" * 200_000 + b"\r\n"),
        (b"line\r\n" * 40_000 + b".", b"line\r\n" * 40_000),
    ],
)
@pytest.mark.parametrize("step", [1, 3, 0])
async def test_content_is_what_stood_between_data_and_the_lone_dot(serving, written: bytes, kept: bytes, step) -> None:
    async with serving() as desk:
        client = await desk.connect()
        await client.begin()

        whole = written + b"\r\n"
        for at in range(0, len(whole), step) if step and len(whole) < 100 else ():
            client.writer.write(whole[at : at + step])
            await asyncio.sleep(0.001)
        if not step or len(whole) >= 100:
            client.writer.write(whole)

        assert (await client.reply()).startswith("250 2.0.0")
        assert await desk.contents() == [kept]


async def test_commands_that_follow_the_dot_at_once_are_understood(serving) -> None:
    async with serving() as desk:
        client = await desk.connect()
        await client.begin()

        client.writer.write(MAIL + b".\r\nMAIL FROM:<>\r\nRCPT TO:<help@desk.example>\r\nQUIT\r\n")

        assert [(await client.reply())[:3] for _ in range(4)] == ["250", "250", "250", "221"]


async def test_null_sender_is_empty(serving) -> None:
    async with serving() as desk:
        client = await desk.connect()
        await client.say(b"MAIL FROM:<>")
        await client.say(b"RCPT TO:<help@desk.example>")
        await client.say(b"DATA")
        await client.say(MAIL + b".")

    assert desk.taken[0].sender == ""


async def test_one_mail_to_two_addresses_of_a_mailbox_is_one_mail_with_both(serving) -> None:
    async with serving(addresses=("help@desk.example", "it@desk.example")) as desk:
        client = await desk.connect()
        await client.say(b"MAIL FROM:<sara@customer.example>")
        for address in (b"help@desk.example", b"IT+t1-token@Desk.Example", b"help@desk.example"):
            assert (await client.say(b"RCPT TO:<" + address + b">")).startswith("250")
        await client.say(b"DATA")
        await client.say(MAIL + b".")

    assert [mail.recipients for mail in desk.taken] == [("help@desk.example", "IT+t1-token@Desk.Example")]


async def test_one_mail_to_two_mailboxes_is_one_mail_for_each(serving) -> None:
    async with serving() as desk:
        other: list[SmtpMail] = []

        async def accept_other(mail: SmtpMail) -> str:
            other.append(mail)
            return "other"

        with desk.listener.claim(desk.listener.reserve(["sales@desk.example"]), accept_other):
            client = await desk.connect()
            await client.say(b"MAIL FROM:<sara@customer.example>")
            await client.say(b"RCPT TO:<help@desk.example>")
            await client.say(b"RCPT TO:<sales@desk.example>")
            await client.say(b"DATA")
            assert (await client.say(MAIL + b".")).startswith("250")

    assert [mail.recipients for mail in (*desk.taken, *other)] == [("help@desk.example",), ("sales@desk.example",)]


@pytest.mark.parametrize("address", ["postmaster", "Postmaster@desk.example", "abuse@desk.example"])
async def test_roles_that_every_domain_has_reach_the_first_mailbox(serving, address: str) -> None:
    async with serving() as desk:
        client = await desk.connect()

        assert (await client.mail(MAIL.rstrip(), address)).startswith("250")

    assert desk.taken[0].recipients == (address,)


@pytest.mark.parametrize(
    ("address", "reply"),
    [
        (b"<nobody@desk.example>", "550 5.1.1"),
        (b"<help@elsewhere.example>", "550 5.1.1"),
        (b"<postmaster@elsewhere.example>", "550 5.1.1"),
        (b"<help%elsewhere.example@desk.example>", "550 5.1.1"),
        (b"<@desk.example:someone@elsewhere.example>", "550 5.1.1"),
        (b"<help@desk.example@elsewhere.example>", "550 5.1.1"),
        (b"<>", "501"),
        (b"help@desk.example> <x", "501"),
        (b"<\xff\xfe@desk.example>", "553"),
        (b"<he\x00lp@desk.example>", "553"),
        (b"<" + b"a" * 400 + b"@desk.example>", "553"),
        (b"<help@desk.example> NOTIFY=NEVER", "555"),
    ],
)
async def test_recipients_that_are_not_ours_are_refused(serving, address: bytes, reply: str) -> None:
    async with serving() as desk:
        client = await desk.connect()
        await client.say(b"MAIL FROM:<sara@customer.example>")

        assert (await client.say(b"RCPT TO:" + address)).startswith(reply)
        assert (await client.say(b"DATA")).startswith("503")

    assert desk.taken == []


@pytest.mark.parametrize(
    ("argument", "reply"),
    [
        (b"<\xff\xfe@x.example>", "553 5.1.7"),
        ("<żółw@przykład.example> SMTPUTF8".encode(), "250"),
        (b"<a@b.example> BODY=8BITMIME SIZE=1000", "250"),
        (b"sara@customer.example", "250"),
        (b"<a@b.example> SIZE=999999999", "552 5.3.4"),
        (b"<a@b.example> HOLDFOR=1", "555"),
        (b"<a@b", "501"),
    ],
)
async def test_senders(serving, argument: bytes, reply: str) -> None:
    async with serving() as desk:
        client = await desk.connect()

        assert (await client.say(b"MAIL FROM:" + argument)).startswith(reply)


async def test_more_recipients_than_allowed_are_asked_for_separately(serving) -> None:
    async with serving(max_recipients=2) as desk:
        client = await desk.connect()
        await client.say(b"MAIL FROM:<sara@customer.example>")

        replies = [(await client.say(b"RCPT TO:<help+%d@desk.example>" % number))[:9] for number in range(3)]

    assert replies == ["250 2.1.5", "250 2.1.5", "452 4.5.3"]


async def test_mailbox_that_is_reserved_and_not_claimed_is_temporary(tmp_path: Path) -> None:
    listener = SmtpListener(SmtpSettings(listen="127.0.0.1:0"), FileBlobs(tmp_path))
    listener.reserve(["help@desk.example"])
    serving = asyncio.create_task(listener.serve())
    await listener.listening.wait()

    def ask() -> int:
        with smtplib.SMTP("127.0.0.1", listener.port, timeout=10) as client:
            client.ehlo()
            client.mail("sara@customer.example")
            return client.rcpt("help@desk.example")[0]

    assert await asyncio.to_thread(ask) == 451
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_mailbox_for_some_networks_takes_no_mail_from_others(serving) -> None:
    async with serving() as desk:
        far = desk.listener.reserve(["far@desk.example"], (ip_network("10.20.0.0/16"),))
        near = desk.listener.reserve(["near@desk.example"], (ip_network("127.0.0.0/8"),))
        with desk.listener.claim(far, desk.accept), desk.listener.claim(near, desk.accept):
            client = await desk.connect()
            await client.say(b"MAIL FROM:<sara@customer.example>")

            assert (await client.say(b"RCPT TO:<far@desk.example>")).startswith("550 5.7.1")
            assert (await client.say(b"RCPT TO:<near@desk.example>")).startswith("250")


def test_two_mailboxes_cannot_have_one_address(tmp_path: Path) -> None:
    listener = SmtpListener(SmtpSettings(), FileBlobs(tmp_path))
    listener.reserve(["help@desk.example"])

    with pytest.raises(Permanent, match=r"help@desk\.example"):
        listener.reserve(["HELP@desk.example"])


# Our own trouble.


@pytest.mark.parametrize(
    ("error", "reply"),
    [
        (Temporary("the log /var/lib/desk is full"), "451 4.3.0"),
        (RuntimeError("secret path /var/lib/desk"), "451 4.3.0"),
        (KeyError("secret"), "451 4.3.0"),
        (Permanent("a payload of 9 bytes"), "552 5.3.4"),
    ],
)
async def test_our_failure_is_temporary_and_says_nothing(serving, error: Exception, reply: str) -> None:
    async def accept(mail: SmtpMail) -> str:
        raise error

    async with serving(accept) as desk:
        client = await desk.connect()

        heard = await client.mail(MAIL.rstrip())

    assert heard.startswith(reply)
    assert "desk" not in heard
    assert "secret" not in heard


async def test_broken_disk_ends_the_listener_and_loses_no_mail(tmp_path: Path) -> None:
    async def accept(mail: SmtpMail) -> str:
        raise StorageBroken("the disk failed")

    listener = SmtpListener(SmtpSettings(listen="127.0.0.1:0", drain="2s"), FileBlobs(tmp_path))
    serving = asyncio.create_task(listener.serve())
    await listener.listening.wait()

    def send() -> int:
        with smtplib.SMTP("127.0.0.1", listener.port, timeout=10) as client:
            try:
                client.sendmail("sara@customer.example", ["help@desk.example"], MAIL)
            except smtplib.SMTPDataError as error:
                return error.smtp_code
        return 250

    with listener.claim(listener.reserve(["help@desk.example"]), accept):
        assert await asyncio.to_thread(send) == 451
        with pytest.raises(StorageBroken):
            await serving


async def test_slow_publish_is_451_and_is_finished_all_the_same(serving) -> None:
    release = asyncio.Event()
    kept: list[SmtpMail] = []

    async def accept(mail: SmtpMail) -> str:
        await release.wait()
        kept.append(mail)
        return "late"

    async with serving(accept, publish_wait="0.1s") as desk:
        client = await desk.connect()

        assert (await client.mail(MAIL.rstrip())).startswith("451 4.3.2")
        release.set()
        while not kept:
            await asyncio.sleep(0.01)


async def test_failure_for_one_mailbox_of_two_is_the_answer_for_both(serving) -> None:
    async def fail(mail: SmtpMail) -> str:
        raise Temporary("not now")

    async with serving() as desk:
        with desk.listener.claim(desk.listener.reserve(["sales@desk.example"]), fail):
            client = await desk.connect()
            await client.say(b"MAIL FROM:<sara@customer.example>")
            await client.say(b"RCPT TO:<help@desk.example>")
            await client.say(b"RCPT TO:<sales@desk.example>")
            await client.say(b"DATA")

            assert (await client.say(MAIL + b".")).startswith("451")


# Hostile and broken clients.


@pytest.mark.parametrize(
    "end",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r.\r\n",
        b"\r\n.\r",
        b"\r\r\n.\r\r\n",
        b"\n\r.\r\n",
        b"\n.\n\n",
        b"\x00\n.",
    ],
)
async def test_nothing_but_crlf_dot_crlf_ends_a_mail(serving, end: bytes) -> None:
    smuggled = (
        b"MAIL FROM:<thief@evil.example>\r\nRCPT TO:<help@desk.example>\r\nDATA\r\nFrom: boss@desk.example\r\n\r\nPay."
    )

    async with serving() as desk:
        client = await desk.connect()

        reply = await client.mail(b"Subject: a\r\n\r\nbody" + end + smuggled)

    assert reply.startswith("550 5.6.0")
    assert desk.taken == []


@pytest.mark.parametrize("content", [b"Subject: a\rTo: b\r\n\r\nx", b"Subject: a\nTo: b\r\n\r\nx", b"a\r\n\r\n\x00"])
async def test_bare_line_ends_and_nul_are_refused(serving, content: bytes) -> None:
    async with serving() as desk:
        client = await desk.connect()

        assert (await client.mail(content)).startswith("550 5.6.0")
        assert (await client.mail(MAIL.rstrip())).startswith("250")

    assert len(desk.taken) == 1


async def test_mail_that_begins_with_a_thousand_empty_lines_is_cut_off(serving) -> None:
    async with serving() as desk:
        client = await desk.connect()

        assert (await client.mail(b"\r\n" * 1_000 + MAIL)).startswith("550 5.6.0")
        assert await client.closed()


async def test_short_lines_are_read_in_bounded_memory_and_time(serving) -> None:
    async with serving(max_message="3MB") as desk:
        client = await desk.connect()
        started = asyncio.get_running_loop().time()

        assert (await client.mail(b"x\r\n" * 990_000)).startswith("250")

        assert asyncio.get_running_loop().time() - started < 5


async def test_mail_that_went_in_circles_is_refused(serving) -> None:
    async with serving() as desk:
        client = await desk.connect()

        assert (await client.mail(b"Received: from a by b\r\n" * 101 + MAIL.rstrip())).startswith("554 5.4.6")
        assert (await client.mail(b"Received: from a by b\r\n" * 30 + MAIL.rstrip())).startswith("250")


async def test_too_big_mail_is_refused_at_its_end_and_the_next_is_taken(serving) -> None:
    async with serving(max_message="100KB") as desk:
        client = await desk.connect()

        assert (await client.mail(b"x" * 150_000)).startswith("552 5.3.4")
        assert (await client.mail(MAIL.rstrip())).startswith("250")

        assert await desk.contents() == [MAIL]


async def test_endless_line_is_cut_off(serving) -> None:
    sent = 0

    async with serving(max_message="1MB") as desk:
        client = await desk.connect()
        await client.begin()
        with pytest.raises(ConnectionError):  # noqa: PT012 (the client writes until it is cut off)
            for _ in range(1_000):
                client.writer.write(b"x" * 50_000)
                sent += 50_000
                await client.writer.drain()

    assert sent < 20_000_000
    assert desk.taken == []


async def test_memory_for_mails_is_bounded_over_all_connections(serving) -> None:
    async with serving(max_in_flight="300KB") as desk:
        first, second = await desk.connect(), await desk.connect()
        await first.begin()
        first.writer.write(b"x\r\n" * 80_000)
        await asyncio.sleep(0.2)

        assert (await second.mail(b"y\r\n" * 80_000)).startswith("452 4.3.1")
        first.writer.write(b".\r\n")
        assert (await first.reply()).startswith("250")
        assert (await second.mail(b"y\r\n" * 80_000)).startswith("250")


@pytest.mark.parametrize("cut", [0, 1, 20, len(MAIL), len(MAIL) + 1, len(MAIL) + 2])
async def test_client_that_drops_before_the_end_leaves_nothing(serving, cut: int) -> None:
    async with serving() as desk:
        client = await desk.connect()
        await client.begin()
        client.writer.write((MAIL + b".\r\n")[:cut])
        await client.writer.drain()
        client.writer.close()
        await asyncio.sleep(0.05)

    assert desk.taken == []


async def test_client_that_drops_after_the_end_does_not_cancel_the_publish(serving) -> None:
    begun, release, kept = asyncio.Event(), asyncio.Event(), []

    async def accept(mail: SmtpMail) -> str:
        begun.set()
        await release.wait()
        kept.append(mail)
        return "id"

    async with serving(accept) as desk:
        client = await desk.connect()
        await client.begin()
        client.writer.write(MAIL + b".\r\n")
        await begun.wait()
        client.writer.transport.abort()
        await asyncio.sleep(0.05)
        release.set()
        await asyncio.sleep(0.05)

    assert len(kept) == 1


async def test_half_closed_client_still_gets_its_250(serving) -> None:
    async def accept(mail: SmtpMail) -> str:
        await asyncio.sleep(0.1)
        return "id"

    async with serving(accept) as desk:
        client = await desk.connect()
        await client.begin()
        client.writer.write(MAIL + b".\r\nQUIT\r\n")
        client.writer.write_eof()

        assert (await client.reply()) == "250 2.0.0 id"
        assert (await client.reply()).startswith("221")
        assert await client.closed()


async def test_idle_client_is_told_and_closed(serving) -> None:
    async with serving(idle="0.2s") as desk:
        client = await desk.connect()

        assert (await client.reply()).startswith("421 4.4.2")
        assert await client.closed()


async def test_slow_upload_is_not_idle(serving) -> None:
    async with serving(idle="0.3s") as desk:
        client = await desk.connect()
        await client.begin()
        for at in range(0, len(MAIL), 8):
            client.writer.write(MAIL[at : at + 8])
            await asyncio.sleep(0.1)

        assert (await client.say(b".")).startswith("250")


async def test_mail_that_takes_too_long_in_all_is_cut_off(serving) -> None:
    async with serving(idle="2s", total="0.3s") as desk:
        client = await desk.connect()
        await client.begin()
        for _ in range(4):
            client.writer.write(b"x")
            await asyncio.sleep(0.05)

        assert (await client.reply()) == "421 4.4.2 Too slow"

    assert desk.taken == []


async def test_publish_that_takes_longer_than_idle_is_waited_for(serving) -> None:
    async def accept(mail: SmtpMail) -> str:
        await asyncio.sleep(0.6)
        return "id"

    async with serving(accept, idle="0.2s") as desk:
        client = await desk.connect()

        assert (await client.mail(MAIL.rstrip())) == "250 2.0.0 id"


async def test_connections_of_one_client_are_counted(serving) -> None:
    async with serving(per_client=2) as desk:
        first = await desk.connect()
        await desk.connect()
        third = await desk.connect(greet=False)

        assert (await third.reply()).startswith("421 4.7.0")

        await first.say(b"QUIT")
        await first.closed()
        await asyncio.sleep(0.05)
        await desk.connect()


@pytest.mark.parametrize("command", [b"NOOP", b"EHLO again.example", b"HELP", b"VRFY help"])
async def test_commands_without_mail_are_counted(serving, command: bytes) -> None:
    async with serving(commands=5) as desk:
        client = await desk.connect()

        replies = [(await client.say(command))[:3] for _ in range(6)]

        assert "421" in replies[4:]
        assert await client.closed()


async def test_client_that_is_refused_too_often_is_sent_away(serving) -> None:
    async with serving(refusals=3) as desk:
        client = await desk.connect()
        await client.say(b"MAIL FROM:<sara@customer.example>")
        replies = [await client.say(b"RCPT TO:<guess%d@desk.example>" % number) for number in range(4)]

        assert [reply[:3] for reply in replies] == ["550"] * 4
        assert (await client.reply()).startswith("421 4.7.0")


async def test_client_that_reads_nothing_is_cut_off(serving) -> None:
    async with serving(idle="0.3s", commands=1_000_000, max_recipients=100_000, refusals=1_000_000) as desk:
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        raw.connect(("127.0.0.1", desk.listener.port))
        raw.setblocking(False)
        loop = asyncio.get_running_loop()

        async def shout() -> None:
            while True:
                await loop.sock_sendall(raw, b"NOOP\r\n" * 10_000)

        with pytest.raises(ConnectionError):
            await asyncio.wait_for(shout(), 20)
        raw.close()


# Coming and going.


async def test_idle_clients_are_told_that_we_stop(serving) -> None:
    async with serving() as desk:
        client = await desk.connect()
        desk.task.cancel()

        assert (await client.reply()).startswith("421 4.3.2")
        assert await client.closed()


async def test_mail_in_hand_is_finished_when_we_stop(serving) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def accept(mail: SmtpMail) -> str:
        begun.set()
        await release.wait()
        return "id"

    async with serving(accept) as desk:
        client = await desk.connect()
        await client.begin()
        client.writer.write(MAIL + b".\r\n")
        await begun.wait()
        desk.task.cancel()
        await asyncio.sleep(0.05)
        release.set()

        assert (await client.reply()) == "250 2.0.0 id"
        assert (await client.reply()).startswith("421 4.3.2")


async def test_stopping_does_not_wait_for_ever(serving) -> None:
    async def accept(mail: SmtpMail) -> str:
        await asyncio.sleep(60)
        return "id"

    async with serving(accept, drain="0.2s") as desk:
        client = await desk.connect()
        await client.begin()
        client.writer.write(MAIL + b".\r\n")
        await asyncio.sleep(0.05)
        desk.task.cancel()
        await asyncio.wait({desk.task}, timeout=5)

        assert desk.task.done()


async def test_port_in_use_is_said_in_words(serving) -> None:
    async with serving() as desk:
        second = SmtpListener(SmtpSettings(listen=f"127.0.0.1:{desk.listener.port}"), desk.blobs)

        with pytest.raises(Permanent, match="free the port"):
            await second.serve()


async def test_no_address_reaches_the_log_of_aiosmtpd(serving, caplog) -> None:
    with caplog.at_level("DEBUG"):
        async with serving() as desk:
            client = await desk.connect()
            await client.mail(MAIL.rstrip())

    assert "customer.example" not in caplog.text


async def test_lmtp_answers_for_each_recipient(serving) -> None:
    async def fail(mail: SmtpMail) -> str:
        raise Temporary("not now")

    async with serving(protocol="lmtp") as desk:
        with desk.listener.claim(desk.listener.reserve(["sales@desk.example"]), fail):
            client = await desk.connect(greet=False)
            await client.reply()
            assert (await client.say(b"EHLO mta.example")).startswith("500")
            assert (await client.say(b"LHLO mta.example")).startswith("250")
            await client.say(b"MAIL FROM:<sara@customer.example>")
            for address in (b"help@desk.example", b"sales@desk.example", b"help+x@desk.example"):
                await client.say(b"RCPT TO:<" + address + b">")
            await client.say(b"DATA")
            client.writer.write(MAIL + b".\r\n")

            assert [(await client.reply())[:3] for _ in range(3)] == ["250", "451", "250"]


async def test_a_mail_that_lmtp_refuses_is_refused_for_each_recipient(serving) -> None:
    async with serving(protocol="lmtp", max_message="100KB") as desk:
        client = await desk.connect(greet=False)
        await client.reply()
        await client.say(b"LHLO mta.example")
        for content, reply in ((b"a\nb", "550 5.6.0"), (b"x" * 150_000, "552 5.3.4"), (MAIL, "250 2.0.0")):
            await client.say(b"MAIL FROM:<sara@customer.example>")
            for address in (b"help@desk.example", b"help+x@desk.example"):
                await client.say(b"RCPT TO:<" + address + b">")
            await client.say(b"DATA")
            client.writer.write(content.rstrip() + b"\r\n.\r\n")

            assert [(await client.reply())[:9] for _ in range(2)] == [reply, reply]


async def test_auth_and_starttls_are_not_offered_without_a_certificate(serving) -> None:
    async with serving() as desk:
        client = await desk.connect()

        offer = await client.say(b"EHLO client.example")

        assert "AUTH" not in offer
        assert "STARTTLS" not in offer
        assert "SIZE 26214400" in offer


@pytest.mark.parametrize(
    "changes", [{"listen": "nowhere"}, {"listen": "host:99999"}, {"tls": {"cert": "a.pem"}}, {"max_mesage": 1}]
)
def test_settings_that_cannot_work_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"listen|key|max_mesage"):
        SmtpSettings(**changes)
