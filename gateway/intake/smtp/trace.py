"""The Received line we put on each mail, and the cut for mails that go round in a circle (RFC 5321 §4.4, §6.3)."""

import re
import time
from email.utils import formatdate

from gateway.intake.smtp.session import Session, Transaction

MOST_HOPS = 50
MOST_VISITS = 2  # of our own; the third time is a circle

_BLANK_LINES = (b"\r\n\r\n", b"\n\n", b"\n\r\n")
_RECEIVED = re.compile(rb"^Received[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
_NOT_FOR_A_NAME = re.compile(r"[^A-Za-z0-9.:_\[\]-]")


def received_line(session: Session, mail: Transaction) -> bytes:
    """The line that says from whom, by whom, how and when we took the mail."""
    hostname = session.settings.hostname
    lines = (
        f"Received: from {_name(session.helo)}{_peer(session.peer)}\r\n\tby {hostname} with {_protocol(session, mail)}"
    )
    lines += f" id {mail.id}"
    # With several recipients the line would tell each of them about the others.
    if mail.asked == 1:
        lines += f"\r\n\tfor <{next(iter((*mail.recipients.values(), *mail.outside)))}>"
    return f"{lines}; {formatdate(time.time())}\r\n".encode()


def goes_round(head: bytes, hostname: str) -> bool:
    """Whether the header block shows more hops than a mail makes, or our own name too often."""
    block = head
    for blank in _BLANK_LINES:
        block = block.partition(blank)[0]
    lower = block.lower()
    # A plain search is enough for nearly all mail; the patterns below are slow, and this is done for each one.
    if lower.count(b"received") <= MOST_HOPS and lower.count(hostname.lower().encode()) <= MOST_VISITS:
        return False
    hops = _RECEIVED.findall(block)
    ours = re.compile(rb"\bby[ \t\r\n]+" + re.escape(hostname.encode()) + rb"(?![\w.-])", re.IGNORECASE)
    return len(hops) > MOST_HOPS or sum(1 for hop in hops if ours.search(hop)) > MOST_VISITS


def _name(helo: str) -> str:
    return _NOT_FOR_A_NAME.sub("?", helo)[:255] or "?"


def _peer(peer: str) -> str:
    if not peer:
        return " (local)"
    return f" ([IPv6:{peer}])" if ":" in peer else f" ([{peer}])"


def _protocol(session: Session, mail: Transaction) -> str:
    """RFC 3848, RFC 6531 §4.3."""
    if not session.extended:
        return "SMTP"
    name = "UTF8SMTP" if mail.utf8 else "ESMTP"
    return name + ("S" if session.tls else "") + ("A" if session.login else "")
