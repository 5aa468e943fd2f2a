"""Attachments: the stream of a file row, the older upload service, and what is refused for its size or its name."""

import json
from collections.abc import Mapping
from uuid import UUID

from gateway.demo.creatio import ids, refusals
from gateway.demo.creatio.refusals import Refused
from gateway.demo.creatio.saving import EntityLayer
from gateway.demo.creatio.schema import Row, id_of
from gateway.demo.creatio.tenant import Tenant


def put_stream(layer: EntityLayer, entity: str, row_id: UUID, column: str, content: bytes) -> None:
    """The bytes of a file whose row was made before; Refused without the row."""
    tenant = layer.tenant
    row = tenant.get(entity, row_id)
    if row is None:
        raise refusals.not_there(tenant.switches)
    check_file(tenant, str(row.get("Name", "")), len(content))
    _keep(tenant, entity, row, column, content)


def get_stream(tenant: Tenant, entity: str, row_id: UUID, column: str) -> bytes:
    content = tenant.blobs.get((entity, row_id, column))
    if content is None:
        raise refusals.not_there(tenant.switches)
    return content


def delete_stream(tenant: Tenant, entity: str, row_id: UUID, column: str) -> None:
    tenant.blobs.pop((entity, row_id, column), None)


def upload(layer: EntityLayer, query: Mapping[str, str], content_range: str, content: bytes, actor: UUID) -> bytes:
    """FileApiService/UploadFile: one chunk of a file; its row is made with the first. Gives the JSON answer."""
    tenant = layer.tenant
    try:
        row_id, owner = UUID(query["fileId"]), UUID(query["parentColumnValue"])
        total, first = int(query["totalFileLength"]), int(content_range.removeprefix("bytes ").split("-")[0])
        entity, parent, name = query["entitySchemaName"], query["parentColumnName"], query["fileName"]
        parent_column = tenant.entity(entity).navigations[parent].odata
    except (KeyError, ValueError) as fault:
        return _answer(f"Value cannot be null. Parameter name: {fault}")
    try:
        check_file(tenant, name, total)
        row = tenant.get(entity, row_id)
        if row is None:
            columns: Row = {"Id": row_id, "Name": name, parent_column: owner, "TypeId": ids.FILE}
            row = layer.insert(entity, columns, actor)
    except Refused as refused:
        return _answer(_reason(refused))
    column = query.get("columnName", "Data")
    before = tenant.blobs.get((entity, row_id, column), b"") if first else b""
    if len(before) != first:
        return _answer("The chunk does not follow the one before.")
    _keep(tenant, entity, row, column, before + content)
    return _answer("")


def check_file(tenant: Tenant, name: str, size: int) -> None:
    """Refused when the file is larger than MaxFileSize (MB) or its extension is on the deny list."""
    limit = tenant.setting("MaxFileSize")
    status = int(tenant.switches.file_refusal)
    if isinstance(limit, int) and size > limit * 1024 * 1024:
        raise refusals.save_failed(f"File size exceeds the maximum allowed size of {limit} MB.", status=status)
    denied = str(tenant.setting("FileExtensionsDenyList") or "").lower().split(",")
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in [each.strip() for each in denied if each.strip()]:
        raise refusals.save_failed(f'File extension "{extension}" is not allowed.', status=status)


def _keep(tenant: Tenant, entity: str, row: Row, column: str, content: bytes) -> None:
    tenant.blobs[(entity, id_of(row), column)] = content
    row["Size"] = len(content)
    row["ModifiedOn"] = tenant.clock()


def _answer(error: str) -> bytes:
    info = {"errorCode": "", "message": error, "stackTrace": None} if error else None
    return json.dumps({"success": not error, "errorInfo": info}).encode()


def _reason(refused: Refused) -> str:
    body = refused.body
    return str(body["error"]["innererror"]["message"]) if isinstance(body, dict) and "error" in body else "Refused."
