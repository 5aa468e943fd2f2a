"""What machines report about mails sent earlier: bounces, delays, receipts, complaints."""

import re
from collections.abc import Sequence

from gateway.mail.addresses import plain_address
from gateway.mail.bounces import by_machine, find_bounce, from_daemon
from gateway.mail.content import part_text
from gateway.mail.fields import field_text, read_head
from gateway.mail.identity import read_message_id
from gateway.mail.layout import MESSAGES, Layout
from gateway.mail.message import Message, Report, ReportKind
from gateway.mail.notifications import read_notification
from gateway.mail.parts import Part
from gateway.mail.reasons import Verdict, weigh

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_READ_TYPES = ("message/disposition-notification", "message/global-disposition-notification")
_HEADER_TYPES = ("text/rfc822-headers", "message/global-headers", "text/rfc822", "message/rfc822-headers")
_QUOTED_ID = re.compile(r"^[> \t]*Message-ID:\s*(<[^<>\s]{3,900}>)", re.IGNORECASE | re.MULTILINE)
_TELLING = re.compile(
    r"\b[45]\d\d[ -]|\b[45]\.\d\.\d|unknown|not found|full|quota|exceed|expired|reject|refused", re.IGNORECASE
)
# Dovecot's delivery agent: what it says to people is the reason, the machine part a form it fills in.
_OWN_WORDS = re.compile(r"was automatically rejected:\s*\n?([^\n]{4,200})")
_SUCCESS = ("delivered", "relayed", "expanded", "deliverable")


def read_report(raw: bytes, tree: Part, layout: Layout, message: Message) -> Report | None:
    """RFC 3464, RFC 8098 and RFC 5965 by their own parts; a bounce in free form by what it says. None for the rest."""
    of = _reported_id(raw, tree, layout, message)
    parts = list(tree.walk())
    machine = by_machine(message)
    own = machine or any(part.type == "multipart/report" for part in parts)
    if own and (report := _of_its_parts(raw, parts, message, of)):
        return report
    wrapped = message.nested[0].report if message.nested else None
    if wrapped and (from_daemon(message) or (machine and not layout.passages)):
        return wrapped  # a gateway that hands on the notification it got, without a word of its own
    text = message.body.text
    notification = read_notification(text) if machine or text.lstrip().startswith("{") else None
    return notification or find_bounce(message, of)


def _of_its_parts(raw: bytes, parts: Sequence[Part], message: Message, of: str) -> Report | None:
    for part in parts:
        if part.type == "message/feedback-report":
            return _complaint(_groups(part_text(raw, part)), of, message)
    for part in parts:
        if part.type in _READ_TYPES:
            return _receipt(_groups(part_text(raw, part)), of)
    for part in parts:
        if part.type in _STATUS_TYPES:
            report = _delivery(_groups(part_text(raw, part)), message, of)
            if report is not None:
                return report
    return None


def _groups(text: str) -> list[dict[str, str]]:
    """Fields in groups divided by blank lines, folded lines joined."""
    groups: list[dict[str, str]] = [{}]
    name = ""
    for line in text[:200_000].split("\n"):
        if not line.strip():
            if groups[-1]:
                groups.append({})
            name = ""
        elif line[0] in " \t" and name:
            groups[-1][name] += " " + line.strip()
        else:
            key, colon, value = line.partition(":")
            if colon and len(key) < 80 and " " not in key.strip():
                name = key.strip().lower()
                groups[-1].setdefault(name, value.strip())
    return [group for group in groups if group]


def _delivery(groups: list[dict[str, str]], message: Message, of: str) -> Report | None:
    """One report for the whole notification: the worst that happened, and every address it happened to."""
    recipients = [group for group in groups if "final-recipient" in group or "original-recipient" in group]
    recipients = recipients or [group for group in groups if "action" in group or "status" in group]
    if not recipients:
        return None
    of = of or _angled(groups[0].get("original-message-id", "") or groups[0].get("x-original-message-id", ""))
    failed = [group for group in recipients if _action(group) not in _SUCCESS]
    if not failed:
        addresses = tuple(filter(None, (_recipient(group) for group in recipients)))
        return Report(
            ReportKind.DELIVERED,
            recipient=next(iter(addresses), ""),
            of=of,
            recipients=addresses,
            reason=f"It was {_action(recipients[0])}",
            status=recipients[0].get("status", "")[:10],
        )
    worst = next((group for group in failed if _action(group) == "failed"), failed[0])
    delayed = all(_action(group) == "delayed" for group in failed)
    verdict = _weigh(worst, message)
    addresses = tuple(dict.fromkeys(filter(None, (_recipient(group) for group in (worst, *failed)))))
    if not addresses and (free := find_bounce(message, of, certain=True)):
        addresses = free.recipients
    return Report(
        kind=ReportKind.BOUNCE,
        recipient=next(iter(addresses), ""),
        permanent=verdict.permanent and not delayed,
        reason=f"It is still being tried. {verdict.words}" if delayed else verdict.words,
        of=of,
        delayed=delayed,
        status=verdict.status,
        recipients=addresses,
    )


def _weigh(group: dict[str, str], message: Message) -> Verdict:
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}", group.get("status", ""))
    diagnostic = group.get("diagnostic-code", "")
    said = re.sub(r"^\s*[\w-]+\s*;\s*", "", diagnostic)
    if len(said) < 8:
        said = f"{said} {_telling_lines(message.body.text)}".strip()
    text = message.body.text
    if own := _OWN_WORDS.search(text[:2_000]):
        said, status = own.group(1), None
    return weigh(said, status=status.group() if status else "", context=f"{message.subject}\n{text[:6_000]}")


def _telling_lines(text: str) -> str:
    """Where the machine part says nothing, the lines for people with a reply code or a complaint do."""
    return " ".join([line.strip() for line in text[:20_000].split("\n") if _TELLING.search(line)][:4])


def _action(group: dict[str, str]) -> str:
    return (group.get("action", "failed").split() or ["failed"])[0].lower().strip(";,.")


def _recipient(group: dict[str, str]) -> str:
    """`rfc822; user@example.com`, or what is written instead of it."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        written = group.get(name, "").rpartition(";")[2].strip()
        found = re.search(r"[^\s<>\"(),;:]+@[^\s<>\"(),;]+", written)
        if found and (address := plain_address(found.group())):
            return address
    return ""


def _receipt(groups: list[dict[str, str]], of: str) -> Report:
    fields = {name: value for group in groups for name, value in group.items()}
    disposition = fields.get("disposition", "").rpartition(";")[2].strip()
    return Report(
        kind=ReportKind.READ,
        recipient=_recipient(fields),
        reason=f"It was {disposition or 'received'}",
        of=of or _angled(fields.get("original-message-id", "")),
        recipients=tuple(filter(None, (_recipient(fields),))),
    )


def _complaint(groups: list[dict[str, str]], of: str, message: Message) -> Report:
    fields = {name: value for group in groups for name, value in group.items()}
    recipient = plain_address(fields.get("original-rcpt-to", "").partition(",")[0])
    return Report(
        kind=ReportKind.COMPLAINT,
        recipient=recipient,
        reason=f"A complaint: {fields.get('feedback-type', 'abuse')}",
        of=of,
        recipients=(recipient,) if recipient else (),
    )


def _reported_id(raw: bytes, tree: Part, layout: Layout, message: Message) -> str:
    """The id of the mail that came back: from its copy, its header, or the lines that quote it."""
    for nested in message.nested:
        if nested.header("message-id"):
            return nested.message_id
    for part in tree.walk():
        if part.type in _HEADER_TYPES or part.type in MESSAGES:
            head = read_head(raw, part.start, part.end) if not part.encoding.startswith("b") else None
            if head and (found := read_message_id(head)):
                return found
            if quoted := _QUOTED_ID.search(part_text(raw, part)[:100_000]):
                return quoted.group(1)
    quoted = _QUOTED_ID.search(message.body.text)
    return quoted.group(1) if quoted else ""


def _angled(text: str) -> str:
    found = re.search(r"<[^<>\s]{3,900}>", field_text(text.encode("utf-8", "replace")))
    return found.group() if found else ""
