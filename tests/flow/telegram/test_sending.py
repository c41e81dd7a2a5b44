"""Messages go out through the Bot API, and each outcome is what the sender needs to know."""

import msgspec
import pytest

from console.demo.phones import Group
from ingest.channels.telegram.compose import LONGEST_PART, units
from store.errors import InDoubt, Permanent, Temporary
from store.outgoing import Outgoing, Purpose


@pytest.fixture
def outgoing(tom, now):
    return Outgoing(
        key="effect-1", delivery="d1", purpose=Purpose.ANSWER, address=str(tom.id), text="It works again.", at=now
    )


@pytest.fixture
def payload():
    return msgspec.json.encode([{"text": "It works again."}])


async def test_answer_arrives_as_a_reply_to_the_customers_message(desk, outgoing, tom):
    asked = desk.api.say(tom, "VPN down")
    answer = msgspec.structs.replace(outgoing, references=(f"{tom.id}:{asked}",))

    receipt = await desk.open().send(desk.open().prepare(answer), str(tom.id))

    (shown,) = desk.api.chat(tom).messages
    assert (shown.text, shown.answers) == ("It works again.", asked)
    assert receipt.external_id == f"{tom.id}:{shown.number}"


async def test_answer_to_a_message_that_was_deleted_arrives_all_the_same(desk, outgoing, tom):
    desk.api.say(tom, "VPN down")
    answer = msgspec.structs.replace(outgoing, references=(f"{tom.id}:99",))

    await desk.open().send(desk.open().prepare(answer), str(tom.id))

    assert [shown.answers for shown in desk.api.chat(tom).messages] == [None]


async def test_alert_arrives_in_the_teams_group(desk, outgoing, team):
    alert = msgspec.structs.replace(outgoing, address=str(team.id), text="P1 482917 VPN down")

    await desk.open().send(desk.open().prepare(alert), str(team.id))

    assert [shown.text for shown in desk.api.chat(team).messages] == ["P1 482917 VPN down"]


async def test_longest_text_of_one_message_arrives_whole(desk, outgoing, tom):
    desk.api.say(tom, "hi")
    text = "😀" * (LONGEST_PART // 2)

    await desk.open().send(desk.open().prepare(msgspec.structs.replace(outgoing, text=text)), str(tom.id))

    assert [shown.text for shown in desk.api.chat(tom).messages] == [text]


async def test_longer_text_arrives_in_parts_and_the_receipt_names_the_first(desk, outgoing, tom):
    desk.api.say(tom, "hi")
    text = "سلام 😀 " * 2000

    receipt = await desk.open().send(desk.open().prepare(msgspec.structs.replace(outgoing, text=text)), str(tom.id))

    shown = desk.api.chat(tom).messages
    assert [part.text.rsplit("\n", 1)[1] for part in shown] == ["(1/4)", "(2/4)", "(3/4)", "(4/4)"]
    assert all(units(part.text) <= LONGEST_PART for part in shown)
    assert receipt.external_id == f"{tom.id}:{shown[0].number}"


@pytest.mark.parametrize("fault", ["429", "502", "reset", "timeout", "garbled"])
async def test_outcome_says_how_far_the_bytes_got(desk, tom, payload, fault):
    desk.api.say(tom, "hi")
    desk.api.break_next(fault, retry_after=7)

    with pytest.raises(Temporary if fault == "429" else InDoubt) as caught:
        await desk.open(send_timeout="0.5s").send(payload, str(tom.id))

    assert getattr(caught.value, "retry_after", None) == (7 if fault == "429" else None)
    assert len(desk.api.chat(tom).messages) == (0 if fault in ("429", "502") else 1)


async def test_server_that_cannot_be_reached_was_sent_nothing(desk, payload, unused_port):
    with pytest.raises(Temporary, match="cannot be reached"):
        await desk.open(base_url=f"http://127.0.0.1:{unused_port}/bot").send(payload, "1")


async def test_base_url_that_leads_nowhere_condemns_no_message(desk, payload):
    with pytest.raises(Temporary, match="base_url"):
        await desk.open(base_url=desk.base_url.removesuffix("bot") + "elsewhere/bot").send(payload, "1")


async def test_blocked_bot_is_refused_with_the_cause_and_what_to_do(desk, tom, payload):
    desk.api.say(tom, "hi")
    desk.api.phones.block(tom)

    with pytest.raises(Permanent, match=r"bot was blocked by the user.*answer on another channel"):
        await desk.open().send(payload, str(tom.id))


async def test_unknown_chat_is_refused_with_the_cause_and_what_to_do(desk, tom, payload):
    with pytest.raises(Permanent, match=r"(?i)chat not found.*must write to it first"):
        await desk.open().send(payload, str(tom.id))


async def test_group_that_moved_is_refused_with_its_new_number(desk, team, tom, payload):
    moved = Group(-1009998887776, "Service Desk")
    desk.api.phones.move(team, moved, tom)

    with pytest.raises(Permanent, match="-1009998887776"):
        await desk.open().send(payload, str(team.id))

    assert (await desk.open().send(payload, str(moved.id))).external_id == f"{moved.id}:1"


async def test_wrong_token_does_not_condemn_the_message(desk, payload, wrong_token):
    with pytest.raises(Temporary, match="does not know the bot's token"):
        await desk.open(token=wrong_token).send(payload, "1")


@pytest.mark.parametrize(("fault", "outcome"), [("429", InDoubt), ("reset", InDoubt)])
async def test_trouble_after_the_first_part_leaves_the_whole_in_doubt(desk, tom, fault, outcome):
    desk.api.say(tom, "hi")
    parts = msgspec.json.encode([{"text": "one (1/2)"}, {"text": "two (2/2)"}])
    desk.api.break_next(fault, after=1)

    with pytest.raises(outcome, match="1 of 2 parts"):
        await desk.open().send(parts, str(tom.id))


async def test_refusal_after_the_first_part_is_final_and_says_so(desk, tom):
    desk.api.say(tom, "hi")
    parts = msgspec.json.encode([{"text": "one (1/2)"}, {"text": ""}])

    with pytest.raises(Permanent, match="1 of 2 parts were sent"):
        await desk.open().send(parts, str(tom.id))


async def test_payload_of_another_channel_is_refused_before_anything_is_sent(desk, tom):
    with pytest.raises(Permanent, match="not one for Telegram"):
        await desk.open().send(b"From: desk@nordwind.example\r\n\r\nhello", str(tom.id))

    assert desk.api.calls == []
