"""Bounces in free form: what servers wrote before, beside and against RFC 3464."""

import re

from gateway.mail.addresses import plain_address
from gateway.mail.away_table import AWAY_HINTS
from gateway.mail.bounce_table import (
    ALONE,
    ANNOUNCED,
    COPY_MARKS,
    DAEMON_LOCALS,
    DAEMON_NAMES,
    DELAY_SAYINGS,
    LEADING,
    LETTERS,
    NOTIFIERS,
    SAYINGS,
    SUBJECTS,
    SURE_LOCALS,
    SURE_NAMES,
    WARNINGS,
)
from gateway.mail.message import Message, Report, ReportKind
from gateway.mail.reasons import weigh

_TOP = 6_000  # characters: what a server says about a mail stands before the copy of it
_REPLY = re.compile(r"^\s*(?:re|fwd?|aw|wg|sv|vs|tr|rv|antw)\s*:", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-zA-Z0-9][\w.-]{1,200}")
_SMTP_REPLY = re.compile(r"\b[45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3}\b|\S+ )")
_HELP = re.compile(r"(?:postmaster|mailer-daemon|abuse|support|help(?:desk)?|hostmaster|noc|admin)@", re.IGNORECASE)
_X400 = re.compile(r"^SMTP=", re.IGNORECASE)
_BARE_WORD = re.compile(r"\s*([a-z0-9][\w.-]{2,63})[ \t]*(?:\n|$)", re.IGNORECASE)
_TELLING = re.compile(
    r"\b[45]\d\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b|unknown|not found|\bfull\b|quota|exceed|expired|reject|refused"
    r"|not exist"
    r"|no such|denied|invalid|disabled|timed out|spam|virus|too (?:large|big)|not known|not listed|unable|could ?n.t",
    re.IGNORECASE,
)


def find_bounce(message: Message, of: str, *, certain: bool = False) -> Report | None:
    """A bounce, by who writes and what is said; `certain` when the machine part has already said that it is one."""
    if not certain and not _is_bounce(message):
        return None
    said = _said(message)
    recipients = _recipients(message, said)
    told = f"{message.subject}\n{said}"
    delayed = bool(WARNINGS.search(told)) or (bool(DELAY_SAYINGS.search(told)) and not _final(said))
    verdict = weigh(_telling(said), context=told)
    return Report(
        kind=ReportKind.BOUNCE,
        recipient=next(iter(recipients), ""),
        permanent=verdict.permanent and not delayed,
        reason=f"It is still being tried. {verdict.words}" if delayed else verdict.words,
        of=of,
        delayed=delayed,
        status=verdict.status,
        recipients=recipients,
    )


def _is_bounce(message: Message) -> bool:
    """Who writes and what is said. A title proves nothing, nor does a person's mail about a mail that came back."""
    if message.header("x-failed-recipients"):
        return True
    subject = bool(SUBJECTS.search(message.subject))
    told = _said(message)
    said = bool(SAYINGS.search(told))
    copy = bool(message.nested) or bool(COPY_MARKS.search(message.body.text))
    nobody = message.header("return-path").strip() == "<>"
    if "delivery-status" in message.header("content-type") and from_daemon(message):
        return True
    if _is_sure(message):
        return said or (subject and copy)
    if from_daemon(message):
        # A postmaster, a firm called "Mail Service": people, who may write about a mail that came back.
        named = bool(message.nested) or bool(_ADDRESS.search(told) or _SMTP_REPLY.search(told) or _is_marked(message))
        return (nobody and said) or (subject and named and (copy or (said and not LETTERS.search(told[:2_000]))))
    if _REPLY.match(message.subject) or AWAY_HINTS.search(message.subject[:200]):
        return False
    if not _from_machine(message) and not (nobody and copy and _SMTP_REPLY.search(told)):
        return False
    return (nobody and said and (subject or copy or not message.senders)) or (subject and said and copy)


def _from_machine(message: Message) -> bool:
    """Nobody's name, or an account that only sends notices: people have neither."""
    local = next((one.address.rpartition("@")[0].casefold() for one in message.senders), "")
    return not local or NOTIFIERS.fullmatch(local) is not None


def by_machine(message: Message) -> bool:
    """Whether what it carries of a report is its own: people forward and attach such parts, too."""
    return from_daemon(message) or _from_machine(message) or message.header("return-path").strip() == "<>"


def from_daemon(message: Message) -> bool:
    """Whether a mail server's own account writes, by its address or name, or by whom the envelope named."""
    if any(DAEMON_LOCALS.fullmatch(local) for local in _locals(message)):
        return True
    written = message.header("from")
    return bool(DAEMON_NAMES.search(_ADDRESS.sub(" ", written))) or (not written and bool(message.nested))


def _is_sure(message: Message) -> bool:
    """By an account or a name that no person has."""
    written = _ADDRESS.sub(" ", message.header("from"))
    return any(SURE_LOCALS.fullmatch(local) for local in _locals(message)) or bool(SURE_NAMES.search(written))


def _locals(message: Message) -> tuple[str, ...]:
    envelope = message.header("return-path").strip(" <>")
    written = (envelope, *(one.address for one in message.senders))
    return tuple(one.rpartition("@")[0].casefold().strip('"') for one in written)


def _is_marked(message: Message) -> bool:
    return message.header("auto-submitted").casefold() not in ("", "no") or bool(message.header("precedence"))


def _said(message: Message) -> str:
    """The server's own words: the text before the copy of the mail."""
    text = message.body.text
    mark = COPY_MARKS.search(text, 1)
    end = mark.start() if mark and mark.start() > 40 else _TOP
    return text[: min(end, _TOP)]


def _telling(said: str) -> str:
    return " ".join([line.strip() for line in said.split("\n") if _TELLING.search(line)][:6])


def _final(said: str) -> bool:
    return bool(re.search(r"(?i)permanent|fatal|gave up|given up|giving up|returned|not be delivered\.|failed", said))


def _recipients(message: Message, said: str) -> tuple[str, ...]:
    """Whose address failed: a field that names it, else a line that announces it, else the first that stands alone."""
    ours = {address.key for address in (*message.to, *message.senders, *message.cc)}
    named = [address for line in LEADING.findall(said) for address in _addresses(line)]
    for found in (
        _addresses(message.header("x-failed-recipients")),
        [address for address in named if address.casefold() not in ours],
        _announced(message, said),
        [address for line in ALONE.findall(said) for address in _addresses(line)],
        [address for address in _addresses(said) if address.casefold() not in ours],
        [address.address for nested in message.nested for address in nested.to],
    ):
        if found:
            people = [address for address in found if not _HELP.match(address)]
            return tuple(dict.fromkeys(people or found))[:50]
    return ()


def _announced(message: Message, said: str) -> list[str]:
    """The addresses right after "the following recipients", at most a few lines on."""
    senders = {address.key for address in message.senders}
    for match in ANNOUNCED.finditer(said):
        after = said[match.end() : match.end() + 600]
        rest, _, below = after.partition("\n")
        line = match.group() + rest
        here = [address for address in _people(line) if address.casefold() not in senders]
        if here and not line.rstrip().endswith(":"):
            return here[:1]
        block: list[str] = []
        for line in below.split("\n")[:12]:
            block += [address for address in _people(line) if address.casefold() not in senders]
            if block and not line.strip():
                break
        if block:
            return block
        word = _BARE_WORD.match(below)
        if word and message.senders:
            return [f"{word.group(1)}@{message.senders[0].domain}"]  # AOL names its own people without a domain
    return []


def _people(text: str) -> list[str]:
    return [address for address in _addresses(text) if not _HELP.match(address)]


def _addresses(text: str) -> list[str]:
    found = (_X400.sub("", address).rstrip(".") for address in _ADDRESS.findall(text))
    return [address for written in found if (address := plain_address(written))]
