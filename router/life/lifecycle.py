"""The states of a ticket as a table: what may happen in each, what follows, and why nothing else may."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

STATES = ("new", "open", "waiting", "solved", "closed")  # Received, in work, waiting for somebody, solved, closed.

Happening = Literal[
    "message",  # The customer writes.
    "replayed",  # The customer's message comes through that this ticket told to be dead.
    "thanks",  # The customer writes no more than thanks.
    "machine",  # A machine writes about it: an automatic reply, a bounce, a copy.
    "answer",  # A technician writes to the customer.
    "note",  # A technician writes to the team.
    "claim",  # A technician takes it.
    "give",  # It is given to somebody.
    "move",  # It goes to another team.
    "change",  # It gets another priority, category or language.
    "wait",  # A technician waits for the customer, or until a moment.
    "wake",  # That moment has come.
    "solve",  # A technician is done with it.
    "reopen",  # A technician is not done with it after all.
    "close",  # Nobody is to do anything about it any more.
    "escalate",  # It goes up a level.
    "split",  # One of its messages becomes a ticket of its own.
    "link",  # It is said to belong together with another one.
]
HAPPENINGS: tuple[Happening, ...] = get_args(Happening)


class Step(NamedTuple):
    """What follows."""

    state: str
    event: str


class No(NamedTuple):
    """Why something may not happen, and what to do instead."""

    words: str  # What follows "ticket 482917 "; {number} stands for its number.
    code: str = "state"  # The same in one word, by which mails to technicians say it.
    told: str = ""  # What such a mail names: who has it, or what there is to choose from.


class _Row(NamedTuple):
    """What a happening leads to from each state: a state under the row's event, a step of its own, or nothing."""

    event: str
    new: str | Step | No
    open: str | Step | No
    waiting: str | Step | No
    solved: str | Step | No
    closed: str | Step | No


FIRST = Step("new", "opened")

_CLOSED = No("is closed: open it again first, with `deskwire ticket reopen {number}`")
_DONE = No("is solved: open it again first, with `deskwire ticket reopen {number}`")
_UNDONE = No("is not solved: solve it first, with `deskwire ticket solve {number}`", "not-solved")
_NO_NEED = No("is open: there is nothing to open again", "not-solved")
_AWAKE = No("waits for nothing: let it wait with `deskwire ticket wait {number}`")
_FOLLOWED = No("is closed: what its customer writes opens a new ticket that follows it")

_ROWS: Mapping[Happening, _Row] = {
    #                    the event      new        open       waiting                   solved             closed
    "message": _Row("continued", "new", "open", "open", Step("open", "reopened"), _FOLLOWED),
    "replayed": _Row("continued", "new", "open", "open", Step("open", "reopened"), Step("open", "reopened")),
    "thanks": _Row("thanked", "new", "open", "waiting", "solved", "closed"),
    "machine": _Row("noted", "new", "open", "waiting", "solved", "closed"),
    "answer": _Row("answered", "open", "open", "waiting", "solved", _CLOSED),
    "note": _Row("noted", "new", "open", "waiting", "solved", "closed"),
    "claim": _Row("claimed", "open", "open", "waiting", "solved", _CLOSED),
    "give": _Row("given", "new", "open", "waiting", "solved", _CLOSED),
    "move": _Row("moved", "new", "open", "waiting", "solved", _CLOSED),
    "change": _Row("changed", "new", "open", "waiting", "solved", _CLOSED),
    "wait": _Row("waiting", "waiting", "waiting", "waiting", "waiting", _CLOSED),
    "wake": _Row("woken", _AWAKE, _AWAKE, "open", _AWAKE, _AWAKE),
    "solve": _Row("solved", "solved", "solved", "solved", "solved", _CLOSED),
    "reopen": _Row("reopened", _NO_NEED, _NO_NEED, Step("open", "woken"), "open", "open"),
    "close": _Row("closed", _UNDONE, _UNDONE, "closed", "closed", No("is closed already: there is nothing to do")),
    "escalate": _Row("escalated", "new", "open", "waiting", _DONE, _CLOSED),
    "split": _Row("split", "new", "open", "waiting", "solved", "closed"),
    "link": _Row("linked", "new", "open", "waiting", "solved", "closed"),
}

TABLE: Mapping[tuple[str, Happening], Step | No] = {
    (state, happening): Step(cell, row.event) if isinstance(cell, str) else cell
    for happening, row in _ROWS.items()
    for state, cell in zip(STATES, row[1:], strict=True)
}


def step(state: str, happening: Happening) -> Step | None:
    """What follows; None where it may not happen in this state."""
    found = TABLE.get((state, happening))
    return found if isinstance(found, Step) else None


def refusal(number: int, state: str, happening: Happening) -> No | None:
    """Why it may not happen to this ticket, as a whole sentence that says what to do; None where it may."""
    found = TABLE.get((state, happening))
    if isinstance(found, Step):
        return None
    no = found or No(f"is {state}, a state that this version does not know: it may be too old for this ticket")
    return no._replace(words=f"ticket {number} {no.words.format(number=number)}")
