"""Any split of a log into batches, and any routers that take turns, end in the same tickets."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.crew.teams import Person, Shift, team
from router.hours.calendar import always
from router.hours.open_hours import OpenHours
from router.promises.sla import Sla, Within
from router.settings import FloodSettings
from router.technicians.staff import Staff, Technician
from store.database import Database
from store.records import Action, Address, DeliveryReport, Edit, Fact, Forwarded, Inbound, Membership, Proof, ReplyPath
from store.tokens import Token, actor_of, sign
from tests.contract.router_desk import Desk, Picture, naive
from tests.unit.router.given import KEY, NOW, chat_message, message, policy

Record = Inbound | Action
Cut = int  # How many records a batch takes.

NUMBERS = (100009, 100014, 100023)  # Those that the first tickets get.
MAILS = tuple(f"<m{n}@acme.example>" for n in range(3))
PEOPLE = tuple(Address(kind="mail", value=value) for value in ("ann@acme.example", "bob@acme.example", ""))
OLA = Address(kind="mail", value="ola@desk.example", name="Ola")
ALWAYS = OpenHours([always(ZoneInfo("UTC"))])
FEW = msgspec.structs.replace(
    policy(floods=FloodSettings(tickets=2, within="10m")),  # So that small logs hold floods.
    teams={"help": team("help", always=ALWAYS, shifts=(Shift("always", ALWAYS, ("ola", "ivan")),))},
    people={key: Person(key=key, name=key) for key in ("ola", "ivan")},
    prefer=("same_person_as_last_time", "least_busy", "round_robin"),
    sla={"P1": Sla(first_answer=Within(timedelta(hours=1)), resolve=Within(days=1))},
    staff=Staff(people={OLA.value: Technician(actor="person:ola", address=OLA)}),
    choices={"priority": ("P1",)},
)


def _token(number: int, who: Address, purpose: str) -> str:
    return sign(KEY, Token(number, actor_of(who), purpose), now=NOW, lifetime=timedelta(days=9))


TOKENS = tuple(_token(number, who, "c") for number in NUMBERS[:2] for who in PEOPLE[:2])
WORDS = (
    "The badge reader at gate 4 rejects my employee card.",
    "Good morning, the badge raeder at gate 4 rejects my employee card. Thanks",
    "The projector in room Oslo shows no picture.",
)
STAFFS = tuple(_token(number, OLA, purpose) for number in NUMBERS[:2] for purpose in "sn")
SIGNED = f"<{TOKENS[0]}.1@help.example>"
ALERTED = f"<{STAFFS[0]}.2@help.example>"
BACK = _token(NUMBERS[0], PEOPLE[0], "b")


def _mail(n: int, draw: st.DrawFn) -> Record:
    sender = draw(st.sampled_from((PEOPLE[0], PEOPLE[0], *PEOPLE)))
    return message(
        id=f"m{n}",
        raw=f"raw{n}",
        sender=sender,
        external_id=draw(st.sampled_from((*MAILS, ""))),
        references=tuple(draw(st.lists(st.sampled_from((*MAILS, SIGNED)), max_size=3, unique=True))),
        tokens=tuple(draw(st.lists(st.sampled_from(TOKENS), max_size=1))),
        others=tuple(draw(st.lists(st.sampled_from(PEOPLE[:2]), max_size=2, unique=True))),
        subject=draw(st.sampled_from(("VPN", f"Re: [Nordwind {NUMBERS[0]}] VPN"))),
        digest=draw(st.sampled_from((f"d{n}", "d-shared"))),
        fingerprint=draw(st.sampled_from((f"f{n}", "f-shared"))),
        proof=draw(st.sampled_from((Proof.CLAIMED, Proof.DOMAIN, Proof.FAILED))),
        automated=draw(st.sampled_from(("", "", "", "auto-replied", "list"))),
        language=draw(st.sampled_from(("en", "fa", ""))),
        facts=draw(st.sampled_from(((), (), (Fact(name="suspect", value="honeypot"),)))),
        received_at=NOW + timedelta(minutes=draw(st.sampled_from((0, 0, 90)))),
    )


def _repeated(n: int, draw: st.DrawFn) -> Record:
    """The same words by two channels, a form that is clicked twice, alerts that count up."""
    machine = draw(st.booleans())
    text = f"Disk of web-0{draw(st.integers(1, 2))} is at {n} %" if machine else draw(st.sampled_from(WORDS))
    channel = draw(st.sampled_from(("mail-it", "mail-hr")))
    return message(
        id=f"m{n}",
        raw=f"raw{n}",
        channel=channel,
        sender=draw(st.sampled_from(PEOPLE[:2])),
        external_id="",
        subject="",
        text=text,
        digest=f"d {text}",
        fingerprint=f"f{n}",
        proof=draw(st.sampled_from((Proof.CLAIMED, Proof.DOMAIN, Proof.DOMAIN))),
        facts=(Fact(name="audience", value="machine"),) if machine else (),
        received_at=NOW + timedelta(minutes=draw(st.sampled_from((0, 5, 90, 3_000)))),
    )


def _staff(n: int, draw: st.DrawFn) -> Record:
    return message(
        id=f"m{n}",
        raw=f"raw{n}",
        sender=draw(st.sampled_from((OLA, OLA, OLA, PEOPLE[0]))),
        external_id=draw(st.sampled_from((f"<s{n}@desk.example>", "<s@desk.example>", ""))),
        references=draw(st.sampled_from(((), (ALERTED,)))),
        tokens=tuple(draw(st.lists(st.sampled_from(STAFFS), max_size=1))),
        text=draw(
            st.sampled_from(("Words.", "#oops\nWords.", "#send", "#send", "#note\n#p1\nWords.", "#claim", "#done"))
        ),
        forwarded=draw(st.sampled_from((None, None, Forwarded(sender=PEOPLE[1], text="Lamp.", external_id=MAILS[0])))),
        others=draw(st.sampled_from(((), (PEOPLE[1],)))),
        digest=draw(st.sampled_from((f"d{n}", "d-staff"))),
        fingerprint=draw(st.sampled_from((f"f{n}", "f-staff"))),
        proof=draw(st.sampled_from((Proof.DOMAIN, Proof.DOMAIN, Proof.CLAIMED))),
        automated=draw(st.sampled_from(("", "", "", "auto-replied"))),
    )


def _poison(n: int, draw: st.DrawFn) -> Record:
    return naive(message(id=f"m{n}", fingerprint=f"f{n}", external_id=draw(st.sampled_from(MAILS))))


def _chat(n: int, draw: st.DrawFn) -> Record:
    person = draw(st.sampled_from(("77", "78")))
    return chat_message(
        id=f"m{n}",
        raw=f"raw{n}",
        sender=Address(kind="telegram", value=person),
        reply_path=ReplyPath(channel="bot", address=person),
        external_id=f"{person}:{draw(st.integers(1, 3))}",
        text=draw(st.sampled_from(("Hi", "سلام", "The printer is jammed."))),
        fingerprint=draw(st.sampled_from((f"f{n}", "f-of-chats"))),
        digest=f"d{n}",
    )


def _edit(n: int, draw: st.DrawFn) -> Record:
    person = draw(st.sampled_from(("77", "78")))
    return Edit(
        id=f"m{n}",
        raw=f"raw{n}",
        channel="bot",
        external_id=f"{person}:{draw(st.integers(1, 3))}",
        sender=Address(kind="telegram", value=person),
        text=draw(st.sampled_from(("Hello", "The screen is dark."))),
        edited_at=NOW,
        fingerprint=f"f{n}",
    )


def _report(n: int, draw: st.DrawFn) -> Record:
    return DeliveryReport(
        id=f"m{n}",
        channel="mail-it",
        delivery=draw(st.sampled_from(("sent", "unknown"))),
        outcome=draw(st.sampled_from(("sent", "bounced", "delayed"))),
        at=NOW,
        fingerprint=f"f{n}",
    )


def _bounce(n: int, draw: st.DrawFn) -> Record:
    return DeliveryReport(
        id=f"m{n}",
        raw=f"raw{n}",
        channel="mail-it",
        outcome=draw(st.sampled_from(("bounced", "bounced", "delayed", "complained", "delivered"))),
        status=draw(st.sampled_from(("5.1.1", "4.4.7", ""))),
        detail="no such user",
        references=draw(st.sampled_from(((SIGNED,), (), ("<unknown@x>",)))),
        tokens=draw(st.sampled_from(((BACK,), ()))),
        at=NOW + timedelta(days=draw(st.sampled_from((0, 0, 9)))),
        fingerprint=f"f{n}",
    )


def _membership(n: int, draw: st.DrawFn) -> Record:
    change = draw(st.sampled_from(("blocked", "joined", "migrated")))
    return Membership(
        id=f"m{n}", raw=f"raw{n}", channel="bot", chat="77", change=change, moved_to="78", at=NOW, fingerprint=f"f{n}"
    )


def _action(n: int, draw: st.DrawFn) -> Record:
    return Action(
        id=f"m{n}",
        kind=draw(st.sampled_from(("answer", "note", "accept", "refuse", "split", "split"))),
        actor="operator:ola",
        ticket=draw(st.sampled_from(NUMBERS)),
        item=f"m{draw(st.integers(0, n))}",
        text="Try again now.",
        at=NOW,
    )


KINDS: Sequence[Callable[[int, st.DrawFn], Record]] = (
    *(_mail, _mail, _mail, _mail, _chat, _chat, _chat, _staff, _staff, _staff, _repeated, _repeated, _repeated),
    *(_edit, _report, _bounce, _bounce, _membership, _action, _action, _poison),
)


@st.composite
def logs(draw: st.DrawFn) -> list[Record]:
    """A log in which some records stand more than once."""
    records = [draw(st.sampled_from(KINDS))(n, draw) for n in range(draw(st.integers(1, 16)))]
    again = draw(st.lists(st.sampled_from(records), max_size=4))
    for record in again:
        records.insert(draw(st.integers(0, len(records))), record)
    return records


async def applied(database: Database, log: Sequence[Record], cuts: Sequence[Cut], routers: int) -> Picture:
    """What a new desk looks like after this log, in batches of these sizes in turn."""
    desk = Desk(database, FEW, routers=routers)
    await desk.clear()
    await desk.deliver("sent", NUMBERS[0], SIGNED, address=PEOPLE[0].value, purpose="answer", state="sent")
    rest, turn = list(log), 0
    while rest:
        size = cuts[turn % len(cuts)]
        await desk.handle(*rest[:size])
        rest, turn = rest[size:], turn + 1
    assert await desk.differences() == []
    return await desk.picture()


@given(log=logs(), cuts=st.lists(st.integers(1, 5), min_size=1, max_size=4), routers=st.integers(1, 3))
@settings(
    max_examples=100,
    deadline=None,  # The time of an example is that of the database.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],  # `applied` clears the desk.
)
async def test_any_split_of_a_log_ends_in_the_same_tickets(
    database: Database, log: list[Record], cuts: list[Cut], routers: int
) -> None:
    at_once = await applied(database, log, [len(log)], 1)

    in_parts = await applied(database, log, cuts, routers)

    assert in_parts == at_once


@given(log=logs(), size=st.integers(1, 6))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_replaying_the_whole_log_writes_nothing(database: Database, log: list[Record], size: int) -> None:
    log = [record for record in log if not _is_poison(record)]  # The stage loop would have buried it.
    before = await applied(database, log, [size], 1)
    desk = Desk(database, FEW)

    await desk.handle(*log)

    assert await desk.picture() == before


def _is_poison(record: Record) -> bool:
    return msgspec.structs.asdict(record).get("received_at", NOW).tzinfo is None


async def test_every_record_has_exactly_one_outcome_whatever_happens_to_it(database: Database) -> None:
    desk = Desk(database)
    log = [
        message(),
        message(id="m2", fingerprint="f1"),
        chat_message(text="Hi"),
        message(id="m4", fingerprint="f4", digest="d4", external_id="", facts=(Fact(name="suspect", value="x"),)),
        Action(id="a1", kind="answer", actor="operator:ola", ticket=NUMBERS[0], text="Hello.", at=NOW),
        Membership(id="j1", raw="r", channel="bot", chat="77", change="joined", at=NOW, fingerprint="fj"),
    ]

    await desk.handle(*log)
    await desk.handle(*log)

    assert await desk.outcomes() == {
        "m1": "opened",
        "m2": "duplicate",
        "c1": "greeted",
        "m4": "parked",
        "a1": "acted",
        "j1": "reported",
    }
