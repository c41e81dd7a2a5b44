"""Which addresses mail is taken for, and by which channel."""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import NamedTuple

from ingest.smtp.body import Content
from store.errors import Permanent

_QUOTED = re.compile(r'"([\w.+-]{1,64})"', re.ASCII)  # What means the same without its quotes (RFC 5321, 4.1.2).
_ROLES = ("postmaster", "abuse")  # RFC 5321, 4.5.1; RFC 2142, 4: every domain answers to them.


class SmtpMail(NamedTuple):
    """One mail for one mailbox."""

    content: Content
    sender: str  # Empty: the null sender.
    recipients: tuple[str, ...]  # Those of the claimed mailbox, as they were written.
    peer: str  # The client's network address; empty for a local socket.


# Keeps a mail and returns the id under which it is kept; raises Temporary or Permanent.
Accept = Callable[[SmtpMail], Awaitable[str]]
Networks = tuple[IPv4Network | IPv6Network, ...]


class Mailbox:
    """The addresses of one channel, and who takes their mail at the moment."""

    def __init__(self, allow_from: Networks) -> None:
        """`allow_from`: the networks that mail may come from; empty: all."""
        self.accept: Accept | None = None  # None: the channel is not up yet, or not just now.
        self._allow_from = allow_from

    def allows(self, peer: str) -> bool:
        """Whether a client at this network address may bring mail."""
        if not self._allow_from:
            return True
        try:
            address = ip_address(peer.partition("%")[0])  # What follows "%" names an interface of ours.
        except ValueError:
            return False
        return any(address in network for network in self._allow_from)

    @contextmanager
    def claimed_by(self, accept: Accept) -> Iterator[None]:
        """Hand the mail to `accept`; a client hears 250 only after it has returned."""
        self.accept = accept
        try:
            yield
        finally:
            self.accept = None


class Mailboxes:
    """All mailboxes of a listener. Mail for anybody else is refused: nothing is ever relayed."""

    def __init__(self) -> None:
        self._by_address: dict[str, Mailbox] = {}

    def reserve(self, addresses: Sequence[str], allow_from: Networks) -> Mailbox:
        """A mailbox of these addresses; raises Permanent where one of them is another mailbox's."""
        names = [address.lower() for address in addresses]
        for name in names:
            if name in self._by_address:
                raise Permanent(f"two channels take mail for {name}: give each address to one channel")
        mailbox = Mailbox(allow_from)
        self._by_address.update(dict.fromkeys(names, mailbox))
        return mailbox

    def find(self, recipient: str) -> Mailbox | None:
        """Who takes mail for a recipient, with or without a `+extension`; None: nobody here.

        The roles that every domain must answer to go to the domain's first mailbox where no channel has them for its
        own; `postmaster` without a domain goes to the first of all.
        """
        local, at, domain = recipient.lower().rpartition("@")
        local, domain = (local, domain) if at else (domain, "")
        if quoted := _QUOTED.fullmatch(local):
            local = quoted[1]
        base = local.partition("+")[0]
        found = self._by_address.get(f"{local}@{domain}") or self._by_address.get(f"{base}@{domain}")
        if found is None and base in _ROLES:
            return self._first_of(domain)
        return found

    def _first_of(self, domain: str) -> Mailbox | None:
        ours = (box for address, box in self._by_address.items() if not domain or address.endswith(f"@{domain}"))
        return next(ours, None)


def mails_for(
    recipients: Sequence[tuple[Mailbox, str]], content: Content, sender: str, peer: str
) -> dict[Mailbox, SmtpMail]:
    """One mail for each mailbox, with all of its recipients, each once."""
    addresses: dict[Mailbox, dict[str, None]] = {}
    for mailbox, address in recipients:
        addresses.setdefault(mailbox, {})[address] = None
    return {mailbox: SmtpMail(content, sender, tuple(own), peer) for mailbox, own in addresses.items()}
