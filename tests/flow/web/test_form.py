"""The form, from the first look to the number, over real HTTP."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
import time_machine
from selectolax.lexbor import LexborHTMLParser

from store.bus import TopicPartition
from store.records import Address, Fact, Proof, ReplyPath
from store.topics import RAW

TYPED = {"topic": "access", "message": "Cannot log in", "email": "sara@acme.example", "name": "Sara"}


def parsed(answer) -> LexborHTMLParser:
    return LexborHTMLParser(answer.text)


def reference_in(location: str) -> str:
    return location.partition("/sent/")[2].partition("?")[0]


async def test_a_message_arrives_and_the_page_shows_its_number(desk) -> None:
    form = await desk.page()
    answer = await desk.post(TYPED | {"submission": form.css_first("[name=submission]").attributes["value"]})

    assert answer.status_code == 303
    reference = reference_in(answer.headers["location"])
    await desk.settle(reference, "opened", 482917)
    page = await desk.page(answer.headers["location"])

    assert page.css_first(".number").text() == "482917"
    assert page.css("meta[http-equiv]") == []
    (raw,) = await desk.accepted()
    assert raw.envelope.external_id == reference
    message = desk.decoded(raw)
    assert message.sender == Address(kind="mail", value="sara@acme.example", name="Sara")
    assert message.proof == Proof.CLAIMED
    assert message.reply_path == ReplyPath(channel="mail-support", address="sara@acme.example")
    assert (message.subject, message.text) == ("Cannot log in", "Cannot log in")
    assert message.facts == (Fact(name="topic", value="access"), Fact(name="language_hint", value="en"))


async def test_whom_it_hurts_is_a_fact_of_the_message(open_desk) -> None:
    async with open_desk({"fields": ["topic", "affects", "message", "email"]}) as desk:
        typed = TYPED | {"affects": "department", "submission": await desk.submission()}
        answer = await desk.post(typed)

        assert answer.status_code == 303
        (raw,) = await desk.accepted()
        assert Fact(name="affects", value="department") in desk.decoded(raw).facts


@pytest.mark.parametrize(("affects", "error"), [("", "Choose who"), ("9000", "Choose one"), ("<b>", "Choose one")])
async def test_a_choice_that_was_not_offered_is_refused(open_desk, affects: str, error: str) -> None:
    async with open_desk({"fields": ["topic", "affects", "message", "email"]}) as desk:
        answer = await desk.post(TYPED | {"affects": affects, "submission": await desk.submission()})

        assert answer.status_code == 422
        assert error in parsed(answer).css_first("#affects-error").text()
        assert parsed(answer).css_first("textarea").text() == TYPED["message"]
        assert await desk.accepted() == []


async def test_a_form_without_topics_offers_the_categories_that_the_desk_has_at_the_moment(open_desk) -> None:
    categories = {"access": {"en": "Sign-in", "fa": "ورود"}, "network": {"en": "Network"}}
    async with open_desk({"topics": {}}, categories=categories) as desk:
        page = await desk.page("/f/help?lang=fa")
        assert [choice.text().strip() for choice in page.css(".choice")] == ["ورود", "Network"]
        submission = await desk.submission()

        categories["billing"] = {"en": "Invoices"}
        del categories["access"]
        gone = await desk.post(TYPED | {"submission": submission})
        chosen = await desk.post(TYPED | {"topic": "billing", "submission": submission})

        assert gone.status_code == 422
        assert [one.attributes["value"] for one in parsed(gone).css("input[name=topic]")] == ["network", "billing"]
        assert chosen.status_code == 303
        (raw,) = await desk.accepted()
        assert Fact(name="topic", value="billing") in desk.decoded(raw).facts


async def test_the_page_waits_for_the_number_and_accepting_does_not(open_desk) -> None:
    async with open_desk({"wait": "5s"}) as desk:
        answer = await desk.post(TYPED | {"submission": await desk.submission()})
        location = answer.headers["location"]

        looking = asyncio.create_task(desk.page(location))
        await asyncio.sleep(0.3)
        assert not looking.done()
        await desk.settle(reference_in(location), "opened", 482917)

        assert (await looking).css_first(".number").text() == "482917"


async def test_without_a_number_the_page_asks_again_until_it_has_asked_enough(open_desk) -> None:
    async with open_desk({"wait": "0s", "refreshes": 2}) as desk:
        answer = await desk.post(TYPED | {"submission": await desk.submission()})
        link: str | None = answer.headers["location"]
        asked = 0
        while link:
            page = await desk.page(link)
            refresh = page.css_first("meta[http-equiv=refresh]")
            link = refresh.attributes["content"].partition("url=")[2] if refresh else None
            asked += link is not None

        assert asked == 2
        assert "open this page later" in page.css_first("[role=status]").text()
        await desk.settle(reference_in(answer.headers["location"]), "opened", 482917)
        assert (await desk.page(answer.headers["location"])).css_first(".number").text() == "482917"


async def test_more_pages_than_may_wait_do_not_wait(open_desk) -> None:
    async with open_desk({"wait": "10s", "waiting": 0}) as desk:
        answer = await desk.post(TYPED | {"submission": await desk.submission()})

        async with asyncio.timeout(3):
            page = await desk.page(answer.headers["location"])

        assert page.css_first("meta[http-equiv=refresh]") is not None


async def test_a_message_that_a_person_looks_at_first_says_so_and_does_not_refresh(desk) -> None:
    answer = await desk.post(TYPED | {"submission": await desk.submission()})
    await desk.settle(reference_in(answer.headers["location"]), "parked", None)

    page = await desk.page(answer.headers["location"])

    assert "A person looks at it" in page.css_first("[role=status]").text()
    assert page.css("meta[http-equiv]") == []


@pytest.mark.parametrize("reference", ["x", "a" * 40, "%2e%2e", "é"])
async def test_an_unknown_reference_is_a_page_that_says_so(desk, reference: str) -> None:
    answer = await desk.client.get(f"/f/help/sent/{reference}")

    assert answer.status_code == 404
    assert "Page not found" in answer.text


async def test_errors_stand_beside_the_fields_and_nothing_typed_is_lost(desk) -> None:
    submission = await desk.submission()
    typed = {"topic": "", "message": "\n سلام <b>\n", "email": "sara@", "name": '"Sara"', "submission": submission}

    answer = await desk.post(typed)

    page = parsed(answer)
    assert answer.status_code == 422
    assert page.css_first("title").text().startswith("Error: ")
    assert [link.attributes["href"] for link in page.css(".summary a")] == ["#topic", "#email"]
    assert page.css_first("textarea").text() == "\n سلام <b>\n"
    assert page.css_first("#email").attributes["value"] == "sara@"
    assert page.css_first("#name").attributes["value"] == '"Sara"'
    assert page.css_first("[name=submission]").attributes["value"] == submission
    assert await desk.accepted() == []

    mended = await desk.post(typed | {"topic": "other", "email": "sara@acme.example"})
    assert mended.status_code == 303
    assert len(await desk.accepted()) == 1


async def test_fifty_clicks_at_once_are_one_message_on_one_page(desk) -> None:
    submission = await desk.submission()

    answers = await asyncio.gather(*(desk.post(TYPED | {"submission": submission}) for _ in range(50)))

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    accepted = await desk.accepted()
    assert 1 <= len(accepted) <= 50
    assert len({desk.decoded(raw).fingerprint for raw in accepted}) == 1


async def test_a_click_that_comes_after_another_is_not_even_accepted_again(desk) -> None:
    fields = TYPED | {"submission": await desk.submission()}

    first, second = await desk.post(fields), await desk.post(fields | {"submission": fields["submission"].upper()})

    assert first.headers["location"] == second.headers["location"]
    assert len(await desk.accepted()) == 1


async def test_other_words_on_a_page_that_was_sent_are_kept_and_not_taken_for_the_same(desk) -> None:
    fields = TYPED | {"submission": await desk.submission()}
    first = await desk.post(fields)

    answer = await desk.post(fields | {"message": "It is the VPN"})

    page = parsed(answer)
    assert answer.status_code == 409
    assert page.css_first("textarea").text() == "It is the VPN"
    assert page.css_first(".summary a").attributes["href"] == first.headers["location"]
    assert len(await desk.accepted()) == 1
    fresh = page.css_first("[name=submission]").attributes["value"]
    again = await desk.post(fields | {"message": "It is the VPN", "submission": fresh})
    assert again.status_code == 303
    assert len({desk.decoded(raw).fingerprint for raw in await desk.accepted()}) == 2


async def test_other_words_that_another_process_takes_in_are_a_message_of_their_own(open_desk) -> None:
    async with open_desk() as desk:
        fields = TYPED | {"submission": await desk.submission()}
        await desk.post(fields)
    async with open_desk() as desk:
        await desk.post(fields)
        same = {desk.decoded(raw).fingerprint for raw in await desk.accepted()}
    async with open_desk() as desk:
        await desk.post(fields | {"message": "It is the VPN"})
        both = {desk.decoded(raw).fingerprint for raw in await desk.accepted()}

    assert (len(same), len(both)) == (1, 2)


@pytest.mark.parametrize("submission", ["", "forged", "6923-" + "a" * 26 + "-" + "b" * 24, "é" * 5000])
async def test_a_forged_page_comes_back_with_what_was_typed_and_a_good_id(desk, submission: str) -> None:
    answer = await desk.post(TYPED | {"submission": submission})

    page = parsed(answer)
    assert answer.status_code == 400
    assert page.css_first("textarea").text() == "Cannot log in"
    assert await desk.accepted() == []
    fresh = page.css_first("[name=submission]").attributes["value"]
    assert (await desk.post(TYPED | {"submission": fresh})).status_code == 303


async def test_a_page_that_was_left_open_too_long_comes_back_whole(desk) -> None:
    submission = await desk.submission()

    with time_machine.travel(timedelta(hours=25), tick=True):
        answer = await desk.post(TYPED | {"submission": submission})

    assert answer.status_code == 400
    assert "open for more than a day" in answer.text
    assert "Cannot log in" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_a_post_from_another_site_is_not_taken_and_not_lost(desk, headers: dict[str, str]) -> None:
    submission = await desk.submission()

    answer = await desk.post(TYPED | {"submission": submission}, **headers)

    assert answer.status_code == 403
    assert "Cannot log in" in answer.text
    assert await desk.accepted() == []


async def test_a_post_from_our_own_page_is_taken(desk) -> None:
    for origin in (f"http://127.0.0.1:{desk.port}", "https://desk.example.org"):
        answer = await desk.post(TYPED | {"submission": await desk.submission()}, Origin=origin)

        assert answer.status_code == 303


async def test_a_filled_trap_is_accepted_and_marked(desk) -> None:
    answer = await desk.post(TYPED | {"submission": await desk.submission(), "website": "https://spam.example"})

    assert answer.status_code == 303
    (raw,) = await desk.accepted()
    assert Fact(name="suspect", value="honeypot") in desk.decoded(raw).facts


async def test_looking_changes_nothing(desk) -> None:
    answer = await desk.post(TYPED | {"submission": await desk.submission()})
    location = answer.headers["location"]
    before = everything(desk)

    for method in ("GET", "HEAD"):
        for path in ("/f/help", "/f/help?" + str(answer.request.url.query), location, "/f/help/form.css", "/nowhere"):
            await desk.client.request(method, path, params=TYPED)

    assert everything(desk) == before


def everything(desk) -> list[str]:
    found: list[str] = []
    for file in ("log.db", "desk.db"):
        with closing(sqlite3.connect(desk.folder / file)) as connection:
            found += connection.iterdump()
    return found


async def test_a_form_that_is_not_receiving_keeps_the_words_and_the_id(open_desk) -> None:
    async with open_desk(receiving=False) as desk:
        submission = await desk.submission()

        answer = await desk.post(TYPED | {"submission": submission})

        page = parsed(answer)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert page.css_first("textarea").text() == "Cannot log in"
        assert page.css_first("[name=submission]").attributes["value"] == submission


@pytest.mark.parametrize("slow", [{"bus": {"publish_timeout": "0.2s"}}, {"entry": {"accept_within": "0.2s"}}])
async def test_a_log_that_is_stuck_asks_to_press_again_and_then_it_is_one_message(open_desk, slow) -> None:
    async with open_desk(**slow) as desk:
        fields = TYPED | {"submission": await desk.submission()}
        holder = sqlite3.connect(desk.folder / "log.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        answer = await desk.post(fields)
        holder.execute("ROLLBACK")
        holder.close()

        assert answer.status_code == 503
        again = await desk.post(fields)

        assert again.status_code == 303
        assert len({desk.decoded(raw).fingerprint for raw in await desk.accepted()}) == 1


async def test_a_database_that_is_away_does_not_stop_anything(open_desk) -> None:
    nobody_listens = "postgresql://127.0.0.1:1/desk"

    async with open_desk(database_url=nobody_listens) as desk:
        answer = await desk.post(TYPED | {"submission": await desk.submission()})
        page = await desk.page(answer.headers["location"])

    assert answer.status_code == 303
    assert page.css_first("meta[http-equiv=refresh]") is not None


async def test_the_form_lets_a_browser_say_where_it_was_sent_from_and_the_page_after_it_does_not(desk) -> None:
    """With "no-referrer" Chromium sends "Origin: null" from a page on plain http, which could be anybody's."""
    answer = await desk.post(TYPED | {"submission": await desk.submission()})

    assert (await desk.client.get("/f/help")).headers["referrer-policy"] == "same-origin"
    assert (await desk.client.get(answer.headers["location"])).headers["referrer-policy"] == "no-referrer"


async def test_the_style_sheet_may_be_kept_and_its_address_changes_with_it(desk) -> None:
    address = (await desk.page()).css_first("link[rel=stylesheet]").attributes["href"]
    answer = await desk.client.get(address)

    assert answer.headers["content-type"].startswith("text/css")
    assert "max-age" in answer.headers["cache-control"]
    assert "?v=" in address


async def test_the_language_is_kept_through_the_whole_way(desk) -> None:
    form = await desk.page("/f/help?lang=fa")
    action = form.css_first("form").attributes["action"]
    fields = TYPED | {"submission": form.css_first("[name=submission]").attributes["value"]}

    wrong = await desk.post(fields | {"email": ""}, action, **{"Accept-Language": "pl"})
    sent = await desk.post(fields, action, **{"Accept-Language": "pl"})

    assert parsed(wrong).css_first("html").attributes["lang"] == "fa"
    page = await desk.page(sent.headers["location"], **{"Accept-Language": "pl"})
    assert page.css_first("html").attributes["dir"] == "rtl"
    (raw,) = await desk.accepted()
    assert Fact(name="language_hint", value="fa") in desk.decoded(raw).facts


async def test_the_browser_chooses_the_language_where_nobody_asks(desk) -> None:
    page = await desk.page("/f/help", **{"Accept-Language": "de, ru;q=0.5, en;q=0.1"})

    assert page.css_first("html").attributes["lang"] == "ru"


async def test_the_same_sender_stays_in_order(desk) -> None:
    for number in range(5):
        await desk.post(TYPED | {"submission": await desk.submission(), "message": f"number {number}"})

    ends = await desk.bus.ends(RAW)

    assert sorted(end for _, end in ends.values()) == [0, 0, 0, 5]
    (at,) = (at for at, (_, end) in ends.items() if end)
    assert isinstance(at, TopicPartition)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("application/json", b"{}", 415),
        ("", b"message=a", 415),
        ("application/x-www-form-urlencoded", b"a&" * 100, 400),
        ("application/x-www-form-urlencoded; charset=zip", b"message=a", 400),
        ("application/x-www-form-urlencoded", b"", 400),
        ("application/x-www-form-urlencoded", b"message=" + b"a" * 1_000_000, 400),
    ],
)
async def test_a_body_that_no_form_of_ours_writes_is_refused_in_words(
    desk, kind: str, body: bytes, status: int
) -> None:
    answer = await desk.client.post("/f/help", content=body, headers={"Content-Type": kind})

    assert answer.status_code == status
    assert parsed(answer).css_first("h1") is not None
    assert await desk.accepted() == []
