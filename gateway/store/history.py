"""What happened and why, in order: the inbox shows it, nothing is ever dropped without a line here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.store.database import Transaction
from gateway.store.schema import history


@dataclass(frozen=True, slots=True)
class Happening:
    at: datetime
    what: str
    facts: Mapping[str, Any]


def note(
    tx: Transaction, what: str, *, conversation: str | None = None, arrival: int | None = None, **facts: Any
) -> None:
    row = {"conversation_id": conversation, "arrival_id": arrival, "at": tx.now, "what": what, "facts": facts}
    tx.execute(sa.insert(history), row)


def of_conversation(tx: Transaction, conversation_id: str) -> list[Happening]:
    return _listed(tx, history.c.conversation_id == conversation_id)


def of_arrival(tx: Transaction, arrival_id: int) -> list[Happening]:
    return _listed(tx, history.c.arrival_id == arrival_id)


def _listed(tx: Transaction, condition: sa.ColumnElement[bool]) -> list[Happening]:
    wanted = sa.select(history.c.at, history.c.what, history.c.facts).where(condition).order_by(history.c.id)
    return [Happening(row.at, row.what, row.facts) for row in tx.execute(wanted)]
