"""Reads: the system query options of a collection or a row, carried out as the service does."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gateway.demo.creatio import refusals
from gateway.demo.creatio.conditions import Read, compile_filter, compile_path
from gateway.demo.creatio.filters import Path, parse_filter
from gateway.demo.creatio.schema import Row, id_of
from gateway.demo.creatio.shapes import row_to_json, to_json
from gateway.demo.creatio.tenant import Tenant

MAX_ROWS = 20_000
MAX_DEPTH = 2
OPTIONS = {"$select", "$filter", "$orderby", "$top", "$skip", "$count", "$expand", "$format", "$value"}
# Reading every column of these is refused by most builds: their model names columns that their database has not.
_WIDE = {"Case": "ParentCaseId", "Contact": "PhotoId"}


@dataclass(frozen=True, slots=True)
class Shape:
    """Which properties of a row are given, and which look-ups or back references are followed."""

    select: tuple[str, ...] = ()
    expand: Mapping[str, "Shape"] = field(default_factory=dict)


def read_collection(tenant: Tenant, entity: str, options: Mapping[str, str]) -> dict[str, Any]:
    """`value`, and `@odata.count` when asked for. Never a next link: who wants more pages by $skip or by key."""
    shape = read_shape(tenant, entity, options)
    rows = _chosen(tenant, entity, options)
    top, skip = _whole(options, "$top"), _whole(options, "$skip") or 0
    if top is None and len(rows) - skip > MAX_ROWS:
        raise refusals.answer_failed(f"The number of rows exceeds the limit of {MAX_ROWS}.")
    page = rows[skip : skip + min(MAX_ROWS if top is None else top, MAX_ROWS)]
    answer: dict[str, Any] = {}
    if options.get("$count", "false").lower() == "true":
        answer["@odata.count"] = len(rows)
    answer["value"] = [shaped(tenant, entity, row, shape) for row in page]
    return answer


def count_rows(tenant: Tenant, entity: str, options: Mapping[str, str]) -> int:
    return len(_chosen(tenant, entity, options))


def read_shape(tenant: Tenant, entity: str, options: Mapping[str, str]) -> Shape:
    for name in options:
        if name.startswith("$") and name not in OPTIONS:
            raise refusals.query_refused(f"The query parameter '{name}' is not supported.")
    return _shape(tenant, entity, options.get("$select", ""), options.get("$expand", ""), 1)


def shaped(tenant: Tenant, entity: str, row: Row, shape: Shape) -> dict[str, Any]:
    properties = tenant.entity(entity).properties
    if shape.select:
        given = {name: to_json(tenant, properties[name], row[name]) for name in shape.select}
    else:
        given = row_to_json(tenant, entity, row)
    for name, inner in shape.expand.items():
        given[name] = _followed(tenant, entity, row, name, inner)
    return given


def _followed(tenant: Tenant, entity: str, row: Row, name: str, shape: Shape) -> Any:
    column = tenant.entity(entity).navigations.get(name)
    if column is not None:
        target = tenant.get(column.lookup, row[column.odata])
        return shaped(tenant, column.lookup, target, shape) if target else None
    child, back = tenant.schema.children(entity)[name]
    own = [other for other in tenant.rows(child) if other[back.odata] == row["Id"]]
    return [shaped(tenant, child, other, shape) for other in own]


def _shape(tenant: Tenant, entity: str, select: str, expand: str, depth: int) -> Shape:
    names = tuple(name.strip() for name in select.split(",") if name.strip() and name.strip() != "*")
    about = tenant.entity(entity)
    for name in names:
        if name not in about.properties and name not in about.navigations:
            raise refusals.query_refused(
                f"Could not find a property named '{name}' on type 'Terrasoft.Configuration.OData.{entity}'."
            )
    columns = tuple(name for name in names if name in about.properties)
    if any(about.properties[name].edm == "Edm.Stream" for name in columns):
        raise refusals.answer_failed("Value cannot be null.\r\nParameter name: property")
    if not names and entity in _WIDE and tenant.switches.whole_row == "refused":
        raise refusals.answer_failed(
            f"The EDM instance of type '[Terrasoft.Configuration.OData.{entity}]' is missing the property "
            f"'{_WIDE[entity]}'."
        )
    return Shape(columns, dict(_expanded(tenant, entity, item, depth) for item in _items(expand, ",")))


def _expanded(tenant: Tenant, entity: str, item: str, depth: int) -> tuple[str, Shape]:
    if depth > MAX_DEPTH:
        raise refusals.query_refused(
            f"The request includes a $expand path which is too deep. The maximum depth allowed is {MAX_DEPTH}."
        )
    name, _, inside = item.strip().partition("(")
    options = dict(part.strip().partition("=")[::2] for part in _items(inside.removesuffix(")"), ";"))
    column = tenant.entity(entity).navigations.get(name)
    child = tenant.schema.children(entity).get(name)
    if column is None and child is None:
        raise refusals.query_refused(
            f"Could not find a property named '{name}' on type 'Terrasoft.Configuration.OData.{entity}'."
        )
    target = column.lookup if column is not None else child[0] if child else ""
    return name, _shape(tenant, target, options.get("$select", ""), options.get("$expand", ""), depth + 1)


def _items(text: str, separator: str) -> list[str]:
    """Split at separators that are outside of parentheses."""
    items, depth, begin = [], 0, 0
    for index, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == separator and not depth:
            items.append(text[begin:index])
            begin = index + 1
    return [item for item in [*items, text[begin:]] if item.strip()]


def _chosen(tenant: Tenant, entity: str, options: Mapping[str, str]) -> list[Row]:
    # Whoever asks for no order gets none worth relying on: by key, which is nobody's order of arrival.
    rows = sorted(tenant.rows(entity), key=lambda row: str(id_of(row)))
    if condition := options.get("$filter", ""):
        if entity == "Activity" and tenant.switches.activity_by_case == "refused" and re.search(r"\bCase/", condition):
            raise refusals.answer_failed("Column by path Case.Id not found in schema Activity.")
        test = compile_filter(tenant, entity, parse_filter(condition))
        rows = [row for row in rows if test(row)]
    for item in reversed(_items(options.get("$orderby", ""), ",")):
        path, _, direction = item.strip().partition(" ")
        if direction.strip() not in ("", "asc", "desc"):
            raise refusals.query_refused(f"Syntax error in '{item.strip()}'.")
        read, _ = compile_path(tenant, entity, Path(tuple(path.split("/"))))
        rows.sort(key=_sort_key(read), reverse=direction.strip() == "desc")
    return rows


def _sort_key(read: Read) -> Callable[[Row], tuple[bool, Any]]:
    """Empty values first, as SQL Server sorts them."""

    def key(row: Row) -> tuple[bool, Any]:
        value = read(row)
        return value is not None, str(value) if isinstance(value, UUID) else value or 0

    return key


def _whole(options: Mapping[str, str], name: str) -> int | None:
    if name not in options:
        return None
    if not options[name].isdigit():
        raise refusals.query_refused(f"Invalid value '{options[name]}' for {name} query option found.")
    return int(options[name])
