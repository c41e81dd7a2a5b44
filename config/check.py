"""What no section of the settings can know by itself: whether its names mean something in the others."""

from collections.abc import Callable, Iterable, Iterator

from config.document import Document, Path
from config.problems import Problem, nearest
from config.settings import Configuration
from config.translate import destination
from router.settings import RouteSettings
from store.secrets import FromEnvironment

Check = Callable[[Configuration, Document], Iterator[Problem]]


def cross_checked(configuration: Configuration, document: Document) -> list[Problem]:
    """Every such problem; errors and warnings."""
    return [problem for check in CHECKS for problem in check(configuration, document)]


def _known(word: str, names: Iterable[str], what: str, path: Path, document: Document) -> Iterator[Problem]:
    """A problem where a word is none of the names."""
    names = list(names)
    if word not in names:
        remedy = nearest(word, names) or f"there are: {', '.join(names) or 'none'}"
        yield Problem(document.position(path), f"unknown-{what}", f'there is no {what} called "{word}"', remedy)


def _route(configuration: Configuration, document: Document) -> Iterator[Problem]:
    root = configuration.settings.route
    if not root.team:
        what = "the root of route names no team: whatever no other route takes would be nobody's"
        yield Problem(document.key(("route",)), "no-catch-all", what, "add team: … under route:")
    yield from _node(root, ("route",), configuration, document)


def _node(node: RouteSettings, path: Path, configuration: Configuration, document: Document) -> Iterator[Problem]:
    if node.team:
        yield from _known(node.team, configuration.settings.teams, "team", (*path, "team"), document)
    for number, child in enumerate(node.routes):
        yield from _node(child, (*path, "routes", number), configuration, document)


def _categories(configuration: Configuration, document: Document) -> Iterator[Problem]:
    classify = configuration.settings.classify
    for number, rule in enumerate(classify.rules):
        yield from _known(rule.then, classify.categories, "category", ("classify", "rules", number, "then"), document)
    for name, labels in classify.categories.items():
        missing = [language for language in configuration.settings.site.languages if language not in labels]
        if missing:
            at = document.key(("classify", "categories", name))
            what = f'category "{name}" has no name in: {", ".join(missing)}'
            remedy = "customers who write in that language will see another name"
            yield Problem(at, "missing-language", what, remedy, level="warning")


def _workspaces(configuration: Configuration, document: Document) -> Iterator[Problem]:
    for name, team in configuration.settings.teams.items():
        path: Path = ("teams", name, "workspace")
        if team.workspace.channel:
            yield from _known(team.workspace.channel, configuration.channels, "channel", (*path, "channel"), document)
            continue
        try:
            destination(configuration, team)
        except LookupError as error:
            what = f'team "{name}" would hear of nothing: {error}'
            yield Problem(document.key(path), "no-channel", what, "add such a channel, or name one: channel: …")


def _form_replies(configuration: Configuration, document: Document) -> Iterator[Problem]:
    for name, channel in configuration.channels.items():
        through = channel.settings.replies_through
        if through:
            path: Path = ("channels", name, "reply_through")
            yield from _known(through, configuration.channels, "channel", path, document)


def _mail_listener(configuration: Configuration, document: Document) -> Iterator[Problem]:
    if configuration.settings.listeners.smtp is not None:
        return
    for name, channel in configuration.channels.items():
        if channel.settings.takes_smtp:
            what = f'channel "{name}" receives mail by SMTP, and there is no listener for it'
            remedy = 'add listeners: {smtp: {listen: "0.0.0.0:25"}}'
            yield Problem(document.key(("channels", name)), "no-listener", what, remedy)


def _one_of_each_claim(configuration: Configuration, document: Document) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for name, channel in configuration.channels.items():
        for claim in channel.settings.claims:
            first = taken.setdefault(claim.lower(), name)
            if first != name:
                what = f'{claim} is claimed by "{first}" already'
                yield Problem(document.key(("channels", name)), "claimed-twice", what, "give each to one channel")


def _several_machines(configuration: Configuration, document: Document) -> Iterator[Problem]:
    backend = configuration.settings.backend
    kafka, postgres = backend.bus.startswith("kafka://"), backend.store.startswith("postgresql://")
    if kafka != postgres:
        what = "the log and the database must both be on this machine, or both be servers"
        remedy = "write kafka:// and postgresql://, or leave both out"
        yield Problem(document.key(("backend",)), "mixed-backend", what, remedy)
    if postgres and configuration.settings.site.secret is None:
        what = "processes on several machines must sign with the same secret, and there is none"
        remedy = "add secret: ${DESKWIRE_SECRET} under site:, and set it to 32 random characters or more"
        yield Problem(document.key(("site",)), "no-secret", what, remedy)


def _password_in_url(configuration: Configuration, document: Document) -> Iterator[Problem]:
    url = configuration.settings.backend.store
    written = document.root.get("backend")
    raw = written.get("store") if isinstance(written, dict) else None
    credentials = url.removeprefix("postgresql://").rpartition("@")[0]
    if ":" in credentials and not isinstance(raw, FromEnvironment):
        what = "a database password is written in this file"
        remedy = "put the whole URL into an environment variable: store: ${DESKWIRE_STORE}"
        yield Problem(document.position(("backend", "store")), "secret-in-file", what, remedy, secret=True)


CHECKS: tuple[Check, ...] = (
    _route,
    _categories,
    _workspaces,
    _form_replies,
    _mail_listener,
    _one_of_each_claim,
    _several_machines,
    _password_in_url,
)
