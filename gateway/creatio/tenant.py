"""What this tenant is like: its model, statuses, lookups and limits, read once an hour and after every outage."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.config.settings import Creatio, Field
from gateway.creatio.answers import Meaning
from gateway.creatio.columns import (
    CONTACT_CUSTOMER,
    IN_PROGRESS_CASE,
    NEW_CASE,
    ORIGIN_EMAIL,
    REOPENED,
    SENDINGS,
    column_name,
)
from gateway.creatio.login import Clock
from gateway.creatio.model import Entity, read_model
from gateway.creatio.odata import OData
from gateway.creatio.values import Row, text, told
from gateway.desk.case import CaseField, CaseState, Option, Status, Tenant
from gateway.desk.replies import Sending

FRESH = 3600.0
BRIEFLY = 300.0  # when not all could be read
DEFAULT_MEGABYTES = 10
USED = ("Case", "Activity", "Contact", "EmailMessageData", "ActivityFile", "SocialMessage")
NEEDED = ("Case", "Activity", "Contact")  # every edition has these
SHIPPED_ROWS = (("Case.OriginId", "CaseOrigin", ORIGIN_EMAIL), ("Contact.TypeId", "ContactType", CONTACT_CUSTOMER))
MAX_OPTIONS = 500
_REOPENED_NAMES = {"reopened", "re-opened", "wiedereröffnet", "rouvert", "reabierto", "riaperto", "heropend"}
# The vendor's English names of rows with shipped ids: an assistant may use them whatever language the tenant speaks.
_SHIPPED = {
    "afb33208-f46b-1410-ec8c-0050ba5d6c38": "Critical",
    "8b700f24-f46b-1410-ee8c-0050ba5d6c38": "High",
    "d9bd322c-f46b-1410-ee8c-0050ba5d6c38": "Medium",
    "cbb93036-f46b-1410-ef8c-0050ba5d6c38": "Low",
    "1b0bc159-150a-e111-a31b-00155d04c01d": "Incident",
    "1c0bc159-150a-e111-a31b-00155d04c01d": "Service request",
}


# Mandatory as shipped, and filled by Creatio itself.
_DEFAULTED = {
    "Case": {"RegisteredOn", "StatusId", "Number", "PriorityId", "OriginId"},
    "Activity": {"PriorityId", "OwnerId", "AuthorId", "StartDate", "DueDate", "StatusId", "ActivityCategoryId"},
    "Contact": {"OwnerId"},
    "ActivityFile": {"FileGroupId", "Version", "Size", "TypeId"},
}


@dataclass(frozen=True, slots=True)
class Known:
    """The tenant in our words, and what only this room needs of it. An empty model: `$metadata` is not served."""

    tenant: Tenant
    model: Mapping[str, Entity] = field(default_factory=dict)
    sendings: Mapping[str, Sending] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    whole: bool = True
    deleted: frozenset[str] = frozenset()  # columns that would point to a shipped row which this tenant has deleted

    def has(self, entity: str, column: str) -> bool:
        """Whether this edition has the column; yes where nobody knows."""
        there = entity not in self.model or column in self.model[entity].columns
        return there and f"{entity}.{column}" not in self.deleted

    def fitting(self, entity: str, columns: Row) -> dict[str, Any]:
        """Only the columns this edition has, texts cut to their length."""
        known = self.model.get(entity)
        kept = {name: value for name, value in columns.items() if self.has(entity, name)}
        if known is None:
            return kept
        limits = {name: known.columns[name].length for name in kept}
        return {
            name: value[:limit] if isinstance(value, str) and (limit := limits[name]) else value
            for name, value in kept.items()
        }

    def select(self, entity: str, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if self.has(entity, name))

    def mandatory(self, entity: str, given: Iterable[str]) -> tuple[str, ...]:
        """Columns that the tenant made mandatory and that we do not fill. Only a suspicion: they may have defaults."""
        known = self.model.get(entity)
        ours = {"Id", *given} | _DEFAULTED.get(entity, set())
        return () if known is None else tuple(n for n, c in known.columns.items() if c.required and n not in ours)


class TenantReader:
    """Keeps what is known of the tenant; reads it again when it is old or when something was refused."""

    def __init__(self, odata: OData, settings: Creatio, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._odata = odata
        self._settings = settings
        self._known: Known | None = None
        self._until = 0.0
        self._reading = asyncio.Lock()

    async def known(self) -> Known:
        async with self._reading:
            if self._known is None or self._clock() > self._until:
                self._known = await self._read()
                self._until = self._clock() + (FRESH if self._known.whole else BRIEFLY)
            return self._known

    def forget(self) -> None:
        """Read it again at the next call: Creatio was away, or has refused something that we thought right."""
        self._until = 0.0

    async def _read(self) -> Known:
        model = await self._model()
        statuses = await self._statuses()
        fields: list[CaseField] = []
        problems: list[str] = []
        for one in self._settings.fields:
            found = await self._field(one, model.get("Case"))
            if isinstance(found, str):
                problems.append(found)
            else:
                fields.append(found)
        max_file, refused = await self._file_limits()
        tenant = Tenant(
            statuses=statuses,
            reopened=_reopened(statuses),
            fields=tuple(fields),
            max_file=max_file,
            refused_files=refused,
        )
        whole = set(USED) <= set(model)
        return Known(tenant, model, await self._sendings(), tuple(problems), whole, await self._deleted())

    async def _model(self) -> Mapping[str, Entity]:
        """Entity by entity, for the whole document has thousands; what is not served is simply not known."""
        found: dict[str, Entity] = {}
        for name in USED:
            answer = await self._odata.call("GET", f"odata/{name}/$metadata")
            if answer.is_good and isinstance(answer.value, str):
                found.update({key: one for key, one in read_model(answer.value).items() if key == name})
            elif not answer.is_withheld or (answer.meaning is Meaning.REBUILDING and name in NEEDED):
                raise answer.trouble()
        if "Case" not in found:
            answer = await self._odata.call("GET", "odata/$metadata")
            if answer.is_good and isinstance(answer.value, str):
                found = {key: one for key, one in read_model(answer.value).items() if key in USED}
        return found

    async def _statuses(self) -> tuple[Status, ...]:
        """By their flags; an older version lacks some of them."""
        for select in ("Id,Name,IsFinal,IsResolved,IsPaused", "Id,Name,IsFinal,IsResolved", "Id,Name,IsFinal"):
            answer = await self._odata.ask("CaseStatus", select=select)
            rows = answer.value.get("value") if answer.is_good and isinstance(answer.value, dict) else None
            if isinstance(rows, list):
                return tuple(Status(told(row["Id"]), told(row.get("Name")), _state(row)) for row in rows)
            if answer.is_good or not answer.is_about_content:
                break
        raise answer.trouble()

    async def _sendings(self) -> Mapping[str, Sending]:
        """Where a mail is, by code: the row for a failed one has no id that is the same everywhere."""
        rows = await self._odata.offered("EmailSendStatus", select="Id,Code") or []
        codes = {one.value: one for one in Sending if one.value}
        return {**SENDINGS, **{told(r["Id"]): codes[told(r.get("Code"))] for r in rows if told(r.get("Code")) in codes}}

    async def _deleted(self) -> frozenset[str]:
        """Rows that we would point to and that a tenant can do without: the origin Email, the type Customer."""
        gone: set[str] = set()
        for column, entity, row_id in SHIPPED_ROWS:
            rows = await self._odata.offered(entity, filter=f"Id eq {row_id}", select="Id", top=1)
            if rows == []:
                gone.add(column)
        return frozenset(gone)

    async def _field(self, wanted: Field, case: Entity | None) -> CaseField | str:
        """The column of an AI field, or why it cannot be filled."""
        name = column_name(wanted.column, case.columns) if case is not None else wanted.column
        if case is None or not name:
            return f"the case has no column {wanted.column} (creatio.field, “{wanted.title}”)"
        if name in case.lookups:
            options = await self._options(case.lookups[name])
            return CaseField(name, wanted.title, "dropdown", wanted.description, None, options)
        if wanted.type == "dropdown" or case.columns[name].type not in ("Edm.String", ""):
            kind = case.columns[name].type
            return f"{name} is {kind or 'no lookup'}: a {wanted.type} field cannot fill it (creatio.field)"
        return CaseField(name, wanted.title, "text", wanted.description, case.columns[name].length)

    async def _options(self, entity: str) -> tuple[Option, ...]:
        rows = await self._odata.rows(entity, select="Id,Name", orderby="Name", top=MAX_OPTIONS)
        named = [(told(row["Id"]), told(row.get("Name"))) for row in rows]
        return tuple(Option(one, tuple(n for n in (name, _SHIPPED.get(one, "")) if n)) for one, name in named)

    async def _file_limits(self) -> tuple[int, frozenset[str]]:
        """MaxFileSize and the deny list where they may be read, else the vendor's defaults."""
        size = await self.setting("MaxFileSize", "IntegerValue")
        denied = await self.setting("FileExtensionsDenyList", "TextValue")
        megabytes = int(float(size)) if size.replace(".", "", 1).isdigit() else DEFAULT_MEGABYTES
        extensions = (one.strip().lstrip(".").casefold() for one in denied.replace(";", ",").split(","))
        return megabytes * 1024 * 1024, frozenset(one for one in extensions if one)

    async def setting(self, code: str, column: str) -> str:
        """A system setting; empty where the technical user may not read them."""
        condition = f"SysSettings/Code eq {text(code)}"
        rows = await self._odata.offered("SysSettingsValue", filter=condition, select=f"Id,{column}", top=1)
        return told(rows[0].get(column)) if rows else ""


def _state(row: Row) -> CaseState:
    for flag, state in (
        ("IsFinal", CaseState.FINAL),
        ("IsResolved", CaseState.RESOLVED),
        ("IsPaused", CaseState.PAUSED),
    ):
        if row.get(flag) is True:
            return state
    return CaseState.OPEN


def _reopened(statuses: Iterable[Status]) -> str:
    """The status for a case that is opened again: the shipped row, one of that name, or an ordinary open one."""
    opens = [one for one in statuses if one.state is CaseState.OPEN]
    known = {one.id for one in opens}
    named = [one.id for one in opens if one.name.strip().casefold() in _REOPENED_NAMES]
    wanted = [REOPENED, *named, IN_PROGRESS_CASE, NEW_CASE, *(one.id for one in opens)]
    return next((one for one in wanted if one in known), "")
