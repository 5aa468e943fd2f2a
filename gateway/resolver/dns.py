"""The DNS by dnspython: answers as text, within a time limit, kept as long as they say."""

from collections.abc import Sequence
from datetime import timedelta

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.rdatatype import RdataType

from gateway.errors import TryLater

_USUAL = timedelta(seconds=5)
_KEPT = 10_000  # answers at most


class Dns:
    """The `Names` of a machine with a resolver, or of the name servers given (as host or host:port)."""

    def __init__(self, servers: Sequence[str] = ()) -> None:
        self._resolver = dns.asyncresolver.Resolver(configure=not servers)
        self._resolver.cache = dns.resolver.LRUCache(_KEPT)
        if servers:
            self._resolver.nameservers = [one.rpartition(":")[0] or one for one in servers]
            ports = [one.rpartition(":")[2] for one in servers if ":" in one]
            self._resolver.port = int(ports[0]) if ports else 53

    async def ask(self, name: str, kind: str, *, timeout: timedelta = _USUAL) -> Sequence[str]:
        """The records of that kind (TXT joined to one text each); none for a name that does not exist."""
        try:
            found = await self._resolver.resolve(name, RdataType.from_text(kind), lifetime=timeout.total_seconds())
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
            return ()
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise TryLater(f"the DNS gives no answer for {name}: {error}", partner_down=False) from None
        return tuple(_as_text(one) for one in found)


def _as_text(record: object) -> str:
    pieces = getattr(record, "strings", None)
    if pieces is not None:
        return b"".join(pieces).decode("utf-8", "replace")
    return str(record).rstrip(".")
