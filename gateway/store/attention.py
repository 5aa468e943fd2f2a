"""Mail that waits for a person beside the to-do list: not readable, held on its way out, or taken for spam."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.store.arrivals import Fate
from gateway.store.deliveries import Phase
from gateway.store.schema import arrival, delivery
from gateway.store.transaction import Transaction

SPAM = "spam"


@dataclass(frozen=True, slots=True)
class Waits:
    """One such mail. `who` wrote it, or is to get it; `id` is an arrival's or a delivery's."""

    id: int
    mailbox: str
    who: str
    subject: str
    why: str
    since: datetime
    conversation: str | None = None


def unreadable(tx: Transaction, limit: int = 500) -> list[Waits]:
    """Arrivals that were set aside, oldest first."""
    wanted = sa.select(arrival).where(arrival.c.fate == Fate.SET_ASIDE.value).order_by(arrival.c.id).limit(limit)
    return [_came(row) for row in tx.rows(wanted)]


def set_aside_before(tx: Transaction, moment: datetime, limit: int = 100) -> list[int]:
    """Arrivals that were set aside until then and still are, oldest first."""
    waits = (arrival.c.fate == Fate.SET_ASIDE.value) & (arrival.c.fate_at <= moment)
    return [row.id for row in tx.rows(sa.select(arrival.c.id).where(waits).order_by(arrival.c.id).limit(limit))]


def held(tx: Transaction, limit: int = 500) -> list[Waits]:
    """Mails that were given to the relay, and nobody knows whether it took them; oldest first."""
    columns = [column for column in delivery.c if column.name not in ("raw", "blob")]
    wanted = sa.select(*columns).where(delivery.c.state == Phase.UNKNOWN.value).order_by(delivery.c.id).limit(limit)
    return [
        Waits(row.id, row.mailbox, ", ".join(row.recipients), "", row.why, row.changed, row.conversation_id)
        for row in tx.rows(wanted)
    ]


def silenced(tx: Transaction, limit: int = 100) -> list[Waits]:
    """Arrivals that were taken for spam, newest first."""
    silent = (arrival.c.fate == Fate.KEPT_SILENT.value) & (arrival.c.evidence["origin"].as_string() == SPAM)
    wanted = sa.select(arrival).where(silent).order_by(arrival.c.id.desc()).limit(limit)
    return [_came(row) for row in tx.rows(wanted)]


def release(tx: Transaction, arrival_id: int) -> bool:
    """What was taken for spam has no fate again; false when it was not, or has been released."""
    here = (arrival.c.id == arrival_id) & (arrival.c.fate == Fate.KEPT_SILENT.value)
    spam = arrival.c.evidence["origin"].as_string() == SPAM
    return tx.execute(sa.update(arrival).where(here & spam).values(fate=None, reasons=None, fate_at=None)).rowcount == 1


def _came(row: sa.Row[Any]) -> Waits:
    evidence: Mapping[str, Any] = row.evidence or {}
    who = str(evidence.get("from") or row.envelope.get("sender") or "")
    why = "; ".join(row.reasons or ())
    return Waits(row.id, row.mailbox, who, str(evidence.get("subject") or ""), why, row.received, row.conversation_id)
