"""The description of the API, made from the same table as its paths (OpenAPI 3.1)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.web.operations import BASE, Operation
from gateway.web.surroundings import Door

_PLACE = re.compile(r"{(\w+)(?::(\w+))?}")
_TEXT, _NUMBER, _YES = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_TIME = {"type": "string", "format": "date-time"}
_MAYBE_TIME = {"type": ["string", "null"], "format": "date-time"}
_PERSON = {"type": "object", "properties": {"address": _TEXT, "name": _TEXT}, "required": ["address", "name"]}
_COUNTS = {"type": "object", "additionalProperties": _NUMBER}


def _list(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(of)}


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": sorted(properties)}


_ANY = {"type": "object"}
_PAUSE = _object(what=_TEXT, mailbox=_TEXT, since=_TIME, by=_TEXT)
_CONNECTION = _object(name=_TEXT, condition=_TEXT, why=_TEXT, since=_TIME, asked_again=_MAYBE_TIME)
_LINE = _object(
    id=_TEXT, subject=_TEXT, customer=_PERSON, mailbox=_TEXT, state=_TEXT, held=_TEXT, why=_TEXT, changed=_TIME,
    answers=_NUMBER, draft=_YES, case={"type": ["string", "null"]}, newest=_object(author=_TEXT, text=_TEXT),
)  # fmt: skip
_ENTRY = _object(
    id=_NUMBER, author=_TEXT, at=_TIME, sender=_PERSON, text=_TEXT, quoted=_list(_ANY), attachments=_list(_ANY),
    arrival={"type": ["object", "null"]}, deliveries=_list(_ANY), filed=_list(_ANY),
)  # fmt: skip
_ASIDE_LINE = _object(
    id=_TEXT, kind=_TEXT, step=_TEXT, subject=_TEXT, why=_TEXT, since=_TIME, conversation={"type": ["string", "null"]},
    arrival={"type": ["integer", "null"]}, mailbox=_TEXT, **{"from": _TEXT},
)  # fmt: skip
_ORPHAN = _object(id=_TEXT, kind=_TEXT, case=_TEXT, conversation=_TEXT, why=_TEXT)
_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "Done": _object(done=_TEXT),
    "Error": _object(error=_TEXT),
    "Status": _object(
        version=_TEXT, node=_TEXT, since=_TIME, counters=_ANY, work=_ANY, backlog_ends=_MAYBE_TIME, deliveries=_COUNTS,
        pauses=_list(_PAUSE), notices=_list(_ANY), connections=_list(_CONNECTION), unused=_list(_TEXT),
    ),
    "Conversations": _object(conversations=_list(_LINE), total=_NUMBER, page=_NUMBER, pages=_NUMBER),
    "Conversation": _object(
        id=_TEXT, url=_TEXT, subject=_TEXT, customer=_PERSON, mailbox=_TEXT, state=_TEXT, held=_TEXT, created=_TIME,
        case={"type": ["object", "null"]}, draft={"type": ["object", "null"]}, entries=_list(_ENTRY),
        handoffs=_list(_ANY), filed=_list(_ANY), history=_list(_ANY), activities=_list(_ANY),
        merged_into={"type": ["string", "null"]}, merged=_list(_TEXT),
    ),
    "Aside": _object(aside=_list(_ASIDE_LINE), spam=_list(_ASIDE_LINE)),
    "Arrival": _object(
        id=_NUMBER, mailbox=_TEXT, received=_TIME, envelope=_ANY, fate={"type": ["string", "null"]},
        reasons=_list(_TEXT), evidence=_ANY,
    ),
    "Explanation": _object(
        file=_TEXT, mailbox=_TEXT, subject=_TEXT, origin=_TEXT, trust=_TEXT, may_answer=_YES, may_reopen=_YES,
        new_text=_TEXT, conversation=_ANY, fate=_TEXT, reasons=_list(_TEXT), happened=_ANY,
    ),
    "Connections": _object(mailboxes=_list(_ANY), connections=_list(_CONNECTION), work=_ANY),
    "Forwarding": _object(
        address=_TEXT, mailbox=_TEXT, state=_TEXT, why=_TEXT, sent=_TIME, by=_TEXT, lost=_NUMBER, learnt=_ANY
    ),
    "Findings": _object(findings=_list(_object(area=_TEXT, well=_YES, text=_TEXT, fix=_TEXT, warning=_YES))),
    "Accounts": _object(accounts=_list(_TEXT)),
    "Invitation": _object(url=_TEXT),
    "Taken": _object(arrivals=_list(_NUMBER), mailboxes=_list(_TEXT)),
    "Reconciled": _object(
        lost=_list(_ORPHAN), unknown=_list(_ORPHAN), repaired=_NUMBER, looked_at=_NUMBER, last=_TEXT
    ),
    "Reloaded": _object(done=_TEXT, warnings=_list(_TEXT)),
}  # fmt: skip


def describe(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(_PLACE.sub(r"{\1}", one.path), {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Creatio mail gateway", "version": version or "0"},
        "servers": [{"url": BASE}],
        "paths": paths,
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "gateway-session"}},
        },
        "security": [{"session": []}],
    }


def _operation(one: Operation) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{one.gives}"} if one.gives in _SCHEMAS else {}
    kind = "application/json" if schema or one.gives == "application/json" else one.gives
    told: dict[str, Any] = {
        "summary": one.about,
        "parameters": _places(one.path) + _queries(one.query),
        "responses": {
            "200": {"description": "done", "content": {kind: {"schema": schema}}},
            "default": {
                "description": "why not",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    }
    if Door.INBOX not in one.doors:
        told["description"] = "Only through the socket in the data folder."
    if one.body or one.takes != "application/json":
        properties = {name: {"type": "string", "description": about} for name, about in one.body.items()}
        taken = {"type": "object", "properties": properties} if one.body else {}
        told["requestBody"] = {"content": {one.takes: {"schema": taken}}}
    return told


def _places(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _NUMBER if kind == "int" else _TEXT}
        for name, kind in _PLACE.findall(path)
    ]


def _queries(query: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "description": about, "schema": _TEXT} for name, about in query.items()]
