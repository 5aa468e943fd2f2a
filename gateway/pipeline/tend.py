"""TEND: what the house does again and again by itself. Each chore is a job that queues itself again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from gateway.config.settings import Settings
from gateway.log import Event
from gateway.pipeline import acknowledging, knocking, notify, probing, rescue, silence, watch
from gateway.pipeline.parts import Job, Parts, Write, nothing
from gateway.store import jobs, marks, retention
from gateway.store.database import Transaction
from gateway.store.spool import sweep_spool

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SOON = timedelta(seconds=10)
DONE_JOBS = timedelta(days=7)
AT_ONCE = 1_000
FORGOT, STEADY = "forgot", timedelta(days=3)  # when old things were last looked for


@dataclass(frozen=True, slots=True)
class Chore:
    """Done every so often; sooner when it says that it has not finished."""

    every: timedelta
    do: Callable[[Parts], Awaitable[Write]]


class Unfinished(Event):
    """Among a chore's events: there is more of it to do."""


async def tend(parts: Parts, job: Job) -> Write:
    """One chore, once; it queues itself again in the transaction that records it."""
    if job.subject.startswith(silence.PREFIX):
        return partial(silence.resolve_after_silence, job=job, settings=parts.settings)
    if job.subject.startswith(acknowledging.PREFIX):
        return await acknowledging.acknowledge(parts, job)
    chore = CHORES.get(job.subject)
    if chore is None:
        return nothing  # of another version of this program
    return partial(_record, name=job.subject, chore=chore, write=await chore.do(parts))


def begin(tx: Transaction, settings: Settings) -> None:
    """Queue every chore, at each start; one that is queued already stays."""
    for name in CHORES:
        _queue(tx, name, timedelta(0))


def _record(tx: Transaction, *, name: str, chore: Chore, write: Write) -> Sequence[Event]:
    events = list(write(tx) or [])
    unfinished = any(isinstance(one, Unfinished) for one in events)
    _queue(tx, name, SOON if unfinished else chore.every)
    return [one for one in events if not isinstance(one, Unfinished)]


def _queue(tx: Transaction, name: str, after: timedelta) -> None:
    jobs.add(tx, "tend", name, name, key=f"tend:{name}", after=after)


async def _tidy(parts: Parts) -> Write:
    """Jobs that ended, and notices that are gone."""
    return _purge


def _purge(tx: Transaction) -> Sequence[Event]:
    retention.forget_notices(tx, timedelta(days=30))
    purged = jobs.purge(tx, DONE_JOBS, AT_ONCE)
    return [Unfinished("purged")] if purged >= AT_ONCE else []


async def _forget(parts: Parts) -> Write:
    return partial(_forget_old, settings=parts.settings)


def _forget_old(tx: Transaction, *, settings: Settings) -> Sequence[Event]:
    before = marks.get(tx, FORGOT)
    marks.put(tx, FORGOT, tx.now.isoformat())
    # A clock that runs ahead for a while must not cost what is kept: only one that goes steadily is believed.
    if before is None or not timedelta(0) <= tx.now - datetime.fromisoformat(before) < STEADY:
        return []
    kept = settings.retention
    talks = retention.forget_conversations(tx, kept.conversations)
    mails = retention.forget_bytes(tx, kept.raw)
    strangers = retention.forget_strangers(tx) if talks else 0
    if not talks and not mails:
        return []
    facts = {"conversations": talks, "mails": mails, "customers": strangers}
    return [Event("forgotten", facts), Unfinished("more")]


async def _sweep(parts: Parts) -> Write:
    """Blobs that no row names any more, and files that a crash left here. What is removed is in no table."""
    removed = await parts.store.blobs.sweep()
    left = await asyncio.to_thread(sweep_spool, parts.settings.data_dir / "spool")
    return partial(_swept, removed=removed, left=left)


def _swept(tx: Transaction, *, removed: int, left: int) -> Sequence[Event]:
    return [Event("swept", {"blobs": removed, "files": left})] if removed or left else []


CHORES = {
    "watch": Chore(MINUTE, watch.look_around),
    "balance": Chore(2 * MINUTE, watch.weigh),
    "tell": Chore(MINUTE, notify.tell_operator),
    "rescue": Chore(5 * MINUTE, rescue.rescue),
    "knock": Chore(10 * MINUTE, knocking.knock),
    "probe": Chore(5 * MINUTE, probing.look_after),
    "tidy": Chore(HOUR, _tidy),
    "forget": Chore(DAY, _forget),
    "sweep": Chore(DAY, _sweep),
}
