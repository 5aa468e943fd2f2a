"""Values as OData spells them: guids, literals of a filter, times; and whether a column has the value we wrote."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

ZERO = "00000000-0000-0000-0000-000000000000"
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Row = Mapping[str, Any]


def guid(value: str) -> str:
    """A guid as a literal: bare, in lower case. Anything else is nobody's id and never gets into an address."""
    found = _GUID.fullmatch(value.strip().strip("{}"))
    if found is None:
        raise ValueError(f"not a guid: {value[:60]!r}")
    return found[0].lower()


def is_guid(value: str) -> bool:
    return _GUID.fullmatch(value.strip().strip("{}")) is not None


def text(value: str) -> str:
    """A text literal of a filter."""
    return "'" + value.replace("'", "''") + "'"


def moment(at: datetime) -> str:
    """A time with its zone, as Creatio must get it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def told(value: Any) -> str:
    """A value as text; empty look-ups and empty times are empty."""
    if value is None or value in (ZERO, "") or str(value).startswith("0001-01-01"):
        return ""
    return str(value)


def agrees(seen: Any, wanted: Any) -> bool:
    """Whether a column has the value we wrote: guids in any case, texts whatever became of blanks and tags."""
    if isinstance(wanted, bool):
        return bool(seen) is wanted
    one, other = told(seen), told(wanted)
    if one.casefold() == other.casefold():
        return True
    if re.match(r"\d{4}-\d\d-\d\dT", other):
        return one[:19] == other[:19]
    return " ".join(re.sub(r"<[^>]*>", " ", one).split()) == " ".join(re.sub(r"<[^>]*>", " ", other).split()) != ""
