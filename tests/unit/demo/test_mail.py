"""The mails of the demo: those that customers write, and the sink that judges ours."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import aiosmtplib
import pytest

from console.demo.letter import letter
from console.demo.scene import Written
from console.demo.sink import Mail, Sink, faults, running

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
GOOD = (
    b"Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n"
    b"From: Desk <help@nordwind.example>\r\n"
    b"To: anna@acme.example\r\n"
    b"Subject: =?utf-8?q?Zg=C5=82oszenie?=\r\n"
    b"Message-ID: <1@nordwind.example>\r\n"
    b"References: <a@x> <b@x>\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n"
    b"\r\n"
    b"Numer: =31\r\n"
)
ANNA = Written("Anna Kowalska", "anna@acme.example", "VPN nie działa", "Od rana.")


def judged(content: bytes, *recipients: str, eight_bit: bool = False) -> list[str]:
    return faults(content, list(recipients or ("anna@acme.example",)), eight_bit=eight_bit)


def test_a_mail_without_fault_is_taken() -> None:
    assert judged(GOOD) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD.replace(b"\r\n\r\n", b"\r\n\r\nbare\n"), "a line ends in CR or LF alone"),
        (GOOD + b"x" * 999 + b"\r\n", "a line is longer than 998 octets"),
        (GOOD.replace(b"=31", b"\xc5\x82"), "there are octets over 127, and 8BITMIME was not asked for"),
        (GOOD.replace(b"Message-ID:", b"X-Message-ID:"), "the field Message-ID stands there 0 times"),
        (GOOD.replace(b"MIME-V", b"Subject: again\r\nMIME-V"), "the field Subject stands there 2 times"),
        (GOOD.replace(b"To: anna", b"To: boss"), "the field To names somebody else"),
        (
            GOOD.replace(b"text/plain", b"multipart/mixed; boundary=q").replace(b"quoted-printable", b"7bit"),
            "StartBoundaryNotFoundDefect in the mail",
        ),
    ],
)
def test_each_fault_of_a_mail_is_named(content: bytes, words: str) -> None:
    assert words in judged(content)


def test_two_recipients_are_one_too_many_and_eight_bits_may_be_asked_for() -> None:
    eight = GOOD.replace(b"=31", b"\xc5\x82").replace(b"quoted-printable", b"8bit")

    assert judged(eight, eight_bit=True) == []
    assert judged(GOOD, "anna@acme.example", "b@x.example") == [
        "2 recipients stand in one transaction, and one is right"
    ]


async def test_the_sink_keeps_good_mail_and_refuses_the_rest_over_real_smtp() -> None:
    sink = Sink(lambda: NOW)
    async with running(sink) as port, aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        await client.sendmail("", ["anna@acme.example"], GOOD)
        with pytest.raises(aiosmtplib.SMTPDataError, match="the field To names somebody else"):
            await client.sendmail("help@nordwind.example", ["boss@acme.example"], GOOD)

    assert sink.to("boss@acme.example") == []
    assert sink.to("anna@acme.example") == [
        Mail(
            recipient="anna@acme.example",
            at=NOW,
            reply_to="help@nordwind.example",
            subject="Zgłoszenie",
            text="Numer: 1",
            message_id="<1@nordwind.example>",
            references=("<a@x>", "<b@x>"),
        )
    ]


def test_a_reply_carries_the_ids_of_what_it_answers_in_one_piece() -> None:
    long_id = f"<{'a' * 120}@nordwind.example>"
    answered = Mail("anna@acme.example", NOW, "help@nordwind.example", "Hi", "one\ntwo", long_id, ("<a@x>",))

    content = letter(ANNA, to="help@nordwind.example", at=NOW, message_id="<2@acme.example>", answered=answered)

    assert f"In-Reply-To: {long_id}\r\n".encode() in content
    assert f"References: <a@x> {long_id}\r\n".encode() in content
    read = message_from_bytes(content, policy=default)
    assert read["Subject"] == "Re: Hi"
    assert "> one" in read.get_content()


def test_the_same_mail_is_the_same_to_the_last_byte() -> None:
    first, second = (letter(ANNA, to="help@nordwind.example", at=NOW, message_id="<1@acme.example>") for _ in range(2))

    assert first == second
    assert b"Auto-Submitted" not in first


def test_a_mail_of_somebody_who_is_away_says_that_a_machine_wrote_it() -> None:
    away = ANNA._replace(automatic=True)

    assert b"Auto-Submitted: auto-replied\r\n" in letter(away, to="x@y.example", at=NOW, message_id="<1@acme.example>")
