"""Channels and teams: whether what comes in by one way can go out by another, and none takes what is another's."""

from collections.abc import Iterator

from config.checks.names import Check, known
from config.document import Path
from config.draft import Draft
from config.problems import Problem
from config.settings import NAME, Channel
from config.translate import carriers_of, destination
from router.crew.team_settings import TeamSettings


def _team_names(draft: Draft) -> Iterator[Problem]:
    for name in draft.written("teams"):
        if not NAME.fullmatch(name):
            at = draft.document.key(("teams", name))
            remedy = "use letters, digits, - and _, at most 64"
            yield Problem(at, "bad-name", f'"{name}" cannot name a team', remedy)


def _workspaces(draft: Draft) -> Iterator[Problem]:
    for name, team in draft.teams.items():
        path: Path = ("teams", name, "workspace")
        place = team.workspace
        if place.channel and place.channel not in draft.channels:
            yield from known(place.channel, draft.written("channels"), "channel", (*path, "channel"), draft)
        elif draft.channels and set(draft.written("channels")) == set(
            draft.channels
        ):  # Else the right one may be among the wrong.
            try:
                destination(draft.channels, team)
            except LookupError as error:
                at = draft.document.position((*path, "channel")) if place.channel else draft.document.key(path)
                what, remedy = _no_carrier(name, team, carriers_of(draft.channels, team), str(error))
                yield Problem(at, "no-channel", what, remedy)


def _no_carrier(name: str, team: TeamSettings, carriers: list[str], why: str) -> tuple[str, str]:
    """What is wrong with a team that no channel, or more than one bot, could carry alerts to; and what to do."""
    kind = "mail" if team.workspace.mail is not None else "telegram"
    if carriers and not team.workspace.channel:
        several = f"the {len(carriers)} channels {', '.join(carriers)}"
        what = f'team "{name}" does not say which of {several} carries its alerts'
        return what, f"write one of them here: workspace: {{{kind}: …, channel: {carriers[0]}}}"
    suited = "a mail channel with send: {smtp: …}" if kind == "mail" else "a channel of type telegram"
    return f'team "{name}" would hear of nothing: {why}', f"name {suited} in channel: …, or add one"


def _no_alert_to_ourselves(draft: Draft) -> Iterator[Problem]:
    """An alert that comes in again would open a ticket, which is alerted of."""
    ours = {claim.lower(): name for name, channel in draft.channels.items() for claim in channel.settings.claims}
    for name, team in draft.teams.items():
        mail = team.workspace.mail
        if mail is not None and (channel := ours.get(mail.lower())):
            at = draft.document.position(("teams", name, "workspace", "mail"))
            what = f'team "{name}" would be alerted at {mail}, which channel "{channel}" takes in again'
            yield Problem(at, "alert-loop", what, "give the team a mailbox that is no channel's")


def _replies(draft: Draft) -> Iterator[Problem]:
    for name, channel in draft.channels.items():
        through = channel.settings.replies_through
        if not through:
            continue
        path: Path = ("channels", name, "reply_through")
        yield from known(through, draft.written("channels"), "channel", path, draft)
        carrier: Channel | None = draft.channels.get(through)
        if carrier is not None and carrier.settings.sends_to != "mail":
            what = f'channel "{through}" cannot carry answers to mail addresses'
            remedy = "name a mail channel that has send: {smtp: …}"
            yield Problem(draft.document.position(path), "cannot-send", what, remedy)


def _topics(draft: Draft) -> Iterator[Problem]:
    for name, channel in draft.channels.items():
        if channel.settings.offers_categories and not draft.written("classify", "categories"):
            what = f'channel "{name}" asks for a topic, and there is none to choose'
            remedy = "add topics: {billing: {en: Invoices}} to it, or categories: to classify:"
            yield Problem(draft.document.key(("channels", name)), "bad-value", what, remedy)


def _mail_listener(draft: Draft) -> Iterator[Problem]:
    if draft.listeners is None or draft.listeners.smtp is not None:
        return
    for name, channel in draft.channels.items():
        if channel.settings.takes_smtp:
            what = f'channel "{name}" receives mail by SMTP, and there is no listener for it'
            remedy = 'add listeners: {smtp: {listen: "0.0.0.0:25"}}'
            yield Problem(draft.document.key(("channels", name)), "no-listener", what, remedy)


def _believed_strangers(draft: Draft) -> Iterator[Problem]:
    """Authentication-Results are worth as much as the network that mail comes from."""
    smtp = draft.listeners.smtp if draft.listeners is not None else None
    if smtp is None or smtp.is_local:
        return
    for name, channel in draft.channels.items():
        if channel.settings.believes_anybody:
            at = draft.document.position(("channels", name, "authentication"))
            what = f'whoever reaches {smtp.listen} can write the Authentication-Results that channel "{name}" believes'
            remedy = "write receive: {smtp: {allow_from: [NETWORK]}} with the networks of your own mail servers"
            yield Problem(at, "forged-results", what, remedy, level="warning")


def _one_of_each_claim(draft: Draft) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for name, channel in draft.channels.items():
        for claim in channel.settings.claims:
            first = taken.setdefault(claim.lower(), name)
            if first != name:
                what = f'{claim} is claimed by channel "{first}" already'
                yield Problem(draft.document.key(("channels", name)), "claimed-twice", what, "give each to one channel")


CHANNEL_CHECKS: tuple[Check, ...] = (
    _team_names,
    _workspaces,
    _no_alert_to_ourselves,
    _replies,
    _topics,
    _mail_listener,
    _believed_strangers,
    _one_of_each_claim,
)
