"""Whether all mail is accounted for (contract 7), when the backlog ends, and what each set-aside job is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.store import arrivals, marks
from gateway.store.arrivals import Fate
from gateway.store.schema import arrival, conversation, delivery, job, lane
from gateway.store.survey import Count, Shown
from gateway.store.transaction import Transaction

_RECENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Balance:
    """`accepted` was counted when mail was taken in; the rest is counted from open jobs and fates, so it can fail."""

    accepted: int
    waiting: int
    in_work: int
    fates: Mapping[str, int]

    @property
    def holds(self) -> bool:
        return self.accepted == self.waiting + self.in_work + sum(self.fates.values())


@dataclass(frozen=True, slots=True)
class About:
    """The mail or conversation that a job is about; `who` wrote it, or is to get it."""

    conversation: str | None = None
    arrival: int | None = None
    who: str = ""
    mailbox: str = ""


def balance(tx: Transaction) -> Balance:
    """Both sides of contract 7's equation. An arrival without a fate must have an open job or a draft at hand."""
    fates = dict.fromkeys((fate.value for fate in Fate), 0)
    fates.update({fate: number for fate, number in arrivals.fates(tx).items() if fate != "open"})
    unsettled = sa.select(sa.func.count()).select_from(arrival).where(sa.text("arrival.fate IS NULL"))
    working = unsettled.where(_has_job(held=True))
    waiting = unsettled.where(~_has_job(held=True), sa.or_(_has_job(held=False), _has_draft()))
    return Balance(marks.counted(tx, arrivals.ACCEPTED), int(tx.scalar(waiting)), int(tx.scalar(working)), fates)


def backlog_ends(tx: Transaction, counts: Sequence[Count]) -> datetime | None:
    """When the slowest step will be done at the pace of the last ten minutes; None when nothing waits or moves."""
    ended = sa.select(job.c.step, sa.func.count().label("number")).where(job.c.ended > tx.now - _RECENT)
    pace = {row.step: row.number for row in tx.rows(ended.group_by(job.c.step))}
    lengths = [_RECENT * one.waiting / pace[one.step] for one in counts if one.waiting > 0 and pace.get(one.step)]
    return tx.now + max(lengths) if lengths else None


def about(tx: Transaction, one: Shown) -> About:
    if one.step == "read" and one.subject.isdigit():
        kept = arrivals.fetch(tx, int(one.subject))
        if kept is not None:
            return About(kept.conversation_id, kept.id, kept.envelope.sender, kept.mailbox)
    if one.step == "send" and one.subject.isdigit():
        columns = delivery.c.conversation_id, delivery.c.recipients, delivery.c.mailbox
        row = tx.execute(sa.select(*columns).where(delivery.c.id == int(one.subject))).first()
        if row is not None:
            return About(row.conversation_id, None, ", ".join(row.recipients), row.mailbox)
    if one.step in ("decide", "file", "upload"):
        wanted = sa.select(conversation.c.address, conversation.c.mailbox).where(conversation.c.id == one.subject)
        row = tx.execute(wanted).first()
        if row is not None:
            return About(one.subject, None, row.address, row.mailbox)
    return About()


def _has_job(*, held: bool) -> sa.ColumnElement[bool]:
    """The arrival is being read, or its conversation is being decided on; `held`: by a hand at this moment."""
    own = sa.and_(job.c.step == "read", job.c.subject == sa.cast(arrival.c.id, sa.Text))
    decided = sa.and_(job.c.step == "decide", job.c.subject == arrival.c.conversation_id)
    wanted = sa.select(job.c.id).where(sa.or_(own, decided), sa.text("job.state IN ('todo', 'aside')"))
    if held:
        leased = sa.select(lane.c.key).where(lane.c.key == job.c.lane, lane.c.job_id == job.c.id)
        wanted = wanted.where(leased.exists())
    return wanted.exists()


def _has_draft() -> sa.ColumnElement[bool]:
    draft = sa.select(delivery.c.id).where(delivery.c.conversation_id == arrival.c.conversation_id)
    return draft.where(delivery.c.state == "draft").exists()
