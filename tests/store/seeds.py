"""Sensible rows for tests of the store: a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.conversations.conversation import Author, Conversation, Entry, Held, State, Trust
from gateway.mail.message import Address, Envelope
from gateway.store import arrivals, conversations, customers, jobs
from gateway.store.arrivals import Door, Fresh
from gateway.store.database import Transaction
from gateway.store.deliveries import Kind, Outgoing

SUPPORT = "support@example.com"
ANN = Address("Ann@Customer.test", "Ann Alder")
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def a_mail(**more: Any) -> Fresh:
    plain = Fresh(SUPPORT, Door.SMTP, Envelope(ANN.address, SUPPORT), size=5, sha256="ab" * 32, raw=b"Hello")
    return replace(plain, **more)


def take_in(tx: Transaction, /, **more: Any) -> int:
    """An arrival with its READ job, as accepting makes them."""
    arrival_id = arrivals.add(tx, a_mail(**more))
    jobs.add(tx, "read", ANN.key, str(arrival_id))
    return arrival_id


def an_entry(number: int = 1, **more: Any) -> Entry:
    plain = Entry(
        id=0,
        author=Author.CUSTOMER,
        at=NOON + timedelta(minutes=number),
        arrived=NOON + timedelta(minutes=number),
        key=f"key-{number}",
        message_id=f"<{number}@customer.test>",
        subject="A late parcel",
        text=f"Text number {number}",
        sender=ANN,
        to=(Address(SUPPORT),),
    )
    return replace(plain, **more)


def begin(tx: Transaction, /, name: str = "c1", **more: Any) -> str:
    """An empty conversation with Ann; returns its id."""
    customer = more.pop("customer", ANN)
    plain = Conversation(
        id=name,
        mailbox=SUPPORT,
        subject="A late parcel",
        customer=customer,
        customer_id=customers.find_or_add(tx, customer),
        state=State.OPEN,
        held=Held.ASSISTANT,
        created=tx.now,
        anchor=f"<anchor-{name}@example.com>",
    )
    conversations.begin(tx, replace(plain, **more))
    conversations.join(tx, name, customer, Trust.VERIFIED)
    return name


def a_parcel(number: int = 1, **more: Any) -> Outgoing:
    plain = Outgoing(
        mailbox=SUPPORT,
        kind=Kind.ANSWER,
        message_id=f"<answer-{number}@example.com>",
        sender=SUPPORT,
        recipients=(ANN.address,),
        size=6,
        raw=b"Thanks",
        conversation_id="c1",
    )
    return replace(plain, **more)
