"""What a mail says, shows and holds, where mailers disagree with the standards or with each other."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.channels.mail.attachments import attachment_bytes
from ingest.channels.mail.decode import Decoding, message_of
from ingest.channels.mail.html import html_to_text, is_bomb
from ingest.channels.mail.sanitise import sanitise
from store.records import MAX_HTML, MAX_OTHERS, Envelope, Fact, Message, Proof, RawMessage

RECEIVED = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OURS = Decoding(addresses=("help@desk.example",))


def message(payload: str | bytes, *, fetched: bool = False, sender: str = "sara@customer.example") -> Message:
    content = payload.encode("utf-8") if isinstance(payload, str) else payload
    envelope = Envelope(fetched=fetched, sender="" if fetched else sender)
    raw = RawMessage(
        id="raw",
        channel="mail",
        received_at=RECEIVED,
        content_type="message/rfc822",
        payload=content.replace(b"\n", b"\r\n") if b"\r" not in content else content,
        envelope=envelope,
    )
    return message_of(raw, OURS)


def multipart(kind: str, *parts: str) -> str:
    inner = "".join(f"--b\n{part}\n" for part in parts)
    return f"From: sara@customer.example\nContent-Type: multipart/{kind}; boundary=b\n\n{inner}--b--\n"


PLAIN = "Content-Type: text/plain\n\nplain words"
HTML = "Content-Type: text/html\n\n<p>HTML words</p>"


@pytest.mark.parametrize(
    ("payload", "text", "files"),
    [
        (multipart("alternative", PLAIN, HTML), "plain words", []),
        (multipart("alternative", HTML, PLAIN), "plain words", []),
        (multipart("alternative", "Content-Type: text/plain\n\n \n", HTML), "HTML words", []),
        (multipart("alternative", PLAIN, "Content-Type: text/plain\n\nmore of it"), "plain words\n\nmore of it", []),
        (multipart("alternative", HTML, "\n"), "HTML words", []),
        (multipart("alternative", PLAIN, "Content-Type: text/x-amp-html\n\n<p>x</p>", HTML), "plain words", []),
        (
            multipart("mixed", PLAIN, "Content-Type: text/plain\n\nbelow the picture"),
            "plain words\n\nbelow the picture",
            [],
        ),
        (multipart("mixed", "Content-Type: text/plain; name=body.txt\n\nnamed words"), "named words", []),
        (
            multipart("mixed", "Content-Type: text/plain; name=log.txt\n\nlog", PLAIN),
            "plain words",
            [("log.txt", "text/plain")],
        ),
        (
            multipart("mixed", PLAIN, "Content-Type: text/plain; name=log.txt\n\nlog"),
            "plain words",
            [("log.txt", "text/plain")],
        ),
        (
            multipart("related", HTML, "Content-Type: text/html\n\nframe"),
            "HTML words",
            [("document.html", "text/html")],
        ),
        ("Content-Type: text/plain\nContent-Disposition: attachment\n\nwords", "words", []),
        (
            "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nx",
            "",
            [("a.txt", "text/plain")],
        ),
        ("Content-Type: text/enriched\n\n<bold>rich</bold> words", "rich words", []),
        ("Content-Type: text/calendar\n\nBEGIN:VCALENDAR", "", [("invitation.ics", "text/calendar")]),
        ("Content-Type: application/pkcs7-mime\n\nx", "", [("smime.p7m", "application/pkcs7-mime")]),
        ("Content-Type: message/partial; number=1\n\nx", "", [("message.eml", "message/partial")]),
        (multipart("signed", PLAIN, "Content-Type: application/pgp-signature\n\nx"), "plain words", []),
        (
            multipart("signed", PLAIN, "Content-Type: application/pgp-signature; name=signature.asc\n\nx"),
            "plain words",
            [("signature.asc", "application/pgp-signature")],
        ),
        (
            multipart(
                "encrypted",
                "Content-Type: application/pgp-encrypted\n\nVersion: 1",
                "Content-Type: application/octet-stream; name=m.asc\n\nx",
            ),
            "",
            [("file", "application/pgp-encrypted"), ("m.asc", "application/octet-stream")],
        ),
        (
            multipart("digest", "\nSubject: one/two\n\nx", "\n\ny"),
            "",
            [("one two.eml", "message/rfc822"), ("message.eml", "message/rfc822")],
        ),
        (
            multipart("mixed", PLAIN, "Content-Type: image/jpeg\n\nx", "Content-Type: image/jpeg\n\ny"),
            "plain words",
            [("image.jpg", "image/jpeg"), ("image1.jpg", "image/jpeg")],
        ),
        (
            multipart("mixed", PLAIN, "Content-Type: image/png\nContent-ID: <map.png@x>\n\nx"),
            "plain words",
            [("map.png", "image/png")],
        ),
        (
            multipart("mixed", PLAIN, "Content-Type: text/csv\nContent-Description: the list\n\nx"),
            "plain words",
            [("the list.csv", "text/csv")],
        ),
        ("Content-Transfer-Encoding: base64\n\nThis was never encoded, was it?", "This was never encoded, was it?", []),
        ("Content-Transfer-Encoding: nonsense\n\nwords", "words", []),
        ("Content-Type: multipart/mixed\n\nno delimiter anywhere", "no delimiter anywhere", []),
        ("Subject: x\n\nsee\nbegin 644 a.txt\n#0V%T\n`\nend\nbelow", "see\nbelow", [("a.txt", "text/plain")]),
    ],
)
def test_text_is_told_from_files_as_mail_programs_do(payload: str, text: str, files: list[tuple[str, str]]) -> None:
    read = message(payload)

    assert read.text == text
    assert [(file.name, file.content_type) for file in read.attachments] == files


def test_fields_that_stand_twice_are_read_once_and_prove_nothing_about_the_sender() -> None:
    fields = "From: sara@customer.example\nSubject: one\nSubject: two\nMessage-ID: <1@x>\nMessage-ID: <2@x>\n"

    twice, two_senders = message(f"{fields}\nx"), message(f"{fields}From: boss@desk.example\n\nx")

    assert (twice.subject, twice.external_id, twice.references) == ("one", "<1@x>", ())
    assert (twice.proof, two_senders.proof) == (Proof.CLAIMED, Proof.ANONYMOUS)


def test_a_file_inside_a_text_is_found_again_in_the_original() -> None:
    payload = b"Subject: x\r\n\r\nsee\r\nbegin 644 a.txt\r\n#0V%T\r\nend\r\nbegin 644 b.txt\r\n#0V%T\r\nend\r\n"

    first, second = message(payload).attachments

    assert (first.part, first.member, second.part, second.member) == (0, 1, 0, 2)
    assert attachment_bytes(payload, 0, 2) == b"Cat"
    assert attachment_bytes(payload, 0, 3) is None
    assert attachment_bytes(payload.replace(b"\r\n", b"\n"), 0, 1) == b"Cat"


def test_html_is_kept_for_showing_and_its_pictures_point_to_their_files() -> None:
    picture = "Content-Type: image/png\nContent-ID: <1@x>\nContent-Disposition: inline; filename=a.png\n\nPNG"
    page = 'Content-Type: text/html\n\n<p style="color:red">see <img src="cid:1@x"><img src="https://t.example/p"></p>'

    read = message(multipart("related", page, picture))

    assert read.html == '<p>see <img src="attachment:0"><img src="placeholder:image"></p>'
    assert read.attachments[0].content_id == "1@x"


@pytest.mark.parametrize(
    ("page", "clean"),
    [
        ('<a href="/relative">x</a>', '<a rel="noopener noreferrer nofollow">x</a>'),
        ('<a href="//t.example">x</a>', '<a rel="noopener noreferrer nofollow">x</a>'),
        ('<a href="tel:1">x</a>', '<a href="tel:1" rel="noopener noreferrer nofollow">x</a>'),
        ("<style>@import 'x'</style><p onclick=x id=a class=b>y</p>", "<p>y</p>"),
        ("<svg><style>x</style></svg>y", "y"),
        ("<svg><style><img src=x></style></svg>y", '<img src="placeholder:image">y'),
        ("a\u202eb\x00", "ab"),
        ("<img src='data:image/png;base64,AA'>", '<img src="placeholder:image">'),
        ("<div>" * 100_000, ""),
        (f"<p>{'x' * MAX_HTML}</p>", ""),
        ("   ", ""),
    ],
)
def test_html_is_shown_without_what_loads_runs_or_misleads(page: str, clean: str) -> None:
    assert sanitise(page, {}) == clean


def test_a_page_of_too_many_attributes_is_read_without_parsing() -> None:
    page = "<p " + "".join(f'a{number}="1"' for number in range(5_000)) + ">words</p>"

    assert is_bomb(page)
    assert html_to_text(page) == "words"


def test_a_forwarded_mail_says_who_wrote_it() -> None:
    inner = (
        "Content-Type: message/rfc822\n\nFrom: Boss <Boss@x.example>\nSubject: inner\nMessage-ID: <1@x>\n\ninner words"
    )

    read = message(multipart("mixed", PLAIN, inner))

    assert read.forwarded is not None
    assert (read.forwarded.sender.value, read.forwarded.sender.name) == ("boss@x.example", "Boss")
    assert (read.forwarded.subject, read.forwarded.text, read.forwarded.external_id) == (
        "inner",
        "inner words",
        "<1@x>",
    )
    assert [file.name for file in read.attachments] == ["inner.eml"]


def test_a_forwarded_mail_of_two_senders_names_none() -> None:
    inner = "Content-Type: message/rfc822\n\nFrom: a@x.example, b@x.example\n\nwords"

    read = message(multipart("mixed", PLAIN, inner))

    assert read.forwarded is not None
    assert read.forwarded.sender.value == ""


@pytest.mark.parametrize(
    ("fields", "others"),
    [
        (
            "To: help@desk.example, Ola <ola@x.example>\nCc: ben@x.example, OLA@x.example",
            ["ola@x.example", "ben@x.example"],
        ),
        ("To: help+k1.token@desk.example, sara@customer.example", []),
        ('To: "Doe, Jane" <jane@x.example>; tom@x.example (a, b)', ["jane@x.example", "tom@x.example"]),
        ("To: Everybody: a@x.example, b@x.example;", ["a@x.example", "b@x.example"]),
        ("To: undisclosed-recipients:;", []),
        ("To: a@x.example <b@y.example>, c@x.example", ["c@x.example"]),
        ("To: <a@x.example", []),
    ],
)
def test_who_else_is_named_is_read_as_strictly_as_the_sender(fields: str, others: list[str]) -> None:
    read = message(f"From: sara@customer.example\n{fields}\n\nx")

    assert [other.value for other in read.others] == others


def test_no_more_people_are_read_than_may_take_part() -> None:
    named = ", ".join(f"p{number}@x.example" for number in range(200))

    assert len(message(f"From: sara@customer.example\nTo: {named}\n\nx").others) == MAX_OTHERS


@pytest.mark.parametrize(
    ("date", "sent"),
    [
        ("Mon, 2 Mar 2026 11:00:00 +0000", RECEIVED - timedelta(hours=1)),
        ("Mon, 2 Mar 2026 12:00:00 -2400", None),
        ("Mon, 2 Mar 2026 13:00:00 +0000", RECEIVED + timedelta(minutes=5)),
        ("Sun, 1 Feb 2026 12:00:00 +0000", RECEIVED - timedelta(days=7)),
        ("Thu, 1 Jan 1970 00:00:00 +0000", None),
        ("Sun, 7 Feb 2106 06:28:15 +0000", None),
        ("yesterday", None),
        ("", None),
        ("Mon, 99 Mar 2026 99:99:99 +9999999", None),
    ],
)
def test_the_clock_of_a_sender_is_believed_within_bounds(date: str, sent: datetime | None) -> None:
    assert message(f"Date: {date}\n\nx").sent_at == sent


def test_a_mail_that_was_fetched_has_the_sender_that_its_server_noted() -> None:
    noted = message("Return-Path: <Bounce@x.example>\nReturn-Path: <other@x.example>\nTo: a\n\nx", fetched=True)
    null = message("Return-Path: <>\nFrom: sara@customer.example\n\nx", fetched=True)
    unknown = message("From: sara@customer.example\n\nx", fetched=True)

    assert noted.sender.value == "bounce@x.example"
    assert null.automated == "null-sender"
    assert unknown.automated == ""


def test_the_line_ends_of_a_mail_that_was_fetched_are_repaired_and_that_is_noted() -> None:
    read = message(b"Subject: x\rTo: a@b.example\r\n\r\none\ntwo\rthree\r\n", fetched=True)

    assert read.subject == "x To: a@b.example"
    assert read.text == "one\ntwo three"
    assert Fact(name="line_ends", value="repaired") in read.facts
    assert message(b"Subject: x\r\n\r\none\r\n", fetched=True).facts == ()


def test_the_text_of_a_winmail_is_the_mails_where_it_has_no_other() -> None:
    words = b"\x01\x0c\x80\x06\x00\x05\x00\x00\x00words\x00\x00"
    file = b"\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00" + b"\x02\x0f\x80\x06\x00\x03\x00\x00\x00abc\x00\x00"
    payload = b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n\x78\x9f\x3e\x22\x01\x00" + words + file

    read = message(payload)

    assert read.text == "words"
    assert [(item.name, item.size, item.part, item.member) for item in read.attachments] == [("file", 3, 0, 1)]
    assert attachment_bytes(payload, 0, 1) == b"abc"


def test_a_winmail_that_cannot_be_opened_is_a_file() -> None:
    read = message(multipart("mixed", PLAIN, "Content-Type: application/ms-tnef; name=winmail.dat\n\nnone"))

    assert [file.name for file in read.attachments] == ["winmail.dat"]
