"""Two transactions that meet at one row of a shared database: whoever waits does not work from what was before."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.desk.case import CaseSeen, CaseState, KnownCase
from gateway.store import cases, jobs, lanes
from gateway.store.database import Store, Transaction
from gateway.store.lanes import Claim, Try
from tests.peers.ports import wait_for
from tests.peers.postgres import Postgres
from tests.peers.postgres import postgres as postgres
from tests.store.seeds import SUPPORT, begin

ONE = Try(node="here", took=timedelta(milliseconds=5))
Doing = Callable[[Transaction], Any]


class Meeting:
    """A store on a database of its own, and who does something in it at the same moment."""

    def __init__(self, store: Store, postgres: Postgres, database: str) -> None:
        self.store = store
        self._postgres = postgres
        self._waits = f"SELECT 1 FROM pg_stat_activity WHERE datname = '{database}' AND wait_event_type = 'Lock'"

    async def of(self, first: Doing, second: Doing) -> None:
        """`second` begins when `first` has done its part, and waits for its commit."""
        done, may_commit = threading.Event(), threading.Event()

        def slowly(tx: Transaction) -> None:
            first(tx)
            done.set()
            assert may_commit.wait(20)

        one = asyncio.create_task(self.store.write(slowly))
        assert await asyncio.to_thread(done.wait, 20)
        other = asyncio.create_task(self.store.write(second))
        await asyncio.to_thread(wait_for, lambda: bool(self._postgres.execute(self._waits)), "nobody waits")
        may_commit.set()
        await asyncio.gather(one, other)


@pytest.fixture
async def meeting(postgres: Postgres, tmp_path: Path) -> AsyncIterator[Meeting]:
    url = postgres.new_database()
    store = await Store.open(url, tmp_path, node="here")
    yield Meeting(store, postgres, url.partition("@/")[2].partition("?")[0])
    await store.close()


@pytest.mark.parametrize("leave", [lanes.settle, lanes.set_aside])
async def test_a_job_that_is_added_while_its_lane_is_being_left_is_not_forgotten(
    meeting: Meeting, leave: Callable[[Transaction, Claim, Try], None]
) -> None:
    await meeting.store.write(jobs.add, "send", "a", "1")
    [claim] = await _take(meeting.store)
    await meeting.of(lambda tx: jobs.add(tx, "send", "a", "2"), lambda tx: leave(tx, claim, ONE))
    assert [one.subject for one in await _take(meeting.store)] == ["2"]


async def test_what_we_write_on_a_case_stays_ours_when_somebody_looks_at_it_at_that_moment(meeting: Meeting) -> None:
    """Else our own status would come back as that of a person, and the assistant would fall silent."""
    store = meeting.store
    await store.write(begin)
    now = await store.read(lambda tx: tx.now)
    fresh = KnownCase("case", 1, SUPPORT, "c1", CaseState.OPEN, now, now, now, written={"status": "new", "owner": "o"})
    await store.write(cases.add, fresh)
    shown = CaseSeen("case", CaseState.OPEN, status="new", owner="o", modified="2")
    await meeting.of(
        lambda tx: cases.record_written(tx, "case", {"status": "resolved"}, CaseState.RESOLVED),
        lambda tx: cases.record_seen(tx, shown, checked=tx.now),
    )
    await meeting.of(
        lambda tx: cases.record_seen(tx, shown, checked=tx.now), lambda tx: cases.note(tx, "case", "apart", "yes")
    )
    known = await store.read(cases.load, "case")
    assert known is not None
    assert known.written == {"status": "resolved", "owner": "o", "apart": "yes"}


async def _take(store: Store) -> list[Claim]:
    told = {"lease": timedelta(seconds=15), "node": "here"}
    return list((await store.write(lambda tx: lanes.claim(tx, {"send": 10}, **told))).claims)  # type: ignore[arg-type]  # as named
