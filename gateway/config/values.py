"""From what stands in the file to values: each function takes one TOML value and raises Wrong when it is no such."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from gateway.config.settings import Network

T = TypeVar("T")
Parse = Callable[[Any], T]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\Z")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|[KMGT]i?B)?\Z", re.IGNORECASE)
_FACTORS = {"b": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4}
_BINARY = {"ki": 1024, "mi": 1024**2, "gi": 1024**3, "ti": 1024**4}
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(s|sec|min|h|hour|d|day)\Z")
_PER = {"s": 1, "sec": 1, "min": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f]{1,64}\Z")
_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:\s]*):(\d{1,5})\Z")


class Wrong(ValueError):
    """The value cannot be that. `within` is the way from the key to the part of it that is wrong."""

    def __init__(self, why: str, within: tuple[str | int, ...] = ()) -> None:
        super().__init__(why)
        self.within = within


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong(f"must be a text in quotes, not {_shown(value)}")
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong(f"must be true or false, not {_shown(value)}")
    return value


def number(least: int, most: int) -> Parse[int]:
    def parse(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Wrong(f"must be a whole number from {least} to {most}, not {_shown(value)}")
        return value

    return parse


def one_of(*words: str) -> Parse[Any]:
    def parse(value: Any) -> str:
        if value not in words:
            raise Wrong(f"must be one of {', '.join(words)}, not {_shown(value)}")
        return str(value)

    return parse


def several(parse: Parse[T]) -> Parse[tuple[T, ...]]:
    """A list of them. The first wrong element is named by its own line."""

    def parse_all(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise Wrong(f"must be a list in [ ], not {_shown(value)}")
        found: list[T] = []
        for index, element in enumerate(value):
            try:
                found.append(parse(element))
            except Wrong as wrong:
                raise Wrong(str(wrong), (index, *wrong.within)) from None
        return tuple(found)

    return parse_all


def optional(parse: Parse[T], empty: T) -> Parse[T]:
    """Like `parse`, with "" for `empty`."""
    return lambda value: empty if value == "" else parse(value)


def duration(value: Any) -> timedelta:
    found = _DURATION.match(value) if isinstance(value, str) else None
    if found is None:
        raise Wrong(f'must be a duration such as "30s", "90m", "4h" or "5d", not {_shown(value)}')
    return timedelta(seconds=float(found[1]) * _SECONDS[found[2]])


def duration_from(least: timedelta) -> Parse[timedelta]:
    def parse(value: Any) -> timedelta:
        found = duration(value)
        if found < least:
            raise Wrong(f"must be at least {least.total_seconds():g}s, not {_shown(value)}")
        return found

    return parse


def size(value: Any) -> int:
    """In bytes; "50MiB" is binary, "50MB" decimal; a bare number is bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    found = _SIZE.match(value) if isinstance(value, str) else None
    if found is None:
        raise Wrong(f'must be a size such as "50MiB" or "2GiB", not {_shown(value)}')
    unit = (found[2] or "B").lower()
    return int(float(found[1]) * _BINARY.get(unit[:2], _FACTORS[unit[0]]))


def rate(value: Any) -> float:
    """In mails a second."""
    found = _RATE.match(value) if isinstance(value, str) else None
    if found is None:
        raise Wrong(f'must be a rate such as "25/min" or "2/s", not {_shown(value)}')
    return float(found[1]) / _PER[found[2]]


def network(value: Any) -> Network:
    try:
        return ip_network(text(value), strict=False)
    except ValueError:
        raise Wrong(f'must be an IP address or network such as "127.0.0.0/8", not {_shown(value)}') from None


def domain(value: Any) -> str:
    """In lower case and in the form that the DNS has (IDNA)."""
    name = text(value).strip().rstrip(".").lower()
    try:
        if not name.isascii():
            name = ".".join(label.encode("idna").decode("ascii") for label in name.split("."))
    except UnicodeError:
        raise Wrong(f"{_shown(value)} is not a domain name") from None
    if not name or len(name) > 253 or not all(_LABEL.match(label) for label in name.split(".")):
        raise Wrong(f"{_shown(value)} is not a domain name")
    return name


def address(value: Any) -> str:
    """A mail address in lower case, its domain as the DNS has it."""
    local, at, host = text(value).strip().rpartition("@")
    if not at or not _LOCAL.match(local):
        raise Wrong(f"{_shown(value)} is not a mail address")
    try:
        return f"{local.lower()}@{domain(host)}"
    except Wrong:
        raise Wrong(f"{_shown(value)} is not a mail address") from None


def address_or_domain(value: Any) -> str:
    """`ann@example.com`, `@example.com` or `example.com`; the last two come back as `@example.com`."""
    local, _, host = text(value).strip().rpartition("@")
    return address(value) if local else f"@{domain(host)}"


def web_address(value: Any) -> str:
    """An http or https URL without a trailing slash, query or fragment."""
    given = text(value).strip()
    try:
        parts = urlsplit(given)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or re.search(r"\s", given):
        raise Wrong(f"must be an address such as https://example.com, not {_shown(value)}")
    if parts.query or parts.fragment or parts.username is not None:
        raise Wrong("must be a plain address: no user, no '?' and no '#'")
    return given.rstrip("/")


def endpoint(value: Any) -> str:
    """`host:port` or `[v6]:port`; `split_endpoint` takes it apart."""
    found = _HOST_PORT.match(text(value))
    if found is None or int(found[2]) > 65535:
        raise Wrong(f'must be HOST:PORT such as "127.0.0.1:8080" or "[::1]:8080", not {_shown(value)}')
    return str(value)


def split_endpoint(value: str) -> tuple[str, int]:
    """Host and port of a checked endpoint."""
    host, _, port = value.rpartition(":")
    return host.strip("[]"), int(port)


def guid(value: Any) -> str:
    try:
        return str(UUID(text(value).strip()))
    except ValueError:
        raise Wrong(f"must be an id such as 7f3b869f-34f3-4f20-ab4d-7480a5fdf647, not {_shown(value)}") from None


def timezone(value: Any) -> str:
    try:
        ZoneInfo(text(value))
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        raise Wrong(f"{_shown(value)} is no time zone that this machine knows, such as Europe/Berlin") from None
    return str(value)


def start(value: Any) -> Any:
    """Where to begin in an IMAP folder: new, all, or a date."""
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    if value in ("new", "all"):
        return value
    try:
        return date.fromisoformat(text(value))
    except ValueError:
        raise Wrong(f'must be "new", "all" or a date such as 2026-01-31, not {_shown(value)}') from None


def after(value: Any) -> str:
    """What becomes of a fetched mail on the server: seen, nothing, or move:FOLDER."""
    given = text(value)
    if given in ("seen", "nothing") or (given.startswith("move:") and given[5:].strip()):
        return given
    raise Wrong(f'must be "seen", "nothing" or "move:FOLDER", not {_shown(value)}')


def is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _shown(value: Any) -> str:
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"
