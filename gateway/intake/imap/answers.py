"""What an IMAP server says, as values; and our words as it wants them (RFC 3501 §5.1.3, §9)."""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_BEGINS = re.compile(rb"\d+ FETCH \(", re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d+)", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.IGNORECASE)
_DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"', re.IGNORECASE)
_BODY = re.compile(rb'\bBODY\[[^]]*\](?:<\d+>)? (?:"((?:[^"\\]|\\.)*)"|(NIL)\b|~?\{\d+\})', re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_CODE = re.compile(rb"\[([A-Z-]+)(?: (\d+))?", re.IGNORECASE)

Lines = Sequence[bytes | bytearray]


@dataclass(frozen=True, slots=True)
class Listed:
    """One mail of a FETCH response; `body` is None when none was asked for, or it is not there any more."""

    uid: int
    size: int
    received: datetime | None
    body: bytes | None


def read_listed(lines: Lines) -> list[Listed]:
    """The mails of a FETCH. What the server says of its own accord (flags of others) has no UID and is left out."""
    return [found for one in _responses(lines) if (found := _read_one(one)) is not None]


def read_uids(lines: Lines) -> list[int]:
    """The numbers of a SEARCH, rising; its last line is the server's own comment."""
    return sorted({int(word) for line in lines[:-1] for word in line.split() if word.isdigit()})


def read_code(lines: Lines, code: str) -> int | None:
    """The number of a response code such as UIDVALIDITY."""
    for line in lines:
        for found in _CODE.finditer(line):
            if found[1].decode().upper() == code and found[2] is not None:
                return int(found[2])
    return None


def codes(line: bytes) -> frozenset[str]:
    """The response codes of a line, as in `NO [AUTHENTICATIONFAILED] …`."""
    return frozenset(found[1].decode().upper() for found in _CODE.finditer(line))


def read_date(text: str) -> datetime | None:
    """INTERNALDATE, whose day may begin with a space."""
    try:
        return datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def quote(text: str) -> str:
    """A quoted string. CR, LF and NUL have no place in one."""
    clean = re.sub(r"[\r\n\0]", "", text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def encode_folder(name: str) -> str:
    """A folder's name in modified UTF-7, quoted."""
    out = re.sub(r"[^\x20-\x7e]+|&", lambda part: _shift(part[0]), name)
    return quote(out)


def name_uids(uids: Sequence[int]) -> str:
    """`1:3,7` for 1, 2, 3 and 7, in rising order."""
    ranges: list[list[int]] = []
    for uid in sorted(uids):
        if ranges and uid == ranges[-1][1] + 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in ranges)


def _shift(part: str) -> str:
    if part == "&":
        return "&-"

    return "&" + b64encode(part.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"


def _responses(lines: Lines) -> Iterator[list[bytes | bytearray]]:
    """Each FETCH response: its lines, with literals as bytearrays between them."""
    one: list[bytes | bytearray] = []
    for line in lines:
        if isinstance(line, bytes) and _BEGINS.match(line) and not _awaits_literal(one):
            if one:
                yield one
            one = [line]
        elif one:
            one.append(line)
    if one:
        yield one


def _awaits_literal(one: Sequence[bytes | bytearray]) -> bool:
    return bool(one) and isinstance(one[-1], bytearray)


def _read_one(one: Sequence[bytes | bytearray]) -> Listed | None:
    text = b" ".join(part for part in one if isinstance(part, bytes))
    literals = [bytes(part) for part in one if isinstance(part, bytearray)]
    plain = _QUOTED.sub(b'""', text)  # a short body may come as a quoted string, and say anything
    uid, size, date, body = _UID.search(plain), _SIZE.search(plain), _DATE.search(text), _BODY.search(text)
    if uid is None:
        return None
    content: bytes | None = None
    if body is not None:
        if body[1] is not None:
            content = re.sub(rb"\\(.)", rb"\1", body[1], flags=re.DOTALL)
        elif body[2] is None and literals:
            content = literals[0]
    return Listed(
        uid=int(uid[1]),
        size=int(size[1]) if size else 0,
        received=read_date(date[1].decode(errors="replace")) if date else None,
        body=content,
    )
