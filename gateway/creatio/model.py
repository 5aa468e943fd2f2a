"""The tenant's data model as `$metadata` tells it: columns, their types and lengths, what they point to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

_TYPE = re.compile(r"<EntityType\b([^>]*)>(.*?)</EntityType>", re.DOTALL)
_PROPERTY = re.compile(r"<Property\b([^>]*?)/?>")
_NAVIGATION = re.compile(r"<NavigationProperty\b([^>]*?)(/?)>(.*?)(?=<NavigationProperty|<Property|$)", re.DOTALL)
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True, slots=True)
class Column:
    type: str
    length: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """`lookups`: a column by its OData name (`PriorityId`) -> the entity it points to."""

    name: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    lookups: Mapping[str, str] = field(default_factory=dict)


def read_model(csdl: str) -> dict[str, Entity]:
    """Every entity of a CSDL document. Read by pattern: it is large, flat, and made by one known program."""
    found: dict[str, Entity] = {}
    for head, body in _TYPE.findall(csdl):
        name = _attributes(head).get("Name", "")
        columns = dict(_column(one) for one in _PROPERTY.findall(body))
        lookups: dict[str, str] = {}
        for attributes, _, _ in _NAVIGATION.findall(body):
            given = _attributes(attributes)
            target = given.get("Type", "")
            if not target.startswith("Collection("):
                lookups[f"{given.get('Name', '')}Id"] = target.rpartition(".")[2]
        found[name] = Entity(name, columns, {column: to for column, to in lookups.items() if column in columns})
    return found


def _column(attributes: str) -> tuple[str, Column]:
    given = _attributes(attributes)
    length = given.get("MaxLength", "")
    return given.get("Name", ""), Column(
        type=given.get("Type", ""),
        length=int(length) if length.isdigit() else None,
        required=given.get("Nullable", "").lower() == "false",
    )


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(text)}
