"""What an operation of the API is: its path, what it takes, what it gives, behind which doors."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.pipeline.people import Done, Result
from gateway.web import auth
from gateway.web.surroundings import Door, door

BASE = "/api/v1"
Run = Callable[[Request, str], Awaitable[Response]]
BOTH = frozenset({Door.INBOX, Door.SOCKET})
SOCKET_ONLY = frozenset({Door.SOCKET})


@dataclass(frozen=True, slots=True)
class Operation:
    """`run` gets the request and who asks. `query` and `body`: name -> what it says. `gives`: a schema's name, or a
    media type."""

    method: str
    path: str
    about: str
    run: Run
    gives: str = "Done"
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    takes: str = "application/json"
    doors: frozenset[Door] = BOTH


class BadRequest(Exception):
    """The request is not what this operation takes. The sentence says why."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.status = status


def endpoint(operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    """The operation behind its guard: who asks is known, and no other site's page asks."""

    async def guarded(request: Request) -> Response:
        person = await auth.find_person(request)
        if person is None:
            return error("sign in first", 401)
        try:
            _check_origin(request, operation)
            return await operation.run(request, person)
        except BadRequest as bad:
            return error(str(bad), bad.status)

    return guarded


def _check_origin(request: Request, operation: Operation) -> None:
    if operation.method == "GET" or door(request) is Door.SOCKET:
        return
    # Another site's form cannot send this type; its script would have to ask first, and we never say yes.
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if operation.method == "POST" and kind != operation.takes:
        raise BadRequest(f"the body must be {operation.takes}", 415)
    if not auth.same_origin(request):
        raise BadRequest("this comes from another site", 403)


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object of the body; nothing is an empty one. Raises BadRequest."""
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(said, dict):
        raise BadRequest("the body is not a JSON object")
    return said


def answer(result: Result) -> Response:
    if isinstance(result, Done):
        return JSONResponse({"done": result.text})
    return error(result.why, 404 if result.missing else 409)


def found(shown: object | None, what: str) -> Response:
    return error(f"there is no such {what}", 404) if shown is None else JSONResponse(shown)


def error(why: str, status: int) -> Response:
    return JSONResponse({"error": why}, status)
