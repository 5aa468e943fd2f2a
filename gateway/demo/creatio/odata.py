"""The OData 4 service: which row or rows a path means, and what each method does there."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gateway.demo.creatio import files, refusals
from gateway.demo.creatio.metadata import describe
from gateway.demo.creatio.queries import count_rows, read_collection, read_shape, shaped
from gateway.demo.creatio.refusals import Refused
from gateway.demo.creatio.saving import EntityLayer
from gateway.demo.creatio.schema import ZERO
from gateway.demo.creatio.shapes import from_json, row_to_json, to_json
from gateway.demo.creatio.tenant import TECHNICAL, Tenant

JSON = "application/json; odata.metadata=minimal; charset=utf-8"
# Reading and writing these is closed to everybody.
_SYSTEM = {"SysAdminUnit", "SysUserInRole", "SysSettings", "SysSettingsValue"}
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ROW = re.compile(rf"^(\w+)(?:\(({_GUID})\)|/({_GUID}))(?:/(\w+)(/\$value)?)?$")
_SET = re.compile(r"^(\w+)(/\$count|/\$metadata)?$")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, wherever it came from: the wire or a batch. `path` begins after `/odata/`."""

    method: str
    path: str
    options: Mapping[str, str]
    body: bytes
    base: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    media_type: str = JSON
    location: str = ""


def answer(layer: EntityLayer, ask: Ask) -> Answer:
    """Carry out one request, or Refused."""
    tenant = layer.tenant
    if ask.path == "$metadata" and ask.method == "GET":
        return Answer(200, describe(tenant.schema, tenant.schema.entities).encode(), "application/xml")
    if match := _SET.match(ask.path):
        entity = _entity(tenant, ask, match[1])
        return _answer_set(layer, ask, entity, match[2] or "")
    if match := _ROW.match(ask.path):
        entity = _entity(tenant, ask, match[1])
        row_id = UUID(match[2] or match[3])
        if match[4]:
            return _answer_property(layer, ask, entity, row_id, match[4])
        return _answer_row(layer, ask, entity, row_id)
    if re.match(r"^\w+\(.*\)", ask.path):
        raise refusals.query_refused(f"Bad Request - Error in query syntax in '{ask.path}'.")
    raise Refused(404, refusals.NOT_FOUND_PAGE)


def _entity(tenant: Tenant, ask: Ask, name: str) -> str:
    entity = tenant.schema.entity(name)
    if entity is None:
        raise refusals.unknown_entity(tenant.switches, name, f"{ask.base}/{ask.path}")
    return entity.name


def _answer_set(layer: EntityLayer, ask: Ask, entity: str, part: str) -> Answer:
    tenant = layer.tenant
    match ask.method, part:
        case "GET", "/$metadata":
            return Answer(200, describe(tenant.schema, [entity]).encode(), "application/xml")
        case "GET", "/$count":
            _may(tenant, entity, "read")
            return Answer(200, str(count_rows(tenant, entity, ask.options)).encode(), "text/plain")
        case "GET", "":
            _may(tenant, entity, "read")
            page = read_collection(tenant, entity, ask.options)
            return Answer(200, _json({"@odata.context": f"{ask.base}/$metadata#{entity}"} | page))
        case "POST", "":
            return _insert(layer, ask, entity)
        case _:
            raise _method(ask)


def _insert(layer: EntityLayer, ask: Ask, entity: str) -> Answer:
    tenant = layer.tenant
    _may(tenant, entity, "write")
    columns = from_json(tenant, entity, _body(ask))
    about = tenant.entity(entity)
    if tenant.switches.zero_guid_post == "empty":
        columns = {n: None if v == ZERO and about.properties[n].lookup else v for n, v in columns.items()}
    row = layer.insert(entity, columns, TECHNICAL)
    location = f"{ask.base}/{entity}({row['Id']})"
    context = {"@odata.context": f"{ask.base}/$metadata#{entity}/$entity"}
    return Answer(201, _json(context | row_to_json(tenant, entity, row)), location=location)


def _answer_row(layer: EntityLayer, ask: Ask, entity: str, row_id: UUID) -> Answer:
    tenant = layer.tenant
    _may(tenant, entity, "read" if ask.method == "GET" else "write")
    row = tenant.get(entity, row_id)
    match ask.method:
        case "GET":
            shape = read_shape(tenant, entity, ask.options)
            if row is None:
                raise refusals.not_there(tenant.switches)
            context = {"@odata.context": f"{ask.base}/$metadata#{entity}/$entity"}
            return Answer(200, _json(context | shaped(tenant, entity, row, shape)))
        case "PATCH" | "DELETE" if row is None:
            if tenant.switches.missing_patch == "404":
                raise refusals.not_there(tenant.switches)
        case "PATCH":
            _patch(layer, ask, entity, row_id)
        case "DELETE":
            layer.delete(entity, row_id)
        case _:
            raise _method(ask)
    return Answer(204)


def _patch(layer: EntityLayer, ask: Ask, entity: str, row_id: UUID) -> None:
    tenant = layer.tenant
    body = _body(ask)
    try:
        columns = from_json(tenant, entity, body)
    except Refused as refused:
        # Older builds say nothing, and write nothing at all.
        if tenant.switches.unknown_patch == "silent" and "does not exist on type" in str(refused.body):
            return
        raise
    about = tenant.entity(entity)
    columns = {n: v for n, v in columns.items() if not (about.properties[n].lookup and v == ZERO)}
    layer.update(entity, row_id, columns, TECHNICAL)


def _answer_property(layer: EntityLayer, ask: Ask, entity: str, row_id: UUID, name: str) -> Answer:
    tenant = layer.tenant
    column = tenant.entity(entity).properties.get(name)
    if column is None:
        raise Refused(404, refusals.NOT_FOUND_PAGE)
    _may(tenant, entity, "read" if ask.method == "GET" else "write")
    if column.edm == "Edm.Stream":
        return _answer_stream(layer, ask, entity, row_id, name)
    row = tenant.get(entity, row_id)
    if ask.method != "GET":
        raise _method(ask)
    if row is None:
        raise refusals.not_there(tenant.switches)
    value = to_json(tenant, column, row[name])
    if ask.path.endswith("/$value"):
        return Answer(200, str(value).encode(), "text/plain")
    return Answer(200, _json({"@odata.context": f"{ask.base}/$metadata#{entity}({row_id})/{name}", "value": value}))


def _answer_stream(layer: EntityLayer, ask: Ask, entity: str, row_id: UUID, name: str) -> Answer:
    tenant = layer.tenant
    if ask.method == "GET":
        content = files.get_stream(tenant, entity, row_id, name)
        return Answer(200, content, "application/octet-stream")
    if tenant.switches.streams == "file_api_only":
        raise _method(ask)
    match ask.method:
        case "PUT":
            files.put_stream(layer, entity, row_id, name, ask.body)
            return Answer(200)
        case "DELETE":
            files.delete_stream(tenant, entity, row_id, name)
            return Answer(204)
        case _:
            raise _method(ask)


def _may(tenant: Tenant, entity: str, act: str) -> None:
    if (entity, act) in tenant.rights.denied:
        raise refusals.no_right(tenant.switches, entity)
    if act == "write" and entity in _SYSTEM:
        raise Refused(403, {"Message": f"Writing to {entity} is disabled."})


def _body(ask: Ask) -> dict[str, Any]:
    try:
        body = json.loads(ask.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, {"Message": "The request is invalid.", "ModelState": {"item": ["The body is not JSON."]}})
    return body


def _method(ask: Ask) -> Refused:
    return Refused(405, {"Message": f"The requested resource does not support http method '{ask.method}'."})


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
