"""What the commands print: columns, or JSON."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any


def say(text: str = "") -> None:
    print(text)


def complain(text: str) -> None:
    print(text, file=sys.stderr)


def as_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=False))


def table(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> None:
    """Rows under their heads, as wide as they need to be; the last column may be long."""
    if not rows:
        return
    shown = [[one_line(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(len(row[index]) for row in shown) for index in range(len(heads))]
    for row in shown:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def one_line(text: str, longest: int = 90) -> str:
    """Printable, on one line: what comes from outside must not steer a terminal."""
    flat = " ".join(plain(text).split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def plain(text: str) -> str:
    """The text without control characters, lines kept."""
    return "".join(
        character if character.isprintable() or character == "\n" else " " for character in text.expandtabs(4)
    )


def ago(moment: str | None, now: datetime | None = None) -> str:
    """How long ago an ISO time was: 5 s, 12 min, 3 h, 4 d."""
    if not moment:
        return "never"
    seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(moment)).total_seconds()
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"


def until(moment: str | None, now: datetime | None = None) -> str:
    """How far away an ISO time is, in seconds."""
    if not moment:
        return ""
    seconds = (datetime.fromisoformat(moment) - (now or datetime.now(UTC))).total_seconds()
    return f"in {seconds:.0f} s" if seconds > 0 else "now"


def local(moment: str | None) -> str:
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M") if moment else ""


def pairs(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in facts.items() if value not in (None, "", [], {}))
