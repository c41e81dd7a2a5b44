"""What other systems say became of mail of ours, read out of whatever they write."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.channels.mail.bounces.addresses import address_of, addresses_in
from ingest.channels.mail.bounces.codes import outcome_of, status_in
from ingest.channels.mail.bounces.reports import Report, report_of
from ingest.channels.mail.bounces.status import MAX_RECIPIENTS, failures_in
from ingest.channels.mail.decode import Decoding, decode, message_of
from ingest.channels.mail.identity import mailbox_in
from ingest.channels.mail.mime import parse
from store.records import DeliveryReport, Envelope, Message, RawMessage

DAEMON = "From: MAILER-DAEMON@mx.example\nTo: help@desk.example\nSubject: failure notice\n"
DECODING = Decoding(addresses=("help@desk.example",), loop="our-loop")


def report(text: str, *, null_sender: bool = False) -> Report | None:
    tree = parse(text.replace("\n", "\r\n").encode())
    sender = mailbox_in(tree.root.headers.all("from"))
    return report_of(tree, sender.address if sender else "", null_sender=null_sender)


def told(text: str, *, null_sender: bool = False) -> list[tuple[str, str, str]]:
    found = report(text, null_sender=null_sender)
    return [] if found is None else [(one.recipient, one.outcome, one.status) for one in found.failures]


def dsn(fields: str, *, words: str = "It failed.", author: str = "MAILER-DAEMON@mx.example") -> str:
    return (
        f"From: {author}\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\n{words}\n--b\nContent-Type: message/delivery-status\n\n{fields}\n--b--\n"
    )


def raw(text: str, *, fetched: bool = False) -> RawMessage:
    return RawMessage(
        id="raw",
        channel="mail",
        received_at=datetime(2026, 11, 23, tzinfo=UTC),
        content_type="message/rfc822",
        payload=text.encode(),
        envelope=Envelope(fetched=fetched),
    )


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("rfc822; Sara@Customer.example", "sara@customer.example"),
        ("RFC822;<sara@customer.example>", "sara@customer.example"),
        ('rfc822; "sara@customer.example"', "sara@customer.example"),
        ("<sara@customer.example>", "sara@customer.example"),
        ("rfc822; @relay.example:sara@customer.example", "sara@customer.example"),
        ("rfc822; sara@customer.example (Sara K.)", "sara@customer.example"),
        (r"utf-8; \x{17C}\x{F3}\x{142}w@customer.example", "żółw@customer.example"),
        (r"utf-8; \x{D800}sara@customer.example", "sara@customer.example"),
        ("X400; /S=sara/O=customer/C=de", ""),
        ("rfc822; sara", ""),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_the_address_that_a_field_holds(text: str, address: str) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("no address here", []),
        ("<a@b.example>: and c@d.example.", ["a@b.example", "c@d.example"]),
        ("'A@B.example'", ["a@b.example"]),
        ("@" * 10_000, []),
        ("a" * 10_000 + "@b.example", []),
    ],
)
def test_addresses_in_a_line(line: str, found: list[str]) -> None:
    assert list(addresses_in(line)) == found


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("550 5.1.1 nobody", "5.1.1"),
        ("550 5.0.0 mailbox is full", "5.2.2"),
        ("550 nobody at home", "5.0.0"),
        ("452 the mailbox is full", "4.2.2"),
        ("User unknown", "5.1.1"),
        ("usuario desconocido", "5.1.1"),
        ("переполнен", "5.2.2"),
        ("from [192.5.1.1] version 4.2.0.7", ""),
        ("250 2.1.5 fine, then 554 5.7.1 refused", "5.7.1"),
        ("it failed", ""),
    ],
)
def test_the_status_that_words_and_codes_give(text: str, status: str) -> None:
    assert status_in(text) == status


@pytest.mark.parametrize(
    ("action", "status", "outcome"),
    [
        ("failed", "5.1.1", "bounced"),
        ("failed", "4.4.7", "bounced"),
        ("delayed", "4.4.1", "delayed"),
        ("relayed", "2.1.9", "delivered"),
        ("expanded", "", "delivered"),
        ("", "4.2.2", "delayed"),
        ("error", "", "bounced"),
        ("", "", ""),
    ],
)
def test_what_action_and_status_mean(action: str, status: str, outcome: str) -> None:
    assert outcome_of(action, status) == outcome


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1", [("a@b.example", "bounced", "5.1.1")]),
        (
            "Final-Recipient: rfc822; away@c.example\nOriginal-Recipient: rfc822; a@b.example\nAction: failed",
            [("a@b.example", "bounced", "")],
        ),
        (
            "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.example\n\nAction: failed\n\nStatus: 5.2.2",
            [("a@b.example", "bounced", "5.2.2")],
        ),
        (
            (
                "Final-Recipient: rfc822; a@b.example\nAction: failed\nFinal-Recipient: rfc822; c@d.example\n"
                "Action: delayed"
            ),
            [("a@b.example", "bounced", ""), ("c@d.example", "delayed", "")],
        ),
        (
            (
                "Final-Recipient: rfc822; a@b.example\nAction: failed\n\n"
                "Original-Recipient: rfc822; c@d.example\nFinal-Recipient: rfc822; e@f.example\nAction: failed"
            ),
            [("a@b.example", "bounced", ""), ("c@d.example", "bounced", "")],
        ),
        (
            (
                "Final-Recipient: rfc822; a@b.example\nAction: failed (no luck)\nStatus: 5.0.0 (5.1.1)\n"
                "Diagnostic-Code: smtp; 550-5.1.1 nobody\n 550 5.1.1 at all"
            ),
            [("a@b.example", "bounced", "5.1.1")],
        ),
        ("Final-Recipient: x400; /S=a/\nAction: failed\nStatus: 5.1.1", [("", "bounced", "5.1.1")]),
        ("Reporting-MTA: dns; x", []),
        ("", []),
    ],
)
def test_fields_of_a_delivery_status(fields: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(one.recipient, one.outcome, one.status) for one in failures_in(fields)] == expected


def test_a_report_names_so_many_recipients_and_each_once() -> None:
    many = "\n\n".join(f"Final-Recipient: rfc822; a{number}@b.example\nAction: failed" for number in range(500))
    twice = "Final-Recipient: rfc822; a@b.example\nAction: failed\n\n" * 2

    assert len(failures_in(many)) == MAX_RECIPIENTS
    assert len(failures_in(twice)) == 1


@pytest.mark.parametrize(
    "text",
    [
        (
            "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the"
            " following addresses.\n\n<sara@customer.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n"
        ),
        "The message that you sent could not be delivered to:\n\nsara@customer.example (no such user)\n",
        "Message could not be delivered.\nRCPT TO:<sara@customer.example>\n550 5.1.1 no such user\n",
        "Delivery failed. Recipient address: sara@customer.example, no such user\n",
        "Your mail to sara@customer.example was returned: no such user\n",
        "Undeliverable.\n\nFinal-Recipient: rfc822; sara@customer.example\nAction: failed\nStatus: 5.1.1\n",
        "It did not reach 'sara@customer.example', for there is no such user. Write to postmaster@mx.example.\n",
        "Undeliverable, no such user\n\n----- Original message -----\nTo: sara@customer.example\nMessage-ID: <1@x>\n",
    ],
    ids=["qmail", "heading", "transcript", "label", "sentence", "fields in text", "anywhere", "original"],
)
def test_the_failed_address_is_found_in_words(text: str) -> None:
    assert told(f"{DAEMON}\n{text}") == [("sara@customer.example", "bounced", "5.1.1")]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Your message has not yet been delivered to a@b.example. It will be retried.", "delayed"),
        ("This is a warning only. You do not need to resend your message to a@b.example.", "delayed"),
        ("Your message to a@b.example was delayed for two days; this is a permanent error.", "bounced"),
        ("Your message to a@b.example could not be delivered.", "bounced"),
    ],
)
def test_a_delay_is_told_from_a_failure_by_its_words(text: str, outcome: str) -> None:
    assert [found[1] for found in told(f"{DAEMON}\n{text}\n")] == [outcome]


def test_what_is_quoted_below_names_nobody() -> None:
    text = (
        f"{DAEMON}\nUndeliverable:\n\n<sara@customer.example>: unknown\n\n"
        "--- Below this line is a copy of the message.\n\n"
        "From: help@desk.example\nCc: adam@customer.example\nMessage-ID: <1@desk.example>\n\n"
        "<eve@customer.example>: hi\n"
    )

    assert [found[0] for found in told(text)] == ["sara@customer.example"]


def test_several_recipients_have_each_their_own_words() -> None:
    text = (
        f"{DAEMON}X-Failed-Recipients: a@b.example, c@d.example\n\nThese failed:\n\n"
        "  a@b.example\n    550 5.2.2 full\n  c@d.example\n    550 5.1.1 nobody\n"
    )
    found = report(text)

    assert found is not None
    assert [(one.recipient, one.status, one.detail) for one in found.failures] == [
        ("a@b.example", "5.2.2", "550 5.2.2 full"),
        ("c@d.example", "5.1.1", "550 5.1.1 nobody"),
    ]


@pytest.mark.parametrize(
    "below",
    [
        "Content-Type: message/rfc822\n\nMessage-ID: <1@desk.example>\n\nText",
        "Content-Type: text/rfc822-headers\n\nMessage-Id: <1@desk.example>",
        "Content-Type: text/plain\n\n> Message-ID: <1@desk.example>",
        "Content-Type: text/plain\n\nOriginal message id: <1@desk.example>",
        (
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
            "TWVzc2FnZS1JRDogPDFAZGVzay5leGFtcGxlPg0KDQpU"
        ),
    ],
)
def test_the_id_of_the_mail_that_came_back_is_its_reference(below: str) -> None:
    whole = dsn("Final-Recipient: rfc822; a@b.example\nAction: failed").replace("--b--", f"--b\n{below}\n--b--")
    found = report(whole)

    assert found is not None
    assert found.references == ("<1@desk.example>",)


def test_its_own_id_is_no_reference_and_what_it_answers_is() -> None:
    head = "Message-ID: <own@mx.example>\nIn-Reply-To: <1@desk.example>\n"
    found = report(head + dsn("Final-Recipient: rfc822; a@b.example\nAction: failed"))

    assert found is not None
    assert found.references == ("<1@desk.example>",)


@pytest.mark.parametrize(
    "text",
    [
        (
            "From: Sara <sara@customer.example>\nSubject: Fwd: Undelivered Mail Returned to Sender\n\nWhat is this?\n\n"
            "> <a@b.example>: 550 5.1.1 User unknown\n> Final-Recipient: rfc822; a@b.example\n> Action: failed\n"
        ),
        (
            "From: sara@customer.example\nSubject: Mail delivery failed\n\n"
            "My mail could not be delivered to a@b.example."
            " What can I do?\n"
        ),
        (
            "From: sara@customer.example\nSubject: Re: Undeliverable: Printer\n\n"
            "It was returned to sender: user unknown.\n"
            "\n----- Original message -----\nMessage-ID: <1@desk.example>\n"
        ),
        (
            "From: sara@customer.example\nReturn-Path: <sara@customer.example>\nSubject: Undeliverable: Printer\n\n"
            "Delivery has failed\n\n----- Original message -----\nMessage-ID: <1@desk.example>\n"
        ),
        "From: noreply@parcels.example\nSubject: Delivery failed\n\nYour parcel could not be delivered.\n",
        "From: noreply@shop.example\nSubject: Delivery status of your order\n\nThe delivery is on its way.\n",
        "From: postmaster@customer.example\nSubject: A question\n\nWhich address do we write to?\n",
        (
            "From: postmaster@customer.example\nSubject: Our filter\n\n"
            "Your mail was rejected by our filter, shall we open it?\n"
        ),
        "From: sara@customer.example\nSubject: failure notice\n\nThe lift has failed again.\n",
        "From: bounce-watch@customer.example\nSubject: Trampoline\n\nHow high does it bounce?\n",
    ],
    ids=["forward", "question", "reply", "own errors", "parcel", "order", "postmaster", "filter", "lift", "trampoline"],
)
def test_an_ordinary_mail_is_no_report(text: str) -> None:
    assert report(text) is None
    assert [type(record) for record in decode(raw(text, fetched=True), DECODING)] == [Message]


def test_a_forwarded_report_as_an_attachment_is_an_ordinary_mail() -> None:
    inner = dsn("Final-Recipient: rfc822; a@b.example\nAction: failed")
    text = (
        "From: sara@customer.example\nSubject: Undeliverable: my mail\nContent-Type: multipart/mixed; boundary=o\n\n"
        "--o\n\nDear desk,\nhere is one.\nWhy could this not be delivered?\n--o\n"
        f"Content-Type: message/rfc822\n\n{inner}\n--o--\n"
    )

    assert report(text) is None


@pytest.mark.parametrize(
    ("author", "null_sender", "is_one"),
    [
        ("anna@filter.example", False, False),
        ("anna@filter.example", True, True),
        ("Anna <anna@filter.example>", False, False),
        ("mailer-daemon@filter.example", False, True),
        ("postmaster@filter.example", False, True),
        ("Mail Delivery System <x@filter.example>", False, True),
    ],
)
def test_the_same_words_need_a_sender_that_is_no_person(author: str, null_sender: bool, is_one: bool) -> None:
    text = (
        f"From: {author}\nSubject: Undeliverable mail\n\nCould not be delivered to <a@b.example>: 550 5.1.1 unknown\n"
    )

    assert (report(text, null_sender=null_sender) is not None) is is_one


def test_the_failed_recipients_of_a_header_make_a_report_in_any_words() -> None:
    head = "From: list@groups.example\nX-Failed-Recipients: team@groups.example\nSubject: About your mail\n"
    text = f"{head}\nIs it a group?\n"

    assert told(text, null_sender=True) == [("team@groups.example", "bounced", "")]
    assert told(text) == []


def test_a_receipt_of_reading_is_no_bounce() -> None:
    text = (
        "From: sara@customer.example\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n"
        "\n--b\n\nSara has read your mail.\n--b\nContent-Type: message/disposition-notification\n\n"
        "Final-Recipient: rfc822; sara@customer.example\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n--b--\n"
    )

    assert report(text, null_sender=True) is None


def test_our_own_mail_is_no_report_whatever_it_says() -> None:
    text = dsn("Final-Recipient: rfc822; a@b.example\nAction: failed", author="help@desk.example")
    [record] = decode(raw(text), DECODING)

    assert isinstance(record, Message)
    assert record.automated == "own"


def test_the_mail_that_came_back_is_the_last_reference() -> None:
    whole = dsn("Final-Recipient: rfc822; a@b.example\nAction: failed", words="Message-ID: <quoted@desk.example>")
    whole = whole.replace(
        "--b--", "--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <enclosed@desk.example>\n--b--"
    )
    found = report("References: <older@desk.example>\nIn-Reply-To: <answered@desk.example>\n" + whole)

    assert found is not None
    assert found.references == (
        "<older@desk.example>",
        "<answered@desk.example>",
        "<quoted@desk.example>",
        "<enclosed@desk.example>",
    )


def test_a_report_becomes_a_record_for_each_recipient_and_the_same_ones_again() -> None:
    fields = "\n\n".join(f"Final-Recipient: rfc822; {name}@b.example\nAction: failed\nStatus: 5.1.1" for name in "ac")
    token = "t1f-0123456789-b2x-abcdefghijklmnopqrstuvwx"
    text = f"To: help+{token}@desk.example\n" + dsn(fields)
    first, second = decode(raw(text), DECODING), decode(raw(text), DECODING)

    assert first == second
    assert all(isinstance(record, DeliveryReport) and record.tokens == (token,) for record in first)
    assert len({record.fingerprint for record in first}) == len({record.id for record in first}) == 2
    assert message_of(raw(text), DECODING).automated == "bounce"


def test_a_report_without_words_or_fields_is_still_one_about_somebody() -> None:
    assert told(dsn("", words="")) == [("", "bounced", "")]
    assert told("From: MAILER-DAEMON <>\n\n") == [("", "bounced", "")]


@pytest.mark.parametrize("body", ["a", "<a@", "@", "550 5.1.1 ", "message-id: <", "x-failed-recipients: a@b", "\n"])
def test_endless_text_costs_no_more_than_its_beginning(body: str) -> None:
    found = report(f"{DAEMON}\nUndeliverable, the following addresses had permanent errors\n{body * 500_000}")

    assert found is not None
    assert all(len(failure.detail) <= 1_000 for failure in found.failures)


_PIECES = st.sampled_from(
    [
        *(
            "Final-Recipient: rfc822; a@b",
            "Action: failed",
            "Status: 5",
            "\n",
            "--b",
            "--b--",
            "<a@b.example>:",
            "550 ",
        ),
        *(
            "Content-Type: message/delivery-status",
            "Content-Type: message/rfc822",
            "Message-ID: <1@x>",
            "\x00",
            "é",
            "{",
        ),
        *("Content-Type: message/feedback-report", "Original-Rcpt-To: <a@b>", "undeliverable", "@", "\\x{110000}", " "),
        "Hi. This is the qmail-send program",
        "The following addresses had permanent fatal errors",
    ]
)


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(_PIECES | st.text(max_size=20), max_size=40), kind=st.sampled_from(["report", "mixed", "x"]))
def test_nothing_that_a_daemon_writes_raises(pieces: list[str], kind: str) -> None:
    head = f"{DAEMON}x-amz-sns-message-id: 1\nContent-Type: multipart/{kind}; boundary=b\n\n"
    found = report(head + "\n".join(pieces))

    assert found is not None
    assert found.failures
    assert all(failure.outcome in ("bounced", "delayed", "delivered", "complained") for failure in found.failures)


def test_a_token_that_a_server_repeats_is_worth_nothing_in_the_report() -> None:
    token = f"t1-0123456789-b1ab-{'a' * 24}"
    fields = (
        "Final-Recipient: rfc822; sara@customer.example\nAction: failed\nStatus: 5.1.1\n"
        f"Diagnostic-Code: smtp; 550 no such user, said to HELP+{token.upper()}@desk.example"
    )

    (found,) = decode(raw(dsn(fields)), DECODING)

    assert isinstance(found, DeliveryReport)
    assert found.detail.startswith("550 no such user, said to HELP+T1-")
    assert "A" * 24 not in found.detail
