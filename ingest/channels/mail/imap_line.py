"""One connection to an IMAP server: the few commands that we use, and its troubles sorted by what to do next.

Everything here blocks, for a bounded time; it runs in the account's own thread.
"""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog
from imapclient.exceptions import LoginError
from imapclient.imapclient import SENT
from imapclient.response_parser import parse_fetch_response

from ingest.channels.mail.imap_client import LoginRefused, Refused, bounded, sorted_trouble
from ingest.channels.mail.imap_progress import Listed, sound
from ingest.channels.mail.imap_settings import ImapSettings
from ingest.channels.mail.imap_uids import UidSet
from ingest.channels.mail.imap_wire import Wire
from store.errors import Temporary

log = structlog.get_logger()

_FIRST_PART = 256 * 1024  # Bytes: nearly every mail in one answer, and of any other at least its header.
_PART = 1024 * 1024
_SLACK = 1024 * 1024  # What a server may say beside what was asked for.
# RFC 5530, 3: the server is in trouble, and not our login.
_NOT_NOW = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)
_LISTING = 8 * 1024 * 1024  # Of some 80,000 new mails. Where there are more, we come again and go page by page.


class Unreadable(Temporary):
    """The server says that a mail is there, and does not give it."""


class Opened(NamedTuple):
    """A folder."""

    validity: int  # UIDVALIDITY.
    exists: int  # How many mails are in it.


class Part(NamedTuple):
    """Some of a mail."""

    content: bytes
    size: int  # Of the whole mail, as the server says; 0: it does not.
    is_last: bool


class Line:
    """A connection: `connect` first, `close` at the end."""

    def __init__(self, settings: ImapSettings) -> None:
        """Does no I/O."""
        self._settings = settings
        self._wire = Wire(
            settings.place,
            connecting=settings.connect_timeout.total_seconds(),
            silence=settings.read_timeout.total_seconds(),
        )

    def connect(self, user: str, secret: str) -> None:
        """Connect and log in; `secret` is the password or the token. Raises LoginRefused or Temporary."""
        settings = self._settings
        host, port = settings.place
        with sorted_trouble(f"{host}:{port} cannot be reached"):
            context = _tls_context(settings)
            self._wire.connect(context if settings.tls == "tls" else None)
        with sorted_trouble(f"{host}:{port} cannot be used"):
            self._client = bounded(self._wire)
            self._allow(_SLACK)
            if settings.tls == "starttls" and context is not None:
                self._client.starttls(context)
        self._log_in(user, secret)
        with sorted_trouble(f"{host}:{port} does not say what it can do"):
            self._offers = frozenset(self._client.capabilities())

    @property
    def can_idle(self) -> bool:
        """Whether the server offers IDLE, and may be asked for it."""
        return self._settings.idle and b"IDLE" in self._offers

    @property
    def can_move(self) -> bool:
        """RFC 6851."""
        return b"MOVE" in self._offers

    @property
    def can_expunge_one(self) -> bool:
        """RFC 4315: without it only all mails that anybody marked as deleted could be removed, so none is."""
        return b"UIDPLUS" in self._offers

    def open(self, folder: str, *, changing: bool) -> Opened:
        """Open a folder; without `changing` not even a flag of it can change."""
        with sorted_trouble(f'the folder "{folder}" cannot be opened', "correct `folder` or `sent`"):
            self._allow(_SLACK)
            said = self._client.select_folder(folder, readonly=not changing)
            validity, exists = said.get(b"UIDVALIDITY", 0), said.get(b"EXISTS", 0)
        if not isinstance(validity, int) or not isinstance(exists, int) or validity <= 0:
            raise Temporary(
                "the server gives no UIDVALIDITY, so that no mail could be told from another: ask its makers"
            )
        return Opened(validity, exists)

    def list_places(self, first: int, last: int) -> list[Listed]:
        """The mails at these places of the folder, counted from 1: exact, while a search may be cut off."""
        return self._list(self._wire.fetch, f"{first}:{last}")

    def list_from(self, uid: int) -> list[Listed]:
        """All mails from this UID on."""
        # Where there are none, the highest UID of all is meant (RFC 3501, 6.4.8), so that it is always among them.
        listed = self._list(lambda *asked: self._wire.uid("FETCH", *asked), f"{uid}:*")
        return [one for one in listed if one.uid >= uid]

    def part(self, uid: int, start: int) -> Part | None:
        """What a mail has from byte `start` on. None where it is gone; raises Unreadable where it has none."""
        asked = _PART if start else _FIRST_PART
        entry = self._fetch(uid, ["RFC822.SIZE", f"BODY.PEEK[]<{start}.{asked}>"])
        if entry is None:
            return None
        # A server that knows no parts sends the whole mail, and does not say where it begins.
        content, size = entry.get(f"BODY[]<{start}>".encode(), entry.get(b"BODY[]")), entry.get(b"RFC822.SIZE")
        if not isinstance(content, bytes):
            raise Unreadable(f"the server lists the mail with UID {uid} and gives no text for it")
        return Part(content, size if isinstance(size, int) else 0, is_last=len(content) != asked)

    def header(self, uid: int) -> Part | None:
        """A mail's header; as `part`."""
        entry = self._fetch(uid, ["RFC822.SIZE", f"BODY.PEEK[HEADER]<0.{_FIRST_PART}>"])
        if entry is None:
            return None
        size, content = entry.get(b"RFC822.SIZE"), entry.get(b"BODY[HEADER]<0>", entry.get(b"BODY[HEADER]"))
        if not isinstance(content, bytes):
            raise Unreadable(f"the server lists the mail with UID {uid} and does not even give its header")
        return Part(content, size if isinstance(size, int) else 0, is_last=True)

    def look(self) -> None:
        """Have the server look for new mail."""
        with sorted_trouble("the server does not answer"):
            self._allow(_SLACK)
            self._wire.noop()

    def watch(self, seconds: float) -> None:
        """Wait until the server tells of anything, at most so long."""
        with sorted_trouble("the connection was lost while waiting for mail"):
            self._wire.watch(seconds)

    def flag(self, uids: UidSet, flag: str) -> None:
        """Set a flag; mails that are gone do not matter. Raises Refused."""
        with sorted_trouble(f'the flag "{flag}" cannot be set', "correct `flag`"):
            self._allow(_SLACK)
            self._client.add_flags(list(uids), [flag], silent=True)

    def move(self, uids: UidSet, folder: str) -> None:
        """Move in one step (RFC 6851); mails that are gone do not matter. Raises Refused."""
        with sorted_trouble(f'mail cannot be moved to "{folder}"', "make room there, or correct `move_to`"):
            self._into(folder, lambda: self._client.move(list(uids), folder))

    def copy(self, uids: UidSet, folder: str) -> None:
        """Copy to another folder. Raises Refused, and nothing was copied then."""
        with sorted_trouble(f'mail cannot be copied to "{folder}"', "make room there, or correct `move_to`"):
            self._into(folder, lambda: self._client.copy(list(uids), folder))

    def remove(self, uids: UidSet) -> None:
        """Mark as deleted, and remove exactly these where the server can. Raises Refused."""
        with sorted_trouble("mail that was copied cannot be removed from its folder"):
            self._allow(_SLACK)
            self._client.add_flags(list(uids), ["\\Deleted"], silent=True)
            if self.can_expunge_one:
                self._client.uid_expunge(list(uids))

    def sent_folder(self) -> str:
        """The folder for sent mail (RFC 6154), or one that is called like it; empty: there is none."""
        with sorted_trouble("the folders cannot be listed"):
            self._allow(_LISTING)
            return self._client.find_special_folder(SENT) or ""

    def holds(self, message_id: str) -> bool:
        """Whether the open folder has a mail with this Message-ID."""
        with sorted_trouble("the folder cannot be searched"):
            self._allow(_SLACK)
            return bool(message_id) and len(self._client.search(["HEADER", "Message-ID", message_id])) > 0

    def append(self, folder: str, content: bytes) -> None:
        """Put a mail, already read, into a folder."""
        with sorted_trouble(f'the folder "{folder}" takes no mail', "make room there, or correct `sent`"):
            self._allow(_SLACK)
            self._client.append(folder, content, flags=["\\Seen"])

    def log_out(self) -> None:
        """End in order."""
        with sorted_trouble("the server does not say goodbye"):
            self._allow(_SLACK)
            self._client.logout()

    def hang_up(self) -> None:
        """End at once, from any thread: whatever waits raises Temporary."""
        self._wire.hang_up()

    def close(self) -> None:
        """Let go of the socket, after all other work."""
        self._wire.close_down()

    def _log_in(self, user: str, secret: str) -> None:
        try:
            with sorted_trouble("the login failed"):
                if self._settings.token is not None:
                    bearer = f"user={user}\x01auth=Bearer {secret}\x01\x01".encode()
                    # Where it refuses, the server explains itself and waits for an empty line.
                    self._client.sasl_login("XOAUTH2", lambda challenge: b"" if challenge else bearer)
                elif (user + secret).isascii() and not self._client.has_capability("LOGINDISABLED"):
                    self._client.login(user, secret)
                else:
                    self._client.plain_login(user, secret)
        except Refused as error:
            if isinstance(error.__cause__, LoginError) and not _NOT_NOW.search(str(error)):
                raise LoginRefused(str(error)) from error
            raise

    def _list(self, ask: Callable[[str, str], tuple[str, Sequence[object]]], messages: str) -> list[Listed]:
        with sorted_trouble("the mails of the folder cannot be listed"):
            self._allow(_LISTING)
            kind, said = ask(messages, "(UID INTERNALDATE)")
            if kind != "OK":
                raise imaplib.IMAP4.error(f"FETCH: {said!r}")
            # A line with a literal comes as a pair, which the parser knows and its annotation does not.
            lines = [line for line in said if isinstance(line, bytes)]
            return sound(_listed(parse_fetch_response(lines, normalise_times=False, uid_is_key=False).values()))

    def _fetch(self, uid: int, asked: Sequence[str]) -> dict[bytes, object] | None:
        with sorted_trouble(f"the mail with UID {uid} cannot be fetched"):
            self._allow(self._settings.max_message + _PART + _SLACK)
            return self._client.fetch([uid], asked).get(uid)

    def _into(self, folder: str, act: Callable[[], object]) -> None:
        """Act, once more after making the folder where it is missing (RFC 3501, 7.1: TRYCREATE)."""
        self._allow(_SLACK)
        try:
            act()
        except imaplib.IMAP4.error as error:
            if isinstance(error, imaplib.IMAP4.abort) or "TRYCREATE" not in str(error).upper():
                raise
            self._client.create_folder(folder)
            act()

    def _allow(self, size: int) -> None:
        self._wire.allow(size, self._settings.command_timeout.total_seconds())


def _listed(entries: Iterable[Mapping[bytes, object]]) -> Iterator[Listed]:
    """What answers our question; a server may tell of other mails' flags in between."""
    for entry in entries:
        uid, at = entry.get(b"UID"), entry.get(b"INTERNALDATE")
        if isinstance(uid, int):
            yield Listed(uid, at if isinstance(at, datetime) and at.tzinfo is not None else None)


def _tls_context(settings: ImapSettings) -> ssl.SSLContext | None:
    """Certificates are always checked."""
    if settings.tls == "none":
        return None
    context = ssl.create_default_context()
    if settings.ca is not None:
        context.load_verify_locations(settings.ca)
    return context
