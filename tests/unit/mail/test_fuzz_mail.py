"""Whatever bytes come, a mail is one record, and its HTML loads and runs nothing (rows S14, S18)."""

import re
from datetime import UTC, datetime

from hypothesis import example, given, seed, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from ingest.channels.mail.attachments import attachment_bytes
from ingest.channels.mail.decode import Decoding, decode, message_of
from ingest.channels.mail.sanitise import sanitise
from normalize import pipeline
from store.codec import decode as read_record
from store.codec import encode
from store.records import MAX_HTML, MAX_OTHERS, MAX_TEXT, Envelope, Message, RawMessage

RECEIVED = datetime(2026, 3, 2, tzinfo=UTC)

# Pieces that mean something to some reader, put together in any order.
PIECES = [
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\x00", b" ", b"\t", b"--b", b"--b--", b"--", b"=", b"=20", b"=\r\n", b"<",
    b">", b'"', b"(", b")", b",", b";", b":", b"@", b"\\", b"\xff", b"\xe9", "ż".encode(), b"\x1b$B", b"\x1b(B", b"a",
    b"Zm9v", b"From: ", b"From : ", b"To: a@x.example, b@x.example", b"Cc: everybody: ", b"Subject: ", b"Date: ",
    b"Message-ID: <", b"Sun, 1 Mar 2026 10:00:00 +0000", b"-2400", b"=?utf-8?q?", b"=?utf-8?b?", b"=?gb2312?B?",
    b"?=", b"a@x.example", b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Type: multipart/alternative; boundary=b\r\n", b"Content-Type: message/rfc822\r\n",
    b"Content-Type: text/html\r\n", b"Content-Type: text/plain; format=flowed\r\n",
    b"Content-Type: application/ms-tnef; name=winmail.dat\r\n", b"; charset=", b"utf-16", b"rot13", b"iso-2022-jp",
    b"hex", b"utf-7", b"gb2312", b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"Content-Disposition: attachment; filename", b"*0*=utf-8''", b"*1=", b"begin 644 x\r\n", b"#0V%T\r\n",
    b"end\r\n", b"\x78\x9f\x3e\x22\x01\x00", b"\x02\x02\x90\x06\x00\x0e\x00\x00\x00", b"<div>", b"<img src=cid:1>",
    b"<!--", b"<![CDATA[", b"&#0;", b"&#x202e;", b"Return-Path: <>",
]  # fmt: skip
MAILS = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)), max_size=60).map(b"".join)

MARKUP = [
    "<", ">", "/", '"', "'", "`", "=", " ", "\n", "\x00", "&#106;", "&lt;", "<!--", "-->", "<![CDATA[", "]]>",
    "<svg>", "<math>", "<mtext>", "<mglyph>", "<style>", "</style>", "<title>", "</title>", "<noscript>",
    "<template>", "<table>", "<form>", "<script>", "</script>", "alert(1)", "<img src=", "<img src=x onerror=",
    "cid:1", "CID:1", "http://t.example/x", "//t.example", "data:text/html,", "javascript:", "java\tscript:",
    "<a href=", "<p style=", "background:url(", "<base href=", "<meta http-equiv=refresh content=",
    "<link rel=stylesheet href=", "<iframe srcdoc=", "@import ", "<p>", "<b id=x class=y>",
]  # fmt: skip
PAGES = st.lists(st.one_of(st.sampled_from(MARKUP), st.text(max_size=5)), max_size=40).map("".join)

CHARSETS = ["", "utf-8", "utf-16", "utf-7", "iso-2022-jp", "hz", "big5", "x", "\x00"]
ALLOWED = {"href", "src", "alt", "dir", "start", "colspan", "rowspan", "rel"}


def raw(payload: bytes, *, fetched: bool = True) -> RawMessage:
    return RawMessage(
        id="raw",
        channel="mail",
        received_at=RECEIVED,
        content_type="message/rfc822",
        payload=payload,
        envelope=Envelope(fetched=fetched, recipients=("help@desk.example",)),
    )


@seed(20260302)
@settings(max_examples=300, deadline=None)
@given(MAILS, st.booleans())
@example(b"Message-ID: <<<\r\n\r\n", True)
@example(b"To: a:a:a:\r\nFrom: " + b"(" * 1_000 + b"\r\n\r\n", False)
def test_any_bytes_are_one_record_that_can_be_stored(payload: bytes, fetched: bool) -> None:
    given_bytes = raw(payload, fetched=fetched)
    message = message_of(given_bytes, Decoding(addresses=("help@desk.example",)))

    records = [pipeline.normalize(record) for record in decode(given_bytes, Decoding(addresses=("help@desk.example",)))]

    assert records
    assert [read_record(encode(record), type(record)) for record in records] == records
    assert len(message.text) <= MAX_TEXT
    assert len(message.others) <= MAX_OTHERS
    assert "\x00" not in message.text + message.subject + message.html + message.sender.name
    assert not re.search(r"[\r\n]", message.subject + message.sender.value + message.sender.name + message.external_id)
    for file in message.attachments:
        content = attachment_bytes(payload, file.part, file.member)
        assert content is not None
        assert len(content) == file.size


@seed(20260303)
@settings(max_examples=300, deadline=None)
@given(PAGES)
@example('<svg><p><style><a id="</style><img src=1 onerror=alert(1)>">')
@example('<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">')
@example('<noscript><p title="</noscript><img src=x onerror=alert(1)>">')
@example("<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>")
def test_sanitised_html_loads_and_runs_nothing(page: str) -> None:
    clean = sanitise(page, {"1": 0})

    assert len(clean) <= MAX_HTML
    for node in LexborHTMLParser(f"<body>{clean}").css("body *"):
        assert node.tag not in ("script", "style", "iframe", "object", "link", "meta", "base", "svg", "math", "form")
        assert set(node.attributes) <= ALLOWED
        source, target = node.attributes.get("src"), node.attributes.get("href")
        assert source in (None, "attachment:0", "placeholder:image")
        assert target is None or re.match(r"\s*(https?|mailto|tel):", target, re.IGNORECASE)
        if node.tag == "a":
            assert node.attributes["rel"] == "noopener noreferrer nofollow"


@seed(20260304)
@settings(max_examples=200, deadline=None)
@given(PAGES)
def test_sanitising_what_was_sanitised_changes_nothing_that_loads(page: str) -> None:
    clean = sanitise(page, {"1": 0})

    again = sanitise(clean, {})

    assert LexborHTMLParser(f"<body>{again}").body.text() == LexborHTMLParser(f"<body>{clean}").body.text()


@seed(20260305)
@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from(["", "utf-8", "utf-16", "utf-7", "iso-2022-jp", "hz", "big5", "x", "\x00"])
)
def test_any_bytes_in_any_charset_are_text(data: bytes, charset: str) -> None:
    payload = b"Content-Type: text/plain; charset=" + charset.encode() + b"\r\n\r\n" + data

    message = message_of(raw(payload), Decoding(addresses=()))

    assert isinstance(message, Message)
    message.text.encode("utf-8")
