"""imapclient as we use it: with types, over our own bounded wire, its troubles sorted by what to do next."""

import imaplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, ProtocolError

from ingest.channels.mail.headers import one_line
from ingest.channels.mail.imap_wire import Wire
from store.errors import Temporary

_DETAIL = 200  # Characters that are kept of what the server says.

# Beside its own errors imapclient lets through what its parser stumbles over.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, MemoryError)


class LoginRefused(Temporary):
    """The server does not let us in: too many tries would lock the account."""


class Refused(Temporary):
    """The server said NO to one command; the connection is as good as before."""


class Client(Protocol):
    """What we use of imapclient, which has no types of its own for most of it."""

    def login(self, username: str, password: str) -> bytes: ...  # noqa: D102 (imapclient's)
    def plain_login(self, identity: str, password: str) -> bytes: ...  # noqa: D102
    def sasl_login(self, mech_name: str, mech_callable: Callable[[bytes], bytes]) -> bytes: ...  # noqa: D102
    def starttls(self, ssl_context: ssl.SSLContext) -> bytes: ...  # noqa: D102
    def has_capability(self, capability: str) -> bool: ...  # noqa: D102
    def capabilities(self) -> Sequence[bytes]: ...  # noqa: D102
    def select_folder(self, folder: str, readonly: bool) -> dict[bytes, object]: ...  # noqa: D102
    def find_special_folder(self, folder_flag: bytes) -> str | None: ...  # noqa: D102
    def create_folder(self, folder: str) -> bytes: ...  # noqa: D102
    def search(self, criteria: Sequence[str]) -> Sequence[int]: ...  # noqa: D102
    def fetch(self, messages: Sequence[int], data: Sequence[str]) -> dict[int, dict[bytes, object]]: ...  # noqa: D102
    def add_flags(self, messages: Sequence[int], flags: Sequence[str], silent: bool) -> None: ...  # noqa: D102
    def move(self, messages: Sequence[int], folder: str) -> bytes: ...  # noqa: D102
    def copy(self, messages: Sequence[int], folder: str) -> bytes: ...  # noqa: D102
    def uid_expunge(self, messages: Sequence[int]) -> object: ...  # noqa: D102
    def append(self, folder: str, msg: bytes, flags: Sequence[str]) -> bytes: ...  # noqa: D102
    def logout(self) -> bytes: ...  # noqa: D102


class _BoundedClient(IMAPClient):
    """imapclient over our own wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        super().__init__(wire.host, wire.port, ssl=False)
        self._imap.debug = 0  # It would write every literal three times over, as text, for a log that nobody keeps.

    def _create_IMAP4(self) -> Wire:  # noqa: N802 (imapclient's name)
        return self._wire


def bounded(wire: Wire) -> Client:
    """A client over this wire."""
    return _BoundedClient(wire)


@contextmanager
def sorted_trouble(what: str, remedy: str = "") -> Iterator[None]:
    """Raises Refused where the server said NO to a command, and Temporary where the connection is of no more use.

    `remedy` is against a NO; a lost connection is made again, and a person need do nothing.
    """
    try:
        yield
    except (OSError, CapabilityError, ProtocolError, imaplib.IMAP4.abort, *_UNREADABLE) as error:
        raise Temporary(f"{what} ({_said(error)})") from error
    except imaplib.IMAP4.error as error:
        broken = isinstance(error.__context__, imaplib.IMAP4.abort | OSError)  # imapclient's LoginError hides it.
        if broken:
            raise Temporary(f"{what} ({_said(error)})") from error
        raise Refused(f"{what} ({_said(error)}){remedy and ': '}{remedy}") from error


def _said(error: BaseException) -> str:
    return one_line(f"{type(error).__name__}: {error}")[:_DETAIL]
