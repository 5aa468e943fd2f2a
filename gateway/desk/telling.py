"""What is said of a mail's way as plain values: contract 10, for `gateway explain` and for the API."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from gateway.config.settings import Settings
from gateway.desk.foresight import Foreseen, Taken, foresee
from gateway.mail.glance import GLANCE, first_from, first_id, first_subject
from gateway.mail.limits import Unreadable
from gateway.mail.message import Message, ReportKind
from gateway.mail.reading import read_message


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


@dataclass(frozen=True, slots=True)
class Before:
    """A mail before the one that is explained: what it is called, its bytes, when it came or left."""

    name: str
    raw: bytes
    at: datetime


def tell_of_taken(name: str, taken: Taken, before: Sequence[Before], settings: Settings) -> dict[str, Any]:
    """What becomes of a mail that was taken in, by what was kept then. For a process of its own."""
    try:
        message = read_message(taken.raw)
    except Unreadable as unreadable:
        return facts_of_unreadable(name, unreadable.reason, taken.raw[:GLANCE])
    earlier = [(one.name, replace(read_message(one.raw), date=one.at)) for one in before]
    return facts_of(name, message, foresee(message, earlier, settings, taken))
