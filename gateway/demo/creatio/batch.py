"""`$batch` in its JSON form: several requests in one, stopped at the first failure unless told otherwise."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from gateway.demo.creatio import refusals
from gateway.demo.creatio.odata import Answer, Ask, answer
from gateway.demo.creatio.refusals import Refused
from gateway.demo.creatio.saving import EntityLayer

LIMIT = 100


def answer_batch(layer: EntityLayer, body: bytes, base: str, *, go_on: bool) -> bytes:
    """The `responses`; `go_on` is what `Prefer: continue-on-error` asks for."""
    try:
        requests = json.loads(body)["requests"]
    except (ValueError, KeyError, TypeError):
        raise refusals.body_refused("The batch has no 'requests'.") from None
    if len(requests) > LIMIT:
        raise refusals.body_refused(
            f"The current batch message contains too many parts. A maximum number of '{LIMIT}' is allowed."
        )
    groups: dict[str, str] = {}
    responses: list[dict[str, Any]] = []
    for request in requests:
        done = _one(layer, request, base)
        entry: dict[str, Any] = {"id": request.get("id", ""), "status": done.status, "headers": _headers(done)}
        if done.body:
            entry["body"] = _content(done)
        if group := request.get("atomicityGroup"):
            entry["atomicityGroup"] = groups.setdefault(group, str(layer.tenant.new_id()))
        responses.append(entry)
        if done.status >= 400 and not go_on:
            break
    return json.dumps({"responses": responses}, ensure_ascii=False).encode()


def _one(layer: EntityLayer, request: dict[str, Any], base: str) -> Answer:
    url = urlsplit(str(request.get("url", "")))
    path = url.path.rpartition("/odata/")[2].lstrip("/")
    body = json.dumps(request.get("body") or {}).encode()
    try:
        return answer(layer, Ask(str(request.get("method", "")).upper(), path, dict(parse_qsl(url.query)), body, base))
    except Refused as refused:
        return Answer(refused.status, refused.content, refused.media_type)


def _headers(done: Answer) -> dict[str, str]:
    headers = {"OData-Version": "4.0", "Content-Type": done.media_type}
    return headers | ({"Location": done.location} if done.location else {})


def _content(done: Answer) -> Any:
    return json.loads(done.body) if "json" in done.media_type else done.body.decode("utf-8", "replace")
