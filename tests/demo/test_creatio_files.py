"""Attachments in the simulator: the row first, then its bytes, within the tenant's limits, by either service."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway.demo.creatio.simulator import Simulator
from tests.demo.creatio_client import Caller, an_id

FILE = an_id("file")
UPLOAD = "/0/rest/FileApiService/UploadFile"


async def a_mail(caller: Caller) -> dict[str, Any]:
    return await caller.a_mail(await caller.a_case())


async def put(caller: Caller, content: bytes) -> httpx.Response:
    return await caller.ask("PUT", f"ActivityFile({FILE})/Data", content=content)


async def test_bytes_need_their_row_and_come_back_as_they_went(caller: Caller) -> None:
    assert (await put(caller, b"hello")).status_code == 404
    mail = await a_mail(caller)
    await caller.make("ActivityFile", Id=FILE, Name="a.pdf", ActivityId=mail["Id"])
    assert (await caller.ask("GET", f"ActivityFile({FILE})/Data")).status_code == 404
    assert (await put(caller, b"first")).status_code == 200
    assert (await put(caller, b"hello")).status_code == 200
    assert (await caller.ask("GET", f"ActivityFile({FILE})/Data")).content == b"hello"
    assert (await caller.ask("GET", f"/0/rest/FileService/Download/ActivityFile/{FILE}")).content == b"hello"
    assert await caller.rows("ActivityFile", select="Size") == [{"Size": 5}]
    assert (await caller.ask("DELETE", f"ActivityFile({FILE})/Data")).status_code == 204
    assert (await caller.ask("GET", f"ActivityFile({FILE})/Data")).status_code == 404


@pytest.mark.parametrize("status", ["500", "400", "403"])
async def test_a_file_that_is_too_large_or_forbidden_is_refused(
    caller: Caller, simulator: Simulator, status: Any
) -> None:
    simulator.switches = replace(simulator.switches, file_refusal=status)
    simulator.tenant.set_setting("MaxFileSize", 1)
    mail = await a_mail(caller)
    await caller.make("ActivityFile", Id=FILE, Name="a.pdf", ActivityId=mail["Id"])
    assert (await put(caller, b"x" * 1024 * 1024)).status_code == 200
    refused = await put(caller, b"x" * (1024 * 1024 + 1))
    assert (refused.status_code, "maximum allowed size of 1 MB" in refused.text) == (int(status), True)
    program = an_id("program")
    await caller.make("ActivityFile", Id=program, Name="RUN.EXE", ActivityId=mail["Id"])
    assert (await caller.ask("PUT", f"ActivityFile({program})/Data", content=b"x")).status_code == int(status)


async def test_a_stream_is_no_column_that_can_be_selected_or_written(caller: Caller) -> None:
    mail = await a_mail(caller)
    made = await caller.ask("POST", "ActivityFile", json={"Name": "a", "ActivityId": mail["Id"], "Data": "aGVsbG8="})
    assert made.status_code == 400
    asked = await caller.ask("GET", "ActivityFile?$select=Id,Data")
    assert (asked.status_code, "Value cannot be null" in asked.text) == (500, True)


async def test_the_older_service_makes_the_row_with_the_first_chunk(caller: Caller) -> None:
    mail = await a_mail(caller)
    for first, part in ((0, b"hel"), (3, b"lo")):
        answer = await upload(caller, mail["Id"], first, part, 5)
        assert answer == {"success": True, "errorInfo": None}
    assert (await caller.ask("GET", f"ActivityFile({FILE})/Data")).content == b"hello"
    assert await caller.rows("ActivityFile", select="Id,ActivityId") == [{"Id": FILE, "ActivityId": mail["Id"]}]
    late = await upload(caller, mail["Id"], 9, b"x", 10)
    assert (late["success"], "does not follow" in late["errorInfo"]["message"]) == (False, True)


async def test_where_files_are_kept_elsewhere_only_the_older_service_takes_them(
    caller: Caller, simulator: Simulator
) -> None:
    simulator.switches = replace(simulator.switches, streams="file_api_only")
    mail = await a_mail(caller)
    await caller.make("ActivityFile", Id=FILE, Name="a.pdf", ActivityId=mail["Id"])
    assert (await put(caller, b"hello")).status_code == 405
    assert (await upload(caller, mail["Id"], 0, b"hello", 5))["success"] is True
    assert (await caller.ask("GET", f"ActivityFile({FILE})/Data")).content == b"hello"


async def test_the_older_service_refuses_with_200(caller: Caller, simulator: Simulator) -> None:
    simulator.tenant.set_setting("MaxFileSize", 1)
    mail = await a_mail(caller)
    refused = await upload(caller, mail["Id"], 0, b"x", 2_000_000)
    assert (refused["success"], "maximum allowed size" in refused["errorInfo"]["message"]) == (False, True)
    assert await caller.rows("ActivityFile", select="Id") == []


async def upload(caller: Caller, mail: str, first: int, part: bytes, total: int) -> dict[str, Any]:
    query = {
        "fileId": FILE,
        "totalFileLength": str(total),
        "mimeType": "application/pdf",
        "fileName": "a.pdf",
        "columnName": "Data",
        "entitySchemaName": "ActivityFile",
        "parentColumnName": "Activity",
        "parentColumnValue": mail,
    }
    headers = {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{total}"}
    answer = await caller.ask("POST", UPLOAD, params=query, content=part, headers=headers)
    assert answer.status_code == 200
    told: dict[str, Any] = json.loads(answer.content)
    return told
