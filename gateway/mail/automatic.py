"""Who is speaking: a person or a machine; may it be answered, may it open a matter again (RFC 3834)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from gateway.mail.automatic_table import (
    ANSWERING_FIELDS,
    CHALLENGE_FIELDS,
    CHALLENGE_SAYINGS,
    CHALLENGE_TITLES,
    CHALLENGERS,
    CONFIRMING,
    GENERATING_FIELDS,
    LEAVING_FIELDS,
    LIST_FIELDS,
    NEVER_ANSWERED,
    PROVIDERS_OWN,
    RECEIPT_SAYINGS,
    RECEIPT_TITLES,
)
from gateway.mail.away_table import AWAY_HINTS, AWAY_SAYINGS, AWAY_TITLES, DECLARED
from gateway.mail.bounces import from_daemon
from gateway.mail.forwarders import Forwarded, Profile
from gateway.mail.message import Envelope, Message, ReportKind
from gateway.mail.quotes.subjects import says_reply

# Their own fields (List-Id, Precedence, Auto-Submitted) are on every mail that comes through them.
_WRAPPING = (Profile.FORM, Profile.GROUP, Profile.RULE)


class Origin(StrEnum):
    """Contract 10: what kind of writer a mail has."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    BULK = "bulk"
    BOUNCE = "bounce"
    REPORT = "report"
    CALENDAR = "calendar"
    CHALLENGE = "challenge"
    CONFIRMATION = "confirmation"
    SPAM = "spam"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Machine:
    """Three verdicts that do not follow from each other: a person's mail, too, may ask for no machine's answer."""

    origin: Origin
    may_answer: bool
    may_reopen: bool
    reasons: tuple[str, ...] = ()


def judge(
    message: Message,
    envelope: Envelope,
    *,
    ours: Collection[str],
    sent_by_us: bool,
    spam: Collection[str],
    block: Collection[str] = (),
    by: Forwarded | None = None,
) -> Machine:
    """The first that holds decides; for a person's mail the milder signs still say whether a machine may answer.

    `ours` are our own addresses, `sent_by_us` says that our ledger knows its Message-ID, `spam` are the marks of
    trusted peers ("Field: value"), `block` addresses and domains nobody wants mail from. `by` is how it came: what a
    form or a group puts into each mail says nothing about its writer. Never raises.
    """
    why = _machine(message, envelope, ours, sent_by_us, by)
    if why is not None:
        return Machine(why[0], may_answer=False, may_reopen=False, reasons=(why[1],))
    if mark := _spam(message, envelope, spam, block):
        return Machine(Origin.SPAM, may_answer=False, may_reopen=False, reasons=(mark,))
    if message.calendar_method:
        answered = message.calendar_method == "REPLY"
        said = f"a calendar's {message.calendar_method}"
        return Machine(Origin.CALENDAR, may_answer=False, may_reopen=not answered, reasons=(said,))
    reserved = _reservations(message, envelope) if by is None or by.customer is None else ()
    reserved = reserved if by is None or by.may_answer else (*reserved, by.why)
    return Machine(Origin.PERSON, may_answer=not reserved, may_reopen=True, reasons=reserved)


def _machine(
    message: Message, envelope: Envelope, ours: Collection[str], sent_by_us: bool, by: Forwarded | None
) -> tuple[Origin, str] | None:
    if sent_by_us:
        return Origin.OWN, "its Message-ID is one that we sent"
    if why := _challenge(message, envelope):
        return Origin.CHALLENGE, why
    if message.report is not None:
        bounce = message.report.kind is ReportKind.BOUNCE
        return (Origin.BOUNCE if bounce else Origin.REPORT), f"a report ({message.report.kind.value})"
    if _looks_like_receipt(message) and (_answers(message) or _marked(message, envelope)):
        return Origin.REPORT, f"it is titled and worded like a receipt: {message.subject[:60]}"
    if (by is None or by.customer is None) and any(one.key in ours for one in message.senders[:1]):
        return Origin.OWN, f"it is from {message.senders[0].address}, an address of ours"
    if why := _confirmation(message):
        return Origin.CONFIRMATION, why
    if by is not None and by.profile in _WRAPPING:
        return None
    return _answering(message, envelope) or _bulk(message)


def _answering(message: Message, envelope: Envelope) -> tuple[Origin, str] | None:
    titled = bool(AWAY_TITLES.search(message.subject[:200]))
    # RFC 3834 §5: "no" is a person; any other value, known or not, is a machine.
    submitted = auto_submitted(message)
    if submitted in ("auto-replied", "auto-notified"):
        return Origin.AUTO_REPLY, f"Auto-Submitted: {submitted} (RFC 3834)"
    if submitted not in ("", "no"):
        origin = Origin.AUTO_REPLY if titled or message.in_reply_to else Origin.BULK
        return origin, f"Auto-Submitted: {submitted} (RFC 3834)"
    for name in ANSWERING_FIELDS:
        value = message.header(name).casefold()
        if value and not _says_no(value):
            return Origin.AUTO_REPLY, f"{name}: {value[:60]}"
    if _precedence(message) in ("auto_reply", "auto-reply", "autoreply"):
        return Origin.AUTO_REPLY, "Precedence: auto_reply"
    # RFC 3834 §2: what comes from the null sender must not be answered. A forwarder or a form may have emptied it.
    if _null_sender(message, envelope) and _is_nobodys(message):
        return Origin.AUTO_REPLY, "it comes from the null sender (RFC 3834)"
    worded = titled and AWAY_SAYINGS.search(message.body.text[:3_000])
    # Who answers an automatic answer has its title behind a "Re:".
    if (worded and _answers(message) and not says_reply(message.subject)) or (
        _titled_away(message) and _marked(message, envelope)
    ):
        return Origin.AUTO_REPLY, f"it is titled and worded like an absence notice: {message.subject[:60]}"
    return None


def _titled_away(message: Message) -> bool:
    title = message.subject[:200]
    return bool(AWAY_TITLES.search(title) or AWAY_HINTS.search(title))


def _answers(message: Message) -> bool:
    """It answers a mail. Titles and words prove nothing by themselves: people have such matters, too."""
    return bool(message.in_reply_to or message.references)


def _marked(message: Message, envelope: Envelope) -> bool:
    """A mail program asked for calm. Exchange and CRMs ask people's mails for less than all."""
    calm = "all" in suppressions(message) or _precedence(message) in ("bulk", "junk", "list")
    return calm or _null_sender(message, envelope)


def _is_nobodys(message: Message) -> bool:
    local = message.senders[0].address.rpartition("@")[0] if message.senders else ""
    return not local or from_daemon(message) or NEVER_ANSWERED.fullmatch(local) is not None


def _looks_like_receipt(message: Message) -> bool:
    said = RECEIPT_SAYINGS.search(message.body.text[:1_000])
    return said is not None and RECEIPT_TITLES.search(message.subject[:200]) is not None


def _bulk(message: Message) -> tuple[Origin, str] | None:
    precedence = _precedence(message)
    if precedence in ("bulk", "junk", "list"):
        return Origin.BULK, f"Precedence: {precedence}"
    for name in (*LIST_FIELDS, *GENERATING_FIELDS):
        value = message.header(name)
        if value and not _says_no(value.casefold()):
            return Origin.BULK, f"{name}: {value[:60]}"
    if (left := _way_out(message)) and not _answers(message):
        return Origin.BULK, left
    return None


def _way_out(message: Message) -> str:
    """Newsletters offer one; so does what people send through a sales program, their answers too."""
    return next((f"{name}: {value[:60]}" for name in LEAVING_FIELDS if (value := message.header(name))), "")


def _reservations(message: Message, envelope: Envelope) -> tuple[str, ...]:
    """A person may have written it, yet a machine must not answer."""
    found: list[str] = []
    if _null_sender(message, envelope):
        found.append("it comes from the null sender (RFC 3834)")
    # Exchange puts this on much that people write: it asks for no automatic answer, it does not say "machine".
    asked = suppressions(message) & {"all", "oof", "autoreply"}
    if asked:
        found.append(f"X-Auto-Response-Suppress: {', '.join(sorted(asked))}")
    if message.header("x-loop"):
        found.append("X-Loop")
    for sender in message.senders[:1]:
        if NEVER_ANSWERED.fullmatch(sender.address.rpartition("@")[0]):
            found.append(f"{sender.address} takes no answers")
    if _titled_away(message):
        found.append(f"titled like an absence notice: {message.subject[:60]}")
    if _looks_like_receipt(message):
        found.append(f"titled and worded like a receipt: {message.subject[:60]}")
    if _looks_like_challenge(message):
        found.append(f"it seems to ask the sender to prove something: {message.subject[:60]}")
    if declared := DECLARED.search(_own_words(message)):
        found.append(f"it calls itself automatic: {declared.group()[:60]}")
    if left := _way_out(message):
        found.append(left)
    return tuple(found)


def auto_submitted(message: Message) -> str:
    """The keyword of Auto-Submitted without comment or parameters, lower case; the worst when given twice."""
    words = []
    for value in message.all_headers("auto-submitted"):
        bare = re.sub(r"\([^()]{0,200}\)", " ", value.casefold()).partition(";")[0].split()
        words += bare[:1]
    return next((word for word in words if word != "no"), words[0] if words else "")


def suppressions(message: Message) -> frozenset[str]:
    """What X-Auto-Response-Suppress asks to be spared; "None" is nothing."""
    words = re.split(r"[,;\s]+", message.header("x-auto-response-suppress").casefold())
    return frozenset(word for word in words if word and word != "none")


def _precedence(message: Message) -> str:
    return message.header("precedence").casefold().strip() or message.header("x-precedence").casefold().strip()


def _says_no(value: str) -> bool:
    return value.strip(" <>\"';") in ("no", "none", "false", "0", "off", "never")


def _null_sender(message: Message, envelope: Envelope) -> bool:
    return not envelope.sender or message.header("return-path").strip() == "<>"


def _challenge(message: Message, envelope: Envelope) -> str:
    for name in CHALLENGE_FIELDS:
        if message.header(name):
            return f"{name}: a challenge"
    if any(CHALLENGERS.search(one.address) for one in message.senders[:1]):
        return f"{message.senders[0].domain} asks senders to prove something"
    marked = _marked(message, envelope) or auto_submitted(message) not in ("", "no")
    if marked and _looks_like_challenge(message):
        return f"it asks the sender to prove something: {message.subject[:60]}"
    return ""


def _looks_like_challenge(message: Message) -> bool:
    said = CHALLENGE_SAYINGS.search(message.body.text[:6_000])
    return said is not None and CHALLENGE_TITLES.search(message.subject[:200]) is not None


def _own_words(message: Message) -> str:
    """How it begins, without what it quotes."""
    lines = message.body.text[:600].split("\n")
    return "\n".join(line for line in lines if not line.startswith(">"))


def _confirmation(message: Message) -> str:
    """Their customers write from the same domains, about confirmations too: only a provider's own account asks."""
    for sender in message.senders[:1]:
        local = sender.address.rpartition("@")[0]
        for who, title in CONFIRMING:
            if PROVIDERS_OWN.search(local) and who.search(sender.address) and title.search(message.subject[:200]):
                return f"{sender.domain} asks to confirm a forwarding"
    return ""


def _spam(message: Message, envelope: Envelope, marks: Collection[str], block: Collection[str]) -> str:
    for sender in message.senders[:1]:
        for one in block:
            domain = one.removeprefix("@")
            if sender.key == one or ("@" not in domain and f".{sender.domain}".endswith(f".{domain}")):
                return f"{one} is blocked"
    # Anyone may write such a mark on the SMTP door; a mail without a peer lay in our own mailbox or file.
    if envelope.peer and not envelope.trusted:
        return ""
    for mark in marks:
        name, _, wanted = mark.partition(":")
        for value in message.all_headers(name.strip()):
            if value.strip().casefold().startswith(wanted.strip().casefold()):
                return f"marked as spam by a trusted peer: {mark}"
    return ""
