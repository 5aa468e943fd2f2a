"""SPF (RFC 7208): may this peer send for that domain? The DNS is a function given; nothing is asked here."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Lookup = Callable[[str, str], Sequence[str]]
MOST = 10  # RFC 7208 §4.6.4: terms that ask the DNS
_MACRO = re.compile(r"%\{([slodiphcrtv])(\d*)(r?)([.\-+,/_=]*)\}|%%|%_|%-", re.IGNORECASE)
_QUALIFIERS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


class _Broken(Exception):
    """permerror: the record cannot be understood, or asks for too much."""


@dataclass(slots=True)
class _Check:
    peer: IPv4Address | IPv6Address
    sender: str
    helo: str
    lookup: Lookup
    asked: int = 0

    def ask(self, name: str, kind: str) -> Sequence[str]:
        self.asked += 1
        if self.asked > MOST:
            raise _Broken
        return self.lookup(name, kind)

    def evaluate(self, domain: str, depth: int = 0) -> str:
        records = [one for one in self.lookup(domain, "TXT") if one.casefold().split(" ")[:1] == ["v=spf1"]]
        if len(records) != 1 or depth > MOST:
            if records:
                raise _Broken
            return "none"
        redirect = ""
        for term in records[0].split()[1:100]:
            if term.casefold().startswith("redirect="):
                redirect = term[9:]
            elif re.match(r"[a-z][a-z0-9_.-]*=", term, re.IGNORECASE):
                continue
            elif (result := self._term(term, domain, depth)) is not None:
                return result
        if redirect:
            self.asked += 1
            return self.evaluate(self._expand(redirect, domain), depth + 1)
        return "neutral"

    def _term(self, term: str, domain: str, depth: int) -> str | None:
        qualifier = term[0] if term[0] in _QUALIFIERS else "+"
        name, _, rest = term.lstrip("+-~?").partition(":")
        name, slash, lengths = name.partition("/") if not rest else (name, "", "")
        if rest and name.casefold() in ("a", "mx"):
            rest, slash, lengths = rest.partition("/")
        target = self._expand(rest, domain) if rest else domain
        return _QUALIFIERS[qualifier] if self._matches(name.casefold(), target, slash + lengths, depth) else None

    def _matches(self, name: str, target: str, lengths: str, depth: int) -> bool:
        match name:
            case "all":
                return True
            case "ip4" | "ip6":
                return self._inside(target)
            case "a":
                return self._at(target, lengths)
            case "mx":
                hosts = [one.split()[-1].rstrip(".") for one in self.ask(target, "MX")[:MOST] if one.split()]
                return any(self._at(host, lengths, counted=False) for host in hosts)
            case "exists":
                return bool(self.ask(target, "A"))
            case "include":
                self.asked += 1
                if self.asked > MOST:
                    raise _Broken
                return self.evaluate(target, depth + 1) == "pass"
            case "ptr":
                self.asked += 1  # RFC 7208 §5.5: not to be used; never matches here
                return False
            case _:
                raise _Broken

    def _at(self, host: str, lengths: str, *, counted: bool = True) -> bool:
        kind = "A" if self.peer.version == 4 else "AAAA"
        found = self.ask(host, kind) if counted else self.lookup(host, kind)
        four, _, six = lengths.lstrip("/").partition("//")
        length = four if self.peer.version == 4 else six
        return any(self._inside(f"{one}/{length}" if length else one) for one in found)

    def _inside(self, network: str) -> bool:
        try:
            return self.peer in ip_network(network, strict=False)
        except ValueError:
            return False

    def _expand(self, written: str, domain: str) -> str:
        """RFC 7208 §7: the macros that are used in the wild."""
        local, _, sender_domain = self.sender.rpartition("@")
        dotted = ".".join(self.peer.exploded.replace(":", "")) if self.peer.version == 6 else str(self.peer)
        values = {"s": self.sender, "l": local or "postmaster", "o": sender_domain, "d": domain, "i": dotted,
                  "h": self.helo, "v": "ip6" if self.peer.version == 6 else "in-addr", "p": "unknown"}  # fmt: skip

        def one(match: re.Match[str]) -> str:
            if match.group(1) is None:
                return {"%%": "%", "%_": " ", "%-": "%20"}[match.group()]
            pieces = re.split(f"[{re.escape(match.group(4) or '.')}]", values.get(match.group(1).casefold(), ""))
            pieces = pieces[::-1] if match.group(3) else pieces
            return ".".join(pieces[-int(match.group(2)) :] if match.group(2) else pieces)

        return _MACRO.sub(one, written).rstrip(".")[:253]


def check_spf(peer: str, sender: str, helo: str, lookup: Lookup) -> str:
    """pass, fail, softfail, neutral, none or permerror; for the null sender the HELO name counts (§2.4)."""
    try:
        address = ip_address(peer)
    except ValueError:
        return "none"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    asked = sender if "@" in sender else f"postmaster@{helo}"
    domain = asked.rpartition("@")[2].casefold().rstrip(".")
    if "." not in domain:
        return "none"
    try:
        return _Check(address, asked, helo, lookup).evaluate(domain)
    except _Broken:
        return "permerror"
