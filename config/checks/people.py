"""People: whether each has a name of their own and an address that is nobody else's."""

from collections.abc import Iterator

from config.checks.names import Check
from config.draft import Draft
from config.problems import Problem
from config.settings import NAME


def _names(draft: Draft) -> Iterator[Problem]:
    for name in draft.written("people"):
        if not NAME.fullmatch(name):
            at = draft.document.key(("people", name))
            remedy = "use letters, digits, - and _, at most 64; the name that people read stands in name:"
            yield Problem(at, "bad-name", f'"{name}" cannot name a person', remedy)


def _addresses(draft: Draft) -> Iterator[Problem]:
    """Mail from an address acts in one person's name, and what comes from a channel's is our own."""
    ours = {claim.lower(): name for name, channel in draft.channels.items() for claim in channel.settings.claims}
    taken: dict[str, str] = {}
    for name, person in draft.people.items():
        at = draft.document.position(("people", name, "mail"))
        first = taken.setdefault(person.mail, name)
        if first != name:
            remedy = "each person needs an address of their own: it says who acted"
            yield Problem(at, "claimed-twice", f'{person.mail} is the address of "{first}" already', remedy)
        if channel := ours.get(person.mail):
            what = f'{person.mail} is the address of channel "{channel}", so that its mail is our own'
            yield Problem(at, "alert-loop", what, f"write the address that {name} reads mail at")


PEOPLE_CHECKS: tuple[Check, ...] = (_names, _addresses)
