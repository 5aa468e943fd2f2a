"""What `gateway explain` says of one mail: contract 10 as JSON, or rule by rule for a reader."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from gateway.cli.printing import one_line, plain
from gateway.desk.foresight import Foreseen
from gateway.mail.glance import first_from, first_id, first_subject
from gateway.mail.message import Message, ReportKind

_ORDER = ("file", "fate", "mailbox", "from", "customer", "subject", "message_id", "origin", "trust")


def facts_of(file: str, message: Message, foreseen: Foreseen) -> dict[str, Any]:
    """One object as contract 10 has it."""
    verdict, way = foreseen.verdict, foreseen.way
    refused = foreseen.refused
    reasons = [refused] if refused else [*way.reasons, *verdict.reasons, *message.notes]
    return {
        "file": file,
        "message_id": message.message_id,
        "from": verdict.writer.address,
        "customer": verdict.customer.address,
        "mailbox": foreseen.mailbox,
        "subject": message.subject,
        "origin": verdict.origin.value,
        "may_answer": verdict.may_answer,
        "may_reopen": verdict.may_reopen,
        "trust": verdict.trust.value,
        "new_text": foreseen.trimmed.text,
        "cuts": [
            {"lines": [cut.first, cut.last], "rule": cut.rule, "confidence": round(cut.confidence, 3)}
            for cut in foreseen.trimmed.cuts
        ],
        "attachments": [
            {"name": one.name, "type": one.type, "size": one.size, "inline": one.inline} for one in message.attachments
        ],
        "bounce": _bounce(message),
        "conversation": {"found": foreseen.home.found, "evidence": [asdict(one) for one in foreseen.home.evidence]},
        "fate": "refuse" if refused else way.course.value,
        "reasons": list(dict.fromkeys(reason for reason in reasons if reason)),
    }


def facts_of_unreadable(file: str, why: str, head: bytes) -> dict[str, Any]:
    """A mail that is over a limit: kept, set aside for a person, never lost. `head` is looked at without parsing."""
    return {
        "file": file,
        "message_id": first_id(head) or None,
        "from": first_from(head) or None,
        "customer": None,
        "mailbox": None,
        "subject": first_subject(head) or None,
        "origin": None,
        "may_answer": False,
        "may_reopen": False,
        "trust": "unverified",
        "new_text": "",
        "cuts": [],
        "attachments": [],
        "bounce": None,
        "conversation": {"found": None, "evidence": []},
        "fate": "set_aside",
        "reasons": [why],
    }


def as_line(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False)


def as_text(facts: Mapping[str, Any]) -> str:
    """Rule by rule; nothing in it steers a terminal."""
    return "\n".join(_lines(facts)) + "\n"


def _bounce(message: Message) -> dict[str, Any] | None:
    report = message.report
    if report is None or report.kind is not ReportKind.BOUNCE:
        return None
    return {
        "recipient": report.recipient,
        "permanent": report.permanent,
        "reason": report.reason,
        "of": report.of,
        "delayed": report.delayed,
        "status": report.status,
    }


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    for name in _ORDER:
        yield f"{name.replace('_', ' '):<12}{one_line(str(facts[name] or '-'), 200)}"
    answered, reopens = ("yes" if facts[name] else "no" for name in ("may_answer", "may_reopen"))
    yield f"{'may answer':<12}{answered}; may open a resolved matter again: {reopens}"
    for reason in facts["reasons"]:
        yield f"{'because':<12}{one_line(str(reason), 200)}"
    found = facts["conversation"]
    yield f"{'joins':<12}{found['found'] or 'a new conversation' if facts['fate'] != 'set_aside' else '-'}"
    for one in found["evidence"]:
        yield f"{'':<12}{one['score']:>3} {one['rule']}: {one_line(one['why'], 160)}"
    if facts["bounce"]:
        kind = "permanent" if facts["bounce"]["permanent"] else "not permanent"
        yield f"{'bounce':<12}{facts['bounce']['recipient'] or '?'}, {kind}: {one_line(facts['bounce']['reason'], 160)}"
    for one in facts["attachments"]:
        place = "in the text" if one["inline"] else "attached"
        yield f"{'file':<12}{one_line(one['name'])} ({one['type']}, {one['size']} bytes, {place})"
    for cut in facts["cuts"]:
        first, last = cut["lines"]
        yield f"{'cut':<12}lines {first} to {last}: {cut['rule']} ({cut['confidence']:.2f})"
    yield f"{'new text':<12}"
    yield from (f"    {plain(line)}" for line in str(facts["new_text"]).splitlines())
