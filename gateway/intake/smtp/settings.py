"""What the SMTP door is told: its settings, already parsed, and the limits it keeps."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who signed in. `senders` are the addresses they may give in MAIL FROM; empty: any (RFC 6409 §6.1).

    `sends`: may give recipients that are none of ours, as one of our mailboxes.
    """

    name: str
    senders: frozenset[str] = frozenset()
    sends: bool = False


Authenticate = Callable[[str, str], Awaitable[Login | None]]
"""Name and password to a login, or None for a wrong one. May raise TryLater (454)."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """As whom a mail leaves: the mailbox, and the bytes that its relay takes."""

    mailbox: str
    max_size: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Times are seconds, sizes bytes, counts per what the name says. Strangers are all but the trusted peers."""

    idle: float = 300  # between two commands, RFC 5321 §4.5.3.2.7
    stranger_start: float = 60  # from the greeting to the first MAIL
    block: float = 180  # between two pieces of a mail, RFC 5321 §4.5.3.2.5
    data: float = 1800  # a whole mail
    slow_after: float = 60  # from then on a stranger's mail must arrive at `slow_rate`
    slow_rate: float = 500
    storing: float = 300  # until the final reply; RFC 5321 §4.5.3.2.6 gives the client 600
    proxy: float = 5  # until the PROXY header is there
    handshake: float = 30  # STARTTLS
    goodbye: float = 5  # for a peer to take the last reply
    connections: int = 1000  # strangers, all together
    peer_connections: int = 100  # of one stranger
    peer_connects_a_minute: int = 600
    peer_mails_a_minute: int = 600
    recipients: int = 1000  # of one mail
    stranger_recipients: int = 100  # RFC 5321 §4.5.3.1.8 asks for at least 100
    refused_recipients: int = 50  # of a stranger, in one session: somebody is trying names
    bad_commands: int = 20  # in one session
    empty_commands: int = 200  # NOOP, RSET, VRFY… since the last mail
    command_line: int = 2048  # RFC 5321 §4.5.3.1.4 asks for 512 and what the extensions add
    auth_line: int = 12288  # RFC 4954 §4
    auth_failures: int = 3  # in one session
    peer_auth_failures: int = 12  # in ten minutes
    auth_delay: float = 1  # times the number of failures


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """`incoming` is a folder on the disk where arrivals are kept; big mails are written there while they arrive.

    `max_size` 0 means no limit. `postmaster` is the mailbox that takes postmaster's mail where `Addressing` has none.
    `tls` offers STARTTLS, `authenticate` offers AUTH (inside TLS only). At
    `listen_tls` TLS begins with the first byte. `leaving` knows our own senders: the addresses
    as which a user that `sends` may write to others.
    """

    hostname: str
    incoming: Path
    listen: tuple[tuple[str, int], ...] = ()
    listen_tls: tuple[tuple[str, int], ...] = ()
    max_size: int = 50 * 1024 * 1024
    trusted_peers: tuple[Network, ...] = ()
    proxy_from: tuple[Network, ...] = ()
    soft_bounce: bool = False
    tls: ssl.SSLContext | None = None
    authenticate: Authenticate | None = None
    leaving: Callable[[str], Leaving | None] = lambda address: None
    postmaster: str = "postmaster"
    reuse_port: bool = False
    limits: Limits = field(default_factory=Limits)
