"""The mails that leave us, read back by the standard library and by our own decoder."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import EmailMessage

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.channels.mail.compose import LONGEST_TEXT, Sender, compose
from ingest.channels.mail.decode import Decoding, decode
from ingest.channels.mail.encode import text_field
from store.errors import Permanent
from store.outgoing import Outgoing, OutgoingFile, Purpose
from store.records import Address, Envelope, Proof, RawMessage
from store.tokens import Token, actor_of, verify

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KEY = b"k" * 32
ANCHOR = "<ticket-482917@desk.example>"
SENDER = Sender(address="help@desk.example", name="Nordwind, Help Desk", key=KEY, loop="our-loop", plus_addressing=True)

lines = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def outgoing(**changes: object) -> Outgoing:
    plain = Outgoing(
        key="effect-1",
        delivery="delivery-1",
        purpose=Purpose.ANSWER,
        address="sara@customer.example",
        subject="Re: Printer",
        text="It works again.",
        references=("<question@customer.example>",),
        ticket=482917,
        actor="0123456789",
        at=AT,
    )
    return msgspec.structs.replace(plain, **changes)


def read(payload: bytes) -> EmailMessage:
    message = message_from_bytes(payload, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def text_in(payload: bytes, kind: str = "plain") -> str:
    body = read(payload).get_body((kind,))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


def test_an_answer_is_an_ordinary_mail() -> None:
    message = read(compose(outgoing(), SENDER))

    assert str(message["From"]) == '"Nordwind, Help Desk" <help@desk.example>'
    assert str(message["To"]) == "sara@customer.example"
    assert str(message["Subject"]) == "Re: Printer"
    assert message["Date"].datetime == AT
    assert [message[name] for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "X-Deskwire-Loop")] == [None] * 3


@pytest.mark.parametrize(
    ("purpose", "submitted"), [(Purpose.ACKNOWLEDGEMENT, "auto-replied"), (Purpose.ALERT, "auto-generated")]
)
def test_automatic_mail_says_so(purpose: Purpose, submitted: str) -> None:
    message = read(compose(outgoing(purpose=purpose), SENDER))

    assert message["Auto-Submitted"] == submitted
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-Deskwire-Loop"] == "our-loop"


def test_reply_address_and_message_id_carry_the_readers_token() -> None:
    message = read(compose(outgoing(), SENDER))
    expected = Token(482917, "0123456789", "c")

    assert verify(KEY, str(message["Reply-To"]), now=AT) == expected
    assert verify(KEY, str(message["Message-ID"]).upper(), now=AT) == expected
    assert verify(KEY, str(message["Message-ID"]), now=AT + timedelta(days=366)) is None
    assert len(str(message["Reply-To"].addresses[0].username)) <= 64


@pytest.mark.parametrize(("reply", "days"), [("c", 365), ("s", 30), ("n", 30)])
def test_token_lets_its_reader_do_what_was_meant_and_no_longer(reply: str, days: int) -> None:
    message = read(compose(outgoing(reply=reply), SENDER))

    assert verify(KEY, str(message["Reply-To"]), now=AT + timedelta(days=days)) == Token(482917, "0123456789", reply)
    assert verify(KEY, str(message["Reply-To"]), now=AT + timedelta(days=days + 1)) is None


@pytest.mark.parametrize("purpose", [Purpose.ANSWER, Purpose.ALERT])
@pytest.mark.parametrize("actor", ["", "0123456789"])
def test_bounce_comes_back_to_whom_it_was_sent(purpose: Purpose, actor: str) -> None:
    message = read(compose(outgoing(purpose=purpose, actor=actor, address="Sara@Customer.example"), SENDER))
    bounce = str(message["Return-Path"])

    reader = actor_of(Address(kind="mail", value="sara@customer.example"))
    assert verify(KEY, bounce, now=AT + timedelta(days=14)) == Token(482917, reader, "b")
    assert verify(KEY, bounce, now=AT + timedelta(days=15)) is None
    assert len(bounce.strip("<>").partition("@")[0]) <= 64


def test_bounce_of_an_acknowledgement_goes_nowhere() -> None:
    assert str(read(compose(outgoing(purpose=Purpose.ACKNOWLEDGEMENT), SENDER))["Return-Path"]) == "<>"


@pytest.mark.parametrize(
    "sender", [{"plus_addressing": False}, {"address": "the-service-desk-of-nordwind@desk.example"}]
)
def test_address_that_cannot_hold_a_token_stays_as_it_is(sender: dict[str, object]) -> None:
    message = read(compose(outgoing(), msgspec.structs.replace(SENDER, **sender)))

    assert message["Reply-To"] is None
    assert str(message["Return-Path"]) == f"<{sender.get('address', SENDER.address)}>"


def test_everybody_sees_who_gets_the_same() -> None:
    others = ("max@other.example", "no address", "ewa@żółw.example", "x@y.example\r\nBcc: z@y.example")

    message = read(compose(outgoing(others=others), SENDER))

    assert str(message["Cc"]) == "max@other.example, ewa@xn--w-uga1v8h.example"
    assert str(message["To"]) == "sara@customer.example"


@pytest.mark.parametrize("changes", [{"actor": ""}, {"ticket": None}])
def test_without_reader_or_ticket_there_is_no_token(changes: dict[str, object]) -> None:
    message = read(compose(outgoing(**changes), SENDER))

    assert message["Reply-To"] is None
    assert re.fullmatch(r"<[0-9a-f]{24}@desk\.example>", str(message["Message-ID"]))


def test_without_plus_addressing_the_token_stands_in_the_message_id_alone() -> None:
    message = read(compose(outgoing(), msgspec.structs.replace(SENDER, plus_addressing=False)))

    assert message["Reply-To"] is None
    assert verify(KEY, str(message["Message-ID"]), now=AT) is not None


def test_message_id_differs_for_each_effect_and_reader_and_for_nothing_else() -> None:
    def message_id(**changes: object) -> str:
        return str(read(compose(outgoing(**changes), SENDER))["Message-ID"])

    assert message_id() == message_id(text="other words", subject="other")
    assert len({message_id(), message_id(key="effect-2"), message_id(address="tom@customer.example")}) == 3


def test_long_conversation_keeps_its_first_and_last_ids() -> None:
    ids = tuple(f"<{number}@customer.example>" for number in range(100))

    message = read(compose(outgoing(references=ids), SENDER))

    assert str(message["In-Reply-To"]) == ids[-1]
    assert str(message["References"]).split() == [ids[0], ANCHOR, *ids[-18:]]


def test_ids_that_are_none_are_left_out() -> None:
    message = read(compose(outgoing(references=("chat:1", "<a b@c>", "<ok@c>", "<x>y@z>")), SENDER))

    assert str(message["References"]).split() == ["<ok@c>", ANCHOR]


def test_every_mail_of_a_ticket_names_the_ticket_s_own_id() -> None:
    found = read(compose(outgoing(references=()), SENDER))
    of_nothing = read(compose(outgoing(references=(), ticket=None), SENDER))

    assert (str(found["In-Reply-To"]), str(found["References"])) == (ANCHOR, ANCHOR)
    assert (of_nothing["In-Reply-To"], of_nothing["References"]) == (None, None)
    assert verify(KEY, ANCHOR, now=AT) is None


FILES = (
    OutgoingFile(name="router.png", content_type="image/png", content=bytes(range(256)) * 40),
    OutgoingFile(name="Zrzut ekranu – żółw 😀.png", content_type="image/png", content=b"x"),
    OutgoingFile(name="اتصال به شبکه داخلی " * 20 + ".pdf", content_type="application/pdf", content=b""),
    OutgoingFile(name='..\\"a";\r\nX-Evil: 1/b.txt', content_type="text/plain\r\nX-Evil: 1", content=b"\x00\r\n."),
    OutgoingFile(name="\u202e\x00", content_type="message/rfc822", content=b"From: x\r\n\r\n"),
)


def test_files_go_out_whole_beside_both_forms_of_the_text() -> None:
    message = read(compose(outgoing(files=FILES), SENDER))

    assert text_in(compose(outgoing(files=FILES), SENDER)).strip() == "It works again."
    attached = list(message.iter_attachments())
    assert [part.get_payload(decode=True) for part in attached] == [one.content or b"" for one in FILES]
    assert [part.get_filename() for part in attached[:2]] == [FILES[0].name, FILES[1].name]
    assert [part.get_content_type() for part in attached] == [
        "image/png",
        "image/png",
        "application/pdf",
        "application/octet-stream",
        "application/octet-stream",
    ]
    assert all(part["X-Evil"] is None for part in attached)


def test_our_own_reader_finds_the_files_that_we_send() -> None:
    raw = RawMessage(
        id="1", channel="mail", received_at=AT, content_type="", payload=compose(outgoing(files=FILES), SENDER)
    )

    found = decode(raw, Decoding(addresses=()))[0].attachments

    assert [one.size for one in found] == [len(one.content) for one in FILES]
    assert found[1].name == FILES[1].name
    assert found[2].name.startswith("اتصال به شبکه")


@pytest.mark.parametrize(
    "subject",
    [
        "short",
        "word " * 40,
        "x" * 200,
        "=?utf-8?q?no_word?= but this",
        "Не могу войти после смены пароля, не могу работать " * 4,
        "نمی‌توانم وارد شوم و نمی‌توانم کار کنم " * 5,
        "Zażółć  gęślą   jaźń",
        "😀" * 80,
        "a" * 60 + " " + "ż" * 60,
    ],
)
def test_subject_arrives_as_it_was(subject: str) -> None:
    payload = compose(outgoing(subject=subject), SENDER)

    assert str(read(payload)["Subject"]) == " ".join(subject.split())[:250]
    field = payload[payload.index(b"Subject:") : payload.index(b"\r\nMessage-ID:")]
    assert max(len(line) for line in field.split(b"\r\n")) <= 76


@given(lines)
def test_any_subject_is_one_field_that_reads_back(subject: str) -> None:
    payload = compose(outgoing(subject=subject), SENDER)

    assert len(read(payload).keys()) == 11
    field = message_from_bytes(payload, policy=policy.compat32)["Subject"]  # Ours would mend what looks mislabelled.
    found = "".join(
        part if isinstance(part, str) else part.decode(charset or "ascii") for part, charset in decode_header(field)
    )
    shown = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", subject).split())[:250]
    assert found.split() == (shown or "(no subject)").split()


@given(lines)
def test_any_text_arrives_as_it_was(text: str) -> None:
    payload = compose(outgoing(text=text), SENDER)

    shown = re.sub(r"\r\n?", "\n", re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text))
    assert text_in(payload).removesuffix("\n") == shown.removesuffix("\n")
    assert max(map(len, payload.split(b"\r\n"))) <= 998
    assert payload.count(b"\r\n") == payload.count(b"\r") == payload.count(b"\n")


@pytest.mark.parametrize(
    "text", ["plain", "x" * 5_000, "żółw " * 20 + "ascii " * 500, "سلام\nدنیا", ".\n..\nFrom me\n-- \n"]
)
def test_texts_of_every_encoding(text: str) -> None:
    assert text_in(compose(outgoing(text=text), SENDER)).rstrip("\n") == text.rstrip("\n")


def test_html_says_the_same_and_lets_each_paragraph_run_its_own_way() -> None:
    page = text_in(compose(outgoing(text="سلام <b>\n\nNumber: 482917", language="fa"), SENDER), "html")

    assert '<html lang="fa">' in page
    assert page.count('dir="auto"') == 3
    assert "&lt;b&gt;" in page


def test_a_link_in_an_alert_is_its_name_where_html_is_shown() -> None:
    link = "mailto:help+t1@desk.example?subject=%5BDesk%201%5D&body=%23claim%0D%0A"
    alert = outgoing(purpose=Purpose.ALERT, text=f"Claim: {link}\n\u2068Pay: {link}\u2069\n> Pay: {link}")

    page = text_in(compose(alert, SENDER), "html")

    shown = link.replace("&", "&amp;")
    assert f'<a href="{shown}">Claim</a></p>' in page
    assert page.count("<a ") == 1  # What a customer wrote, or a technician before, becomes no link of ours.
    assert link in text_in(compose(alert, SENDER))


def test_no_line_of_an_answer_becomes_a_link() -> None:
    page = text_in(compose(outgoing(text="Write to: mailto:help@desk.example"), SENDER), "html")

    assert "<a " not in page


def test_text_over_the_longest_is_cut_and_says_so() -> None:
    text = text_in(compose(outgoing(text="x" * (LONGEST_TEXT + 1)), SENDER))

    assert text.rstrip().endswith("[...]")
    assert len(text) <= LONGEST_TEXT + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"address": ""},
        {"address": "sara"},
        {"address": "sara@customer.example, tom@customer.example"},
        {"address": "sara@customer.example\r\nBcc: x@y.example"},
        {"actor": "x y"},
        {"actor": "0123456789-c283"},
        {"reply": "x"},
    ],
)
def test_what_cannot_be_sent_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Permanent):
        compose(outgoing(**changes), SENDER)


def test_international_names_and_domains() -> None:
    sender = msgspec.structs.replace(SENDER, name="Biuro Pomocy „Żółw”", address="pomoc@żółw.example")

    message = read(compose(outgoing(address="sara@żółw.example"), sender))

    assert message["From"].addresses[0].display_name == "Biuro Pomocy „Żółw”"
    assert str(message["To"]) == "sara@xn--w-uga1v8h.example"
    assert str(message["Message-ID"]).endswith("@xn--w-uga1v8h.example>")


@pytest.mark.parametrize(
    ("purpose", "automated"), [(Purpose.ANSWER, ""), (Purpose.ACKNOWLEDGEMENT, "own"), (Purpose.ALERT, "own")]
)
def test_our_automatic_mail_is_known_when_it_comes_back(purpose: Purpose, automated: str) -> None:
    payload = compose(outgoing(purpose=purpose), msgspec.structs.replace(SENDER, address="other@desk.example"))
    raw = RawMessage(
        id="1",
        channel="mail",
        received_at=AT,
        content_type="",
        payload=payload,
        envelope=Envelope(sender="x@y.example"),
    )

    message = decode(raw, Decoding(addresses=("help@desk.example",), loop="our-loop"))[0]

    assert message.automated == automated


def test_other_desks_acknowledgement_is_a_machines() -> None:
    payload = compose(outgoing(purpose=Purpose.ACKNOWLEDGEMENT), msgspec.structs.replace(SENDER, loop="their-loop"))
    raw = RawMessage(id="1", channel="mail", received_at=AT, content_type="", payload=payload)

    assert decode(raw, Decoding(addresses=("it@us.example",), loop="our-loop"))[0].automated != ""


def test_reply_to_our_mail_carries_its_token_back() -> None:
    sent = read(compose(outgoing(), SENDER))
    reply = (
        f"From: sara@customer.example\r\nTo: {sent['Reply-To']}\r\nMessage-ID: <r@customer.example>\r\n"
        f"In-Reply-To: {sent['Message-ID']}\r\n\r\nThanks\r\n"
    ).encode()
    raw = RawMessage(
        id="1",
        channel="mail",
        received_at=AT,
        content_type="",
        payload=reply,
        envelope=Envelope(sender="sara@customer.example"),
    )

    message = decode(raw, Decoding(addresses=("help@desk.example",)))[0]

    assert message.proof is Proof.CLAIMED
    assert message.addressed
    assert verify(KEY, message.tokens[0], now=AT) == Token(482917, "0123456789", "c")
    assert verify(KEY, message.references[0], now=AT) == Token(482917, "0123456789", "c")


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200).map(lambda text: " ".join(text.split()))
)
def test_plain_subjects_are_folded_at_spaces(text: str) -> None:
    field = text_field("Subject", text or "x")

    assert all(len(line) <= 76 for line in field.split(b"\r\n"))
    assert str(message_from_bytes(field + b"\r\n", policy=policy.default)["Subject"]) == (text or "x")


_hostile = st.text(st.sampled_from('\r\n\x00\x0b\x1c\x85\u2028 :;<>,@"=?ab żÿ\ud800')) | st.sampled_from(
    ["a\r\nBcc: evil@x.example", "=?utf-8?q?a=0D=0ABcc:_evil@x.example?=", "a\n\nbody", "\r\n.\r\n", "a\rTo: x@y"]
)
_names = {
    "return-path",
    "date",
    "from",
    "to",
    "cc",
    "reply-to",
    "subject",
    "message-id",
    "in-reply-to",
    "references",
} | {
    *("auto-submitted", "x-auto-response-suppress", "x-deskwire-loop", "mime-version", "content-type", "dkim-signature")
}


@given(
    outgoing=st.builds(
        Outgoing,
        key=_hostile,
        delivery=_hostile,
        purpose=st.sampled_from(Purpose),
        address=_hostile | st.just("sara@customer.example"),
        subject=_hostile,
        text=_hostile,
        language=_hostile | st.just("pl"),
        references=st.lists(_hostile | st.just("<a@b.example>"), max_size=3).map(tuple),
        ticket=st.none() | st.integers(1, 10**12),
        others=st.lists(_hostile | st.just("max@other.example"), max_size=3).map(tuple),
        files=st.lists(
            st.builds(OutgoingFile, name=_hostile, content_type=_hostile, content=st.binary(max_size=99)), max_size=2
        ).map(tuple),
        actor=_hostile | st.just("0123456789"),
        reply=_hostile | st.sampled_from("csnb"),
        at=st.just(AT),
    ),
    name=_hostile,
)
def test_no_text_of_anybody_becomes_a_field(outgoing: Outgoing, name: str) -> None:
    try:
        payload = compose(outgoing, msgspec.structs.replace(SENDER, name=name))
    except Permanent:
        return

    head = payload.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0].decode().lower() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    assert set(names) <= _names
    assert len(set(names)) == len(names)
    assert payload.count(b"\r\n") == payload.count(b"\r") == payload.count(b"\n")
    assert b"\x00" not in payload
    assert all(line.strip() for line in head.split(b"\r\n"))


@pytest.mark.parametrize("actor", ["\ud800", "Sara", "ABCDEF0123", "0123456789\r\n"])
def test_a_reader_that_is_none_gets_no_token(actor: str) -> None:
    with pytest.raises(Permanent, match="made out to"):
        compose(outgoing(actor=actor), SENDER)
