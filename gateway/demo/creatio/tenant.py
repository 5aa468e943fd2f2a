"""One tenant: its rows, files, settings and people, kept in memory, with a clock that tests can turn."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid5

from gateway.demo.creatio.schema import Edition, Entity, Row, Schema, Value, load_schema
from gateway.demo.creatio.switches import Switches

SUPERVISOR = UUID("410006e1-ca4e-4502-a9ec-e54d922d2c00")
TECHNICAL = UUID("7a1d3c5e-0001-4b6f-9d2a-5e6f7a8b9c01")
ANNA = UUID("7a1d3c5e-0002-4b6f-9d2a-5e6f7a8b9c02")
BEN = UUID("7a1d3c5e-0003-4b6f-9d2a-5e6f7a8b9c03")
FIRST_LINE = UUID("b5d51a2d-c0dd-477b-b2aa-58034367ba26")
_NAMES = UUID("0d6a0c52-7c1f-4f0e-a2ab-2f9e0f0c7d11")


@dataclass(frozen=True, slots=True)
class Signal:
    """What a process can start on: a row was added, or modified in these columns."""

    entity: str
    id: UUID
    added: bool
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail that Creatio itself sent: to whom, why, and the activity that records it (none for staff mails)."""

    to: str
    subject: str
    body: str
    why: str
    activity: UUID | None
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """Object rights that the technical user lacks, as (entity, "read" | "write"), and what it may do besides."""

    denied: frozenset[tuple[str, str]] = frozenset()
    may_use_odata: bool = True
    may_change_satisfaction: bool = False


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Tenant:
    """The state. Everything that changes a row goes through `saving`, which keeps the entity layer's rules."""

    switches: Switches
    edition: Edition
    clock: Callable[[], datetime] = now_utc
    name: str = ""
    rights: Rights = field(default_factory=Rights)
    tables: dict[str, dict[UUID, Row]] = field(default_factory=dict)
    blobs: dict[tuple[str, UUID, str], bytes] = field(default_factory=dict)
    mailed: list[Mailed] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    made: int = 0
    schema: Schema = field(init=False)

    def __post_init__(self) -> None:
        self.schema = load_schema(self.edition, service_columns=self.switches.edition == "service")
        self.tables = {name: {} for name in self.schema.entities}

    def rows(self, entity: str) -> list[Row]:
        """All rows of an entity, in the order they were made."""
        return list(self.tables[entity].values())

    def find(self, entity: str, **columns: Value) -> Row | None:
        """The first row in which all these columns have these values."""
        wanted = columns.items()
        return next((row for row in self.tables[entity].values() if all(row.get(k) == v for k, v in wanted)), None)

    def get(self, entity: str, row_id: Value) -> Row | None:
        return self.tables[entity].get(row_id) if isinstance(row_id, UUID) else None

    def entity(self, name: str) -> Entity:
        return self.schema.entities[name]

    def new_id(self) -> UUID:
        """The next id: the same run of a story makes the same ids, in a tenant of the same name."""
        self.made += 1
        return uuid5(_NAMES, f"{self.name}/{self.made}")

    def setting(self, code: str) -> Value:
        """The value of a system setting, as it is now; None where the setting does not exist."""
        setting = self.find("SysSettings", Code=code)
        value = setting and self.find("SysSettingsValue", SysSettingsId=setting["Id"])
        if not value:
            return None
        given = (value[c] for c in ("TextValue", "IntegerValue", "BooleanValue", "GuidValue"))
        return next((each for each in given if each is not None), None)

    def set_setting(self, code: str, value: str | int | bool | UUID) -> None:
        """Write a system setting, made if it does not exist."""
        kinds: dict[type, tuple[str, str]] = {
            bool: ("BooleanValue", "Boolean"),
            int: ("IntegerValue", "Integer"),
            UUID: ("GuidValue", "Lookup"),
        }
        column, kind = kinds.get(type(value), ("TextValue", "MaxSizeText"))
        setting = self.find("SysSettings", Code=code)
        if setting is None:
            setting = self.add_raw("SysSettings", Name=code, Code=code, ValueTypeName=kind)
            self.add_raw("SysSettingsValue", SysSettingsId=setting["Id"], IsDef=True)
        row = self.find("SysSettingsValue", SysSettingsId=setting["Id"])
        if row is not None:
            row.update(
                {"TextValue": None, "IntegerValue": None, "BooleanValue": None, "GuidValue": None, column: value}
            )

    def add_raw(self, entity: str, **columns: Value) -> Row:
        """A row as an administrator's data import makes it: no defaults but the base columns, no events, no checks."""
        now = self.clock()
        row: Row = dict.fromkeys(self.entity(entity).properties)
        row |= {"Id": self.new_id(), "CreatedOn": now, "ModifiedOn": now, "ProcessListeners": 0}
        row |= {"CreatedById": SUPERVISOR, "ModifiedById": SUPERVISOR}
        row |= columns
        key = row["Id"]
        if not isinstance(key, UUID):
            raise TypeError("a row's Id is a UUID")
        self.tables[entity][key] = row
        return row
