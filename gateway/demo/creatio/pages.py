"""Creatio in the browser, for the visitor of the demo: the cases, one case, and a form to act as its rep."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.demo.creatio import ids
from gateway.demo.creatio.agent import Agent, Attached, Style
from gateway.demo.creatio.clean import clean_html
from gateway.demo.creatio.schema import Row, id_of
from gateway.demo.creatio.tenant import TECHNICAL, Tenant

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'"
)
_CASE = re.compile(r"^/play/cases/([0-9a-f-]{36})(?:/(reply|status))?$")
_FILE = re.compile(r"^/play/files/([0-9a-f-]{36})$")
_PICTURE = re.compile(r"^/play/rest/FileService/GetFile/([0-9a-fA-F-]{36})/([0-9a-fA-F-]{36})$")
_PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}
_ASSETS = {"/play/style.css": "text/css", "/play/live.js": "text/javascript"}

STYLES = (
    (Style.COMPLETED, "E-mail, completed: the gateway sends it"),
    (Style.CREATIO, "E-mail that Creatio sends by itself: the gateway only records it"),
    (Style.DRAFT, "Draft, begun and left: nobody may send it"),
    (Style.TO_DO, "Internal to-do: nobody may send it"),
    (Style.TASK, "Completed task: an internal note, unless tasks are configured as replies"),
    (Style.NOTICE, "Automatic notification of Creatio: the gateway must not send it again"),
    (Style.FEED, "Post in the feed"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing on a case's timeline, as the page shows it."""

    at: datetime
    kind: str
    title: str
    author: str
    state: str
    body: Markup
    files: tuple[tuple[UUID, str, int], ...] = ()


@dataclass(slots=True)
class Pages:
    """Answers the visitor. The rep is `agent`; what they do starts processes as any rep's work does."""

    tenant: Tenant
    agent: Agent
    _templates: Environment = field(
        default_factory=lambda: Environment(loader=PackageLoader("gateway.demo.creatio"), autoescape=True)
    )

    @staticmethod
    def has(path: str) -> bool:
        """Whether a path is one of these pages; Creatio's own page addresses lead here too."""
        return path == "/" or path.startswith(("/play/", "/0/Nui/", "/0/Shell", "/Shell"))

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        if path in _ASSETS:
            name = path.rpartition("/")[2]
            source = self._templates.get_template(name).render()
            return Response(source, media_type=_ASSETS[path])
        if path.startswith(("/0/", "/Shell")):
            return RedirectResponse("/", 303)
        if match := _FILE.match(path):
            return self._file(UUID(match[1]))
        if match := _PICTURE.match(path):
            return self._picture(match[1].lower(), match[2])
        match = _CASE.match(path)
        case = self.tenant.get("Case", UUID(match[1])) if match else None
        if match and case is not None:
            if request.method == "POST":
                return await self._act(request, case, match[2] or "")
            return self._page("case.html", case=case, **self._case(case))
        return self._page("cases.html", code=200 if path == "/" else 404, cases=self._cases())

    async def _act(self, request: Request, case: Row, what: str) -> Response:
        origin = request.headers.get("origin", "")
        if origin and urlsplit(origin).netloc != request.headers.get("host"):
            return Response("This form belongs to another page.", 403)
        form = await request.form()
        case_id = id_of(case)
        if what == "status" and (status := self.tenant.get("CaseStatus", _uuid(form))):
            await self.agent.set_status(case_id, id_of(status))
        text = str(form.get("text", "")).strip()
        if what == "reply" and text:
            style = Style(str(form.get("style", Style.COMPLETED.value)))
            await self.agent.reply(case_id, _html(text), style=style, files=await _attached(form))
        return RedirectResponse(f"/play/cases/{case_id}", 303)

    def _file(self, file_id: UUID) -> Response:
        content = self.tenant.blobs.get(("ActivityFile", file_id, "Data"))
        row = self.tenant.get("ActivityFile", file_id)
        if content is None or row is None:
            return Response("There is no such file.", 404)
        name = re.sub(r"[^\w .()-]", "_", str(row["Name"]), flags=re.ASCII)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    def _picture(self, schema: str, file_id: str) -> Response:
        """A picture inside a body, under the address that the body names it by; nothing else than a picture."""
        try:
            row_id = UUID(file_id)
        except ValueError:
            return Response("There is no such picture.", 404)
        name = next((one.name for one in self.tenant.schema.entities.values() if str(one.uid) == schema), "")
        content = self.tenant.blobs.get((name, row_id, "Data"), b"")
        kind = next((kind for begin, kind in _PICTURES.items() if content.startswith(begin)), "")
        if not kind:
            return Response("There is no such picture.", 404)
        return Response(content, media_type=kind, headers={"X-Content-Type-Options": "nosniff"})

    def _cases(self) -> list[dict[str, Any]]:
        rows = sorted(self.tenant.rows("Case"), key=lambda row: str(row["Number"]), reverse=True)
        return [
            {"row": row, "status": self._status(row), "contact": self._name("Contact", row["ContactId"])}
            for row in rows
        ]

    def _case(self, case: Row) -> dict[str, Any]:
        own = [column for column in self.tenant.entity("Case").properties.values() if column.name.startswith("Usr")]
        fields = {
            column.name: self._name(column.lookup, case[column.odata]) if column.lookup else case[column.odata]
            for column in own
        }
        return {
            "status": self._status(case),
            "facts": {
                "Customer": self._name("Contact", case["ContactId"]),
                "Owner": self._name("Contact", case["OwnerId"]),
                "Team": self._name("SysAdminUnit", case["GroupId"]),
                "Priority": self._name("CasePriority", case["PriorityId"]),
                **fields,
            },
            "description": clean_html(_breaks(str(case["Symptoms"] or ""))),
            "lines": self._lines(case),
            "statuses": [row for row in self.tenant.rows("CaseStatus") if row["Id"] != case["StatusId"]],
            "styles": STYLES,
        }

    def _lines(self, case: Row) -> list[Line]:
        activities = [self._activity(row) for row in self.tenant.rows("Activity") if row["CaseId"] == case["Id"]]
        posts = [self._post(row) for row in self.tenant.rows("SocialMessage") if row["EntityId"] == case["Id"]]
        return sorted([*activities, *posts], key=lambda line: line.at)

    def _activity(self, row: Row) -> Line:
        mail = row["TypeId"] == ids.TYPE_EMAIL
        kind = "task" if not mail else "incoming" if row["MessageTypeId"] == ids.INCOMING else "outgoing"
        state = self._name(
            "EmailSendStatus" if mail else "ActivityStatus", row["EmailSendStatusId" if mail else "StatusId"]
        )
        files = tuple(
            (id_of(file), str(file["Name"]), _int(file["Size"]))
            for file in self.tenant.rows("ActivityFile")
            if file["ActivityId"] == row["Id"]
        )
        body = str(row["Body"] or row["Notes"] or "")
        shown = clean_html(body if row["IsHtmlBody"] else _breaks(escape(body)))
        return Line(_when(row), kind, str(row["Title"] or ""), self._author(row), state, shown, files)

    def _post(self, row: Row) -> Line:
        return Line(_when(row), "feed", "Feed", self._author(row), "", clean_html(str(row["Message"] or "")))

    def _author(self, row: Row) -> str:
        if row["CreatedById"] == TECHNICAL and row.get("Sender"):
            return str(row["Sender"])
        return self._name("Contact", row["CreatedById"])

    def _status(self, case: Row) -> dict[str, Any]:
        status = self.tenant.get("CaseStatus", case["StatusId"]) or {}
        flags = {"final": "IsFinal", "resolved": "IsResolved", "paused": "IsPaused"}
        return {"name": status.get("Name", ""), "kind": next((k for k, v in flags.items() if status.get(v)), "open")}

    def _name(self, entity: str, row_id: object) -> str:
        row = self.tenant.get(entity, row_id) if entity and isinstance(row_id, UUID) else None
        return str(row["Name"]) if row else ""

    def _page(self, name: str, *, code: int = 200, **values: Any) -> Response:
        page = self._templates.get_template(name).render(**values)
        return HTMLResponse(page, code, headers={"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"})


async def _attached(form: FormData) -> list[Attached]:
    files = [given for given in form.getlist("file") if isinstance(given, UploadFile) and given.filename]
    return [Attached(file.filename or "file", await file.read()) for file in files]


def _html(text: str) -> str:
    """What Creatio's editor makes of typed text: a paragraph for each blank line."""
    paragraphs = [escape(part) for part in re.split(r"\r?\n\s*\r?\n", text)]
    return "".join(f"<p>{_breaks(part)}</p>" for part in paragraphs)


def _breaks(text: str) -> str:
    return text if re.search(r"<(p|br|div)\b", text) else re.sub(r"\r?\n", "<br>", text)


def _uuid(form: FormData) -> UUID | None:
    try:
        return UUID(str(form.get("status", "")))
    except ValueError:
        return None


def _when(row: Row) -> datetime:
    at = row.get("SendDate") or row["CreatedOn"]
    if not isinstance(at, datetime):
        raise TypeError("a row's CreatedOn is a time")
    return at


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
