"""Deliveries: replies on their way out, and what became of each of their recipients."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from gateway.store import arrivals, conversations, history, jobs
from gateway.store.schema import delivery
from gateway.store.transaction import Transaction

OPERATOR = "operator"  # the lane of what belongs to no conversation
WAITING = "waiting"


class Kind(StrEnum):
    ANSWER = "answer"  # of the assistant
    APPROVED = "approved"  # the assistant's words, a person's decision
    AGENT = "agent"
    ACKNOWLEDGEMENT = "acknowledgement"
    NOTICE = "notice"
    PROBE = "probe"
    PASSED_ON = "passed_on"  # a notification of Creatio that it sends through us


# People go first: lanes are taken by due time, and what people wrote counts as due for a week already.
_OF_PEOPLE, _FIRST = (Kind.AGENT, Kind.APPROVED), timedelta(days=7)


class Phase(StrEnum):
    DRAFT = "draft"
    QUEUED = "queued"
    AT_DATA = "at_data"
    DELIVERED = "delivered"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to be sent. Its bytes are `raw`, or the blob of that name. `seen`: the newest entry its writer knew."""

    mailbox: str
    kind: Kind
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    size: int
    raw: bytes | None = None
    blob: str | None = None
    conversation_id: str | None = None
    entry_id: int | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """`recipients`: address -> waiting, or what became of it there. `attempts` are those that reached the relay."""

    id: int
    outgoing: Outgoing
    state: Phase
    recipients: Mapping[str, str]
    attempts: int
    why: str
    created: datetime

    @property
    def waiting(self) -> tuple[str, ...]:
        """The recipients that still have to be tried."""
        return tuple(who for who, what in self.recipients.items() if not what.startswith(("delivered", "refused")))


def add(tx: Transaction, out: Outgoing, *, draft: bool = False) -> int:
    """Queue a mail, or keep it as a draft; returns its id. The same Message-ID at the same mailbox is queued once."""
    same = (delivery.c.message_id == out.message_id) & (delivery.c.mailbox == out.mailbox)
    known = tx.scalar(sa.select(delivery.c.id).where(same))
    if known is not None:
        return int(known)
    row = {
        "entry_id": out.entry_id,
        "conversation_id": out.conversation_id,
        "mailbox": out.mailbox,
        "kind": out.kind.value,
        "message_id": out.message_id,
        "sender": out.sender,
        "recipients": dict.fromkeys(out.recipients, WAITING),
        "raw": out.raw,
        "blob": out.blob,
        "size": out.size,
        "state": (Phase.DRAFT if draft else Phase.QUEUED).value,
        "seen": out.seen,
        "created": tx.now,
        "changed": tx.now,
    }
    made = int(tx.scalar(sa.insert(delivery).values(row).returning(delivery.c.id)))
    if not draft:
        _send_soon(tx, made, out.conversation_id, out.kind)
    return made


def fetch(tx: Transaction, delivery_id: int) -> Delivery | None:
    row = tx.execute(sa.select(delivery).where(delivery.c.id == delivery_id)).first()
    return None if row is None else _to_delivery(row)


def conversation_of(tx: Transaction, delivery_id: int) -> str | None:
    return tx.execute(sa.select(delivery.c.conversation_id).where(delivery.c.id == delivery_id)).scalar()


def of_conversation(tx: Transaction, conversation_id: str) -> list[Delivery]:
    wanted = sa.select(delivery).where(delivery.c.conversation_id == conversation_id).order_by(delivery.c.id)
    return [_to_delivery(row) for row in tx.rows(wanted)]


def of_message(tx: Transaction, message_id: str) -> list[Delivery]:
    wanted = sa.select(delivery).where(delivery.c.message_id == message_id).order_by(delivery.c.id)
    return [_to_delivery(row) for row in tx.rows(wanted)]


def draft_of(tx: Transaction, conversation_id: str) -> Delivery | None:
    """The newest draft that waits for a person."""
    drafts = [one for one in of_conversation(tx, conversation_id) if one.state is Phase.DRAFT]
    return drafts[-1] if drafts else None


def unsaid(tx: Transaction, conversation_id: str) -> frozenset[int]:
    """Entries that the customer has not got and never may: drafts, and answers that were cancelled."""
    return _entries(tx, conversation_id, (Phase.DRAFT, Phase.CANCELLED))


def underway(tx: Transaction, conversation_id: str) -> frozenset[int]:
    """Entries whose mail is queued or in the relay's hands."""
    return _entries(tx, conversation_id, (Phase.QUEUED, Phase.AT_DATA))


def undelivered(tx: Transaction, conversation_id: str) -> dict[int, str]:
    """Entry -> why its mail did not arrive, or nobody knows whether it did."""
    failed = (Phase.REFUSED, Phase.UNKNOWN)
    found = [one for one in of_conversation(tx, conversation_id) if one.state in failed or "refused" in one.why]
    return {one.outgoing.entry_id: one.why for one in found if one.outgoing.entry_id is not None}


def cancel_answers(tx: Transaction, conversation_id: str, *, why: str) -> int:
    """The assistant's drafts and answers that have not begun to leave are not sent; returns how many there were.

    The mails that such an answer had settled are undecided again: the caller decides on them, or leaves it to the
    DECIDE job of a newer one.
    """
    phases = (delivery.c.state.in_([Phase.DRAFT.value, Phase.QUEUED.value])) & (delivery.c.kind == Kind.ANSWER.value)
    here = (delivery.c.conversation_id == conversation_id) & phases
    # One statement: an answer that comes to "at DATA" at this moment is either not cancelled or does not leave.
    stopped = (
        sa.update(delivery)
        .where(here)
        .values(state=Phase.CANCELLED.value, why=why[:2_000], changed=tx.now, ended=tx.now)
    )
    cancelled = sorted(row.id for row in tx.rows(stopped.returning(delivery.c.id)))
    for delivery_id in cancelled:
        jobs.cancel(tx, _key(delivery_id))
        conversations.take_back_answer(tx, conversation_id)
        arrivals.take_back_answer(tx, conversation_id, reason_of(delivery_id))
        history.note(tx, "answer_cancelled", conversation=conversation_id, delivery=delivery_id, why=why)
    return len(cancelled)


def goes_first(tx: Transaction, one: Delivery) -> int | None:
    """An earlier mail of the same conversation that is still to be sent: order is kept."""
    earlier = (delivery.c.conversation_id == one.outgoing.conversation_id) & (delivery.c.id < one.id)
    waits = delivery.c.state.in_([Phase.QUEUED.value, Phase.AT_DATA.value])
    return tx.execute(sa.select(sa.func.min(delivery.c.id)).where(earlier & waits)).scalar()


def wake_next(tx: Transaction, conversation_id: str) -> None:
    """A mail of the conversation has ended: what waited behind it may go now."""
    waits = (delivery.c.conversation_id == conversation_id) & (delivery.c.state == Phase.QUEUED.value)
    rows = tx.rows(sa.select(delivery.c.id, delivery.c.kind).where(waits).order_by(delivery.c.id))
    for row in rows:
        _send_soon(tx, row.id, conversation_id, Kind(row.kind))


def send_again(tx: Transaction, one: Delivery, *, after: timedelta, data: Mapping[str, Any] | None = None) -> None:
    """Another try later. The job in hand is followed by a new one."""
    lane = one.outgoing.conversation_id or OPERATOR
    jobs.add(tx, "send", lane, str(one.id), key=_key(one.id), after=after, data=data)


def reason_of(delivery_id: int) -> str:
    """What the fate of a mail says that was answered by this delivery."""
    return f"answered by mail {delivery_id}"


def release(tx: Transaction, delivery_id: int, *, raw: bytes | None = None, blob: str | None = None) -> bool:
    """A person approved a draft, perhaps with other words; false when it is no draft (any more)."""
    known = fetch(tx, delivery_id)
    if known is None or known.state is not Phase.DRAFT:
        return False
    if raw is not None or blob is not None:
        change(tx, delivery_id, raw=raw, blob=blob)
    change(tx, delivery_id, state=Phase.QUEUED.value, kind=Kind.APPROVED.value)
    _send_soon(tx, delivery_id, known.outgoing.conversation_id, Kind.APPROVED)
    return True


def discard(tx: Transaction, delivery_id: int, *, why: str) -> bool:
    """A person does not want a draft, or a mail that is held; false when it has left or ended already."""
    held = (Phase.DRAFT, Phase.QUEUED, Phase.UNKNOWN)
    known = fetch(tx, delivery_id)
    if known is None or known.state not in held:
        return False
    change(tx, delivery_id, state=Phase.CANCELLED.value, why=why, ended=tx.now)
    jobs.cancel(tx, _key(delivery_id))
    return True


def resend(tx: Transaction, delivery_id: int) -> bool:
    """Send the same bytes again, to those who have not got them for certain; false when nothing is held."""
    known = fetch(tx, delivery_id)
    if known is None or known.state not in (Phase.UNKNOWN, Phase.REFUSED, Phase.QUEUED):
        return False
    if not known.outgoing.raw and not known.outgoing.blob:
        return False  # its bytes are forgotten
    waiting = {who: what if what.startswith("delivered") else WAITING for who, what in known.recipients.items()}
    change(tx, delivery_id, state=Phase.QUEUED.value, recipients=waiting, why="", ended=None, created=tx.now)
    _send_soon(tx, delivery_id, known.outgoing.conversation_id, known.outgoing.kind)
    return True


def wake(tx: Transaction, mailbox: str = "") -> int:
    """Look at all that is queued again, now: sending goes on. Of one mailbox, or of all. What people wrote first."""
    queued = delivery.c.state == Phase.QUEUED.value
    here = queued & (delivery.c.mailbox == mailbox) if mailbox else queued
    by_people = delivery.c.kind.in_([kind.value for kind in _OF_PEOPLE])
    ids = sa.select(sa.cast(delivery.c.id, sa.Text))
    woken = jobs.hasten(tx, "send", ids.where(here, by_people), after=-_FIRST)
    return woken + jobs.hasten(tx, "send", ids.where(here, ~by_people))


def record_bounce(tx: Transaction, message_id: str, recipient: str, reason: str) -> None:
    """A mail that the relay had taken came back."""
    for one in of_message(tx, message_id):
        told = {
            who: what for who, what in one.recipients.items() if not recipient or who.casefold() == recipient.casefold()
        }
        recipients = dict(one.recipients) | dict.fromkeys(told, f"refused: came back: {reason}")
        why = f"came back: {reason}"[:2_000]
        change(tx, one.id, state=Phase.REFUSED.value, recipients=recipients, why=why, ended=tx.now)


def change(tx: Transaction, delivery_id: int, **values: Any) -> None:
    """Set columns of one delivery."""
    tx.execute(sa.update(delivery).where(delivery.c.id == delivery_id).values(changed=tx.now, **values))


def answers_since(tx: Transaction, moment: datetime) -> int:
    """How many answers the assistant has given since then, drafts too: what `max_per_hour` counts."""
    given = delivery.c.kind.in_([Kind.ANSWER.value, Kind.APPROVED.value]) & (delivery.c.created > moment)
    alive = delivery.c.state != Phase.CANCELLED.value
    return int(tx.scalar(sa.select(sa.func.count()).select_from(delivery).where(given & alive)))


def _send_soon(tx: Transaction, delivery_id: int, conversation_id: str | None, kind: Kind) -> None:
    first = -_FIRST if kind in _OF_PEOPLE else timedelta(0)
    jobs.add(tx, "send", conversation_id or OPERATOR, str(delivery_id), key=_key(delivery_id), after=first)


def _key(delivery_id: int) -> str:
    return f"send:{delivery_id}"


def _entries(tx: Transaction, conversation_id: str, states: tuple[Phase, ...]) -> frozenset[int]:
    here = (delivery.c.conversation_id == conversation_id) & delivery.c.entry_id.is_not(None)
    wanted = sa.select(delivery.c.entry_id).where(here & delivery.c.state.in_([state.value for state in states]))
    return frozenset(int(row.entry_id) for row in tx.rows(wanted))


def _to_delivery(row: sa.Row[Any]) -> Delivery:
    outgoing = Outgoing(
        mailbox=row.mailbox,
        kind=Kind(row.kind),
        message_id=row.message_id,
        sender=row.sender,
        recipients=tuple(row.recipients),
        size=row.size,
        raw=None if row.raw is None else bytes(row.raw),
        blob=row.blob,
        conversation_id=row.conversation_id,
        entry_id=row.entry_id,
        seen=row.seen,
    )
    return Delivery(row.id, outgoing, Phase(row.state), dict(row.recipients), row.attempts, row.why, row.created)
