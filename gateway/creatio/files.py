"""The bytes of attachments: as a stream of their row, or by the older file services."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

from gateway.creatio.answers import Answer, Meaning
from gateway.creatio.odata import NotCreated, OData
from gateway.creatio.values import guid, told
from gateway.desk.records import FileContent
from gateway.errors import TryLater
from gateway.http_client.client import MaybeDone, TooLarge

ENTITY = "ActivityFile"
UPLOAD_TIMEOUT = timedelta(minutes=5)


class Files:
    """Some tenants keep files where OData does not reach; whether this one does is found out once."""

    def __init__(self, odata: OData) -> None:
        self._odata = odata
        self._streams = True

    async def upload(self, file: FileContent, content: Path) -> NotCreated | None:
        """Fill the row of a file, which is read as it leaves; None when it is filled. Twice gives the same file."""
        size = (await asyncio.to_thread(content.stat)).st_size
        if not size:
            return None
        answer = await self._put(file, content) if self._streams else None
        if answer is not None and answer.is_good:
            return None
        if answer is not None and not _may_be_refused(answer):
            raise answer.trouble()
        if await self._odata.find(ENTITY, file.file_id, ()) is None:
            return NotCreated("the file's row is no longer in Creatio")
        if answer is not None and answer.status == 405:
            self._streams = False
        other = await self._post(file, content, size)
        if other.is_good:
            return None
        if other.meaning is Meaning.REFUSED:
            return NotCreated(_why(other, answer))
        raise other.trouble()

    async def fetch(self, file_id: str, limit: int) -> bytes | None:
        """The bytes of a file; None where it is gone or larger than `limit`."""
        answer: Answer | None = None
        for path in _places(file_id):
            try:
                answer = await self._odata.call("GET", path, stream=True)
            except TooLarge:
                return None
            if answer.is_good and answer.value is None:
                return answer.body if len(answer.body) <= limit else None
            if not answer.is_withheld:
                raise answer.trouble()
        if answer is not None and answer.meaning not in (Meaning.MISSING, Meaning.REFUSED):
            raise answer.trouble()
        return None

    async def emptied(self, file_ids: Sequence[str]) -> Sequence[str]:
        """Of these rows, those without bytes. Some tenants say no Size of any file, so such a one is looked into."""
        condition = " or ".join(f"Id eq {guid(one)}" for one in file_ids)
        rows = await self._odata.rows(ENTITY, filter=condition, select="Id,Size", top=len(file_ids))
        doubtful = {guid(told(row.get("Id"))) for row in rows if not row.get("Size")}
        return [one for one in file_ids if guid(one) in doubtful and await self._is_empty(one)]

    async def _is_empty(self, file_id: str) -> bool:
        """Empty where a service gives it out so, or where neither has it."""
        for path in _places(file_id):
            try:
                answer = await self._odata.call("GET", path, stream=True)
            except TooLarge:
                return False
            if answer.is_good and answer.value is None:
                return not answer.body
            if not answer.is_withheld:
                raise answer.trouble()
        return answer.meaning is Meaning.MISSING

    async def _put(self, file: FileContent, content: Path) -> Answer:
        path = f"odata/{ENTITY}({guid(file.file_id)})/Data"
        kind = "application/octet-stream; IEEE754Compatible=true"
        return await self._send("PUT", path, content, {"Content-Type": kind})

    async def _post(self, file: FileContent, content: Path, size: int) -> Answer:
        """FileApiService: one piece from the beginning, which replaces what an earlier try has left."""
        kind = file.type or "application/octet-stream"
        query = {
            "fileId": guid(file.file_id),
            "totalFileLength": size,
            "mimeType": kind,
            "fileName": file.name,
            "columnName": "Data",
            "entitySchemaName": ENTITY,
            "parentColumnName": "Activity",
            "parentColumnValue": guid(file.activity_id),
        }
        headers = {
            "Content-Type": kind,
            "Content-Range": f"bytes 0-{size - 1}/{size}",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        }
        return await self._send("POST", f"rest/FileApiService/UploadFile?{urlencode(query)}", content, headers)

    async def _send(self, method: str, path: str, content: Path, headers: dict[str, str]) -> Answer:
        try:
            return await self._odata.call(method, path, content=content, headers=headers, timeout=UPLOAD_TIMEOUT)
        except MaybeDone as lost:
            raise TryLater(f"the upload was not answered: {lost}", partner_down=False) from None


def _places(file_id: str) -> tuple[str, str]:
    return f"odata/{ENTITY}({guid(file_id)})/Data", f"rest/FileService/Download/{ENTITY}/{guid(file_id)}"


def _may_be_refused(answer: Answer) -> bool:
    """A refusal of this file, or of streams altogether: then the other service is asked. A 403 may be either."""
    return answer.is_withheld or answer.meaning is Meaning.PAGE or answer.status == 405


def _why(last: Answer, first: Answer | None) -> str:
    return last.why or (first.why if first is not None else "") or f"refused with {last.status}"
