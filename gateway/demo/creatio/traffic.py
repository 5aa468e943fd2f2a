"""What was asked of the simulator: every request, counted, without bodies and without secrets."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote_plus
from uuid import UUID

from gateway.demo.creatio.schema import id_of
from gateway.demo.creatio.tenant import Tenant

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
WRITES = ("POST", "PATCH", "PUT", "DELETE")


@dataclass(slots=True)
class Call:
    """One request. `number` counts from 1; `status` is 0 while it is in work and where no answer was given."""

    number: int
    method: str
    path: str
    query: str
    size: int
    status: int = 0
    fault: str = ""

    @property
    def entity(self) -> str:
        """The entity set that is asked, "" for sign-ins and the like."""
        match = re.search(r"/odata/(\w+)", self.path)
        return match[1] if match else ""


@dataclass(slots=True)
class Traffic:
    """The log with its counters: in flight now and at most, and the most writers that one case had at a time."""

    calls: list[Call] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    most_writers: int = 0
    _writers: Counter[UUID] = field(default_factory=Counter)

    def begin(self, method: str, path: str, query: str, size: int) -> Call:
        call = Call(len(self.calls) + 1, method, path, unquote_plus(query), size)
        self.calls.append(call)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        return call

    def end(self, call: Call, status: int) -> None:
        call.status = status
        self.in_flight -= 1

    def count(self, method: str = "", entity: str = "", *, having: Callable[[Call], bool] = lambda call: True) -> int:
        """Requests of this method, to this entity set, for which `having` is true."""
        return sum(1 for c in self.calls if method in ("", c.method) and entity in ("", c.entity) and having(c))

    def enter(self, case_id: UUID | None) -> None:
        if case_id is not None:
            self._writers[case_id] += 1
            self.most_writers = max(self.most_writers, self._writers[case_id])

    def leave(self, case_id: UUID | None) -> None:
        if case_id is not None:
            self._writers[case_id] -= 1


def written_case(tenant: Tenant, method: str, path: str, body: bytes) -> UUID | None:
    """The case that a write is about: named in the path or the body, or the one its activity belongs to."""
    if method not in WRITES or "/odata/" not in path:
        return None
    entity, _, rest = path.rpartition("/odata/")[2].partition("(")
    found = _GUID.search(rest)
    row_id = UUID(found[0]) if found else None
    named = {} if "/Data" in rest else _ids(body)
    if entity == "Case":
        return row_id or named.get("Id")
    row = tenant.get(entity, row_id) if entity in tenant.tables else None
    activity_id = named.get("ActivityId") or (id_of(row, "ActivityId") if row and "ActivityId" in row else None)
    activity = row if entity == "Activity" else tenant.get("Activity", activity_id)
    if "CaseId" in named:
        return named["CaseId"]
    return id_of(activity, "CaseId") if activity else None


def _ids(body: bytes) -> dict[str, UUID]:
    try:
        given = json.loads(body)
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    texts = {name: value for name, value in given.items() if isinstance(value, str) and _GUID.fullmatch(value)}
    return {name: UUID(value) for name, value in texts.items()}
