"""The actions that a technician's mail asks for, in the order in which they must happen."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import msgspec

from router.crew import colleagues
from router.life.allowed import DUPLICATE
from router.policy import Policy
from router.technicians.mail_commands import Letter, Vocabulary
from router.technicians.mail_names import folded
from router.technicians.staff import Right, Technician
from store.codec import derived_id
from store.records import MAX_TEXT, Action, Message, SentFile
from store.tokens import masked

_PARTS = {"p": "priority", "cat": "category", "lang": "language"}  # What the commands change.

# They prove to us who wrote, prove nothing of the mail that goes out, and name the technician's own address in it
# (RFC 8551, 3.5.3; RFC 3156, 5 and 7).
_SIGNING = frozenset(
    (
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
    )
)


def is_note(letter: Letter, right: Right) -> bool:
    """Whether its words are for colleagues."""
    return letter.has("note") or (right.token.purpose == "n" and not letter.has("reply"))


def asked(message: Message, letter: Letter, right: Right, technician: Technician) -> Iterator[Action]:
    """What the letter asks for, in the order in which it must happen: who waits has answered before."""
    values = {command.name: command.value for command in letter.commands}
    for name, kind in (("reopen", "reopen"), ("claim", "claim")):
        if name in values:
            yield action_of(message, technician, right, kind)
    for name in (command.name for command in letter.commands if command.name in _PARTS):
        yield action_of(message, technician, right, "change", value=f"{_PARTS[name]} {values[name]}")
    if letter.text or letter.has("note", "reply"):
        kind = "note" if is_note(letter, right) else "answer"
        text = masked(letter.text)[:MAX_TEXT] if kind == "note" else letter.text
        yield action_of(message, technician, right, kind, text=text)
    yield from _afterwards(message, values, right, technician)


def _afterwards(message: Message, values: Mapping[str, str], right: Right, technician: Technician) -> Iterator[Action]:
    """What becomes of the ticket once its words are said; whoever gives it away or moves it does so last."""
    if "wait" in values:
        long = values["wait"]
        wait = action_of(message, technician, right, "wait")
        yield msgspec.structs.replace(wait, until=message.received_at + _long(long)) if long else wait
    if "done" in values:
        yield action_of(message, technician, right, "solve")
    if "dup" in values:
        link = action_of(message, technician, right, "link", value=values["dup"])
        yield msgspec.structs.replace(link, why=DUPLICATE)
    if "esc" in values:
        yield action_of(message, technician, right, "escalate", text=values["esc"])
    if "team" in values:
        yield action_of(message, technician, right, "move", value=values["team"])
    if "give" in values:
        yield action_of(message, technician, right, "give", value=f"person:{values['give']}")


def action_of(
    message: Message, technician: Technician, right: Right, kind: str, *, text: str = "", value: str = ""
) -> Action:
    """An action of a mail; its words go by the mail's own id, because they are what the mail is in its ticket."""
    words = kind in ("answer", "note")
    return Action(
        id=message.id if words else derived_id(message.id, kind, value),
        kind=kind,
        actor=technician.actor,
        ticket=right.ticket.number,
        text=text,
        value=value,
        files=tuple(_files(message)) if words else (),
        at=message.received_at,
    )


def _files(message: Message) -> Iterator[SentFile]:
    """What a technician attached, without what their mail program did."""
    for file in message.attachments:
        if file.content_type not in _SIGNING:
            yield SentFile(raw=message.raw, file=file)


def _long(written: str) -> timedelta:
    """How long "2d" is, as `mail_commands` has read it."""
    return int(written[:-1]) * _UNITS[written[-1]]


_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def vocabulary(policy: Policy) -> Vocabulary:
    """What values the commands of a mail may have."""
    choices = policy.choices
    people = {
        folded(called): actor.removeprefix("person:")
        for actor, name in colleagues.everybody(policy).items()
        for called in (actor.removeprefix("person:"), name, name.partition(" ")[0])
        if colleagues.named(called, policy) == actor
    }
    priorities, teams, languages, categories = (
        choices.get(one, ()) for one in ("priority", "team", "language", "category")
    )
    return Vocabulary(priorities, teams, languages, categories, people)
