"""The to-do list: what is put on it, and what a person does with what was set aside."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from gateway.store.schema import attempt, job, lane
from gateway.store.transaction import Transaction, insert_into

# Predicates of partial indexes are literals: neither database uses such an index for a parameter.
_OPEN = sa.text("job.state IN ('todo', 'aside')")
_COUNTS = sa.or_(job.c.state == sa.literal_column("'todo'"), job.c.holds_lane)
_HEAD = sa.select(job.c.id).where(job.c.lane == lane.c.key, _OPEN, _COUNTS).order_by(job.c.id).limit(1).correlate(lane)
HEAD = _HEAD.scalar_subquery()  # the id of the lane's first job; NULL when it has none
# When that one is due; NULL when there is none, or it was set aside and holds the lane.
HEAD_DUE = _HEAD.with_only_columns(sa.case((job.c.state == "todo", job.c.due))).scalar_subquery()
_LOCK = sa.select(lane.c.job_id).where(lane.c.key == sa.bindparam("lane")).with_for_update()
_PLAIN = sa.insert(job)
_FRESH = sa.insert(job).returning(job.c.id)
_KEYED = sa.select(job).where(job.c.key == sa.bindparam("key"), _OPEN)
_BY_ID = sa.select(job).where(job.c.id == sa.bindparam("id"))
# A leased lane's due time is its lease's end, so only a free one follows its head.
_FOLLOW_HEAD = sa.update(lane).where(lane.c.key == sa.bindparam("lane"), lane.c.token.is_(None)).values(due=HEAD_DUE)


def add(
    tx: Transaction,
    step: str,
    lane: str,
    subject: str,
    *,
    key: str | None = None,
    after: timedelta = timedelta(0),
    data: Mapping[str, Any] | None = None,
    moves: bool = False,
) -> int:
    """Put a job at the end of its step's lane, due `after` from now; returns its id.

    With `key`: an open job of that key which nobody holds is taken instead. Its due time becomes the sooner one, or
    with `moves` the new one; its data the new ones if given; one set aside is to be done again. One that is being
    worked on gets a successor, so that no change is missed.
    """
    tx.stirs = True
    due = tx.now + after
    if key is not None:
        known = _unheld(tx, key)
        if known is not None:
            _renew(tx, known, due if moves or known.state == "aside" else min(due, known.due), data)
            return int(known.id)
    where = f"{step}:{lane}"
    _lengthen(tx, step, where, due)
    row = {"lane": where, "step": step, "subject": subject, "key": key, "state": "todo", "due": due}
    return int(tx.scalar(_FRESH, row | {"data": dict(data or {}), "created": tx.now}))


def add_all(tx: Transaction, step: str, places: Sequence[tuple[str, str]]) -> None:
    """Like `add` without a key, for many (lane, subject) at once, due now."""
    if not places:
        return
    tx.stirs = True
    due = tx.now
    wheres = [f"{step}:{lane}" for lane, _ in places]
    lanes = [{"key": where, "step": step, "pending": 1, "due": due, "lost": 0} for where in sorted(wheres)]
    tx.execute(_lengthening(tx.dialect), lanes)
    row: dict[str, Any] = {"step": step, "key": None, "state": "todo", "due": due, "data": {}, "created": due}
    rows = [row | {"lane": where, "subject": subject} for where, (_, subject) in zip(wheres, places, strict=True)]
    tx.execute(_PLAIN, rows)


def cancel(tx: Transaction, key: str) -> bool:
    """Drop the open job of this key unless somebody holds it; whether there was one."""
    known = _unheld(tx, key)
    if known is None:
        return False
    _end(tx, known, "dropped")
    return True


def retry(tx: Transaction, job_id: int) -> bool:
    """Have a job that was set aside done again, now; false when it is not (or no longer) aside."""
    known = _locked(tx, job_id)
    if known is None or known.state != "aside":
        return False
    tx.stirs = True
    _renew(tx, known, tx.now, None)
    return True


def drop(tx: Transaction, job_id: int) -> bool:
    """Take a job that was set aside off the list for good; false when it is not aside. Its lane goes on."""
    known = _locked(tx, job_id)
    if known is None or known.state != "aside":
        return False
    tx.stirs = True
    _end(tx, known, "dropped")
    return True


def hasten(tx: Transaction, step: str, subjects: sa.Select[Any], *, after: timedelta = timedelta(0)) -> int:
    """Have the step's jobs with these subjects done `after` from now, unless they are due sooner; returns how many."""
    tx.stirs = True
    due = tx.now + after
    late = (job.c.step == step) & (job.c.state == "todo") & (job.c.due > due) & job.c.subject.in_(subjects)
    moved = tx.execute(sa.update(job).where(late).values(due=due)).rowcount
    free = (lane.c.step == step) & lane.c.token.is_(None) & (lane.c.pending > 0)
    # Locked first: a statement that waits for a lane does not see what has come into it meanwhile.
    tx.execute(sa.select(lane.c.key).where(free).order_by(lane.c.key).with_for_update())
    tx.execute(sa.update(lane).where(free).values(due=HEAD_DUE))
    return moved


def bring_forward(tx: Transaction) -> timedelta:
    """Undo what a clock that ran ahead did to the list: jobs made in what is now the future wait no longer for that.

    Returns by how much the clock was set back, zero when it was not.
    """
    newest = tx.scalar(sa.select(job.c.created).order_by(job.c.id.desc()).limit(1))
    back = max(newest - tx.now, timedelta(0)) if newest is not None else timedelta(0)
    if back < timedelta(minutes=1):
        return timedelta(0)
    tx.stirs = True
    late = (job.c.state == "todo") & (job.c.due > tx.now)
    for row in tx.rows(sa.select(job.c.id, job.c.due).where(late)):
        tx.execute(sa.update(job).where(job.c.id == row.id).values(due=row.due - back))
    tx.execute(sa.update(job).where(job.c.created > tx.now).values(created=tx.now))
    tx.execute(sa.update(lane).where(lane.c.token.is_(None), lane.c.pending > 0).values(due=HEAD_DUE))
    return back


def purge(tx: Transaction, older_than: timedelta, limit: int = 1000) -> int:
    """Forget jobs that ended longer ago, and lanes with nothing in them; returns how many jobs."""
    before = tx.now - older_than
    old = [
        row.id for row in tx.rows(sa.select(job.c.id).where(job.c.ended < before).order_by(job.c.ended).limit(limit))
    ]
    if old:
        tx.execute(sa.delete(attempt).where(attempt.c.job_id.in_(old)))
        tx.execute(sa.delete(job).where(job.c.id.in_(old)))
    tx.execute(sa.delete(lane).where(lane.c.pending == 0, lane.c.token.is_(None)))
    return len(old)


def _unheld(tx: Transaction, key: str) -> sa.Row[Any] | None:
    """The open job of this key, its lane locked. One that is being worked on gives its key up and is not returned."""
    known = tx.execute(_KEYED, {"key": key}).first()
    if known is None:
        return None
    in_hand = tx.scalar(_LOCK, {"lane": known.lane})
    known = tx.execute(_KEYED, {"key": key}).first()  # it may have ended while we waited for its lane
    if known is None or known.id != in_hand:
        return known
    tx.execute(sa.update(job).where(job.c.id == known.id).values(key=None))
    return None


def _locked(tx: Transaction, job_id: int) -> sa.Row[Any] | None:
    known = tx.execute(_BY_ID, {"id": job_id}).first()
    if known is None:
        return None
    tx.scalar(_LOCK, {"lane": known.lane})
    return tx.execute(_BY_ID, {"id": job_id}).first()


def _lengthen(tx: Transaction, step: str, where: str, due: datetime) -> None:
    """Lock the lane before the job's row is made: ids of a lane rise in the order of their commits."""
    tx.execute(_lengthening(tx.dialect), {"key": where, "step": step, "pending": 1, "due": due, "lost": 0})


@cache
def _lengthening(dialect: str) -> sa.Executable:
    fresh = insert_into(lane, dialect)
    first = sa.case((lane.c.pending == 0, fresh.excluded.due), else_=lane.c.due)
    return fresh.on_conflict_do_update(index_elements=["key"], set_={"pending": lane.c.pending + 1, "due": first})


def _renew(tx: Transaction, known: sa.Row[Any], due: datetime, data: Mapping[str, Any] | None) -> None:
    """An open, unheld job is to be done at another time. One set aside comes back to its old place in the lane."""
    values: dict[str, Any] = {"due": due} if data is None else {"due": due, "data": dict(data)}
    if known.state == "aside":
        values |= {"state": "todo", "holds_lane": False, "attempts": 0}
        if not known.holds_lane:
            _lengthen(tx, known.step, known.lane, due)
    tx.execute(sa.update(job).where(job.c.id == known.id).values(values))
    tx.execute(_FOLLOW_HEAD, {"lane": known.lane})


def _end(tx: Transaction, known: sa.Row[Any], state: str) -> None:
    tx.execute(sa.update(job).where(job.c.id == known.id).values(state=state, holds_lane=False, ended=tx.now))
    if known.state == "todo" or known.holds_lane:
        tx.execute(sa.update(lane).where(lane.c.key == known.lane).values(pending=lane.c.pending - 1))
    tx.execute(_FOLLOW_HEAD, {"lane": known.lane})
