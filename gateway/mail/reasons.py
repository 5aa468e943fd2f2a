"""Why a mail did not arrive, in words, from what a server said about it."""

import re
from dataclasses import dataclass

from gateway.mail.charsets import clean_line
from gateway.mail.reason_table import (
    BY_STATUS,
    FILTERED,
    FINAL,
    LATER,
    OF_THE_ADDRESS,
    REFUSED,
    SENDER,
    UNCLEAR,
    UNKNOWN_USER,
    Reason,
)
from gateway.mail.reason_words import HINTING, TELLING

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
_AT_SENDER = re.compile(
    r"in reply to MAIL FROM command|(?:error from remote mail server|server) after MAIL FROM|"
    r">>> MAIL FROM:\s?<[^>]*>[^<]{0,60}<<< 5\d\d",
    re.IGNORECASE,
)
_FOR_GOOD = re.compile(r"permanent|fatal|gave up|giving up|given up", re.IGNORECASE)
_REPLY = re.compile(r"(?<![\d.:/-])([45]\d\d)(?=[ -])")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`permanent` is about the address; `status` is an RFC 3463 code or empty; `words` is one line for a person."""

    reason: str
    permanent: bool
    status: str
    words: str


def weigh(said: str, *, status: str = "", context: str = "") -> Verdict:
    """What a server means: clear words, a status about the address, any words, the status; `context` comes last."""
    line = clean_line(said)[:2_000].replace("’", "'")
    wrapped = _WRAPPED.search(line)
    if wrapped:
        line = wrapped.group(1)
        status = enhanced_status(line)
    status = status or enhanced_status(line)
    found = _found(line, status) or _by_status(status) or _by_context(context)
    found = _staged(found, line, status, context) or _by_reply(line)
    found = found or (FINAL if _FOR_GOOD.search(context[:4_000]) else UNCLEAR)
    # RFC 3463 §3.1: class 4 may succeed another time; but who was unknown until it was given up is unknown.
    if found.permanent and found is not UNKNOWN_USER and _is_transient(line, status):
        found = LATER
    words = f"{found.words}: {line[:300]}" if line else found.words
    return Verdict(found.name, found.permanent, status, words)


def _found(line: str, status: str) -> Reason | None:
    for reason, pattern in TELLING:
        if pattern.search(line):
            return reason
    if f"x.{status.partition('.')[2]}" in OF_THE_ADDRESS:
        return _by_status(status)
    return next((reason for reason, pattern in HINTING if pattern.search(line)), None)


def _staged(found: Reason | None, line: str, status: str, context: str) -> Reason | None:
    """What was said before or after RCPT is not about the recipient, whatever words it uses (RFC 5321 §3.3)."""
    if found is None or not found.permanent:
        return found
    transcript = clean_line(f"{line} {context}")[:8_000]
    if _AT_SENDER.search(line) or (_AT_SENDER.search(transcript) and not _RCPT_REFUSED.search(transcript)):
        return SENDER
    # A status about the address (x.1.x) is the server's own word for it, whenever it came.
    if _PLAIN_UNKNOWN.search(line) and status[1:4] != ".1." and _after_data(context):
        return FILTERED
    return found


def _is_transient(line: str, status: str) -> bool:
    code = enhanced_status(line) or status
    return code.startswith("4") if code else bool(re.match(r"4\d\d[ -]", line))


def enhanced_status(text: str) -> str:
    """The first RFC 3463 code that is no success, or an empty string."""
    for match in _CODE.finditer(text[:20_000]):
        if match.group(1) != "2":
            return match.group()
    return ""


def _by_status(status: str) -> Reason | None:
    detail = f"x.{status.partition('.')[2]}"
    found = BY_STATUS.get(detail) if status else None
    return LATER if status.startswith("4") and (found is None or found.permanent) else found


def _after_data(context: str) -> bool:
    """The recipient was taken at RCPT and refused after DATA: a filter speaks, whatever words it uses."""
    transcript = clean_line(context)[:8_000]
    match = _AFTER_DATA.search(transcript)
    return bool(match) and not _RCPT_REFUSED.search(transcript)


def _by_context(context: str) -> Reason | None:
    line = clean_line(context)[:4_000].replace("’", "'")
    return next((reason for reason, pattern in (*TELLING, *HINTING) if pattern.search(line)), None)


def _by_reply(line: str) -> Reason | None:
    return REFUSED if _REPLY.search(line) else None
