"""How much may come in at once: connections of all, of each client and its network, and bytes of mails in memory."""

import asyncio
from collections import Counter
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

from ingest.smtp.settings import SmtpSettings

_STRESS = 0.8  # Of all connections; from there on silence is not waited for (Postfix, STRESS_README, does so too).
_NEIGHBOURS = {4: 24, 6: 64}  # Bits of the network that belongs to one customer of a provider (RFC 6177, 2).


class Connection(Protocol):
    """What can be asked of a client's connection."""

    def leave(self) -> None:
        """Say that we stop, and close as soon as no mail is in hand."""

    def abort(self) -> None:
        """Close now."""


class Gate:
    """Counts what is inside; whoever was let in must be counted out."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.closing = False  # Once set, nobody is let in.
        self.connections: dict[Connection, str] = {}
        self.in_flight = 0  # Bytes.
        self._settings = settings
        self._per_client: Counter[str] = Counter()
        self._per_network: Counter[str] = Counter()
        self._empty = asyncio.Event()
        self._empty.set()

    def enter(self, connection: Connection, peer: str) -> bool:
        """Let a connection in; False where there are too many already."""
        settings, network = self._settings, network_of(peer)
        if (
            self.closing
            or len(self.connections) >= settings.connections
            or self._per_client[peer] >= settings.per_client
            or self._per_network[network] >= settings.per_network
        ):
            self._forget_nobody(peer, network)
            return False
        self.connections[connection] = peer
        self._per_client[peer] += 1
        self._per_network[network] += 1
        self._empty.clear()
        return True

    def leave(self, connection: Connection) -> None:
        """Count a connection out; nothing happens for one that was not let in."""
        peer = self.connections.pop(connection, None)
        if peer is None:
            return
        network = network_of(peer)
        self._per_client[peer] -= 1
        self._per_network[network] -= 1
        self._forget_nobody(peer, network)
        if not self.connections:
            self._empty.set()

    @property
    def crowded(self) -> bool:
        """Whether so few connections are left that silent clients must go."""
        return len(self.connections) > self._settings.connections * _STRESS

    def _forget_nobody(self, peer: str, network: str) -> None:
        """Keep no count of those who have no connection: it would grow with every stranger."""
        for counts, name in ((self._per_client, peer), (self._per_network, network)):
            if not counts[name]:
                del counts[name]

    async def empty(self) -> None:
        """Wait until every connection has left."""
        await self._empty.wait()

    def hold(self) -> "Hold":
        """An account of one mail's bytes."""
        return Hold(self, self._settings.max_in_flight)


class Hold:
    """The bytes of one mail that are in memory, from the first one until the mail is durable or refused."""

    def __init__(self, gate: Gate, most: int) -> None:
        self._gate = gate
        self._most = most
        self._size = 0

    def grow(self, size: int) -> bool:
        """Account for more bytes; False where memory for mails is used up, and nothing is accounted for."""
        if self._gate.in_flight + size > self._most:
            return False
        self._gate.in_flight += size
        self._size += size
        return True

    def shrink(self, size: int) -> None:
        """So many of the bytes are on the disk now, or gone."""
        self._gate.in_flight -= size
        self._size -= size

    def release(self) -> None:
        """None of the bytes is needed any more; may be called again."""
        self._gate.in_flight -= self._size
        self._size = 0


def network_of(peer: str) -> str:
    """The network whose clients count together: a /24 of IPv4, a /64 of IPv6; what is no address stands for itself."""
    try:
        address = ip_address(peer.partition("%")[0])  # What follows "%" names an interface of ours.
    except ValueError:
        return peer
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    address = mapped or address
    return str(ip_network((address, _NEIGHBOURS[address.version]), strict=False))
