"""A mail that could not be read still reaches people: after an hour it becomes a case with the whole mail attached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from gateway.conversations.conversation import Author, Conversation, Entry, Held, State
from gateway.log import Event
from gateway.mail import tokens
from gateway.mail.automatic import Origin
from gateway.mail.glance import GLANCE, first_from, first_id, first_subject
from gateway.mail.message import Address, Attachment
from gateway.mail.reading import WHOLE
from gateway.mail.trust import Trust
from gateway.offload import TooHeavy
from gateway.pipeline import handoff
from gateway.pipeline.parts import Parts, Write
from gateway.store import arrivals, attention, conversations, customers, notices
from gateway.store.arrivals import Fate, Kept
from gateway.store.database import Transaction
from gateway.store.installation import identity

AFTER = timedelta(hours=1)
AT_ONCE = 20
_MACHINES = ("mailer-daemon", "postmaster", "bounce", "no-reply", "noreply", "donotreply", "do-not-reply")


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a look at the first bytes tells; all of it may be false."""

    writer: Address
    subject: str
    message_id: str


async def rescue(parts: Parts) -> Write:
    """The oldest that people must get, a few at a time."""
    found: list[tuple[Kept, Glimpse]] = []
    for arrival_id in await parts.store.read(_old_enough):
        kept = await parts.store.read(arrivals.fetch, arrival_id)
        if kept is not None and _is_of_person(kept) and len(found) < AT_ONCE:
            found.append((kept, await _glimpse(parts, kept)))
    return partial(_hand_over, found=found)


def _old_enough(tx: Transaction) -> list[int]:
    return attention.set_aside_before(tx, tx.now - AFTER)


def _is_of_person(kept: Kept) -> bool:
    """As far as the envelope tells: bounces have none, and robots' names are known. Neither history nor what a rep
    sends to others is a customer's matter."""
    local = kept.envelope.sender.partition("@")[0].casefold()
    evidence = kept.evidence or {}
    by_us = bool(kept.envelope.outside) or evidence.get("origin") == Origin.OWN.value
    other = kept.history or by_us or evidence.get("trust") == Trust.FAILED.value
    return bool(local) and not local.startswith(_MACHINES) and not other


async def _glimpse(parts: Parts, kept: Kept) -> Glimpse:
    head = kept.raw if kept.raw is not None else await parts.store.blobs.read(kept.sha256, 0, GLANCE)
    head = head[:GLANCE]
    try:
        subject = await parts.readers.run(first_subject, head, timeout=timedelta(seconds=5))
    except TooHeavy:
        subject = ""
    return Glimpse(Address(first_from(head) or kept.envelope.sender), subject, first_id(head))


def _hand_over(tx: Transaction, *, found: Sequence[tuple[Kept, Glimpse]]) -> Sequence[Event]:
    return [event for kept, glimpse in found for event in _hand_to_people(tx, kept, glimpse)]


def _hand_to_people(tx: Transaction, kept: Kept, glimpse: Glimpse) -> Sequence[Event]:
    now = arrivals.fetch(tx, kept.id)
    if now is None or now.fate is not Fate.SET_ASIDE:
        return []
    notices.clear(tx, f"aside:arrival:{kept.id}")
    here = identity(tx).derive(kept.mailbox, glimpse.message_id, kept.sha256, "unread conversation")
    if conversations.load(tx, here) is not None:
        arrivals.settle(tx, kept.id, Fate.RECORDED, ["second copy of a mail that could not be read"])
        return [Event("recorded", {"arrival": kept.id, "conversation": here, "why": "second copy"})]
    why = "; ".join(arrivals.reasons(tx, kept.id)) or "no reason given"
    _begin(tx, here, kept, glimpse)
    entry_id = conversations.add_entry(tx, here, _entry(tx, kept, glimpse, why), kept.mailbox)
    arrivals.put_in_conversation(tx, kept.id, here, entry_id)
    events = handoff.hand_off(tx, here, reason=f"the mail could not be read: {why}", by="system")
    arrivals.settle(tx, kept.id, Fate.HANDED_OFF, [why, "given to people as it came"])
    return [*events, Event("rescued", {"arrival": kept.id, "conversation": here})]


def _begin(tx: Transaction, here: str, kept: Kept, glimpse: Glimpse) -> None:
    """A conversation of its own: nothing that an unread mail says may lead into another one."""
    fresh = Conversation(
        id=here,
        mailbox=kept.mailbox,
        subject=glimpse.subject or "(a mail that could not be read)",
        customer=glimpse.writer,
        customer_id=customers.find_or_add(tx, glimpse.writer),
        state=State.OPEN,
        held=Held.ASSISTANT,
        created=tx.now,
        anchor=tokens.anchor(identity(tx).secret, kept.mailbox, here),
    )
    conversations.begin(tx, fresh)
    conversations.join(tx, here, glimpse.writer, Trust.UNVERIFIED)


def _entry(tx: Transaction, kept: Kept, glimpse: Glimpse, why: str) -> Entry:
    key = identity(tx).derive(kept.mailbox, glimpse.message_id, kept.sha256, "unread entry")
    text = f"This mail could not be read by the gateway ({why}). It is attached as it came."
    whole = Attachment(WHOLE, "mail.eml", "message/rfc822", kept.size, kept.sha256)
    return Entry(
        id=0,
        author=Author.CUSTOMER,
        at=kept.received,
        arrived=kept.received,
        key=key,
        message_id=glimpse.message_id or f"<{key}@{tokens.wire_domain(kept.mailbox)}>",
        subject=glimpse.subject,
        text=text,
        full=text,
        sender=glimpse.writer,
        to=(Address(kept.mailbox),),
        attachments=(whole,),
        arrival=kept.id,
        automatic=True,
    )
