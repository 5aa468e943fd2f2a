"""Mail that came by way of somebody: which profile it fits, and whose it really is."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from gateway.mail.addresses import plain_address, read_addresses
from gateway.mail.message import Address, Message
from gateway.mail.quotes.headers import label_of
from gateway.mail.quotes.labels import Label
from gateway.mail.quotes.subjects import says_forward
from gateway.mail.trust import Trust

_LOOKED_AT = 400  # lines
# What help desks write into all that they send: Zendesk, RT, Jira, ServiceNow.
_TICKET_FIELDS = (
    "x-zendesk-from-account-id", "x-rt-loop-prevention", "rt-ticket", "x-rt-ticket", "x-jira-fingerprint",
    "x-servicenow-generated",
)  # fmt: skip
_LINKED = re.compile(r"mailto:([^\s<>\[\]()\"']{1,64}@[^\s<>\[\]()\"'?]{1,200})", re.IGNORECASE)
_GROUP_NAME = re.compile(
    r"^['\"]?(.{1,200}?)['\"]? (?:via|über|par|a través de|tramite|através de|через) .+$", re.IGNORECASE
)


class Profile(StrEnum):
    """How a mail came. The first ones change whose mail it is, the others only say the way."""

    FORM = "web form"
    GROUP = "Google group"
    RULE = "Outlook's forward rule"
    EMPLOYEE = "forwarded by an employee"
    GMAIL = "Gmail or Workspace forwarding"
    MICROSOFT = "Microsoft 365 redirect"
    PROTON = "Proton Mail forwarding"
    SRS = "forwarding with SRS"
    ALIAS = "forwarding by a mail server"
    RESENT = "redirected by a person"
    TICKETS = "sent by a ticket system"


@dataclass(frozen=True, slots=True)
class Forwarded:
    """`customer` is whose mail it is, None when From stands. `may_answer`: a machine may answer them.

    `proven`: From's own proof is as good for the customer. `advice` is for the operator, or empty.
    """

    profile: Profile
    confidence: float
    why: str
    customer: Address | None = None
    may_answer: bool = True
    proven: bool = True
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of our side: who is ours, who is staff, which forms and groups this mailbox has."""

    is_ours: Callable[[str], bool]
    is_staff: Callable[[Address], bool]
    forms: Collection[str] = ()
    groups: Collection[str] = ()


def recognise(message: Message, sender: str, known: Known, *, trust: Trust, sent_by_us: bool) -> Forwarded | None:
    """The first profile that fits, or None for a mail that came straight. `sender` is the envelope's."""
    if sent_by_us or not message.senders:
        return None
    return (
        _by_form(message, known, trust)
        or _by_group(message, known)
        or _by_rule(message, known)
        or _by_employee(message, known, trust)
        or _by_server(message, sender)
    )


def _by_form(message: Message, known: Known, trust: Trust) -> Forwarded | None:
    """A Reply-To is the customer only where the operator said so, or our own domain proves that it wrote the mail."""
    writer = message.senders[0]
    target = next((one for one in message.reply_to if not known.is_ours(one.address)), None)
    if target is None or target.key == writer.key:
        return None
    listed = _listed(writer, known.forms)
    own = trust is Trust.VERIFIED and known.is_staff(writer) and not known.is_staff(target)
    if not listed and not (own and _is_robot(writer)):
        return None
    why = f"{writer.address} is {'a form in the settings' if listed else 'our own form'}: its Reply-To is the customer"
    return Forwarded(Profile.FORM, 0.95 if listed else 0.8, why, customer=target, proven=False)


def _by_group(message: Message, known: Known) -> Forwarded | None:
    """Google Groups writes itself into From; the writer is in X-Original-From, else in Reply-To."""
    writer, listed = message.senders[0], message.header("list-id").casefold()
    named = [one for one in known.groups if one in listed or one.replace("@", ".") in listed or one == writer.key]
    if not named:
        return None
    # Google sets X-Original-Sender on every mail, X-Original-From only on those whose From it rewrote.
    rewritten = writer.key in named or writer.key.replace("@", ".") in named
    for field in ("x-original-from", "x-original-sender") if rewritten else ("x-original-from",):
        for one in read_addresses([value.encode() for value in message.all_headers(field)]):
            if not known.is_ours(one.address):
                name = one.name or _without_via(writer.name)
                return Forwarded(
                    Profile.GROUP, 0.95, f"by the group {named[0]}", customer=Address(one.address, name), proven=False
                )
    if not rewritten:
        return Forwarded(Profile.GROUP, 0.9, f"by the group {named[0]}, its From kept")
    target = next(
        (one for one in message.reply_to if one.key not in (*named, writer.key) and not known.is_ours(one.address)),
        None,
    )
    if target is None:
        return None
    return Forwarded(Profile.GROUP, 0.7, f"by the group {named[0]}", customer=target, proven=False)


def _by_rule(message: Message, known: Known) -> Forwarded | None:
    """A rule that forwards instead of redirecting: our own address in From, the customer only in the text."""
    if not known.is_ours(message.senders[0].address):
        return None
    inner = forwarded_sender(message)
    if inner is None or known.is_ours(inner.address):
        return None
    advice = (
        'the mailbox forwards with a rule that makes the mail its own: choose "Redirect" instead of "Forward" there'
    )
    why = f"from our own address, with a mail of {inner.address} in it"
    return Forwarded(Profile.RULE, 0.8, why, customer=inner, may_answer=False, proven=False, advice=advice)


def _by_employee(message: Message, known: Known, trust: Trust) -> Forwarded | None:
    """Four conditions: a proven colleague, a subject that says so, to us alone, and a mail of an outsider in it."""
    writer = message.senders[0]
    if trust is not Trust.VERIFIED or not known.is_staff(writer) or not says_forward(message.subject):
        return None
    if any(not known.is_ours(one.address) for one in (*message.to, *message.cc)):
        return None
    inner = forwarded_sender(message)
    if inner is None or known.is_ours(inner.address) or known.is_staff(inner):
        return None
    why = f"{writer.address} forwards a mail of {inner.address}"
    return Forwarded(Profile.EMPLOYEE, 0.9, why, customer=inner, may_answer=False, proven=False)


def _by_server(message: Message, sender: str) -> Forwarded | None:
    local = sender.rpartition("@")[0].casefold()
    if (message.header("x-forwarded-to") and message.header("x-forwarded-for")) or "+caf_=" in local:
        return Forwarded(Profile.GMAIL, 0.95, f"forwarded to {(message.header('x-forwarded-to') or sender)[:80]}")
    if redirected := _by_microsoft(message, local):
        return Forwarded(Profile.MICROSOFT, 0.9, f"redirected by Microsoft 365 for {(redirected or sender)[:80]}")
    if address := message.header("x-pm-forwarded-from"):
        return Forwarded(Profile.PROTON, 0.9, f"forwarded by Proton Mail for {address[:80]}")
    if re.match(r"srs[01][=+-]", local):
        return Forwarded(Profile.SRS, 0.9, f"forwarded by {sender.rpartition('@')[2]}")
    if message.header("resent-from"):
        return Forwarded(Profile.RESENT, 0.8, f"redirected by {message.header('resent-from')[:80]}")
    desk = next((name for name in _TICKET_FIELDS if message.header(name)), None)
    if desk is not None:
        # A person may have written it, and two desks that answer each other never end: a person of ours reads it.
        why = f"another help desk sent it ({desk}): its ticket would answer ours"
        return Forwarded(Profile.TICKETS, 0.8, why, may_answer=False)
    delivered = {value.casefold().strip("<> ") for value in message.all_headers("delivered-to")}
    if len(delivered) > 1 or message.header("x-original-to"):
        return Forwarded(Profile.ALIAS, 0.6, "a mail server handed it on")
    return None


def _by_microsoft(message: Message, local: str) -> str:
    """Whose mailbox redirects. What Exchange notes of its own organisation never leaves it; these three do."""
    for name in ("x-ms-exchange-forwardingloop", "x-ms-exchange-inbox-rules-loop"):
        mailbox = message.header(name).partition(";")[0].strip()
        # A customer's own rule writes it too, into the answer that it sends.
        if mailbox and mailbox.casefold() != message.senders[0].key:
            return mailbox
    resent = message.header("resent-from") if message.header("x-ms-exchange-crosstenant-id") else ""
    return resent or (local if "+srs=" in local else "")


def forwarded_sender(message: Message) -> Address | None:
    """Whose mail is inside: of an attached mail, else of the first block of header lines in the text."""
    for nested in message.nested:
        if nested.senders:
            return nested.senders[0]
    labels: set[Label] = set()
    found: Address | None = None
    for line in message.body.text.splitlines()[:_LOOKED_AT]:
        label = label_of(line.lstrip("> *").strip())
        if label is None:
            if line.strip() and labels:
                if found is not None and len(labels) >= 2:
                    return found
                labels, found = set(), None
            continue
        labels |= label[0]
        if Label.SENDER in label[0] and found is None:
            found = _written_sender(label[1])
    return found if len(labels) >= 2 else None


def _written_sender(text: str) -> Address | None:
    """Outlook writes `Ann [mailto:ann@customer.example]`, others the usual way."""
    linked = _LINKED.search(text)
    if linked and (address := plain_address(linked.group(1))):
        return Address(address, re.split(r"[\[<(]|\S+@", text, maxsplit=1)[0].strip(" \"'"))
    return next(iter(read_addresses([text.encode("utf-8", "replace")])), None)


def _listed(writer: Address, listed: Collection[str]) -> bool:
    return any(writer.key == one or (one.startswith("@") and writer.key.endswith(one)) for one in listed)


def _is_robot(writer: Address) -> bool:
    return re.match(r"(?:no|do[-_.]?not)[-_.]?reply|form|web|www|wordpress|contact", writer.key) is not None


def _without_via(name: str) -> str:
    match = _GROUP_NAME.match(name)
    return match.group(1) if match else name
