"""What is on the to-do list: how much, how old, and what needs a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.store.schema import attempt, job, lane
from gateway.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Count:
    """One step's share of the list. `waiting` is due, `later` is not yet; `oldest` is when the oldest due one was."""

    step: str
    waiting: int = 0
    later: int = 0
    working: int = 0
    aside: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One job as a person sees it."""

    id: int
    step: str
    lane: str
    subject: str
    state: str
    holds_lane: bool
    attempts: int
    error: str
    due: datetime
    created: datetime


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt at a job."""

    at: datetime
    node: str
    outcome: str
    error: str
    ms: int


_OPEN = sa.text("job.state IN ('todo', 'aside')")
_ASIDE = sa.text("job.state = 'aside'")


def counts(tx: Transaction) -> list[Count]:
    """How much each step has to do, by its name."""
    due = sa.and_(job.c.state == "todo", job.c.due <= tx.now)
    # What goes first is due before it was made: it waits since then all the same.
    since = sa.case((job.c.due > job.c.created, job.c.due), else_=job.c.created)
    asked = sa.select(
        job.c.step,
        sa.func.count().label("all"),
        sa.func.sum(sa.case((due, 1), else_=0)).label("due"),
        sa.func.sum(sa.case((job.c.state == "aside", 1), else_=0)).label("aside"),
        sa.func.min(sa.case((due, since))).label("oldest"),
    ).where(_OPEN)
    held = sa.select(lane.c.step, sa.func.count().label("held")).where(sa.text("lane.token IS NOT NULL"))
    working: dict[str, int] = {row.step: row.held for row in tx.rows(held.group_by(lane.c.step))}
    return [
        Count(
            step=row.step,
            waiting=max(0, row.due - working.get(row.step, 0)),
            later=row.all - row.due - row.aside,
            working=working.get(row.step, 0),
            aside=row.aside,
            oldest=row.oldest,
        )
        for row in tx.rows(asked.group_by(job.c.step).order_by(job.c.step))
    ]


def aside(tx: Transaction, limit: int = 1000) -> list[Shown]:
    """What was set aside, oldest first."""
    return [_shown(row) for row in tx.rows(sa.select(job).where(_ASIDE).order_by(job.c.id).limit(limit))]


def open_for(tx: Transaction, subject: str) -> list[Shown]:
    """All that is still to be done about one subject."""
    return [_shown(row) for row in tx.rows(sa.select(job).where(job.c.subject == subject, _OPEN).order_by(job.c.id))]


def find(tx: Transaction, job_id: int) -> Shown | None:
    row = tx.execute(sa.select(job).where(job.c.id == job_id)).first()
    return None if row is None else _shown(row)


def attempts(tx: Transaction, job_id: int) -> list[Tried]:
    """How each attempt at a job ended, in order."""
    wanted = sa.select(attempt).where(attempt.c.job_id == job_id).order_by(attempt.c.id)
    return [Tried(row.at, row.node, row.outcome, row.error, row.ms) for row in tx.rows(wanted)]


def drifted(tx: Transaction) -> Sequence[str]:
    """Lanes whose counter is not what their jobs say: none, unless there is a fault in this program."""
    counted = (
        sa.select(sa.func.count())
        .where(job.c.lane == lane.c.key, _OPEN, sa.or_(job.c.state == "todo", job.c.holds_lane))
        .correlate(lane)
        .scalar_subquery()
    )
    return [row.key for row in tx.rows(sa.select(lane.c.key).where(lane.c.pending != counted).order_by(lane.c.key))]


def _shown(row: sa.Row[tuple[object, ...]]) -> Shown:
    one = row._mapping
    return Shown(
        id=one["id"],
        step=one["step"],
        lane=one["lane"].removeprefix(f"{one['step']}:"),
        subject=one["subject"],
        state=one["state"],
        holds_lane=one["holds_lane"],
        attempts=one["attempts"],
        error=one["error"],
        due=one["due"],
        created=one["created"],
    )
