"""The data model: entities, columns, their types and lengths, read from schema.json and changed by an edition."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias
from uuid import UUID

Value: TypeAlias = UUID | str | int | bool | Decimal | datetime | None
Row: TypeAlias = dict[str, Value]

ZERO = UUID(int=0)


def id_of(row: Mapping[str, Value], column: str = "Id") -> UUID:
    """A guid of a row; zero where it is empty."""
    value = row[column]
    return value if isinstance(value, UUID) else ZERO


EDM = {
    "Guid": "Edm.Guid",
    "Lookup": "Edm.Guid",
    "Boolean": "Edm.Boolean",
    "Integer": "Edm.Int32",
    "Float1": "Edm.Decimal",
    "Float2": "Edm.Decimal",
    "DateTime": "Edm.DateTimeOffset",
    "Date": "Edm.DateTimeOffset",
    "Binary": "Edm.Stream",
    "Image": "Edm.Stream",
}
LENGTHS = {
    "ShortText": 50,
    "MediumText": 250,
    "Text": 250,
    "EmailText": 250,
    "PhoneText": 250,
    "WebText": 250,
    "Color": 250,
    "LongText": 500,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `name` is Creatio's; `odata` is what OData calls it: a lookup `Contact` is `ContactId` there."""

    name: str
    type: str
    lookup: str = ""
    required: bool = False
    default: Mapping[str, Value] = field(default_factory=dict)
    edition: str = ""

    @property
    def odata(self) -> str:
        return f"{self.name}Id" if self.lookup else self.name

    @property
    def edm(self) -> str:
        return EDM.get(self.type, "Edm.String")

    @property
    def length(self) -> int | None:
        return LENGTHS.get(self.type)


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity set. `properties` and `navigations` are its columns by their names in OData."""

    name: str
    uid: UUID
    display: str
    properties: Mapping[str, Column]
    navigations: Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class Edition:
    """How one tenant differs: service columns left out, columns made mandatory, columns and lookups of its own."""

    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    added: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    lookups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


# A tenant as they usually are: two columns of its own on the case, one of them a lookup with its rows.
USUAL = Edition(
    added={"Case": (Column("UsrOrderNumber", "ShortText"), Column("UsrProduct", "Lookup", lookup="UsrProduct"))},
    lookups={"UsrProduct": ("Bicycle", "Helmet", "Lamp", "Subscription")},
)


@dataclass(frozen=True, slots=True)
class Schema:
    """All entities, with the rows and settings that the vendor ships."""

    entities: Mapping[str, Entity]
    rows: Mapping[str, tuple[Mapping[str, Any], ...]]
    settings: Mapping[str, Any]

    def entity(self, name: str) -> Entity | None:
        """The entity set of that name; the route does not mind upper and lower case."""
        return self.entities.get(name) or next((e for n, e in self.entities.items() if n.lower() == name.lower()), None)

    def children(self, name: str) -> dict[str, tuple[str, Column]]:
        """Back references of an entity, by property: `ActivityCollectionByCase` → ("Activity", its Case column)."""
        return {
            f"{entity.name}CollectionBy{column.name}": (entity.name, column)
            for entity in self.entities.values()
            for column in entity.navigations.values()
            if column.lookup == name
        }


BASE = (
    Column("Id", "Guid", required=True, default={"system": "AutoGuid"}),
    Column("CreatedOn", "DateTime", default={"system": "CurrentDateTime"}),
    Column("CreatedBy", "Lookup", lookup="Contact", default={"system": "CurrentUserContact"}),
    Column("ModifiedOn", "DateTime", default={"system": "CurrentDateTime"}),
    Column("ModifiedBy", "Lookup", lookup="Contact", default={"system": "CurrentUserContact"}),
    Column("ProcessListeners", "Integer"),
)
PLAIN_LOOKUP = (Column("Name", "MediumText", required=True), Column("Description", "MediumText"))


def load_schema(edition: Edition = USUAL, *, service_columns: bool = True) -> Schema:
    """The shipped model, changed by the edition; without the columns of the service products when asked."""
    shipped = _shipped()
    entities: dict[str, Entity] = {}
    for name, about in shipped["entities"].items():
        columns = [_column(column, facts) for column, facts in about["columns"].items()]
        if not service_columns:
            columns = [column for column in columns if not column.edition]
        columns += edition.added.get(name, ())
        columns = [column for column in columns if column.odata not in edition.left_out.get(name, ())]
        mandatory = edition.required.get(name, ())
        columns = [replace(column, required=column.required or column.odata in mandatory) for column in columns]
        entities[name] = _entity(name, UUID(about["uid"]), about["display"], columns)
    for name in edition.lookups:
        entities[name] = _entity(name, UUID(int=len(entities)), "Name", list(PLAIN_LOOKUP))
    rows = {name: tuple(rows) for name, rows in shipped["rows"].items()}
    return Schema(entities, rows, shipped["settings"])


@cache
def _shipped() -> dict[str, Any]:
    shipped: dict[str, Any] = json.loads((files(__package__) / "schema.json").read_text(encoding="utf-8"))
    return shipped


def _column(name: str, facts: Mapping[str, Any]) -> Column:
    return Column(
        name,
        facts["type"],
        lookup=facts.get("lookup", ""),
        required=facts.get("required", False),
        default=facts.get("default", {}),
        edition=facts.get("edition", ""),
    )


def _entity(name: str, uid: UUID, display: str, columns: list[Column]) -> Entity:
    every = [*BASE, *columns]
    return Entity(
        name,
        uid,
        display,
        properties={column.odata: column for column in every},
        navigations={column.name: column for column in every if column.lookup},
    )
