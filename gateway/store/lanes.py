"""Lanes: who holds which, until when, and how what was held comes to its end."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gateway.store import jobs
from gateway.store.schema import attempt, job, lane
from gateway.store.transaction import Transaction


class LostLease(Exception):
    """Somebody else has the lane now: nothing that this hand found out may be written."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in hand. `key` names its lane's row, `token` the lease; `lost` counts hands that died holding it."""

    id: int
    key: str
    step: str
    subject: str
    token: str
    attempts: int
    lost: int
    data: Mapping[str, Any]

    @property
    def lane(self) -> str:
        return self.key.removeprefix(f"{self.step}:")


@dataclass(frozen=True, slots=True)
class Try:
    """What is noted of one attempt."""

    node: str
    took: timedelta
    error: str = ""


@dataclass(frozen=True, slots=True)
class Harvest:
    """What a look at the list gave: the jobs taken, and when each step has its next one (steps without any miss).

    `now` is the store's time, which may be another than this machine's.
    """

    claims: Sequence[Claim]
    next_due: Mapping[str, datetime]
    now: datetime


_LIVE = sa.text("lane.pending > 0")
_DUE = (
    sa.select(lane.c.due)
    .where(lane.c.step == sa.bindparam("of_step"), _LIVE, lane.c.due.is_not(None))
    .order_by(lane.c.due)
    .limit(1)
)
_TAKE = (
    sa.select(lane.c.key)
    .where(lane.c.step == sa.bindparam("of_step"), _LIVE, lane.c.due <= sa.bindparam("now"))
    .order_by(lane.c.due)
    .limit(sa.bindparam("hands"))
    .with_for_update(skip_locked=True)
    # In a CTE of its own: PostgreSQL may run a bare IN (… LIMIT … FOR UPDATE) twice.
    .cte("free")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)
_CLAIM = (
    sa.update(lane)
    .where(lane.c.key.in_(sa.select(_TAKE.c.key)))
    .values(
        token=sa.bindparam("fresh"),
        node=sa.bindparam("by"),
        lost=lane.c.lost + sa.case((lane.c.token.is_not(None), 1), else_=0),
        due=sa.bindparam("until"),
    )
)
# A statement of its own: one that waited for a lane, or met it just changed, would see the jobs of before (PostgreSQL).
_TAKE_HEADS = sa.update(lane).where(lane.c.token == sa.bindparam("fresh")).values(job_id=jobs.HEAD)
_TAKEN = (
    sa.select(job, lane.c.lost)
    .join_from(lane, job, job.c.id == lane.c.job_id)
    .where(lane.c.token == sa.bindparam("fresh"))
    .order_by(job.c.id)
)
_HELD = sa.and_(lane.c.key == sa.bindparam("lane"), lane.c.token == sa.bindparam("held"))
_FENCE = sa.select(lane.c.key).where(_HELD).with_for_update()
_LEAVE = (
    sa.update(lane)
    .where(_HELD)
    .values(
        pending=lane.c.pending - sa.bindparam("ended"), token=None, node=None, job_id=None, lost=0, due=jobs.HEAD_DUE
    )
)
_NOTED = sa.select(attempt.c.id).where(attempt.c.job_id == sa.bindparam("id"), attempt.c.token == sa.bindparam("held"))


def claim(
    tx: Transaction,
    hands: Mapping[str, int],
    *,
    lease: timedelta,
    node: str,
    held: Collection[str] = (),
) -> Harvest:
    """Take, for each step, as many due lanes as it has free hands, and the head of each.

    The leases of `held` tokens are renewed first, so that nobody takes from its own other hand.
    """
    renew(tx, held, lease=lease)
    claims: list[Claim] = []
    next_due: dict[str, datetime] = {}
    for step, free in hands.items():
        due = tx.scalar(_DUE, {"of_step": step})
        if due is not None and due <= tx.now and free > 0:
            claims += _claim_step(tx, step, free, tx.now + lease, node)
            due = tx.scalar(_DUE, {"of_step": step})
        if due is not None:
            next_due[step] = due
    return Harvest(claims, next_due, tx.now)


def _claim_step(tx: Transaction, step: str, hands: int, until: datetime, node: str) -> list[Claim]:
    token = secrets.token_hex(12)
    values = {"of_step": step, "now": tx.now, "hands": hands, "fresh": token, "by": node, "until": until}
    if not tx.execute(_CLAIM, values).rowcount:
        return []
    tx.execute(_TAKE_HEADS, {"fresh": token})
    return [
        Claim(row.id, row.lane, row.step, row.subject, token, row.attempts, row.lost, row.data or {})
        for row in tx.rows(_TAKEN, {"fresh": token})
    ]


def renew(tx: Transaction, held: Collection[str], *, lease: timedelta) -> set[tuple[str, str]]:
    """Prolong the leases of these tokens; returns (lane's key, token) of each that is still held."""
    if not held:
        return set()
    mine = sa.update(lane).where(lane.c.token.in_(sorted(held))).values(due=tx.now + lease)
    return {(row.key, row.token) for row in tx.rows(mine.returning(lane.c.key, lane.c.token))}


def fence(tx: Transaction, claim: Claim) -> None:
    """Raises LostLease unless the claim still holds its lane; nobody can take it before this transaction ends."""
    if tx.execute(_FENCE, {"lane": claim.key, "held": claim.token}).first() is None:
        raise LostLease(claim.key)


def settle(tx: Transaction, claim: Claim, one: Try) -> None:
    """The job is done. Raises LostLease."""
    fence(tx, claim)
    tx.execute(sa.update(job).where(job.c.id == claim.id).values(state="done", error="", ended=tx.now))
    _leave(tx, claim, one, "done", ended=1)


def put_back(tx: Transaction, claim: Claim, one: Try, *, after: timedelta, counts: bool) -> None:
    """Try the job again later; it keeps its place. `counts`: the attempt was the job's own fault. Raises LostLease."""
    fence(tx, claim)
    again = {"due": tx.now + after, "error": one.error, "attempts": claim.attempts + (1 if counts else 0)}
    tx.execute(sa.update(job).where(job.c.id == claim.id).values(again))
    _leave(tx, claim, one, "put back", ended=0)


def set_aside(tx: Transaction, claim: Claim, one: Try, *, holds_lane: bool = False) -> None:
    """A person must look at it. Its lane goes on, or with `holds_lane` waits for the person. Raises LostLease."""
    fence(tx, claim)
    aside = {"state": "aside", "error": one.error, "holds_lane": holds_lane, "attempts": claim.attempts + 1}
    tx.execute(sa.update(job).where(job.c.id == claim.id).values(aside))
    _leave(tx, claim, one, "aside", ended=0 if holds_lane else 1)


def was_recorded(tx: Transaction, claim: Claim) -> bool:
    """Whether this claim has already ended: the answer to a commit can be lost while the commit is kept."""
    return tx.execute(_NOTED, {"id": claim.id, "held": claim.token}).first() is not None


def let_go(tx: Transaction, claims: Collection[Claim]) -> None:
    """Give lanes back untouched: the house closes in good order."""
    for one in claims:
        free = sa.update(lane).where(lane.c.key == one.key, lane.c.token == one.token)
        tx.execute(free.values(token=None, node=None, job_id=None, due=jobs.HEAD_DUE))
    tx.stirs = True


def free(tx: Transaction, node: str | None) -> int:
    """Take back what a dead daemon held (None: whichever node), at once; returns how many lanes."""
    dead = sa.update(lane).where(lane.c.token.is_not(None))
    if node is not None:
        dead = dead.where(lane.c.node == node)
    tx.stirs = True
    return tx.execute(dead.values(token=None, node=None, job_id=None, lost=lane.c.lost + 1, due=jobs.HEAD_DUE)).rowcount


def _leave(tx: Transaction, claim: Claim, one: Try, outcome: str, *, ended: int) -> None:
    """The lane was locked by an earlier statement: who waits for it in this one would miss a job added meanwhile."""
    tx.execute(_LEAVE, {"lane": claim.key, "held": claim.token, "ended": ended})
    tx.stirs = True
    row = {"job_id": claim.id, "token": claim.token, "node": one.node, "at": tx.now, "outcome": outcome}
    tx.execute(sa.insert(attempt).values(row | {"error": one.error, "ms": round(one.took.total_seconds() * 1000)}))
