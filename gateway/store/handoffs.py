"""Handoffs: matters that were given to people, each with the summary that goes on the case."""

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.desk.decision import Understanding
from gateway.store.database import Transaction
from gateway.store.schema import handoff


@dataclass(frozen=True, slots=True)
class Handoff:
    """`by` is who gave it over: assistant, gate, system or a person's name."""

    id: int
    at: datetime
    reason: str
    by: str
    about: Understanding


def add(tx: Transaction, conversation_id: str, reason: str, by: str, about: Understanding) -> int:
    kept = {**asdict(about), "fields": dict(about.fields)}
    row = {"conversation_id": conversation_id, "at": tx.now, "reason": reason, "by": by, "understanding": kept}
    return int(tx.scalar(sa.insert(handoff).values(row).returning(handoff.c.id)))


def of_conversation(tx: Transaction, conversation_id: str) -> list[Handoff]:
    wanted = sa.select(handoff).where(handoff.c.conversation_id == conversation_id).order_by(handoff.c.id)
    return [
        Handoff(row.id, row.at, row.reason, row.by, Understanding(**row.understanding)) for row in tx.execute(wanted)
    ]
