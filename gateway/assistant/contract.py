"""The JSON of the decision hook, both ways (contract 6): the only place that knows its words."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.desk.brief import Brief
from gateway.desk.decision import Answer, Decision, HandOff, KeepSilent, Understanding

ACTIONS = ("answer", "hand_off", "keep_silent")
SENTIMENTS = ("angry", "neutral", "happy")
_TEXTS = ("text", "summary", "reason", "language", "sentiment", "topic")
_LONGEST = {"summary": 4_000, "reason": 500, "language": 35, "topic": 200}
_LONGEST_ANSWER = 20_000
_UNKEPT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # no database and no mail takes them


class Invalid(ValueError):
    """The answer is not one; `faults` say why, in words that its writer can act upon."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def to_json(brief: Brief) -> dict[str, Any]:
    return {
        "version": 1,
        "conversation": {
            "id": brief.conversation_id,
            "url": brief.url,
            "mailbox": brief.mailbox,
            "subject": brief.subject,
            "answers_so_far": brief.answers_so_far,
        },
        "customer": {"address": brief.customer_address, "name": brief.customer_name, "verified": brief.verified},
        "messages": [
            {
                "author": said.author,
                "at": _moment(said.at),
                "text": said.text,
                "attachments": [{"name": file.name, "type": file.type, "size": file.size} for file in said.attachments],
            }
            for said in brief.messages
        ],
        "articles": [{"id": one.id, "title": one.title, "text": one.text, "url": one.url} for one in brief.articles],
        "fields": [
            {
                "column": one.column,
                "title": one.title,
                "type": one.type,
                "description": one.description,
                "options": list(one.options),
            }
            for one in brief.fields
        ],
        "policy": {"handoff": brief.handoff, "topics": list(brief.topics)},
        "deadline_ms": int(brief.deadline.total_seconds() * 1000),
    }


def parse(text: str | bytes) -> Any:
    """What the JSON says. Raises Invalid."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(["the answer is not JSON"]) from None


def from_json(said: Any, brief: Brief) -> Decision:
    """The decision. Raises Invalid; a field that was not asked for, or has no such option, is left out."""
    if not isinstance(said, dict):
        raise Invalid(["the answer is not a JSON object"])
    faults = _faults(said)
    if faults:
        raise Invalid(faults)
    words = {name: _clean(said.get(name) or "") for name in _TEXTS}
    words |= {name: words[name][:limit] for name, limit in _LONGEST.items()}
    about = Understanding(
        summary=words["summary"],
        language=words["language"],
        sentiment=words["sentiment"] if words["sentiment"] in SENTIMENTS else "",
        topic=words["topic"],
        fields=_fields(said.get("fields") or {}, brief),
    )
    match said["action"]:
        case "answer":
            citations = tuple(_clean(one) for one in said.get("citations") or ())
            return Answer(words["text"], resolved=bool(said.get("resolved")), citations=citations, about=about)
        case "hand_off":
            return HandOff(words["reason"] or "the assistant handed it off", about)
        case _:
            return KeepSilent(words["reason"] or "the assistant has nothing to say", about)


def _faults(said: Mapping[str, Any]) -> list[str]:
    faults = []
    if said.get("action") not in ACTIONS:
        faults.append(f"`action` must be one of {', '.join(ACTIONS)}")
    faults += [f"`{name}` must be a string or null" for name in _TEXTS if not isinstance(said.get(name), str | None)]
    text = said.get("text")
    if said.get("action") == "answer" and isinstance(text, str | None) and not _clean(text or ""):
        faults.append("`text` must not be empty when `action` is answer")
    if isinstance(text, str) and len(text) > _LONGEST_ANSWER:
        faults.append(f"`text` must not be longer than {_LONGEST_ANSWER} characters")
    if not isinstance(said.get("resolved"), bool | None):
        faults.append("`resolved` must be true or false")
    if not isinstance(said.get("fields"), dict | None):
        faults.append("`fields` must be an object")
    citations = said.get("citations")
    if not isinstance(citations, list | None) or any(not isinstance(one, str) for one in citations or ()):
        faults.append("`citations` must be a list of strings")
    return faults


def _fields(said: Mapping[str, Any], brief: Brief) -> dict[str, str]:
    kept: dict[str, str] = {}
    for asked in brief.fields:
        value = said.get(asked.column)
        text = _clean(value)[:1_000] if isinstance(value, str) else ""
        if asked.type == "dropdown":
            text = next((option for option in asked.options if option.casefold() == text.casefold()), "")
        if text:
            kept[asked.column] = text
    return kept


def _clean(text: str) -> str:
    return _UNKEPT.sub("", text).strip()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
