"""What became of a conversation's entries outside: mails sent, rows in Creatio, activities seen there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.store.schema import arrival, case, delivery, ledger, seen_activity
from gateway.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Came:
    """The arrival that an entry was."""

    id: int
    door: str
    received: datetime
    fate: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Went:
    """A mail on its way out. `recipients`: address -> what became of it there."""

    id: int
    entry_id: int | None
    kind: str
    state: str
    why: str
    attempts: int
    changed: datetime
    recipients: Mapping[str, str]
    created: datetime


@dataclass(frozen=True, slots=True)
class Filed:
    """A row that we made or changed in Creatio."""

    id: str
    entry_id: int | None
    kind: str
    state: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeenThere:
    """An activity of the case in Creatio, and why it was or was not sent to the customer."""

    id: str
    verdict: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseThere:
    id: str
    number: str
    state: str
    checked: datetime | None


def came(tx: Transaction, conversation_id: str) -> dict[int, Came]:
    """The arrivals of a conversation, by their ids."""
    wanted = sa.select(arrival).where(arrival.c.conversation_id == conversation_id).order_by(arrival.c.id)
    return {row.id: Came(row.id, row.door, row.received, row.fate, tuple(row.reasons or ())) for row in tx.rows(wanted)}


def reasons(tx: Transaction, arrival_id: int) -> tuple[str, ...]:
    """Why that arrival has its fate."""
    return tuple(tx.scalar(sa.select(arrival.c.reasons).where(arrival.c.id == arrival_id)) or ())


def went(tx: Transaction, conversation_id: str) -> list[Went]:
    columns = [column for column in delivery.c if column.name not in ("raw", "blob")]
    wanted = sa.select(*columns).where(delivery.c.conversation_id == conversation_id).order_by(delivery.c.id)
    return [
        Went(
            row.id,
            row.entry_id,
            row.kind,
            row.state,
            row.why,
            row.attempts,
            row.changed,
            {str(who): str(what) for who, what in dict(row.recipients).items()},
            row.created,
        )
        for row in tx.rows(wanted)
    ]


def filed(tx: Transaction, conversation_id: str) -> list[Filed]:
    wanted = sa.select(ledger).where(ledger.c.conversation_id == conversation_id).order_by(ledger.c.at, ledger.c.id)
    return [Filed(row.id, row.entry_id, row.kind, row.state, row.note, row.at) for row in tx.rows(wanted)]


def seen_there(tx: Transaction, case_id: str) -> list[SeenThere]:
    wanted = sa.select(seen_activity).where(seen_activity.c.case_id == case_id).order_by(seen_activity.c.at)
    return [SeenThere(row.id, row.verdict, row.why, row.at) for row in tx.rows(wanted)]


def case_there(tx: Transaction, case_id: str) -> CaseThere | None:
    row = tx.execute(sa.select(case).where(case.c.id == case_id)).first()
    return None if row is None else CaseThere(row.id, row.number, row.state, row.checked)


def knows_case(tx: Transaction, case_id: str) -> bool:
    """Whether the gateway has to do with that case."""
    return tx.execute(sa.select(case.c.id).where(case.c.id == case_id)).first() is not None


def deliveries_by_state(tx: Transaction) -> Mapping[str, int]:
    """How many mails wait in each state that is not an end."""
    unended = delivery.c.state.in_(["draft", "queued", "at_data", "unknown"])
    wanted = sa.select(delivery.c.state, sa.func.count().label("number")).where(unended).group_by(delivery.c.state)
    return {row.state: row.number for row in tx.rows(wanted)}


def unsent_answers(tx: Transaction, mailbox: str, limit: int) -> Sequence[str]:
    """Conversations with an answer of the assistant that has not begun to leave; of all mailboxes when empty."""
    waiting = sa.and_(delivery.c.kind == "answer", delivery.c.state == "queued")
    if mailbox:
        waiting = sa.and_(waiting, delivery.c.mailbox == mailbox)
    wanted = sa.select(delivery.c.conversation_id).where(waiting, delivery.c.conversation_id.is_not(None))
    return [str(row[0]) for row in tx.rows(wanted.distinct().limit(limit))]
