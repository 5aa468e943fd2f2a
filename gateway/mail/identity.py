"""A mail's own ids and time: Message-ID, In-Reply-To, References, Date, however broken they came."""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from mailparser import dates

from gateway.mail.charsets import clean_line
from gateway.mail.fields import Head, field_text, raw_text

CONTENT_DOMAIN = "content.invalid"
MAX_ID = 990  # RFC 5322 section 2.1.1 leaves no room for more on one line
MAX_REFERENCES = 200
_BRACKETED = re.compile(r"<([^<>]{1,1200})>")
_BARE = re.compile(r"[^\s<>,;\"()\[\]]{1,500}@[^\s<>,;\"()\[\]]{1,400}")
_ID_FIELDS = ("from", "to", "cc", "date", "subject", "in-reply-to", "references")
_LOOSE_DATE = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([+-]\d{2}:?\d{2}|Z)?"
)


def read_ids(values: Sequence[bytes]) -> tuple[str, ...]:
    """Every message id of these fields in order, in angle brackets, each once."""
    found: dict[str, None] = {}
    for value in values:
        text = raw_text(value)
        bracketed = [_one_id(inside) for inside in _BRACKETED.findall(text)]
        for one in bracketed or [_one_id(bare) for bare in _BARE.findall(text)]:
            if one:
                found.setdefault(one)
    ids = tuple(found)
    if len(ids) > MAX_REFERENCES:
        ids = ids[:10] + ids[-(MAX_REFERENCES - 10) :]
    return ids


def read_message_id(head: Head) -> str:
    """The mail's own id, or an empty string when it has none that can be used."""
    for value in head.every("message-id"):
        ids = read_ids([value])
        if ids:
            return ids[0]
        bare = _one_id(raw_text(value).strip().strip("<>[] "))
        if bare and re.fullmatch(r"<[^\s\"(),;:\[\]\\]{6,}>", bare):
            return bare
    return ""


def id_of_content(head: Head, body: bytes | memoryview) -> str:
    """The same id for the same mail on whatever way it came: fields that a relay adds do not count."""
    digest = hashlib.sha256()
    for name in _ID_FIELDS:
        for value in head.every(name):
            digest.update(name.encode() + b":" + b" ".join(value.split()) + b"\n")
    digest.update(body)
    return f"<{digest.hexdigest()[:40]}@{CONTENT_DOMAIN}>"


def read_date(values: Sequence[bytes]) -> datetime | None:
    """The Date field with its zone (RFC 5322 section 3.3, and the forms that are sent instead), or None."""
    for value in values:
        text = field_text(value)[:200]
        strict = _strict_date(text)
        when = strict if strict is not None else _loose_date(text)
        if when is not None and 1970 < when.year < 9000:
            return when
    return None


def _one_id(inside: str) -> str:
    joined = "".join(clean_line(inside).split())
    return f"<{joined}>" if joined and len(joined) <= MAX_ID and any(mark in joined for mark in "@.-_$") else ""


def _strict_date(text: str) -> datetime | None:
    parse: Callable[[str], dates.DateResult] = dates.parse_mail_date
    return parse(text).value


def _loose_date(text: str) -> datetime | None:
    try:
        if match := _LOOSE_DATE.search(text):
            year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
            zone = timezone(_offset(match.group(7) or "+0000"))
            return datetime(year, month, day, hour, minute, int(match.group(6) or 0), tzinfo=zone)
        parts = parsedate_tz(text)
        if parts is None:
            return None
        moment = datetime(*parts[:5], min(parts[5], 59), tzinfo=UTC)
        return moment - timedelta(seconds=parts[9] or 0)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _offset(text: str) -> timedelta:
    digits = text.replace(":", "")
    if digits.upper() == "Z":
        return timedelta()
    sign = -1 if digits[0] == "-" else 1
    return sign * timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
