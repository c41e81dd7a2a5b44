"""The Big List of Naughty Strings through the form: each arrives as it was typed, and is shown as text."""

import asyncio
import os
from pathlib import Path

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser

from ingest.channels.web.decode import Submission
from store.records import Message

HERE = Path(__file__).parents[3]
LIST = Path(os.environ.get("DESKWIRE_CORPORA", HERE.parent / "shared" / "corpora")) / "blns.jsonl"


class Line(msgspec.Struct):
    text: str


@pytest.fixture
def strings() -> list[str]:
    if not LIST.exists():
        pytest.skip(f"needs the Big List of Naughty Strings at {LIST}: set DESKWIRE_CORPORA to the folder that has it")
    return [msgspec.json.decode(line, type=Line).text for line in LIST.read_bytes().splitlines()]


async def test_every_string_arrives_unharmed_and_is_shown_safely(desk, strings: list[str]) -> None:
    assert len(strings) > 300
    a_few = asyncio.Semaphore(20)

    async def through(string: str) -> None:
        fields = {"topic": "other", "email": "", "message": string, "name": string}
        async with a_few:
            shown_as_typed(await desk.post(fields), string)
            whole = fields | {"email": "sara@acme.example", "submission": await desk.submission()}
            assert (await desk.post(whole)).status_code == (303 if string.strip() else 422), string

    await asyncio.gather(*(through(string) for string in strings))

    accepted = await desk.accepted()
    arrived = [msgspec.json.decode(raw.payload, type=Submission).typed for raw in accepted]
    assert sorted((typed.message, typed.name) for typed in arrived) == sorted(
        (string, string) for string in strings if string.strip()
    )
    for message in map(desk.decoded, accepted):
        encoded = msgspec.json.encode(message)
        assert msgspec.json.decode(encoded, type=Message) == message
        assert b"\\u0000" not in encoded
        assert "\n" not in message.subject + message.sender.name
        assert len(message.subject) <= 80


def shown_as_typed(answer, string: str) -> None:
    page = LexborHTMLParser(answer.text)
    assert page.css_first("textarea").text() == string
    assert page.css_first("#name").attributes["value"] == string
    assert page.css("script, iframe, img, svg, [onload], [onerror], [onmouseover]") == []
