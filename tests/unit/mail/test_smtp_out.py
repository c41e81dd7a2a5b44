"""What a send is held for, by how far its bytes got; the relay is a script on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from ingest.channels.mail.compose import Sender, compose, envelope_and_mail
from ingest.channels.mail.send_settings import Send
from ingest.channels.mail.smtp_out import Relay
from store.errors import InDoubt, Permanent, Temporary
from store.outgoing import Outgoing, Purpose
from store.records import Address
from store.secrets import FromEnvironment
from store.tokens import Token, actor_of, candidates, verify

HANG_UP = "hang up"
SILENCE = "silence"


class Script:
    """A relay that says to each command what it is told to, and remembers what it heard."""

    def __init__(self, replies: Mapping[str, str]) -> None:
        self.replies = {
            "greeting": "220 relay.example",
            "EHLO": "250-relay.example\r\n250 SMTPUTF8",
            "DATA": "354 go on",
            "dot": "250 2.0.0 queued as 4711",
            "AUTH": "235 ok",
        } | replies
        self.heard: list[str] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self.port = 0
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            await self.say(writer, "greeting")
            while line := (await reader.readline()).decode().strip():
                self.heard.append(line)
                verb = line.split(" ")[0].split(":")[0].upper()
                await self.say(writer, verb)
                if verb == "DATA" and self.replies["DATA"].startswith("354"):
                    if "body" in self.replies:
                        await self.say(writer, "body")
                    self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                    await self.say(writer, "dot")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def say(self, writer: asyncio.StreamWriter, verb: str) -> None:
        reply = self.replies.get(verb, "250 ok")
        if reply == SILENCE:
            await asyncio.sleep(30)
        if reply == HANG_UP:
            writer.transport.abort()
            raise ConnectionResetError
        writer.write(reply.encode() + b"\r\n")
        await writer.drain()


@asynccontextmanager
async def relay(script: Script, limit: int = 2**24, **changes: object) -> AsyncIterator[Relay]:
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0, limit=limit)
    script.port = server.sockets[0].getsockname()[1]
    settings = Send(
        **{"smtp": f"127.0.0.1:{script.port}", "tls": "none", "timeout": "0.5s", "final_timeout": "0.5s", **changes}
    )
    found = Relay(settings, "help@desk.example")
    try:
        yield found
    finally:
        await found.close()
        server.close()
        for writer in script.writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)


def mail(
    purpose: Purpose = Purpose.ANSWER,
    text: str = "It works again.\n.\n..\n",
    to: str = "sara@customer.example",
    ticket: int | None = None,
) -> bytes:
    sender = Sender(address="help@desk.example", name="Help", key=b"k" * 32, loop="loop", plus_addressing=True)
    outgoing = Outgoing(
        key="effect-1",
        delivery="d1",
        purpose=purpose,
        address=to,
        subject="Printer",
        text=text,
        ticket=ticket,
        at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    return compose(outgoing, sender)


def undotted(sent: bytes) -> bytes:
    return sent.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")


async def test_mail_that_the_relay_takes_gives_its_words_and_our_message_id() -> None:
    script = Script({})
    async with relay(script) as out:
        receipt = await out.send(mail(), "sara@customer.example")

    assert receipt.detail == "250 2.0.0 queued as 4711"
    assert receipt.external_id.encode() in script.mails[0]
    assert script.heard[1:] == ["MAIL FROM:<help@desk.example>", "RCPT TO:<sara@customer.example>", "DATA"]


async def test_relay_gets_exactly_the_composed_bytes_with_dots_doubled() -> None:
    script = Script({})
    async with relay(script) as out:
        await out.send(mail(), "sara@customer.example")

    assert b"Return-Path: <help@desk.example>\r\n" + undotted(script.mails[0]) == mail()
    assert b"\r\n..\r\n...\r\n" in script.mails[0]


@pytest.mark.parametrize(
    ("purpose", "sender"),
    [
        (Purpose.ANSWER, "MAIL FROM:<help@desk.example>"),
        (Purpose.ALERT, "MAIL FROM:<help@desk.example>"),
        (Purpose.ACKNOWLEDGEMENT, "MAIL FROM:<>"),
    ],
)
async def test_acknowledgement_has_the_null_sender(purpose: Purpose, sender: str) -> None:
    script = Script({})
    async with relay(script) as out:
        await out.send(mail(purpose), "sara@customer.example")

    assert sender in script.heard


async def test_bounce_address_holds_a_token_and_never_stands_in_the_mail() -> None:
    script = Script({})
    async with relay(script) as out:
        await out.send(mail(ticket=482917), "sara@customer.example")

    (sender,) = [line for line in script.heard if line.startswith("MAIL")]
    token = verify(b"k" * 32, sender, now=datetime(2026, 11, 23, tzinfo=UTC))
    assert token == Token(482917, actor_of(Address(kind="mail", value="sara@customer.example")), "b")
    assert b"Return-Path" not in script.mails[0]
    assert candidates(script.mails[0].decode()) == ()


@pytest.mark.parametrize("purpose", list(Purpose))
async def test_relay_that_takes_the_mailbox_alone_for_a_sender_gets_it(purpose: Purpose) -> None:
    class Strict(Script):
        async def say(self, writer: asyncio.StreamWriter, verb: str) -> None:
            self.replies["MAIL"] = "250 ok" if "<help@desk.example>" in self.heard[-1] else "550 not your sender"
            await super().say(writer, verb)

    script = Strict({})
    script.heard.append("")
    async with relay(script) as out:
        await out.send(mail(purpose, ticket=482917), "sara@customer.example")

    assert [line for line in script.heard if line.startswith("MAIL")][-1] == "MAIL FROM:<help@desk.example>"
    assert len(script.mails) == 1


async def test_token_that_a_relay_repeats_is_masked() -> None:
    class Echo(Script):
        async def say(self, writer: asyncio.StreamWriter, verb: str) -> None:
            self.replies["RCPT"] = f"550 no, {self.heard[-2]}" if verb == "RCPT" else "250 ok"
            await super().say(writer, verb)

    async with relay(Echo({})) as out:
        with pytest.raises(Permanent) as refused:
            await out.send(mail(ticket=482917), "sara@customer.example")

    assert "help+t" in str(refused.value)
    assert candidates(str(refused.value)) == ()


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({"greeting": HANG_UP}, Temporary),
        ({"greeting": SILENCE}, Temporary),
        ({"greeting": "554 go away"}, Temporary),
        ({"greeting": "421 busy"}, Temporary),
        ({"greeting": "nonsense"}, Temporary),
        ({"EHLO": "550 no", "HELO": "550 no"}, Temporary),
        ({"MAIL": "450 later"}, Temporary),
        ({"MAIL": "550 who are you"}, Temporary),
        ({"MAIL": "530 authentication required"}, Temporary),
        ({"MAIL": HANG_UP}, Temporary),
        ({"RCPT": "450 greylisted"}, Temporary),
        ({"RCPT": "550 no such user"}, Permanent),
        ({"RCPT": "530 authentication required"}, Temporary),
        ({"RCPT": HANG_UP}, Temporary),
        ({"RCPT": SILENCE}, Temporary),
        ({"DATA": "451 later"}, Temporary),
        ({"DATA": "554 no valid recipients"}, Permanent),
        ({"DATA": "250 what"}, Temporary),
        ({"DATA": HANG_UP}, Temporary),
        ({"dot": "452 disk full"}, Temporary),
        ({"dot": "421 stopping"}, Temporary),
        ({"dot": "554 spam"}, Permanent),
        ({"dot": HANG_UP}, InDoubt),
        ({"dot": SILENCE}, InDoubt),
        ({"dot": "nonsense"}, InDoubt),
        ({"dot": "250-half an answer"}, InDoubt),
    ],
)
async def test_outcome_follows_from_how_far_the_mail_got(replies: dict[str, str], error: type[Exception]) -> None:
    async with relay(Script(replies)) as out:
        with pytest.raises(error):
            await out.send(mail(), "sara@customer.example")


async def test_relay_that_hangs_up_in_the_middle_of_the_mail_has_not_taken_it() -> None:
    script = Script({"body": HANG_UP})
    async with relay(script) as out:
        with pytest.raises(Temporary):
            await out.send(mail(text="x" * 78 + "\n" * 1_000_000), "sara@customer.example")


async def test_relay_that_does_not_read_the_mail_has_not_taken_it() -> None:
    script = Script({"body": SILENCE})
    async with relay(script, limit=2**16) as out:
        with pytest.raises(Temporary):
            await out.send(mail() + b"x" * 70 + b"\r\n" * 9_000_000, "sara@customer.example")


async def test_relay_that_reads_a_large_mail_slowly_is_given_the_time() -> None:
    script = Script({"body": "slowly"})

    async def read_slowly(transport: asyncio.Transport) -> None:
        while not transport.is_closing():
            transport.pause_reading()
            await asyncio.sleep(0.05)
            transport.resume_reading()
            await asyncio.sleep(0.001)

    async def slow_body(writer: asyncio.StreamWriter, verb: str, say=script.say) -> None:
        if verb == "body":
            script.slow = asyncio.create_task(read_slowly(writer.transport))
        else:
            await say(writer, verb)

    script.say = slow_body
    payload = mail() + b"x" * 70 + b"\r\n" * 15_000_000
    async with relay(script, limit=2**25, timeout="0.5s", final_timeout="10s") as out:
        assert (await out.send(payload, "sara@customer.example")).detail.startswith("250")
        script.slow.cancel()

    assert len(script.mails) == 1


async def test_nobody_there_is_temporary() -> None:
    out = Relay(Send(smtp="127.0.0.1:1", tls="none"), "help@desk.example")

    with pytest.raises(Temporary):
        await out.send(mail(), "sara@customer.example")


async def test_final_word_may_take_longer_than_the_others() -> None:
    script = Script({})

    async def slow_dot(writer: asyncio.StreamWriter, verb: str, say=script.say) -> None:
        await asyncio.sleep(0.6 if verb == "dot" else 0)
        await say(writer, verb)

    script.say = slow_dot
    async with relay(script, timeout="0.3s", final_timeout="5s") as out:
        assert (await out.send(mail(), "sara@customer.example")).detail.startswith("250")


async def test_connection_is_used_again_while_it_is_fresh() -> None:
    script = Script({})
    async with relay(script) as out:
        for _ in range(3):
            await out.send(mail(), "sara@customer.example")

    assert script.connections == 1
    assert len(script.mails) == 3


async def test_connection_that_was_idle_too_long_is_closed() -> None:
    script = Script({})
    async with relay(script, keep="0.05s") as out:
        await out.send(mail(), "sara@customer.example")
        await asyncio.sleep(0.2)
        await out.send(mail(), "sara@customer.example")

    assert script.connections == 2


async def test_connection_that_the_relay_closed_meanwhile_costs_no_send() -> None:
    script = Script({})
    async with relay(script) as out:
        await out.send(mail(), "sara@customer.example")
        script.writers[0].transport.abort()
        await out.send(mail(), "sara@customer.example")

    assert len(script.mails) == 2


async def test_connection_is_not_used_again_after_a_refusal() -> None:
    script = Script({"RCPT": "550 no such user"})
    async with relay(script) as out:
        with pytest.raises(Permanent):
            await out.send(mail(), "nobody@customer.example")
        script.replies["RCPT"] = "250 ok"
        await out.send(mail(), "sara@customer.example")

    assert script.connections == 2


async def test_no_more_connections_at_once_than_allowed() -> None:
    script = Script({})
    async with relay(script, connections=2) as out:
        await asyncio.gather(*(out.send(mail(), "sara@customer.example") for _ in range(8)))

    assert script.connections <= 2
    assert len(script.mails) == 8


async def test_wrong_password_is_ours_to_mend_and_gives_no_mail_up() -> None:
    script = Script({"EHLO": "250-relay.example\r\n250 AUTH PLAIN", "AUTH": "535 wrong password"})
    async with relay(script, password=FromEnvironment("hunter2")) as out:
        with pytest.raises(Temporary, match="535") as refused:
            await out.send(mail(), "sara@customer.example")

    assert "hunter2" not in str(refused.value)


async def test_starttls_that_is_not_offered_is_no_reason_to_send_in_the_clear() -> None:
    script = Script({})
    async with relay(script, tls="starttls") as out:
        with pytest.raises(Temporary):
            await out.send(mail(), "sara@customer.example")

    assert script.mails == []


async def test_certificate_that_nobody_vouches_for_is_refused(own_certificate) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own_certificate.chain, own_certificate.key)
    script = Script({})
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]

    refusing = Relay(Send(smtp=f"localhost:{port}", tls="tls", timeout="5s"), "help@desk.example")
    trusting = Relay(
        Send(smtp=f"localhost:{port}", tls="tls", timeout="5s", ca=str(own_certificate.chain)), "help@desk.example"
    )

    with pytest.raises(Temporary, match="ertificate"):
        await refusing.send(mail(), "sara@customer.example")
    await trusting.send(mail(), "sara@customer.example")
    assert len(script.mails) == 1

    await trusting.close()
    server.close()
    for writer in script.writers:
        writer.transport.abort()
    await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "address", ["", "sara", "a@b.example>\r\nRCPT TO:<c@d.example", "a b@c.example", '"x"@y.example']
)
async def test_address_that_could_not_stand_in_a_command_is_refused(address: str) -> None:
    script = Script({})
    async with relay(script) as out:
        with pytest.raises(Permanent):
            await out.send(mail(), address)

    assert script.connections == 0


async def test_address_beyond_ascii_needs_a_relay_that_takes_it() -> None:
    able, unable = Script({}), Script({"EHLO": "250 relay.example"})
    async with relay(able) as out, relay(unable) as other:
        await out.send(mail(to="żółw@przykład.example"), "żółw@przykład.example")
        with pytest.raises(Permanent):
            await other.send(mail(to="żółw@przykład.example"), "żółw@przykład.example")
        await other.send(mail(to="info@przykład.example"), "info@przykład.example")

    assert "RCPT TO:<żółw@xn--przykad-rjb.example>" in able.heard
    assert "RCPT TO:<info@xn--przykad-rjb.example>" in unable.heard


@pytest.mark.parametrize("smtp", ["relay.example", "relay.example:", ":25", "relay.example:smtp"])
def test_relay_without_host_or_port_is_refused(smtp: str) -> None:
    with pytest.raises(ValueError, match="host and port"):
        Send(smtp=smtp)


@pytest.mark.parametrize(("purpose", "sender"), [(Purpose.ACKNOWLEDGEMENT, ""), (Purpose.ANSWER, "help@desk.example")])
async def test_a_mail_that_an_earlier_release_queued_names_its_sender_by_what_it_is(
    purpose: Purpose, sender: str
) -> None:
    script = Script({})
    async with relay(script) as found:
        await found.send(envelope_and_mail(mail(purpose))[1], "sara@customer.example")

    assert [line.split(" ")[1] for line in script.heard if line.startswith("MAIL")] == [f"FROM:<{sender}>"]


def test_a_password_never_goes_to_another_machine_in_the_clear() -> None:
    password = FromEnvironment("secret")

    with pytest.raises(ValueError, match="in the clear"):
        Send(smtp="relay.example:25", tls="none", password=password)
    assert Send(smtp="[::1]:25", tls="none", password=password).password is not None
    assert Send(smtp="relay.example:25", tls="none").password is None
