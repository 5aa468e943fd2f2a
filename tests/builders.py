"""Sensible values, so that a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from gateway.conversations.conversation import Author, Conversation, Entry, Held, State
from gateway.desk.case import CaseState, KnownCase, Status, Tenant
from gateway.desk.decision import Understanding
from gateway.desk.dossier import Dossier, HandedOff, Told
from gateway.desk.records import row_id
from gateway.desk.replies import ActivitySeen, Kind, Sending
from gateway.mail.message import Address, Attachment, Message

SUPPORT = "support@example.com"
ANN = Address("ann@customer.example", "Ann Alder")
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def an_id(name: str) -> str:
    """A uuid that is always the same for the same name."""
    return str(uuid5(NAMESPACE_URL, name))


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def a_message(**more: Any) -> Message:
    plain = Message("<1@customer.example>", subject="Where is my order?", senders=(ANN,), to=(Address(SUPPORT),))
    return replace(plain, **more)


def an_entry(number: int = 1, text: str = "", **more: Any) -> Entry:
    """The customer's mail number so many, each a minute after the one before."""
    plain = Entry(
        id=number,
        author=Author.CUSTOMER,
        at=after(number),
        arrived=after(number),
        key=an_id(f"entry {number}"),
        message_id=f"<{number}@customer.example>",
        subject="Where is my order?",
        text=text or f"Text number {number}",
        sender=ANN,
        to=(Address(SUPPORT),),
        arrival=number,
    )
    return replace(plain, **more)


def a_conversation(*entries: Entry, **more: Any) -> Conversation:
    plain = Conversation(
        id=an_id("conversation"),
        mailbox=SUPPORT,
        subject="Where is my order?",
        customer=ANN,
        customer_id=1,
        state=State.OPEN,
        held=Held.ASSISTANT,
        created=NOON,
        anchor="<anchor@example.com>",
        entries=entries or (an_entry(),),
    )
    return replace(plain, **more)


def an_attachment(index: int = 0, **more: Any) -> Attachment:
    plain = Attachment(index, f"photo-{index}.jpg", "image/jpeg", 2048, f"{index:064x}")
    return replace(plain, **more)


def a_handoff(minutes: float = 1.5, **about: Any) -> HandedOff:
    return HandedOff(after(minutes), "no article answers this", Understanding(**about))


def a_tenant(**more: Any) -> Tenant:
    names = {
        "new": CaseState.OPEN,
        "reopened": CaseState.OPEN,
        "waiting": CaseState.PAUSED,
        "resolved": CaseState.RESOLVED,
        "closed": CaseState.FINAL,
    }
    statuses = tuple(Status(name, name.title(), state) for name, state in names.items())
    return replace(Tenant(statuses, reopened="reopened"), **more)


def a_case(**more: Any) -> KnownCase:
    """Opened for the conversation two minutes after noon, and read an hour later."""
    plain = KnownCase(
        id=an_id("case"),
        customer_id=1,
        mailbox=SUPPORT,
        opened_by=an_id("conversation"),
        state=CaseState.OPEN,
        created=after(2),
        changed=after(2),
        checked=after(60),
        number="SR00000001",
        seen={"status": "new"},
        written={"status": "new"},
    )
    return replace(plain, **more)


def a_dossier(*entries: Entry, **more: Any) -> Dossier:
    """A conversation as it is filed, an hour after noon. `conversation` holds changes of it."""
    conversation = a_conversation(*entries, **more.pop("conversation", {}))
    return replace(Dossier(conversation, now=after(61), contact=an_id("contact")), **more)


def told(*ids: str) -> dict[str, Told]:
    return dict.fromkeys(ids, Told(done=True))


def mail_id(number: int) -> str:
    """The id of the activity of mail number so many."""
    return row_id(an_id(f"entry {number}"), "activity")


def told_mail(*numbers: int) -> dict[str, Told]:
    """Everything that is told about these mails, once each is on its case."""
    kinds = ("activity", "message_data", "notice")
    return told(*(row_id(an_id(f"entry {number}"), kind) for number in numbers for kind in kinds))


def a_row(**more: Any) -> ActivitySeen:
    """A rep's completed outgoing mail that Creatio does not send."""
    plain = ActivitySeen(
        id=an_id("row"),
        case_id=an_id("case"),
        kind=Kind.EMAIL,
        incoming=False,
        completed=True,
        sending=Sending.NOT_SENT,
        author="anna",
        title="Re: Where is my order? (Case #SR00000001)",
        sender=f"Anna Rep <{SUPPORT}>",
        recipients="Ann Alder <ann@customer.example>",
        created="2026-11-02T12:10:00Z",
        modified="2026-11-02T12:10:00Z",
    )
    return replace(plain, **more)
