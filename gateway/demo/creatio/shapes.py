"""Values on the wire: how a row becomes JSON, and how JSON becomes columns."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from gateway.demo.creatio import refusals
from gateway.demo.creatio.filters import parse_time
from gateway.demo.creatio.schema import ZERO, Column, Row, Value
from gateway.demo.creatio.tenant import Tenant

# The server's zone, and that of a technical user whose profile nobody set to UTC.
LOCAL = timezone(timedelta(hours=3))
EMPTY_TIME = "0001-01-01T00:00:00Z"


def shown_time(tenant: Tenant, value: Value) -> Value:
    """A time as the service gives it out: true, or local time that is merely labelled Z."""
    if not isinstance(value, datetime) or tenant.switches.times == "utc":
        return value
    return value.astimezone(LOCAL).replace(tzinfo=UTC)


def to_json(tenant: Tenant, column: Column, value: Value) -> Any:
    """A value as OData shows it: nothing is ever null, empty look-ups are zero guids, empty times are of year one."""
    match column.edm:
        case "Edm.Guid":
            return str(value or ZERO)
        case "Edm.DateTimeOffset":
            shown = shown_time(tenant, value)
            return _iso(shown) if isinstance(shown, datetime) else EMPTY_TIME
        case "Edm.Boolean":
            return bool(value)
        case "Edm.Int32":
            return value or 0
        case "Edm.Decimal":
            return float(value) if isinstance(value, (Decimal, int)) else 0.0
        case _:
            return value or ""


def row_to_json(tenant: Tenant, entity: str, row: Row) -> dict[str, Any]:
    """A whole row; streams are not part of it."""
    columns = tenant.entity(entity).properties.values()
    return {c.odata: to_json(tenant, c, row[c.odata]) for c in columns if c.edm != "Edm.Stream"}


def from_json(tenant: Tenant, entity: str, body: Mapping[str, Any]) -> Row:
    """Columns of a write. A look-up's navigation name is silently left out; any other unknown name is Refused."""
    about = tenant.entity(entity)
    columns: Row = {}
    for name, given in body.items():
        if "@" in name or name in about.navigations:
            continue
        column = about.properties.get(name)
        if column is None or column.edm == "Edm.Stream":
            raise refusals.body_refused(
                f"item : The property '{name}' does not exist on type 'Terrasoft.Configuration.OData.{entity}'. "
                "Make sure to only use property names that are defined by the type."
            )
        columns[name] = _value(tenant, column, given)
    return columns


def _iso(time: datetime) -> str:
    text = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    if time.year < 1000:
        text = text.rjust(19, "0")
    return text + (f".{time.microsecond:06d}0".rstrip("0") if time.microsecond else "") + "Z"


def _value(tenant: Tenant, column: Column, given: Any) -> Value:
    if given is None:
        return None
    try:
        match column.edm:
            case "Edm.Guid" if isinstance(given, str):
                return UUID(given)
            case "Edm.DateTimeOffset" if isinstance(given, str):
                return _time(tenant, given)
            case "Edm.Boolean" if isinstance(given, bool):
                return given
            case "Edm.Int32" if isinstance(given, int) and not isinstance(given, bool):
                return given
            case "Edm.Decimal" if isinstance(given, (int, float, str)):
                return Decimal(str(given))
            case "Edm.String" if isinstance(given, str):
                return given or None
    except (ValueError, InvalidOperation):
        pass
    raise refusals.body_refused(f"item : Cannot convert the value of '{column.odata}' to the type '{column.edm}'.")


def _time(tenant: Tenant, given: str) -> Value:
    if len(given) == len("2026-01-31"):
        return datetime.fromisoformat(given).replace(tzinfo=LOCAL)
    time = parse_time(given)
    if time.tzinfo is not None:
        return None if time.year == 1 else time
    if tenant.switches.zoneless_date == "refused":
        raise refusals.body_refused(f"item : Cannot convert the literal '{given}' to the type 'Edm.DateTimeOffset'.")
    return None
