"""Bounces and complaints that a sending service tells as JSON (Amazon SES by way of SNS)."""

import json
from typing import Any

from gateway.mail.addresses import plain_address
from gateway.mail.charsets import clean_line
from gateway.mail.message import Report, ReportKind
from gateway.mail.reasons import weigh


def read_notification(text: str) -> Report | None:
    """The first JSON object with a `notificationType` that this knows, or None."""
    start = text.find("{")
    if start < 0 or "notificationType" not in text:
        return None
    found = _object(text[start : start + 100_000])
    inner = found.get("Message") if isinstance(found, dict) else None
    if isinstance(inner, str):
        found = _object(inner)
    match found:
        case {"notificationType": "Bounce", "bounce": dict(bounce), "mail": mail}:
            return _bounce(bounce, _id(mail))
        case {"notificationType": "Bounce", "bounce": dict(bounce)}:
            return _bounce(bounce, "")
        case {"notificationType": "Complaint", "complaint": dict(complaint), **rest}:
            recipients = _recipients(complaint.get("complainedRecipients"))
            words = f"A complaint: {clean_line(str(complaint.get('complaintFeedbackType', 'abuse')))[:60]}"
            return Report(
                ReportKind.COMPLAINT,
                next(iter(recipients), ""),
                reason=words,
                of=_id(rest.get("mail")),
                recipients=recipients,
            )
    return None


def _object(text: str) -> Any:
    try:
        # A mailer may have wrapped the long line in the middle of a string.
        return json.JSONDecoder(strict=False).raw_decode(text.replace("!\n ", ""))[0]
    except (ValueError, RecursionError):
        return None


def _bounce(bounce: dict[Any, Any], of: str) -> Report:
    listed = bounce.get("bouncedRecipients")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    verdict = weigh(str(first.get("diagnosticCode", "")), status=str(first.get("status", ""))[:10])
    recipients = _recipients(listed)
    return Report(
        ReportKind.BOUNCE,
        recipient=next(iter(recipients), ""),
        permanent=bounce.get("bounceType") == "Permanent" and verdict.permanent,
        reason=verdict.words,
        of=of,
        status=verdict.status,
        recipients=recipients,
    )


def _recipients(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list):
        return ()
    written = [str(one.get("emailAddress", "")) for one in listed[:50] if isinstance(one, dict)]
    return tuple(filter(None, map(plain_address, written)))


def _id(mail: object) -> str:
    written = clean_line(str(mail.get("messageId", ""))) if isinstance(mail, dict) else ""
    return f"<{written}@email.amazonses.com>" if written and len(written) < 200 else ""
