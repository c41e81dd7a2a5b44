"""Clients without manners: they speak out of turn, end lines as they like, or want us to pass on what is not ours."""

import asyncio

import pytest

from ingest.smtp import SmtpMail

MAIL = b"From: sara@customer.example\r\nSubject: Printer\r\n\r\nIt is broken.\r\n"


async def test_a_client_that_speaks_before_the_greeting_is_sent_away(serving) -> None:
    async with serving(greeting_delay="2s") as desk:
        client = await desk.connect(greet=False)
        client.writer.write(
            b"EHLO spam.example\r\nMAIL FROM:<thief@evil.example>\r\nRCPT TO:<help@desk.example>\r\nDATA\r\n"
            + MAIL
            + b".\r\nQUIT\r\n"
        )

        assert (await client.reply()).startswith("554 5.5.1")
        assert await client.closed()

    assert desk.taken == []


async def test_a_client_that_waits_is_greeted_after_the_pause(serving) -> None:
    async with serving(greeting_delay="0.1s") as desk:
        client = await desk.connect()

        assert (await client.mail(MAIL.rstrip())).startswith("250")


@pytest.mark.parametrize(
    "command",
    [
        b"NOOP\n",
        b"MAIL FROM:<a@b.example>\nRCPT TO:<help@desk.example>\r\n",
        b"NOOP\rNOOP\r\n",
        b"\n",
        b"RSET\r\r\n",
        b"MAIL FROM:<a@b.example>\n\r\n",
    ],
)
async def test_a_command_ends_with_crlf_and_nothing_else(serving, command: bytes) -> None:
    async with serving() as desk:
        client = await desk.connect()
        client.writer.write(command)

        assert (await client.reply()).startswith("500 5.5.2")
        assert await client.closed()


async def test_a_command_without_an_end_is_cut_off(serving) -> None:
    async with serving() as desk:
        client = await desk.connect()
        client.writer.write(b"MAIL FROM:<" + b"a" * 1_000_000)

        assert (await client.reply()).startswith("500 5.5.6")


async def test_a_long_command_line_is_refused(serving) -> None:
    async with serving() as desk:
        client = await desk.connect()

        assert (await client.say(b"NOOP " + b"a" * 3_000)).startswith("500 5.5.6")


@pytest.mark.parametrize("command", [b"", b"\xff\xfe", b"GET / HTTP/1.1", b"STARTTLS x", b"MAIL", b"RCPT TO"])
async def test_nonsense_is_refused_and_the_next_command_understood(serving, command: bytes) -> None:
    async with serving() as desk:
        client = await desk.connect()

        assert (await client.say(command))[0] in "45"
        assert (await client.say(b"NOOP")).startswith("250")


async def test_a_mail_that_follows_data_at_once_is_read_as_what_it_is(serving) -> None:
    async with serving() as desk:
        client = await desk.connect()
        client.writer.write(
            b"MAIL FROM:<sara@customer.example>\r\nRCPT TO:<help@desk.example>\r\nDATA\r\n" + MAIL + b".\r\nQUIT\r\n"
        )

        assert [(await client.reply())[:3] for _ in range(5)] == ["250", "250", "354", "250", "221"]
        assert await desk.contents() == [MAIL]


async def test_a_mail_to_nobody_here_leaves_its_lines_for_commands_that_are_refused(serving) -> None:
    async with serving(refusals=50) as desk:
        client = await desk.connect()
        client.writer.write(
            b"MAIL FROM:<sara@customer.example>\r\nRCPT TO:<nobody@desk.example>\r\nDATA\r\n" + MAIL + b".\r\nQUIT\r\n"
        )

        replies = [(await client.reply())[:3] for _ in range(9)]
        assert replies == ["250", "550", "503", "500", "500", "500", "500", "500", "221"]

    assert desk.taken == []


# Relaying.


@pytest.mark.parametrize(
    "address",
    [
        "someone@elsewhere.example",
        "help@desk.example@elsewhere.example",
        "someone%elsewhere.example@desk.example",
        "someone@elsewhere.example@desk.example",
        "elsewhere.example!someone@desk.example",
        "elsewhere.example!someone",
        '"someone@elsewhere.example"@desk.example',
        '"help@desk.example"@elsewhere.example',
        '"help@desk.example"',
        "@desk.example:someone@elsewhere.example",
        "@desk.example,@elsewhere.example:someone@elsewhere.example",
        "@elsewhere.example:help%elsewhere.example@desk.example",
        "someone@[127.0.0.1]",
        "help@[127.0.0.1]",
        "someone",
        "help@desk.example.elsewhere.example",
        "help@xdesk.example",
        "help@sub.desk.example",
        "help@",
        "@desk.example",
        "help @desk.example",
    ],
)
async def test_nothing_is_ever_relayed(serving, address: str) -> None:
    async with serving() as desk:
        client = await desk.connect()
        await client.say(b"MAIL FROM:<help@desk.example>")

        assert (await client.say(f"RCPT TO:<{address}>".encode()))[0] == "5"
        assert (await client.say(b"DATA")).startswith("503")

    assert desk.taken == []


@pytest.mark.parametrize(
    "address",
    [
        "help@desk.example",
        "HELP@Desk.Example",
        "help+anything@desk.example",
        '"help"@desk.example',
        '"Help+anything"@desk.example',
        "@elsewhere.example:help@desk.example",
    ],
)
async def test_our_address_is_known_in_each_of_its_forms(serving, address: str) -> None:
    async with serving() as desk:
        client = await desk.connect()

        assert (await client.mail(MAIL.rstrip(), address)).startswith("250")


async def test_roles_of_a_domain_reach_the_first_mailbox_of_that_domain(serving) -> None:
    async with serving() as desk:
        other: list[SmtpMail] = []

        async def accept_other(mail: SmtpMail) -> str:
            other.append(mail)
            return "other"

        boxes = desk.listener.reserve(["info@shop.example"]), desk.listener.reserve(["sales@shop.example"])
        with desk.listener.claim(boxes[0], accept_other), desk.listener.claim(boxes[1], desk.accept):
            client = await desk.connect()
            for address in ("postmaster@shop.example", "Abuse@Shop.example", "postmaster@desk.example", "postmaster"):
                assert (await client.mail(MAIL.rstrip(), address)).startswith("250")
            await client.say(b"MAIL FROM:<sara@customer.example>")
            assert (await client.say(b"RCPT TO:<abuse@elsewhere.example>")).startswith("550 5.1.1")

    assert [mail.recipients[0] for mail in other] == ["postmaster@shop.example", "Abuse@Shop.example"]
    assert [mail.recipients[0] for mail in desk.taken] == ["postmaster@desk.example", "postmaster"]


# What a client may ask.


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        (b"VRFY help", "252"),
        (b"VRFY nobody", "252"),
        (b"VRFY", "501"),
        (b"EXPN staff", "502"),
        (b"AUTH PLAIN AGhlbHAAaGVscA==", "502"),
        (b"TURN", "500"),
        (b"BDAT 10 LAST", "500"),
        (b"HELP", "250"),
    ],
)
async def test_nobody_is_told_who_is_here(serving, command: bytes, reply: str) -> None:
    async with serving() as desk:
        client = await desk.connect()

        assert (await client.say(command)).startswith(reply)


@pytest.mark.parametrize("sender", ["<>", "< >", "<> BODY=8BITMIME"])
async def test_every_form_of_the_null_sender_is_empty(serving, sender: str) -> None:
    async with serving() as desk:
        client = await desk.connect()
        await client.say(f"MAIL FROM:{sender}".encode())
        await client.say(b"RCPT TO:<help@desk.example>")
        await client.say(b"DATA")
        await client.say(MAIL + b".")

    assert [mail.sender for mail in desk.taken] == [""]


@pytest.mark.parametrize("declared", [b"", b" SMTPUTF8", b" BODY=8BITMIME", b" BODY=8BITMIME SMTPUTF8"])
async def test_utf_8_is_taken_whether_or_not_it_is_declared(serving, declared: bytes) -> None:
    content = "Subject: Żółw\r\n\r\nPrzykład\r\n".encode()
    async with serving() as desk:
        client = await desk.connect()
        assert (await client.say("MAIL FROM:<żółw@przykład.example>".encode() + declared)).startswith("250")
        await client.say("RCPT TO:<help+żółw@desk.example>".encode())
        await client.say(b"DATA")
        assert (await client.say(content + b".")).startswith("250")

        assert await desk.contents() == [content]
    assert desk.taken[0].sender == "żółw@przykład.example"
    assert desk.taken[0].recipients == ("help+żółw@desk.example",)


@pytest.mark.parametrize("address", [b"\xff\xfe", b"a\xed\xa0\x80b", b"\xc0\xaf", b"a\x01b"])
async def test_an_address_that_could_not_be_stored_is_refused_at_once(serving, address: bytes) -> None:
    async with serving() as desk:
        client = await desk.connect()
        assert (await client.say(b"MAIL FROM:<" + address + b"@x.example>")).startswith("553")
        await client.say(b"MAIL FROM:<>")
        assert (await client.say(b"RCPT TO:<help+" + address + b"@desk.example>")).startswith("553")


async def test_a_line_of_any_length_is_taken(serving) -> None:
    async with serving() as desk:
        client = await desk.connect()
        for length in (997, 998, 999, 1_000, 1_001, 70_000, 1_000_000):
            assert (await client.mail(b"Subject: " + b"x" * length)).startswith("250")

        assert [len(content) for content in await desk.contents()] == [
            length + 11 for length in (997, 998, 999, 1_000, 1_001, 70_000, 1_000_000)
        ]


async def test_an_endless_noop_loop_is_cut_off_by_its_count_and_others_are_served(serving) -> None:
    async with serving() as desk:
        shouting = await desk.connect()
        other = await desk.connect()
        shouting.writer.write(b"NOOP\r\n" * 10_000)

        assert (await other.mail(MAIL.rstrip())).startswith("250")
        replies = (await asyncio.wait_for(shouting.reader.read(), 10)).decode().splitlines()

    assert replies[-1].startswith("421 4.7.0")
    assert len(replies) == 31
