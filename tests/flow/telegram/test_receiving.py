"""Updates come in by long polling, and are confirmed only when they are durable."""

import asyncio
import logging

import msgspec
import pytest
import structlog

from ingest.channels.telegram.decode import decode
from store import progress
from store.errors import Permanent, Temporary
from store.leases import take


async def test_what_people_write_is_accepted_in_order_and_then_confirmed(desk, sara, tom):
    first, second, third = desk.api.say(sara, "سلام"), desk.api.say(tom, "VPN down"), desk.api.say(sara, "کسی هست؟")

    async with desk.receiving():
        await desk.confirmed()

    raws = await desk.accepted()
    assert await desk.words() == ["سلام", "VPN down", "کسی هست؟"]
    assert [raw.envelope.sender for raw in raws] == [str(sara.id), str(tom.id), str(sara.id)]
    assert [raw.envelope.external_id for raw in raws] == ["881204551", "881204552", "881204553"]
    assert {(raw.channel, raw.content_type) for raw in raws} == {("support_bot", "application/json")}
    assert (first, second, third) == (1, 1, 2)


async def test_payload_is_the_update_byte_for_byte(desk):
    content = b'{ "message_id":1,"chat":{"id":5,"type":"private"}, "x": [1.50, 1e400], "text":"\\u0041" }'
    desk.api.phones.updates.add("message", content)

    async with desk.receiving():
        await desk.confirmed()

    assert [raw.payload for raw in await desk.accepted()] == [b'{"update_id":881204551,"message":' + content + b"}"]


async def test_half_a_surrogate_pair_holds_nothing_up(desk, tom):
    content = b'{"message_id":1,"chat":{"id":5,"type":"private"},"text":"half \\ud83d"}'
    desk.api.phones.updates.add("message", content)
    desk.api.say(tom, "behind it")

    async with desk.receiving():
        await desk.confirmed()

    records = [decode(raw, desk.open().decoding)[0] for raw in await desk.accepted()]
    assert [record.text for record in records] == ["half \ufffd", "behind it"]


async def test_nothing_is_confirmed_while_the_log_takes_nothing(desk, tom):
    refusals = iter([True, True])

    def refuse() -> None:
        if next(refusals, False):
            raise Temporary("the disk is full")

    desk.bus.before = refuse
    desk.api.say(tom, "one")
    desk.api.say(tom, "two")

    async with desk.receiving():
        await desk.until(lambda: desk.api.calls.count("getUpdates") == 2)
        assert desk.api.phones.updates.numbers == [881204551, 881204552]
        await desk.confirmed()

    assert await desk.words() == ["one", "two"]


async def test_trouble_in_the_middle_of_a_batch_accepts_nothing_twice(desk, tom):
    calls = iter([False, True])

    def refuse() -> None:
        if next(calls, False):
            raise Temporary("the disk is full")

    desk.bus.before = refuse
    for text in ("one", "two", "three"):
        desk.api.say(tom, text)

    async with desk.receiving():
        await desk.confirmed()

    assert await desk.words() == ["one", "two", "three"]


async def test_killed_between_publish_and_confirm_loses_nothing(desk, tom):
    desk.api.say(tom, "one")
    desk.api.say(tom, "two")
    async with desk.receiving() as task:
        desk.bus.after = task.cancel
        await asyncio.wait([task], timeout=10)
    desk.bus.after = lambda: None
    assert desk.api.phones.updates.numbers == [881204551, 881204552]

    async with desk.receiving():
        await desk.confirmed()

    raws = await desk.accepted()
    marks = [decode(raw, desk.open().decoding)[0].fingerprint for raw in raws]
    assert len(raws) == 3
    assert len(set(marks)) == 2


async def test_killed_after_progress_was_stored_fetches_nothing_twice(desk, tom):
    desk.api.say(tom, "one")
    await desk.database.write(lambda connection: progress.put(connection, "telegram:support_bot", "881204552"))
    desk.api.say(tom, "two")

    async with desk.receiving():
        await desk.confirmed()

    assert [raw.envelope.external_id for raw in await desk.accepted()] == ["881204552"]


async def test_progress_is_forgotten_once_it_is_confirmed(desk, tom):
    """After a week of silence Telegram numbers anew: an old offset would confirm what nobody saw."""
    name = "telegram:support_bot"
    desk.api.say(tom, "one")
    async with desk.receiving():
        await desk.until(lambda: desk.api.calls.count("getUpdates") >= 3)
    assert await desk.database.read(lambda connection: progress.get(connection, name)) == "0"

    desk.api.phones.updates.jump(4711)
    desk.api.say(tom, "a week later")

    async with desk.receiving():
        await desk.confirmed()
    assert await desk.database.read(lambda connection: progress.get(connection, name)) in ("0", "4712")


async def test_offset_of_another_server_does_not_stop_the_bot(desk, tom):
    await desk.database.write(lambda connection: progress.put(connection, "telegram:support_bot", "2000000000"))
    desk.api.say(tom, "one")

    async with desk.receiving():
        await desk.confirmed()

    assert len(await desk.accepted()) == 1


async def test_second_process_waits_for_the_lease(desk, tom):
    await desk.database.write(lambda connection: take(connection, "telegram:support_bot", "another process", 60))
    desk.api.say(tom, "one")

    async with desk.receiving():
        await asyncio.sleep(0.3)

    assert desk.api.calls == []


async def test_another_program_with_the_same_token_is_said_and_outlasted(desk, tom):
    with structlog.testing.capture_logs() as logs:
        async with desk.receiving():
            await desk.until(lambda: "getUpdates" in desk.api.calls)
            await desk.api.phones.updates.fetch(0, 1, 0)
            await desk.until(lambda: any("somebody else" in line.get("detail", "") for line in logs))
            desk.api.say(tom, "still here")
            await desk.confirmed()

    assert len(await desk.accepted()) == 1


@pytest.mark.parametrize("fault", ["429", "502", "reset", "garbled"])
async def test_every_fault_of_a_poll_is_outlasted_with_pauses(desk, tom, fault):
    desk.api.break_next(fault, 2, method="getUpdates")
    desk.api.say(tom, "one")

    with structlog.testing.capture_logs() as logs:
        async with desk.receiving():
            await desk.confirmed()

    pauses = [line["pause"] for line in logs if line["event"] == "updates cannot be read"]
    assert len(pauses) == 2
    assert all(pause >= (1 if fault == "429" else 0.5) for pause in pauses)
    assert len(await desk.accepted()) == 1


async def test_wrong_token_is_said_in_words_and_never_shown(desk, wrong_token):
    bot = desk.open(token=wrong_token)

    with pytest.raises(Permanent, match=r"does not know the bot's token.*@BotFather") as caught:
        await asyncio.wait_for(bot.receive(desk.intake), 10)

    assert wrong_token not in str(caught.value)


async def test_update_that_is_refused_for_good_does_not_hold_up_the_rest(desk, tom):
    refusals = iter([True])

    def refuse() -> None:
        if next(refusals, False):
            raise Permanent("too large")

    desk.bus.before = refuse
    desk.api.say(tom, "huge")
    desk.api.say(tom, "small")

    with structlog.testing.capture_logs() as logs:
        async with desk.receiving():
            await desk.confirmed()

    assert await desk.words() == ["small"]
    assert [line["update"] for line in logs if line["log_level"] == "error"] == [881204551]


async def test_neither_token_nor_words_reach_the_log(desk, tom, token, caplog):
    caplog.set_level(logging.DEBUG)
    desk.api.say(tom, "my secret is swordfish")
    desk.api.break_next("garbled", method="getUpdates")

    with structlog.testing.capture_logs() as logs:
        async with desk.receiving():
            await desk.confirmed()
        await desk.open().send(msgspec.json.encode([{"text": "swordfish"}]), str(tom.id))

    written = caplog.text + str(logs)
    assert token not in written
    assert "swordfish" not in written
