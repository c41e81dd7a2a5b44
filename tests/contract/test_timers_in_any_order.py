"""Whatever happens to a ticket, and however the clock goes, each timer fires at most once."""

from collections import Counter
from datetime import timedelta

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.database import Database
from store.records import Action
from tests.contract.router_desk import Desk
from tests.contract.timer_desk import TimerDesk
from tests.unit.router.given import message
from tests.unit.router.ladder_desk import NOW, URGENT, USUAL, desk

FIRST = 100009
LOUD = {"steps": [{"after": f"{minutes}m", "unless": "claimed", "alert": ["team", "boss"]} for minutes in (0, 5, 30)]}
ACTIONS = ("claim", "wait", "solve", "reopen", "answer", "change P1", "change P2", "change P3")

happenings = st.lists(
    st.one_of(
        st.sampled_from(ACTIONS),
        st.integers(min_value=-90, max_value=600),  # Minutes by which the clock goes on, or back.
        st.just("message"),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(several=happenings, ladder=st.sampled_from([(URGENT, USUAL), (LOUD,)]))
async def test_each_timer_fires_at_most_once_in_any_order(
    database: Database, several: list[str | int], ladder: tuple[dict[str, object], ...]
) -> None:
    await Desk(database).clear()
    found = TimerDesk(database, desk(*ladder))
    await found.handle(message(received_at=NOW))
    for number, one in enumerate(several):
        if isinstance(one, int):
            found.at += timedelta(minutes=one)
        elif one == "message":
            words = f"Number {number}"
            again = {"id": f"m{number}x", "fingerprint": f"f{number}", "external_id": f"<x{number}@x>", "digest": words}
            await found.handle(message(**again, text=words, references=("<m1@acme.example>",), received_at=found.at))
        else:
            await found.handle(_action(one, number, found))
        await found.fire()

    await found.fire()

    assert await found.fire() == 0
    told = Counter((event.cause, event.to) for event in await found.events("escalated", "raised", "reminded", "closed"))
    assert set(told.values()) <= {1}
    if ladder == (LOUD,) and not _begins_anew(several):  # Then each step comes due once, by whatever id it goes.
        steps = Counter((event.text, event.to) for event in await found.events("escalated"))
        assert set(steps.values()) <= {1}
    assert await found.differences() == []


def _begins_anew(several: list[str | int]) -> bool:
    return any(str(one).startswith("change") or one in ("solve", "reopen") for one in several)


def _action(words: str, number: int, found: TimerDesk) -> Action:
    kind, _, value = words.partition(" ")
    plain = Action(id=f"a{number}", kind=kind, actor="person:ola", ticket=FIRST, at=found.at)
    changes = {"value": f"priority {value}"} if value else {"text": "It works again."}
    return msgspec.structs.replace(plain, **changes)
