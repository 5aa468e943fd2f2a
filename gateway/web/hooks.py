"""Creatio's business processes tell that something happened to a case (contract 5). Nothing they say is believed."""

import asyncio
import hmac
import json
import re
from typing import Any
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.log import event, get
from gateway.pipeline.watching import look_at_case
from gateway.web.surroundings import parts

_LARGEST = 64 * 1024
_PATIENCE = 5.0  # seconds for the body to come
_NOTHING = UUID(int=0)
_KNOWN = ("new_activity", "case_closed", "case_resolved", "status_changed")
log = get("web")


async def take_hook(request: Request) -> Response:
    """202 for any JSON object with the right token; the case is only looked at later."""
    if not _token_is_right(request):
        # RFC 9110 §15.5.2: a Bearer token that is missing or wrong; a wrong path is simply not there.
        in_path = "token" in request.path_params
        headers = None if in_path else {"WWW-Authenticate": "Bearer"}
        return JSONResponse({"error": "not found" if in_path else "token"}, 404 if in_path else 401, headers)
    body = await _read_body(request)
    if body is None:
        return JSONResponse({"error": "too large"}, 413)
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return JSONResponse({"error": "not JSON"}, 400)
    if not isinstance(said, dict):
        return JSONResponse({"error": "not a JSON object"}, 400)
    await _take_up(request, said)
    return JSONResponse({"accepted": True}, 202)


async def _take_up(request: Request, said: dict[str, Any]) -> None:
    kind, case = str(said.get("event_type", ""))[:40], read_id(said.get("caseId"))
    if case is None or kind not in _KNOWN:
        shown = re.sub(r"[^\w #.\[\]{}-]", "?", str(said.get("caseId", ""))[:60])
        event(log, "hook_ignored", event_type=kind, case=shown, why="no case" if case is None else "unknown event")
        return
    queued = await parts(request).store.write(look_at_case, case)
    event(log, "hook_taken" if queued else "hook_ignored", event_type=kind, case=case, known=queued)


def read_id(value: object) -> str | None:
    """A case's id in lower case: braces, quotes and capitals do not matter. None for what is no id, or zero."""
    try:
        found = UUID(str(value).strip().strip("\"'").strip("{}"))
    except ValueError:
        return None
    return None if found == _NOTHING else str(found)


def _token_is_right(request: Request) -> bool:
    wanted = parts(request).settings.creatio.hook_token.value
    given = request.path_params.get("token", "")
    if not given:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else ""
    same = hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
    return same and bool(wanted)


async def _read_body(request: Request) -> bytes | None:
    """The body, or None when there is more of it than a hook can have to say. One that stops coming is cut short."""
    body = b""
    try:
        async with asyncio.timeout(_PATIENCE):
            async for piece in request.stream():
                body += piece
                if len(body) > _LARGEST:
                    return None
    except (TimeoutError, ClientDisconnect):
        pass
    return body


ROUTES = (
    Route("/hooks/creatio/{token}", take_hook, methods=["POST"]),
    Route("/hooks/creatio", take_hook, methods=["POST"]),
)
