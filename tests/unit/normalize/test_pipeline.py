from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize.fallback import fallback
from normalize.fingerprint import add_digest
from normalize.limits import MAX_ATTACHMENTS, keep_within_limits
from normalize.pipeline import STEPS, normalize, run
from normalize.quotes import cut_quotes
from normalize.text import clean_message
from store.codec import encode
from store.records import (
    MAX_HTML,
    MAX_OTHERS,
    MAX_REFERENCES,
    MAX_TEXT,
    Action,
    Address,
    Attachment,
    DeliveryReport,
    Edit,
    Envelope,
    Fact,
    Forwarded,
    Membership,
    Message,
    Proof,
    RawMessage,
)
from store.topics import MAX_RECORD

MakeMessage = Callable[..., Message]

AT = datetime(2026, 3, 2, tzinfo=UTC)
any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)


@settings(deadline=None)
@given(subject=any_text, text=any_text, quoted=any_text, name=any_text, value=any_text)
def test_no_message_breaks_a_step_and_a_second_run_changes_nothing(
    make_message: MakeMessage, *, subject: str, text: str, quoted: str, name: str, value: str
) -> None:
    sender = Address(kind="mail", value=value, name=name)

    message = run(make_message(text, subject=subject, quoted=quoted, sender=sender))

    assert encode(message)
    assert len(message.text) + len(message.quoted) <= MAX_TEXT + 1
    assert clean_message(message) == message


def test_the_steps_stand_in_the_order_in_which_they_need_each_other() -> None:
    names = [step.__name__ for step in STEPS]

    assert names.index("clean_message") < names.index("cut_quotes") < names.index("tell_language")
    assert names[-1] == "add_digest"


def test_the_language_is_that_of_the_answer_and_not_of_the_quotation(make_message: MakeMessage) -> None:
    text = (
        "Dziękuję, drukarka już działa bez problemu.\n\nOn 2 Mar 2026, Ola <ola@example.org> wrote:\n> "
        + "Hello there " * 50
    )

    assert run(make_message(text)).language == "pl"


@pytest.mark.parametrize("other", ["hello  WORLD\n", "Hello\nworld"])
def test_the_digest_bears_what_gateways_do_to_a_text(make_message: MakeMessage, other: str) -> None:
    assert add_digest(make_message("Hello world")).digest == add_digest(make_message(other)).digest


def test_the_digest_tells_words_senders_and_files_apart(make_message: MakeMessage) -> None:
    file = Attachment(name="a", content_type="b", size=1, digest="d1", part=1)
    messages = [
        make_message("Hello"),
        make_message("Hello!"),
        make_message("Hello", sender=Address(kind="mail", value="ola@example.org")),
        make_message("Hello", attachments=(file,)),
    ]

    assert len({add_digest(message).digest for message in messages}) == len(messages)


def test_the_digest_does_not_see_what_is_quoted(make_message: MakeMessage) -> None:
    first = add_digest(cut_quotes(make_message("Thanks\n\n> a")))
    second = add_digest(cut_quotes(make_message("Thanks\n\n> b")))

    assert first.digest == second.digest


def test_long_lists_are_cut_and_keep_both_ends_of_the_thread(make_message: MakeMessage) -> None:
    references = tuple(f"<{number}@example.org>" for number in range(1000))
    file = Attachment(name="a", content_type="b", size=1, digest="d", part=1)

    message = keep_within_limits(make_message("x", references=references, attachments=(file,) * 1000))

    assert message.references == (references[0], *references[-(MAX_REFERENCES - 1) :])
    assert len(message.attachments) == MAX_ATTACHMENTS


@pytest.mark.parametrize("sign", ["x", "ж", "\U0001f600", '"'])
def test_the_largest_message_fits_a_record(make_message: MakeMessage, sign: str) -> None:
    word = sign * 5000
    message = make_message(
        sign * MAX_TEXT,
        subject=word,
        quoted=sign * MAX_TEXT,
        references=tuple(f"{number}{word}" for number in range(300)),
        tokens=(word,) * 3,
        sender=Address(kind="mail", value=word, name=word),
        attachments=(Attachment(name=word, content_type=word, size=1, digest="d" * 64, part=1),) * 1000,
        facts=(Fact(name=word, value=word),) * 1000,
    )

    assert len(encode(run(message))) < MAX_RECORD


@pytest.mark.parametrize("sign", ["x", "ж", "\U0001f600"])
def test_the_other_forms_of_the_text_give_way_to_the_text(make_message: MakeMessage, sign: str) -> None:
    sender = Address(kind="mail", value="ola@example.org")
    forwarded = Forwarded(sender=sender, subject=sign * 1000, text=sign * MAX_TEXT)
    message = make_message(sign * MAX_TEXT, html=sign * MAX_HTML, forwarded=forwarded, others=(sender,) * 100)

    limited = run(message)

    assert len(encode(limited)) < MAX_RECORD
    assert limited.text == sign * MAX_TEXT
    assert len(limited.others) == MAX_OTHERS
    assert bool(limited.html) == (sign != "\U0001f600")


def test_what_came_with_the_text_is_cleaned_too(make_message: MakeMessage) -> None:
    hidden = Address(kind="mail", value="ola@example.org", name="Ola\u202e")
    forwarded = Forwarded(sender=hidden, subject="Hi\x00", text="Hi\r\nthere ", external_id="<1@example.org>\n")
    message = make_message("x", html="<p>\ud800</p>", forwarded=forwarded, others=(hidden,))

    cleaned = clean_message(message)

    shown = Address(kind="mail", value="ola@example.org", name="Ola")
    assert cleaned.forwarded == Forwarded(sender=shown, subject="Hi", text="Hi\nthere", external_id="<1@example.org>")
    assert cleaned.others == (shown,)
    assert cleaned.html == "<p>\ufffd</p>"
    assert clean_message(make_message("x", html="x" * (MAX_HTML + 1))).html == ""


def test_other_records_are_cleaned_too() -> None:
    sender = Address(kind="telegram", value="7")
    edit = Edit(
        id="e", raw="r", channel="c", external_id="1", sender=sender, text="a\x00\r\n", edited_at=AT, fingerprint="f"
    )
    action = Action(id="a", kind="answer", actor="person:ola", ticket=1, text="done\ud800", at=AT)
    report = DeliveryReport(
        id="d", channel="c", delivery="x", outcome="bounced", detail="550\r\nno such user", at=AT, fingerprint="f"
    )
    membership = Membership(id="m", raw="r", channel="c", chat="7", change="left", at=AT, fingerprint="f")

    cleaned = [normalize(record) for record in (edit, action, report, membership)]

    assert [getattr(record, "text", getattr(record, "detail", None)) for record in cleaned] == [
        "a",
        "done\ufffd",
        "550 no such user",
        None,
    ]


@pytest.mark.parametrize(
    ("content_type", "envelope", "sender", "proof"),
    [
        ("message/rfc822", "Jan@Example.org", Address(kind="mail", value="jan@example.org"), Proof.CLAIMED),
        ("message/rfc822", "", Address(kind="mail", value=""), Proof.ANONYMOUS),
        ("message/rfc822", "<>", Address(kind="mail", value=""), Proof.ANONYMOUS),
        ("message/rfc822", "a@b@c.org", Address(kind="mail", value=""), Proof.ANONYMOUS),
        ("message/rfc822", "x" * 300 + "@example.org", Address(kind="mail", value=""), Proof.ANONYMOUS),
        ("application/json", "10.0.0.7", Address(kind="form", value=""), Proof.ANONYMOUS),
    ],
)
def test_the_fallback_trusts_the_envelope_no_further_than_it_can_be_read(
    content_type: str, envelope: str, sender: Address, proof: Proof
) -> None:
    raw = RawMessage(
        id="r",
        channel="form",
        received_at=AT,
        content_type=content_type,
        payload=b"x",
        envelope=Envelope(sender=envelope),
    )

    message = fallback(raw, "too hard", name="0")

    assert (message.sender, message.proof, message.unreadable) == (sender, proof, "too hard")
    assert message.reply_path is None


def test_the_fallback_of_a_payload_in_a_blob_has_the_fingerprint_of_its_bytes() -> None:
    inline = RawMessage(id="r1", channel="c", received_at=AT, content_type="x", payload=b"x")
    key = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"  # SHA-256 of "x".
    stored = RawMessage(id="r2", channel="c", received_at=AT, content_type="x", blob=key)

    assert fallback(inline, "", name="0").fingerprint == fallback(stored, "", name="0").fingerprint
