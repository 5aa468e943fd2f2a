"""Conversations as they come to be, made with the pipeline's own acts: a test names only what it is about."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from gateway.conversations.conversation import Author, Conversation, Entry, Held, State, Trust
from gateway.desk.case import CaseState, KnownCase
from gateway.desk.decision import Understanding
from gateway.mail import tokens
from gateway.mail.message import Address, Envelope
from gateway.mail.reading import read_message
from gateway.pipeline import answering, handoff
from gateway.pipeline.parts import Parts
from gateway.ports import Delivered, Unknown
from gateway.store import (
    arrivals,
    cases,
    conversations,
    customers,
    deliveries,
    history,
    installation,
    jobs,
    lanes,
    ledger,
    outcomes,
)
from gateway.store.arrivals import Door, Fate, Fresh
from gateway.store.database import Store, Transaction
from gateway.store.lanes import Try
from tests.web.house import SUPPORT

ANNA = Address("anna.berger@mail.example", "Anna Berger")


@dataclass(frozen=True)
class Mail:
    """What a customer writes. `quoted` is below it, as their program put it there."""

    text: str
    subject: str = "Where is my order?"
    sender: Address = ANNA
    quoted: str = ""
    files: Sequence[tuple[str, bytes]] = ()
    mailbox: str = SUPPORT
    html: str = ""

    def written(self) -> bytes:
        mail = EmailMessage()
        mail["From"] = f"{self.sender.name} <{self.sender.address}>" if self.sender.name else self.sender.address
        mail["To"], mail["Subject"] = self.mailbox, self.subject
        digest = hashlib.sha256(f"{self.subject}{self.text}".encode()).hexdigest()[:16]
        mail["Message-ID"] = f"<{digest}@mail.example>"
        mail["Date"] = "Mon, 02 Nov 2026 12:00:00 +0000"
        mail.set_content(f"{self.text}\n\n{self.quoted}" if self.quoted else self.text)
        if self.html:
            mail.add_alternative(self.html, subtype="html")
        for name, content in self.files:
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        return mail.as_bytes()


def receive(tx: Transaction, mail: Mail, *, ago: timedelta = timedelta(0), into: str = "") -> tuple[str, int]:
    """The mail is in a conversation, a new one unless named; returns its id and the arrival's."""
    raw = mail.written()
    message = read_message(raw)
    envelope = Envelope(mail.sender.address, mail.mailbox)
    digest = hashlib.sha256(raw).hexdigest()
    when = tx.now - ago
    arrival_id = arrivals.add(tx, Fresh(mail.mailbox, Door.SMTP, envelope, len(raw), digest, raw, received=when))
    here = into or _begin(tx, mail)
    lines = message.body.text.rstrip().splitlines()
    new = mail.text.count("\n") + 1
    entry = Entry(
        id=0,
        author=Author.CUSTOMER,
        at=when,
        arrived=when,
        key=f"entry {digest}",
        message_id=message.message_id,
        subject=mail.subject,
        text=message.body.text.strip() if not mail.quoted else mail.text,
        full="\n".join(lines),
        cuts=((new + 1, len(lines), "On … wrote:", 0.98),) if mail.quoted else (),
        sender=mail.sender,
        to=(Address(mail.mailbox),),
        attachments=message.attachments,
        trust=Trust.VERIFIED,
        arrival=arrival_id,
    )
    entry_id = conversations.add_entry(tx, here, entry, mail.mailbox)
    arrivals.record_reading(tx, arrival_id, message.message_id, message.content, {"origin": "person"})
    arrivals.put_in_conversation(tx, arrival_id, here, entry_id)
    history.note(tx, "mail_arrived", conversation=here, arrival=arrival_id, entry=entry_id, evidence=["new matter"])
    return here, arrival_id


def _begin(tx: Transaction, mail: Mail) -> str:
    ours = installation.identity(tx)
    here = ours.derive(mail.mailbox, mail.subject, mail.sender.address)
    fresh = Conversation(
        id=here,
        mailbox=mail.mailbox,
        subject=mail.subject,
        customer=mail.sender,
        customer_id=customers.find_or_add(tx, mail.sender),
        state=State.OPEN,
        held=Held.ASSISTANT,
        created=tx.now,
        anchor=tokens.anchor(ours.secret, mail.mailbox, here),
        verified=True,
    )
    conversations.begin(tx, fresh)
    conversations.join(tx, here, mail.sender, Trust.VERIFIED)
    return here


async def answer(parts: Parts, here: str, text: str, *, draft: bool = False) -> int:
    """The assistant's answer is queued, or waits as a draft; returns the delivery's id."""
    found = await parts.store.read(conversations.load, here)
    assert found is not None
    written = await answering.write_answer(parts, found, text, draft=draft)

    def keep(tx: Transaction) -> int:
        delivery_id = answering.keep(tx, written, draft=draft)
        if not draft:
            arrivals.settle_undecided(tx, here, Fate.ANSWERED, [deliveries.reason_of(delivery_id)])
        return delivery_id

    return await parts.store.write(keep)


async def deliver(store: Store, delivery_id: int, *, unknown: bool = False) -> None:
    """What the relay said of it."""

    def record(tx: Transaction) -> None:
        known = deliveries.fetch(tx, delivery_id)
        assert known is not None
        verdict = Unknown("the connection broke after the text") if unknown else Delivered("250 2.0.0 queued")
        outcomes.record(tx, delivery_id, dict.fromkeys(known.recipients, verdict))
        jobs.cancel(tx, f"send:{delivery_id}")

    await store.write(record)


def give_to_people(tx: Transaction, here: str, reason: str, about: Understanding | None = None) -> None:
    handoff.hand_off(tx, here, reason=reason, by="gate", about=about)


def open_case(tx: Transaction, here: str, number: str) -> str:
    """Creatio has a case for it, with an activity for its first mail."""
    found = conversations.load(tx, here)
    assert found is not None
    case_id = installation.identity(tx).derive(here, "case")
    cases.add(
        tx,
        KnownCase(
            id=case_id,
            number=number,
            customer_id=found.customer_id,
            mailbox=found.mailbox,
            opened_by=here,
            state=CaseState.OPEN,
            created=tx.now,
            changed=tx.now,
            checked=tx.now,
        ),
    )
    conversations.set_case(tx, here, case_id)
    ledger.done(tx, ledger.Line(case_id, "case", here, case_id))
    activity = installation.identity(tx).derive(here, "activity")
    ledger.done(tx, ledger.Line(activity, "activity", here, case_id, found.entries[0].id))
    cases.remember_activity(tx, case_id, activity, verdict="ours", why="written by the gateway", state={})
    return case_id


def set_job_aside(tx: Transaction, step: str, subject: str, why: str) -> int:
    """A job that gave up, as the worker leaves it."""
    jobs.add(tx, step, subject, subject)
    [claim] = lanes.claim(tx, {step: 1}, lease=timedelta(minutes=1), node="here").claims
    lanes.set_aside(tx, claim, Try("here", timedelta(seconds=1), why))
    return claim.id


def keep_unread(tx: Transaction, mail: Mail, fate: Fate, reasons: list[str], evidence: dict[str, Any]) -> int:
    """An arrival that took no place in a conversation."""
    raw = mail.written()
    envelope = Envelope(mail.sender.address, mail.mailbox)
    digest = hashlib.sha256(raw).hexdigest()
    arrival_id = arrivals.add(tx, Fresh(mail.mailbox, Door.SMTP, envelope, len(raw), digest, raw))
    told = {"from": mail.sender.address, "subject": mail.subject, **evidence}
    arrivals.record_reading(tx, arrival_id, f"<{digest[:12]}@x>", digest, told)
    arrivals.settle(tx, arrival_id, fate, reasons)
    return arrival_id
