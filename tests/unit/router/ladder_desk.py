"""A desk with ladders: the teams, people and promises of the tests of what comes due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from router.crew.on_call import Weekly
from router.crew.teams import Person, Shift, Team, team
from router.due.escalate_settings import LadderSettings, ladders_of
from router.due.loudness import Loudness
from router.due.patience import Patience
from router.hours.calendar import always
from router.hours.open_hours import OpenHours
from router.policy import Policy
from router.promises.sla import Sla, Within
from store.records import Address
from tests.unit.router.calendars import WARSAW, in_warsaw
from tests.unit.router.given import policy

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # A Monday, ten o'clock in Warsaw, whose office is open from eight to five.
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

URGENT = {
    "when": {"priority": "P1"},
    "steps": [
        {"after": "0m", "alert": "on_call", "loud": True},
        {"after": "5m", "unless": "claimed", "alert": "next_on_call", "loud": True},
        {"after": "15m", "unless": "claimed", "alert": "boss", "by": "mail"},
        {"after": "2h", "unless": "resolved", "move": "engineering"},
    ],
}
USUAL = {
    "when": {"priority": ["P2", "P3"]},
    "steps": [
        {"at": "75% of first_answer", "alert": "assignee_or_team"},
        {"at": "100% of first_answer", "alert": "team", "loud": True},
        {"at": "100% of resolve", "move": "next_level"},
    ],
}


def person(key: str, *, role: str = "", mail: bool = True, telegram: bool = True) -> Person:
    number = str(611 + sum(map(ord, key)))
    return Person(
        key=key,
        name=key.title(),
        role=role,
        mail=Address(kind="mail", value=f"{key}@desk.example", name=key.title()) if mail else None,
        telegram=Address(kind="telegram", value=number, name=key.title()) if telegram else None,
    )


PEOPLE = {
    one.key: one
    for one in (person("ola"), person("ivan"), person("mika"), person("boss", role="manager", telegram=False))
}


def teams() -> dict[str, Team]:
    warsaw, day_and_night = OpenHours([in_warsaw()]), OpenHours([always(ZoneInfo("UTC"))])
    turns = Weekly(people=("ivan", "mika"), start=datetime(2026, 11, 23, 9), zone=WARSAW)  # noqa: DTZ001
    shift = Shift("warsaw", warsaw, ("ola", "ivan"))
    several = (
        team("help", always=day_and_night, level=1, shifts=(shift,), on_call=turns),
        team("network", always=day_and_night, level=2, shifts=(Shift("warsaw", warsaw, ("ivan", "mika")),)),
        team("engineering", always=day_and_night, level=3, shifts=(Shift("warsaw", warsaw, ("mika",)),)),
    )
    return {one.name: one for one in several}


SLA = {
    "P1": Sla(first_answer=Within(15 * MINUTE), update=Within(HOUR), resolve=Within(4 * HOUR), always=True),
    "P2": Sla(first_answer=Within(HOUR), update=Within(4 * HOUR), resolve=Within(8 * HOUR)),
    "P3": Sla(first_answer=Within(4 * HOUR), resolve=Within(days=3)),
}


def desk(*ladders: dict[str, object], **changes: object) -> Policy:
    """The policy of this desk; without `ladders` it has the two that stand above."""
    wanted = {
        "teams": teams(),
        "people": PEOPLE,
        "sla": SLA,
        "ladders": ladders_of(LadderSettings.model_validate(one) for one in ladders or (URGENT, USUAL)),
        "loudness": Loudness(urgent="P1", quiet=True),
        "patience": Patience(remind_after=(2 * DAY, 5 * DAY), close_after=7 * DAY),
    }
    return msgspec.structs.replace(policy(), **wanted | changes)
