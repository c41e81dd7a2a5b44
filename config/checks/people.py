"""People: whether each has a name of their own and an address that is nobody else's."""

from collections.abc import Iterator

from config.checks.names import Check
from config.draft import Draft
from config.problems import Problem
from config.settings import NAME
from config.translate import destination


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
        if person.mail is None:
            continue
        at = draft.document.position(("people", name, "mail"))
        first = taken.setdefault(person.mail, name)
        if first != name:
            remedy = "each person needs an address of their own: it says who acted"
            yield Problem(at, "claimed-twice", f'{person.mail} is the address of "{first}" already', remedy)
        if channel := ours.get(person.mail):
            what = f'{person.mail} is the address of channel "{channel}", so that its mail is our own'
            yield Problem(at, "alert-loop", what, f"write the address that {name} reads mail at")


def _accounts(draft: Draft) -> Iterator[Problem]:
    """What comes from an account acts in one person's name, too."""
    taken: dict[int, str] = {}
    for name, person in draft.people.items():
        if person.telegram is None or person.telegram < 0:
            continue
        first = taken.setdefault(person.telegram, name)
        if first != name:
            at = draft.document.position(("people", name, "telegram"))
            remedy = "each person needs an account of their own: it says who acted"
            yield Problem(
                at, "claimed-twice", f'{person.telegram} is the Telegram account of "{first}" already', remedy
            )


def _unproven(draft: Draft) -> Iterator[Problem]:
    """Whoever relies on answering by mail should know before the first answer is kept back."""
    for name, team in draft.teams.items() if draft.people else ():
        if team.workspace.mail is None or set(draft.written("channels")) != set(draft.channels):
            continue
        try:
            carrier = destination(draft.channels, team).channel
        except LookupError:  # Another check says so.
            continue
        if not draft.channels[carrier].settings.hears_staff:
            what = f'nobody in team "{name}" can answer by mail: channel "{carrier}" proves no sender'
            remedy = "give the channel receive: and authentication: {authserv_id: …}, the name of your mail server"
            at = draft.document.key(("teams", name, "workspace"))
            yield Problem(at, "unproven-staff", what, remedy, level="warning")


PEOPLE_CHECKS: tuple[Check, ...] = (_names, _addresses, _accounts, _unproven)
