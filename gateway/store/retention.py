"""What is not kept for ever: bytes of mails, whole conversations. That a mail came, and its fate, always stays."""

from datetime import timedelta

import sqlalchemy as sa

from gateway.store import splitting
from gateway.store.arrivals import Fate
from gateway.store.schema import (
    arrival,
    case,
    conversation,
    customer,
    customer_address,
    delivery,
    entry,
    handoff,
    history,
    job,
    known_id,
    ledger,
    merged,
    notice,
    outlook_thread,
    participant,
    seen_activity,
)
from gateway.store.transaction import Transaction

GONE = b""  # bytes of a mail that has been forgotten; its size still says how large it was
_ENDED = ("delivered", "refused", "cancelled")


def forget_bytes(tx: Transaction, older_than: timedelta, limit: int = 500) -> int:
    """Forget the bytes of settled mails, in and out; their blobs are swept once no row names them. How many."""
    before = tx.now - older_than
    settled = arrival.c.fate.is_not(None) & (arrival.c.fate != Fate.SET_ASIDE.value) & (arrival.c.received < before)
    kept = sa.or_(arrival.c.raw.is_(None), arrival.c.raw != GONE)
    old = sa.select(arrival.c.id).where(settled, kept).order_by(arrival.c.received).limit(limit)
    forgotten = tx.execute(sa.update(arrival).where(arrival.c.id.in_(old)).values(raw=GONE)).rowcount
    left = delivery.c.state.in_(_ENDED) & (delivery.c.ended < before)
    whole = sa.or_(delivery.c.blob.is_not(None), delivery.c.raw.is_(None), delivery.c.raw != GONE)
    sent = sa.select(delivery.c.id).where(left, whole).order_by(delivery.c.id).limit(limit)
    return (
        forgotten + tx.execute(sa.update(delivery).where(delivery.c.id.in_(sent)).values(raw=GONE, blob=None)).rowcount
    )


def forget_conversations(tx: Transaction, older_than: timedelta, limit: int = 50) -> int:
    """Forget conversations in which nothing has happened since, with all that was said in them; returns how many."""
    busy = sa.select(job.c.id).where(job.c.subject == conversation.c.id, sa.text("job.state IN ('todo', 'aside')"))
    waits = sa.select(delivery.c.id).where(delivery.c.conversation_id == conversation.c.id, delivery.c.ended.is_(None))
    silent = (conversation.c.changed < tx.now - older_than) & ~busy.exists() & ~waits.exists()
    wanted = sa.select(conversation.c.id, conversation.c.case_id).where(silent).order_by(conversation.c.changed)
    rows = tx.rows(wanted.limit(limit))
    ids = [row.id for row in rows]
    if not ids:
        return 0
    _empty_arrivals(tx, ids)
    for table in (entry, participant, known_id, outlook_thread, history, handoff, delivery, ledger, merged):
        tx.execute(sa.delete(table).where(table.c.conversation_id.in_(ids)))
    splitting.forget(tx, ids)
    tx.execute(sa.delete(conversation).where(conversation.c.id.in_(ids)))
    _forget_cases(tx, [row.case_id for row in rows if row.case_id])
    return len(ids)


def forget_strangers(tx: Transaction) -> int:
    """Customers of whom no conversation and no case is left."""
    spoke = sa.select(conversation.c.id).where(conversation.c.customer_id == customer.c.id)
    filed = sa.select(case.c.id).where(case.c.customer_id == customer.c.id)
    gone = tx.execute(sa.delete(customer).where(~spoke.exists(), ~filed.exists())).rowcount
    known = sa.select(customer.c.id).where(customer.c.id == customer_address.c.customer_id)
    tx.execute(sa.delete(customer_address).where(~known.exists()))
    return gone


def forget_notices(tx: Transaction, older_than: timedelta) -> int:
    return tx.execute(sa.delete(notice).where(notice.c.cleared < tx.now - older_than)).rowcount


def _empty_arrivals(tx: Transaction, ids: list[str]) -> None:
    """The row stays, so that the balance holds; what it tells of a person goes."""
    nothing = {"raw": GONE, "envelope": {"sender": "", "recipient": ""}, "evidence": None, "message_id": None}
    here = arrival.c.conversation_id.in_(ids)
    _hand_over(tx, ids)
    tx.execute(sa.delete(history).where(history.c.arrival_id.in_(sa.select(arrival.c.id).where(here))))
    tx.execute(sa.update(arrival).where(here).values(**nothing, content=None, conversation_id=None, entry_id=None))


def _hand_over(tx: Transaction, ids: list[str]) -> None:
    """A mail that was split off is still read where it went."""
    came = sa.select(arrival.c.id).where(arrival.c.conversation_id.in_(ids))
    wanted = sa.select(entry.c.arrival_id, entry.c.conversation_id, entry.c.id)
    for row in tx.rows(wanted.where(entry.c.arrival_id.in_(came), entry.c.conversation_id.not_in(ids))):
        change = sa.update(arrival).where(arrival.c.id == row.arrival_id)
        tx.execute(change.values(conversation_id=row.conversation_id, entry_id=row.id))


def _forget_cases(tx: Transaction, ids: list[str]) -> None:
    used = sa.select(conversation.c.id).where(conversation.c.case_id == case.c.id)
    left = [row.id for row in tx.rows(sa.select(case.c.id).where(case.c.id.in_(ids), ~used.exists()))]
    tx.execute(sa.delete(case).where(case.c.id.in_(left)))
    for table in (ledger, seen_activity):
        tx.execute(sa.delete(table).where(table.c.case_id.in_(left)))
