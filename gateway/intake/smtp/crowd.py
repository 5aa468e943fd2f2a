"""Counts what each stranger does, so that one of them cannot keep the others out."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from gateway.intake.smtp.settings import Limits, Network

MINUTE = 60.0
MEMORY = 600.0  # seconds for which failed sign-ins count, and after which a quiet peer is forgotten
SWEEP_ABOVE = 4096


@dataclass(slots=True)
class _Visitor:
    seen: float
    connections: int = 0
    connects: int = 0
    connects_since: float = 0.0
    mails: int = 0
    mails_since: float = 0.0
    failures: int = 0
    failures_since: float = 0.0


class Crowd:
    """All strangers. A peer is an IPv4 address or an IPv6 /64, which is what one customer of a provider has."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._visitors: dict[str, _Visitor] = {}
        self.connections = 0

    def enter(self, peer: str, limits: Limits) -> bool:
        """Count a connection in; false when there are too many. `leave` is called only after true."""
        visitor = self._visitor(peer)
        now = visitor.seen
        if now - visitor.connects_since >= MINUTE:
            visitor.connects, visitor.connects_since = 0, now
        visitor.connects += 1
        if (
            self.connections >= limits.connections
            or visitor.connections >= limits.peer_connections
            or visitor.connects > limits.peer_connects_a_minute
        ):
            return False
        visitor.connections += 1
        self.connections += 1
        return True

    def leave(self, peer: str) -> None:
        self._visitor(peer).connections -= 1
        self.connections -= 1

    def may_send(self, peer: str, limits: Limits) -> bool:
        """Count a mail; false when the peer has sent too many in this minute."""
        visitor = self._visitor(peer)
        if visitor.seen - visitor.mails_since >= MINUTE:
            visitor.mails, visitor.mails_since = 0, visitor.seen
        visitor.mails += 1
        return visitor.mails <= limits.peer_mails_a_minute

    def sign_in_failed(self, peer: str) -> None:
        visitor = self._visitor(peer)
        if visitor.seen - visitor.failures_since >= MEMORY:
            visitor.failures, visitor.failures_since = 0, visitor.seen
        visitor.failures += 1

    def may_sign_in(self, peer: str, limits: Limits) -> bool:
        visitor = self._visitor(peer)
        return visitor.failures < limits.peer_auth_failures or visitor.seen - visitor.failures_since >= MEMORY

    def _visitor(self, peer: str) -> _Visitor:
        now = self._clock()
        if len(self._visitors) > SWEEP_ABOVE:
            self._sweep(now)
        key = _household(peer)
        visitor = self._visitors.get(key)
        if visitor is None:
            visitor = self._visitors[key] = _Visitor(now)
        visitor.seen = now
        return visitor

    def _sweep(self, now: float) -> None:
        quiet = [key for key, one in self._visitors.items() if not one.connections and now - one.seen > MEMORY]
        for key in quiet:
            del self._visitors[key]


def _household(peer: str) -> str:
    if ":" not in peer:
        return peer
    return str(ip_network((peer, 64), strict=False))


def plain_address(host: str) -> str:
    """An IP address as everybody writes it: no zone, and an IPv4 address that came in IPv6 clothes undressed.

    Empty for what is no IP address (a Unix socket).
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)


def is_among(peer: str, networks: tuple[Network, ...]) -> bool:
    """Whether a peer is listed. A Unix socket counts as this machine."""
    address = ip_address(peer or "127.0.0.1")
    return any(address in network for network in networks if network.version == address.version)
