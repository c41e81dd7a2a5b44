"""The desk as a whole: its languages, its secret, its files, and where it keeps everything."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from config.checks.names import Check
from config.draft import Draft
from config.problems import Problem
from store.durations import written as duration
from store.secrets import FromEnvironment

_DAYS_OF_WORK = timedelta(days=2)  # A day of work takes two with weekends and holidays, as a rule.


def _templates(draft: Draft) -> Iterator[Problem]:
    own = draft.notify.templates if draft.notify is not None else None
    if own is not None and not own.is_dir():
        at = draft.document.position(("notify", "templates"))
        yield Problem(at, "no-file", f"there is no folder {own}", "make it, or remove the key to use our texts")
        return
    ours = resources.files("notifier") / "templates"
    for number, language in enumerate(draft.site.languages if draft.site is not None else ()):
        if not (ours / language).is_dir() and not (own is not None and (own / language).is_dir()):
            at = draft.document.position(("site", "languages", number))
            what = f'there are no texts in "{language}"'
            remedy = "customers will read English; add a folder of texts and name it as notify: {templates: …}"
            yield Problem(at, "no-texts", what, remedy, level="warning")


def _own_texts(draft: Draft) -> Iterator[Problem]:
    """A text that somebody words anew in one language is still ours in the others."""
    own = draft.notify.templates if draft.notify is not None else None
    if own is None or draft.site is None or not own.is_dir():
        return
    written = {language: {text.stem for text in (own / language).glob("*.j2")} for language in draft.site.languages}
    for name in sorted(set().union(*written.values())):
        missing = [language for language in draft.site.languages if name not in written[language]]
        if missing:
            what = f'your text "{name}" is missing in: {", ".join(missing)}'
            remedy = f"customers read ours there; add {', '.join(f'{own.name}/{one}/{name}.j2' for one in missing)}"
            at = draft.document.position(("notify", "templates"))
            yield Problem(at, "text-missing-language", what, remedy, level="warning")


def _open_links(draft: Draft) -> Iterator[Problem]:
    """Links hold tokens, which everybody on the way could read."""
    url = draft.site.url if draft.site is not None else ""
    host = urlsplit(url).hostname or ""
    if url.startswith("http://") and not _is_private(host):
        what = f"links to {host} would go over the network in the open"
        remedy = "write https://, with a web server that has a certificate before this one"
        yield Problem(draft.document.position(("site", "url")), "link-host-http", what, remedy, level="warning")


def _is_private(host: str) -> bool:
    """Whether only this machine or a network of one's own can be meant."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal", ".lan", ".test"))


def _kept_long_enough(draft: Draft) -> Iterator[Problem]:
    """What is promised to be solved must still be readable then."""
    for priority, sla in draft.sla.items() if draft.backend is not None else ():
        if sla.resolve is None:
            continue
        longest = sla.resolve.time + sla.resolve.days * _DAYS_OF_WORK
        if draft.backend is not None and draft.backend.keep_originals < longest:
            what = f"messages as they came are kept for {duration(draft.backend.keep_originals)}, and {priority}"
            remedy = f"keep them longer than the longest promise: {duration(longest)} at least"
            at = draft.document.position(("backend", "keep_originals"))
            yield Problem(
                at, "retention-shorter-than-sla", f"{what} may take longer to be solved", remedy, level="warning"
            )
            return


def _files(draft: Draft) -> Iterator[Problem]:
    tls = draft.listeners.smtp.tls if draft.listeners is not None and draft.listeners.smtp is not None else None
    if tls is not None:
        for key, path in (("cert", tls.cert), ("key", tls.key)):
            yield from _missing(path, ("listeners", "smtp", "tls", key), draft)


def _missing(path: Path, place: tuple[str, ...], draft: Draft) -> Iterator[Problem]:
    if not path.is_file():
        at = draft.document.position(place)
        yield Problem(at, "no-file", f"there is no file {path}", "correct the name; relative ones count from this file")


def _several_machines(draft: Draft) -> Iterator[Problem]:
    if draft.backend is None:
        return
    kafka, postgres = draft.backend.bus.startswith("kafka://"), draft.backend.store.startswith("postgresql://")
    if kafka != postgres:
        what = "the log and the database must both be on this machine, or both be servers"
        remedy = "write kafka:// and postgresql://, or leave both out"
        yield Problem(draft.document.key(("backend",)), "mixed-backend", what, remedy)
    if postgres and draft.site is not None and draft.site.secret is None:
        what = "processes on several machines must sign with the same secret, and there is none"
        remedy = "add secret: ${DESKWIRE_SECRET} under site:, and set it to 32 random characters or more"
        yield Problem(draft.document.key(("site",)), "no-secret", what, remedy)


def _password_in_url(draft: Draft) -> Iterator[Problem]:
    backend = draft.document.root.get("backend")
    for key in ("store", "bus", "blobs"):
        url = backend.get(key) if isinstance(backend, dict) else None
        if not isinstance(url, str) or isinstance(url, FromEnvironment):
            continue
        credentials = url.partition("://")[2].rpartition("@")[0]
        if ":" in credentials:
            what = "a password is written in this file"
            remedy = (
                f"put the whole URL into an environment variable, {key}: ${{DESKWIRE_{key.upper()}}}, and change it"
            )
            at = draft.document.position(("backend", key))
            yield Problem(at, "secret-in-file", what, remedy, secret=True)


DESK_CHECKS: tuple[Check, ...] = (
    _templates,
    _own_texts,
    _open_links,
    _kept_long_enough,
    _files,
    _several_machines,
    _password_in_url,
)
