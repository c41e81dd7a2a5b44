"""The Bot API server of the demo is as strict as Telegram, and python-telegram-bot talks to it unchanged."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError

from console.demo.botapi import BotApi, running
from console.demo.botapi_pace import Pace
from console.demo.phones import Group, Person

TOKEN = "7000000001:" + "a" * 35
SARA = Person(611000011, "Sara", "fa")
STRANGER = Person(611000012, "Nobody")
TEAM = Group(-1002233445566, "Service Desk")


class Clock:
    """A clock that stands until it is moved."""

    now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api(clock: Clock) -> BotApi:
    return BotApi(TOKEN, [SARA, STRANGER, TEAM], now=clock, pace=Pace(overall_per_second=5, group_per_minute=2))


@pytest.fixture
def blocked(api: BotApi) -> None:
    api.say(SARA, "hi")
    api.phones.block(SARA)


@pytest.fixture
async def url(api: BotApi) -> AsyncIterator[str]:
    async with running(api) as base_url:
        yield base_url


@pytest.fixture
async def bot(url: str) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=url) as opened:
        yield opened


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=f"{url}{TOKEN}") as client:
        yield client


async def test_bot_reads_what_people_write_and_answers(api, bot):
    api.say(SARA, "سلام")

    (update,) = await bot.get_updates()
    sent = await bot.send_message(update.message.chat.id, "hello", reply_to_message_id=update.message.message_id)

    assert (update.message.text, update.message.from_user.language_code) == ("سلام", "fa")
    (shown,) = api.chat(SARA).messages
    assert (shown.number, shown.text, shown.answers) == (sent.message_id, "hello", 1)


async def test_every_kind_of_update_can_be_read_by_python_telegram_bot(api, bot):
    number = api.say(SARA, "hi")
    api.phones.correct(SARA, number, "hi there")
    api.say(SARA, "in the group", group=TEAM)
    api.phones.block(SARA)
    api.phones.unblock(SARA)
    api.phones.move(TEAM, Group(-1009, "Moved"), SARA)

    updates = await bot.get_updates()

    assert updates[1].edited_message.text == "hi there"
    assert updates[2].message.chat.type == "supergroup"
    assert [update.my_chat_member.new_chat_member.status for update in updates[3:5]] == ["kicked", "member"]
    assert updates[5].message.migrate_to_chat_id == -1009


async def test_updates_stay_until_a_higher_offset_confirms_them(api, bot):
    for text in ("one", "two", "three"):
        api.say(SARA, text)

    first = await bot.get_updates(limit=2)
    again = await bot.get_updates()
    rest = await bot.get_updates(offset=first[-1].update_id + 1)

    assert [len(first), len(again), len(rest)] == [2, 3, 1]
    assert api.phones.updates.numbers == [rest[0].update_id]


async def test_negative_offset_counts_from_the_end_and_forgets_the_rest(api, bot):
    for text in ("one", "two", "three"):
        api.say(SARA, text)

    (last,) = await bot.get_updates(offset=-1)

    assert last.message.text == "three"
    assert len(api.phones.updates) == 1


async def test_long_poll_answers_as_soon_as_something_comes(api, bot):
    polling = asyncio.create_task(bot.get_updates(timeout=10))
    await asyncio.sleep(0.1)

    api.say(SARA, "hi")

    assert len(await asyncio.wait_for(polling, 2)) == 1


async def test_second_poller_ends_the_first_with_a_conflict(bot, http):
    polling = asyncio.create_task(http.get("/getUpdates?timeout=10"))
    await asyncio.sleep(0.1)

    await bot.get_updates()

    answer = await asyncio.wait_for(polling, 2)
    assert (answer.status_code, answer.json()["error_code"]) == (409, 409)
    assert Conflict(answer.json()["description"]).message.startswith("Conflict: terminated by other getUpdates")


async def test_only_the_kinds_that_were_asked_for_are_kept(api, bot):
    await bot.get_updates(allowed_updates=["edited_message"])

    number = api.say(SARA, "hi")
    api.phones.correct(SARA, number, "hi there")

    assert [update.edited_message.text for update in await bot.get_updates()] == ["hi there"]


@pytest.mark.parametrize(
    ("chat", "text", "refusal"),
    [
        (TEAM.id, "x" * 4097, BadRequest("Message is too long")),
        (TEAM.id, "😀" * 2049, BadRequest("Message is too long")),
        (TEAM.id, " \n", BadRequest("Message text is empty")),
        (5, "hi", BadRequest("Chat not found")),
        ("@nobody", "hi", BadRequest("Chat not found")),
        (STRANGER.id, "hi", BadRequest("Chat not found")),
        (SARA.id, "hi", Forbidden("Forbidden: bot was blocked by the user")),
    ],
)
@pytest.mark.usefixtures("blocked")
async def test_what_telegram_refuses_is_refused_in_its_words(bot, chat, text, refusal):
    with pytest.raises(type(refusal)) as caught:
        await bot.send_message(chat, text)

    assert caught.value.message == refusal.message


@pytest.mark.parametrize("text", ["x" * 4096, "😀" * 2048])
async def test_longest_text_is_taken(api, bot, text):
    await bot.send_message(TEAM.id, text)

    assert api.chat(TEAM).messages[0].text == text


async def test_reply_to_nothing_is_refused_unless_that_is_allowed(http):
    call = {"chat_id": TEAM.id, "text": "hi", "reply_parameters": {"message_id": 99}}
    refused = await http.post("/sendMessage", json=call)
    call["reply_parameters"]["allow_sending_without_reply"] = True
    taken = await http.post("/sendMessage", json=call)

    assert (refused.status_code, refused.json()["description"]) == (400, "Bad Request: message to be replied not found")
    assert taken.status_code == 200


async def test_group_takes_so_many_messages_a_minute_and_says_how_long_to_wait(api, http, clock):
    call = {"chat_id": str(TEAM.id), "text": "hi"}
    answers = [await http.post("/sendMessage", data=call) for _ in range(3)]
    clock.now += timedelta(seconds=45)
    later = await http.post("/sendMessage", data=call)
    clock.now += timedelta(seconds=15)
    after = await http.post("/sendMessage", data=call)

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["parameters"] == {"retry_after": 60}
    assert later.json()["parameters"] == {"retry_after": 15}
    assert after.status_code == 200
    assert len(api.chat(TEAM).messages) == 3


async def test_whole_bot_has_a_limit_too(api, http):
    api.say(SARA, "hi")

    answers = [await http.post("/sendMessage", data={"chat_id": str(SARA.id), "text": "hi"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/bot{TOKEN}/sendPhoto", 404),
        (f"/bot7000000001:{'b' * 35}/getMe", 401),
        ("/bot123/getMe", 404),
        ("/", 404),
    ],
)
async def test_what_it_does_not_know_gets_telegrams_form_of_an_error(url, path, status):
    async with httpx2.AsyncClient() as client:
        answer = await client.get(url.removesuffix("/bot") + path)

    assert answer.status_code == status
    assert (answer.json()["ok"], answer.json()["error_code"]) == (False, status)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/sendMessage", "chat_id is empty"),
        (f"/sendMessage?chat_id={TEAM.id}&text=x&parse_mode=HTML", "unsupported parse_mode"),
        (f"/sendMessage?chat_id={TEAM.id}&text=x&reply_parameters=7", "can't parse reply_parameters JSON object"),
        ("/getUpdates?offset=x", "parameter offset is no number"),
    ],
)
async def test_wrong_parameters_are_named(http, path, said):
    answer = await http.get(path)

    assert (answer.status_code, answer.json()["description"]) == (400, f"Bad Request: {said}")


async def test_wrong_token_and_no_webhook_are_told_as_telegram_does(url, bot):
    with pytest.raises(InvalidToken):
        async with Bot("7000000001:" + "b" * 35, base_url=url):
            pass

    assert (await bot.get_webhook_info()).url == ""
    assert await bot.delete_webhook()


@pytest.mark.parametrize(("fault", "arrives"), [("429", 0), ("502", 0), ("reset", 1), ("garbled", 1)])
async def test_fault_is_met_once_and_only_by_its_method(api, http, fault, arrives):
    api.break_next(fault, after=1)
    call = {"chat_id": str(TEAM.id), "text": "hi"}

    first = await http.post("/sendMessage", data=call)
    try:
        answer = await http.post("/sendMessage", data=call)
        broken = answer.status_code != 200 or not _is_json(answer.content)
    except httpx2.TransportError:
        broken = True

    assert first.status_code == 200
    assert (await http.get("/getMe")).status_code == 200
    assert broken
    assert len(api.chat(TEAM).messages) == 1 + arrives


async def test_silence_lasts_until_the_client_gives_up_or_the_server_stops(api, url):
    api.break_next("timeout")

    async with Bot(TOKEN, base_url=url) as bot:
        with pytest.raises(NetworkError, match="Timed out"):
            await bot.send_message(TEAM.id, "hi", read_timeout=0.2)

    assert len(api.chat(TEAM).messages) == 1


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
