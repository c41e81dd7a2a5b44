"""Updates become records, whatever they hold; the usual ones stand in tests/golden/telegram."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.channels.telegram.decode import Decoding, decode, source_of
from ingest.channels.telegram.fields import Fields, read
from store.codec import encode
from store.records import Edit, Membership, Message, RawMessage

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TOM = {"id": 611000014, "is_bot": False, "first_name": "Tom"}
CHAT = {"id": 611000014, "type": "private"}
GROUP = {"id": -1002233445566, "type": "supergroup"}

CORPORA = Path(os.environ.get("DESKWIRE_CORPORA", Path(__file__).parents[4] / "shared" / "corpora"))
UPDATES = CORPORA / "telegram_updates.jsonl"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def raw(payload: bytes, channel: str = "support_bot") -> RawMessage:
    return RawMessage(id="r", channel=channel, received_at=AT, content_type="application/json", payload=payload)


def records_of(update: object, bot: str = "7000000001"):
    return decode(raw(json.dumps(update).encode()), Decoding(bot=bot))


def message(**fields: object) -> dict[str, object]:
    return {"update_id": 1, "message": {"message_id": 1, "from": TOM, "chat": CHAT, "date": 1795420800} | fields}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"text": "words"}, "words"),
        ({"caption": "words", "video": {"file_name": "a.mp4"}}, "words\n[video: a.mp4]"),
        ({"voice": {"duration": 3}}, "[voice]"),
        ({"video_note": {}}, "[video_note]"),
        ({"audio": {"performer": "Choir", "title": "Song"}}, "[audio: Choir Song]"),
        ({"sticker": {"emoji": "👍"}}, "[sticker: 👍]"),
        ({"location": {"latitude": 52.25, "longitude": 21}}, "[location: 52.25 21]"),
        ({"poll": {"question": "Lunch?"}}, "[poll: Lunch?]"),
        ({"dice": {"emoji": "🎲", "value": 4}}, "[dice: 🎲 4]"),
        ({"document": {"file_name": "x" * 400}}, "[" + ("document: " + "x" * 400)[:256] + "]"),
        ({"document": {"file_name": "two\nlines"}}, "[document: two lines]"),
        ({"text": "words", "photo": None}, "words"),
    ],
)
def test_text_says_what_the_message_brings(content: dict[str, object], text: str) -> None:
    (record,) = records_of(message(**content))

    assert isinstance(record, Message)
    assert record.text == text
    assert not record.unreadable


@pytest.mark.parametrize(
    ("code", "hints"), [("fa", ["fa"]), ("pt-BR", ["pt"]), ("EN", ["en"]), ("", []), (None, []), (7, [])]
)
def test_language_of_the_phone_is_a_hint(code: object, hints: list[str]) -> None:
    (record,) = records_of(message(text="hi", **{"from": TOM | {"language_code": code}}))

    assert [fact.value for fact in record.facts if fact.name == "language_hint"] == hints


def test_updates_of_two_bots_are_never_taken_for_one_another() -> None:
    (first,), (second,) = records_of(message(text="hi")), records_of(message(text="hi"), bot="7000000002")

    assert first.fingerprint != second.fingerprint


def test_number_that_comes_again_for_another_message_is_another_message() -> None:
    """Telegram numbers updates anew after a week of silence."""
    (first,), (second,) = records_of(message(text="hi")), records_of(message(text="hi", message_id=2))

    assert first.fingerprint != second.fingerprint


@pytest.mark.parametrize(
    ("old", "new", "chat", "change"),
    [
        ("member", "kicked", CHAT, "blocked"),
        ("kicked", "member", CHAT, "unblocked"),
        ("left", "administrator", GROUP, "joined"),
        ("restricted", "left", GROUP, "left"),
        ("member", "restricted", GROUP, None),
        ("left", "kicked", GROUP, None),
    ],
)
def test_membership_says_who_can_be_reached(old: str, new: str, chat: dict[str, object], change: str | None) -> None:
    content = {"chat": chat, "old_chat_member": {"status": old}, "new_chat_member": {"status": new}}

    records = records_of({"update_id": 1, "my_chat_member": content})

    assert [(record.chat, record.change) for record in records if isinstance(record, Membership)] == (
        [(str(chat["id"]), change)] if change else []
    )


def test_edit_names_the_message_that_it_changes() -> None:
    update = {"update_id": 2, "edited_message": message(text="new words")["message"] | {"edit_date": 1795420900}}

    (record,) = records_of(update)

    assert isinstance(record, Edit)
    assert (record.external_id, record.text) == ("611000014:1", "new words")
    assert record.edited_at == datetime.fromtimestamp(1795420900, UTC)


@pytest.mark.parametrize(
    ("update", "source"),
    [
        (message(), "611000014"),
        (message(chat=GROUP), "611000014"),
        ({"update_id": 1, "channel_post": {"chat": {"id": -1009, "type": "channel"}}}, "-1009"),
        ({"update_id": 1, "callback_query": {"from": TOM}}, "611000014"),
        ({"update_id": 1, "poll": {"id": "7"}}, ""),
        ({"update_id": 1}, ""),
    ],
)
def test_order_is_kept_by_private_chat_and_in_groups_by_person(update: dict[str, object], source: str) -> None:
    assert source_of(Fields(update)) == source


@given(st.sampled_from(["message", "edited_message", "my_chat_member", "callback_query"]), st.data())
def test_no_field_of_any_type_raises(kind: str, data: st.DataObject) -> None:
    names = ("message_id", "from", "chat", "date", "text", "caption", "photo", "contact", "reply_to_message", "other")
    content = {name: data.draw(JSON) for name in names if data.draw(st.booleans())}
    chat = data.draw(JSON | st.just(CHAT) | st.just(GROUP))

    for record in records_of({"update_id": data.draw(st.integers()), kind: content | {"chat": chat}}):
        assert encode(record)


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"7", b'"x"', b"[]", b"{}", b"{" * 100_000, b"1" * 5000, b"\xff\xfe"]
)
def test_bytes_that_hold_no_update_become_a_message_that_says_so(payload: bytes) -> None:
    (record,) = decode(raw(payload), Decoding(bot="7"))

    assert isinstance(record, Message)
    assert record.unreadable
    assert record.reply_path is None


@pytest.mark.parametrize("text", ["half \ud83d", "\udc00 half", "nul \x00"])
def test_no_text_is_left_that_a_store_refuses(text: str) -> None:
    cleaned = read(json.dumps({"text": text}).encode()).text("text")

    assert cleaned == text.replace("\ud83d", "\ufffd").replace("\udc00", "\ufffd").replace("\x00", "\ufffd")
    assert cleaned.encode()


@pytest.mark.skipif(not UPDATES.exists(), reason=f"needs the corpora: set DESKWIRE_CORPORA, {UPDATES} is not there")
@pytest.mark.parametrize("around", ["{}", '{"update_id":7,"message":{}}', '{"update_id":7,"my_chat_member":{}}'])
def test_every_object_of_the_corpora_decodes_without_raising(around: str) -> None:
    """Half of them are no updates but parts of one, so each is tried in the places where one could stand."""
    seen = 0
    for line in UPDATES.read_text(encoding="utf-8").splitlines():
        payload = around.replace("{}", json.loads(line)["text"]) if around != "{}" else json.loads(line)["text"]
        for record in decode(raw(payload.encode()), Decoding(bot="7")):
            assert encode(record)
        seen += 1

    assert seen > 100
