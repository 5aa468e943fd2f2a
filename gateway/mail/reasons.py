"""Why a mail did not arrive, in words, from what a server said about it."""

import re
from dataclasses import dataclass

from gateway.mail.charsets import clean_line
from gateway.mail.reason_table import BY_STATUS, FILTERED, REASONS, UNCLEAR, Reason

_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_AFTER_DATA = re.compile(
    r">>> DATA <<< 5\d\d|in reply to (?:end of )?DATA command|after end of data|SMTP command DATA\b", re.IGNORECASE
)
_RCPT_REFUSED = re.compile(r"<<< 50[13] [^<]{0,40}(?:RCPT|recipient)|>>> RCPT", re.IGNORECASE)
# Some gateways put a phrase of their own around the reply they got, which says nothing about it.
_WRAPPED = re.compile(
    r"5\.\d\.\d - (?:Unknown address|Other network|Bad destination) error \d{3}-?'(.{4,400}?)'", re.IGNORECASE
)
_PLAIN_UNKNOWN = re.compile(
    r"(?:user|recipient|address) unknown|(?:unknown|no such) (?:user|recipient|address)", re.IGNORECASE
)
_REPLY = re.compile(r"(?<![\d.:/-])([45]\d\d)(?=[ -])")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`permanent` is about the address; `status` is an RFC 3463 code or empty; `words` is one line for a person."""

    reason: str
    permanent: bool
    status: str
    words: str


def weigh(said: str, *, status: str = "", context: str = "") -> Verdict:
    """What the server's words mean; the status code decides only where the words do not, `context` last."""
    line = clean_line(said)[:2_000].replace("’", "'")
    wrapped = _WRAPPED.search(line)
    if wrapped:
        line = wrapped.group(1)
        status = enhanced_status(line)
    status = status or enhanced_status(line)
    found = next((reason for reason, pattern in REASONS if pattern.search(line)), None)
    # A status about the address (x.1.x) is the server's own word for it, whenever it came.
    if found is not None and _PLAIN_UNKNOWN.search(line) and status[1:4] != ".1." and _after_data(context):
        found = FILTERED
    if found is None:
        found = _by_status(status) or _by_context(context) or _by_reply(line) or UNCLEAR
    words = f"{found.words}: {line[:300]}" if line else found.words
    return Verdict(found.name, found.permanent, status, words)


def enhanced_status(text: str) -> str:
    """The first RFC 3463 code that is no success, or an empty string."""
    for match in _CODE.finditer(text[:20_000]):
        if match.group(1) != "2":
            return match.group()
    return ""


def _by_status(status: str) -> Reason | None:
    if not status:
        return None
    family, _, detail = status.partition(".")
    return (
        BY_STATUS.get(status) or BY_STATUS.get(f"x.{detail}")
        if family != "4"
        else Reason("later", "It could not be delivered for now", permanent=False)
    )


def _after_data(context: str) -> bool:
    """The recipient was taken at RCPT and refused after DATA: a filter speaks, whatever words it uses."""
    transcript = clean_line(context)[:8_000]
    match = _AFTER_DATA.search(transcript)
    return bool(match) and not _RCPT_REFUSED.search(transcript)


def _by_context(context: str) -> Reason | None:
    line = clean_line(context)[:4_000].replace("’", "'")
    return next((reason for reason, pattern in REASONS if pattern.search(line)), None)


def _by_reply(line: str) -> Reason | None:
    match = _REPLY.search(line)
    return Reason("refused", "The other side refused it", permanent=False) if match else None
