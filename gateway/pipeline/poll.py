"""POLL: what changed in Creatio is found without any business process; LISTEN looks at the cases that we know."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from gateway.log import Event
from gateway.pipeline import budget
from gateway.pipeline.parts import Job, Parts, Write, nothing
from gateway.pipeline.watching import look_at_case
from gateway.ports import Changes
from gateway.store import jobs, ledger, marks
from gateway.store.database import Transaction

CURSOR = "creatio.cursor"
CALLS_OF_A_POLL = 4  # the poll's own, and a little listening
FOR_POLLING = 0.5  # of the calls that are left; the rest is for filing and listening
RAREST = timedelta(hours=1)


async def poll(parts: Parts, job: Job) -> Write:
    """Ask what changed since the last look. The cursor is Creatio's own; rows seen in that state count once."""
    if parts.crm is None:
        return nothing
    mark: Mapping[str, Any] = await parts.store.read(marks.get, CURSOR) or {}
    changes = await parts.crm.changes(dict(mark.get("cursor") or {}))
    settings = parts.settings.creatio
    return partial(
        _write,
        changes=changes,
        known=dict(mark.get("seen") or {}),
        calls=parts.crm.take_call_count(),
        node=parts.store.node,
        usual=settings.poll,
        limit=settings.calls_per_day,
    )


def begin(tx: Transaction) -> None:
    """Queue the first poll, unless one is queued."""
    jobs.add(tx, "poll", "creatio", "creatio", key="poll:creatio")


def pause_until_next(usual: timedelta, *, used: int, limit: int, now: datetime) -> timedelta:
    """The usual pause, or a longer one so that the day's calls last until midnight (UTC)."""
    if not limit:
        return usual
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    polls = (limit - used) * FOR_POLLING / CALLS_OF_A_POLL
    return min(max(usual, (midnight - now) / max(polls, 1.0)), max(usual, RAREST))


def _write(
    tx: Transaction, *, changes: Changes, known: Mapping[str, str], calls: int, node: str, usual: timedelta, limit: int
) -> Sequence[Event]:
    listed = [(case_id, activity_id, version) for activity_id, case_id, version in changes.activities]
    listed += [(case_id, case_id, version) for case_id, version in changes.cases]
    ours = ledger.known(tx, [activity_id for activity_id, _, _ in changes.activities])
    seen: dict[str, str] = {}
    looked: set[str] = set()
    for case_id, row_id, version in listed:
        # A row that we wrote ourselves tells nothing new, whatever became of it.
        if row_id in ours or known.get(row_id) == version:
            seen[row_id] = version
        # A case of ours may show before its making was recorded: only what we know counts as seen.
        elif look_at_case(tx, case_id):
            seen[row_id] = version
            looked.add(case_id)
    marks.put(tx, CURSOR, {"cursor": dict(changes.cursor), "seen": seen})
    before = budget.used_today(tx)
    budget.note(tx, calls, node)
    after = pause_until_next(usual, used=before + calls, limit=limit, now=tx.now)
    jobs.add(tx, "poll", "creatio", "creatio", key="poll:creatio", after=after)
    return [Event("changes_found", {"cases": len(looked)})] if looked else []
