"""Reads the paths and parameters of MAIL and RCPT, strictly and fast (RFC 5321 §4.1.2, RFC 6531 §3.3)."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

LONGEST = 512  # RFC 5321 §4.5.3.1.3 says 256; rewritten senders (SRS, VERP) are longer than that in the wild

_FOREIGN = "\u00a1-\u2027\u202f-\U0010ffff"  # no C1 controls, no line separators, no bidi overrides
_ATOM = rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~{_FOREIGN}-]+"
_DOTTED = rf"{_ATOM}(?:\.{_ATOM})*"
_QUOTED = rf'"(?:[ !#-\[\]-~{_FOREIGN}]|\\[ -~])*"'
_LABEL = rf"[A-Za-z0-9_{_FOREIGN}-]+"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*\.?"
_ROUTE = rf"(?:@{_DOMAIN}(?:,@{_DOMAIN})*:)?"
_PATH = re.compile(rf"<{_ROUTE}({_DOTTED}|{_QUOTED})@({_DOMAIN}|\[[0-9A-Za-z:.]+\])>")
_POSTMASTER = re.compile(r"<postmaster>", re.IGNORECASE)
_DOTTED_ALONE = re.compile(_DOTTED)
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~]+))?")


class NotReadable(ValueError):
    """What was said is no path, or no parameter."""


@dataclass(frozen=True, slots=True)
class Said:
    """A path and what followed it. `address` is empty for the null path `<>`; its domain is in lower case."""

    address: str
    parameters: tuple[tuple[str, str | None], ...] = ()

    @property
    def foreign(self) -> bool:
        return not self.address.isascii()


def read_sender(argument: bytes) -> Said:
    """The argument of MAIL after `FROM:`. Raises NotReadable."""
    text = _decode(argument)
    if text.startswith("<>"):
        return Said("", _parameters(text[2:]))
    return _read(text)


def read_recipient(argument: bytes) -> Said:
    """The argument of RCPT after `TO:`; a source route is ignored (RFC 5321 §3.3). Raises NotReadable."""
    text = _decode(argument)
    if bare := _POSTMASTER.match(text):
        return Said("postmaster", _parameters(text[bare.end() :]))
    return _read(text)


def _decode(argument: bytes) -> str:
    try:
        return argument.decode().strip(" ")
    except UnicodeDecodeError as error:
        raise NotReadable from error


def _read(text: str) -> Said:
    found = _PATH.match(text)
    if found is None or found.end() > LONGEST:
        raise NotReadable
    local, domain = found.groups()
    if local[0] == '"':
        local = _unquote(local)
    if domain[0] == "[":
        _check_literal(domain[1:-1])
    else:
        domain = domain.lower().removesuffix(".")
    return Said(f"{local}@{domain}", _parameters(text[found.end() :]))


def _unquote(local: str) -> str:
    """`"support"` is `support`; what needs its quotes keeps them."""
    plain = re.sub(r"\\(.)", r"\1", local[1:-1])
    if _DOTTED_ALONE.fullmatch(plain):
        return plain
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _check_literal(literal: str) -> None:
    try:
        if literal[:5].lower() == "ipv6:":
            IPv6Address(literal[5:])
        else:
            IPv4Address(literal)
    except ValueError as error:
        raise NotReadable from error


def _parameters(rest: str) -> tuple[tuple[str, str | None], ...]:
    if not rest:
        return ()
    if rest[0] != " ":
        raise NotReadable
    found = []
    for word in rest.split():
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise NotReadable
        found.append((match[1].upper(), match[2]))
    return tuple(found)
