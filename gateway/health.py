"""The state of each connection, and what a check found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Condition(StrEnum):
    PENDING = "pending"  # not tried yet
    WORKING = "working"
    FAILED = "failed"
    OFF = "off"  # nothing is configured


@dataclass(frozen=True, slots=True)
class Connection:
    """`since` is when the condition began, by this machine's clock. `again`: its breaker is open, and it is left alone
    until then."""

    condition: Condition
    why: str
    since: datetime
    again: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `gateway check`: what was looked at, whether it is well, and if not, what to do."""

    area: str
    well: bool
    text: str
    fix: str = ""
    warning: bool = False  # true: the gateway works all the same


class Health:
    """Remembers the condition of each connection by name (smtp, imap:ADDRESS, creatio, relay, assistant, store…)."""

    def __init__(self) -> None:
        self._connections: dict[str, Connection] = {}

    def note(self, name: str, condition: Condition, why: str = "", *, again: datetime | None = None) -> bool:
        """Record a condition; true when it differs from the last one."""
        before = self._connections.get(name)
        if before is not None and (before.condition, before.why, before.again) == (condition, why, again):
            return False
        changed = before is None or before.condition != condition
        since = datetime.now(UTC) if changed else before.since if before else datetime.now(UTC)
        self._connections[name] = Connection(condition, why, since, again)
        return changed

    def forget(self, name: str) -> None:
        self._connections.pop(name, None)

    def snapshot(self) -> Mapping[str, Connection]:
        return dict(self._connections)
