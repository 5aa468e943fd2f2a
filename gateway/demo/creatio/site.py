"""The web site: which paths exist under which runtime, and what has to hold before OData is asked."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from gateway.demo.creatio import files, refusals
from gateway.demo.creatio.batch import answer_batch
from gateway.demo.creatio.login import Doorman, discovery, read_form
from gateway.demo.creatio.odata import Answer, Ask, answer
from gateway.demo.creatio.refusals import Refused
from gateway.demo.creatio.saving import EntityLayer
from gateway.demo.creatio.tenant import TECHNICAL

EVERY = 10
_HTML = re.compile(rb"<[a-zA-Z!/]")


@dataclass(slots=True)
class Site:
    """Answers one request. Whoever wraps it handles faults and the log."""

    layer: EntityLayer
    doorman: Doorman
    asked: int = 0

    def answer(self, request: Request, body: bytes) -> Response:
        """The answer to a request whose body has been read."""
        path = request.url.path
        if path in ("/connect/token", "/connect/token/") and request.method == "POST":
            return self.doorman.give_token(read_form(body))
        if path == "/.well-known/openid-configuration":
            return JSONResponse(discovery(_base(request)))
        if path.startswith("/Login/"):
            return HTMLResponse(refusals.LOGIN_PAGE)
        if ".svc" in path:
            return self._service(path, request, body)
        if path.removeprefix("/0") == "/api/HealthCheck/Ping":
            return Response("Pong", media_type="text/plain")
        inside = self._inside(path)
        if inside is None:
            return HTMLResponse(refusals.NOT_FOUND_PAGE, 404)
        self._guard(body)
        cookies = self.doorman.admit(request)
        response = self._api(inside, request, body)
        for name, value in cookies.items():
            response.set_cookie(name, value, samesite="lax")
        return response

    def _service(self, path: str, request: Request, body: bytes) -> Response:
        """AuthService is at the root of the site on both runtimes."""
        if path.startswith("/0/"):
            raise Refused(401, {"Message": "Authentication failed.", "StackTrace": None, "ExceptionType": ""})
        if path != "/ServiceModel/AuthService.svc/Login" or request.method != "POST":
            raise Refused(403, "")
        return self.doorman.log_in(body)

    def _inside(self, path: str) -> str | None:
        """The path without the runtime's prefix; None where this runtime serves nothing."""
        if self.layer.tenant.switches.runtime == "framework":
            path, found = path.removeprefix("/0"), path.startswith("/0/")
        else:
            found = not path.startswith("/0/")
        return path if found and path.startswith(("/odata/", "/rest/", "/api/OAuthHealthCheck")) else None

    def _guard(self, body: bytes) -> None:
        """What stands before Creatio: a firewall that dislikes HTML in a body, a limit on calls."""
        switches = self.layer.tenant.switches
        if switches.firewall != "off" and _HTML.search(body) and body.lstrip().startswith(b"{"):
            raise Refused(403 if switches.firewall == "html_403" else 200, refusals.FIREWALL_PAGE)
        self.asked += 1
        if switches.throttling != "never" and self.asked % EVERY == 0:
            headers = {"Retry-After": "1"} if switches.throttling == "retry_after" else {}
            raise Refused(429, {"Message": "Too many requests."}, headers=headers)

    def _api(self, path: str, request: Request, body: bytes) -> Response:
        tenant = self.layer.tenant
        if path.startswith("/api/"):
            return JSONResponse({"status": "Healthy"})
        if path.startswith("/rest/"):
            return self._rest(path, request, body)
        base = _base(request) + ("/0/odata" if tenant.switches.runtime == "framework" else "/odata")
        inside = path.removeprefix("/odata/").rstrip("/")
        if inside == "$batch" and request.method == "POST":
            go_on = "continue-on-error" in request.headers.get("prefer", "")
            return _respond(Answer(200, answer_batch(self.layer, body, base, go_on=go_on)))
        try:
            options = dict(parse_qsl(request.url.query, keep_blank_values=True))
            return _respond(answer(self.layer, Ask(request.method, inside, options, body, base)))
        except Refused as refused:
            if tenant.switches.error_status == "200" and isinstance(refused.body, dict) and "error" in refused.body:
                refused.status = 200
            raise

    def _rest(self, path: str, request: Request, body: bytes) -> Response:
        if path == "/rest/FileApiService/UploadFile" and request.method == "POST":
            given = request.headers.get("content-range", "bytes 0-")
            answered = files.upload(self.layer, request.query_params, given, body, TECHNICAL)
            return Response(answered, media_type="application/json")
        if match := re.match(r"^/rest/FileService/Download/(\w+)/([0-9a-fA-F-]{36})$", path):
            inner = Ask("GET", f"{match[1]}({match[2]})/Data", {}, b"", "")
            return _respond(answer(self.layer, inner))
        if match := re.match(r"^/rest/FileService/GetFile/([0-9a-fA-F-]{36})/([0-9a-fA-F-]{36})$", path):
            entities = self.layer.tenant.schema.entities.values()
            name = next((e.name for e in entities if str(e.uid) == match[1].lower()), "")
            return _respond(answer(self.layer, Ask("GET", f"{name}({match[2]})/Data", {}, b"", "")))
        raise Refused(404, refusals.NOT_FOUND_PAGE)


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _respond(done: Answer) -> Response:
    headers = {"OData-Version": "4.0"} | ({"Location": done.location} if done.location else {})
    return Response(done.body, done.status, headers=headers, media_type=done.media_type if done.status != 204 else None)
