"""Several daemons on one PostgreSQL: its clock is the one that counts, and its return is no time to rob each other."""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path

from gateway.store import jobs, lanes
from gateway.store.database import Store, StoreAway
from gateway.store.lanes import Try
from tests.peers.postgres import Postgres, new_postgres
from tests.peers.postgres import postgres as postgres
from tests.worker.conftest import Bench, idle

_BEHIND = """
    CREATE SCHEMA behind;
    CREATE FUNCTION behind.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
        AS $$ SELECT pg_catalog.statement_timestamp() - interval '10 minutes' $$;
"""


async def test_a_database_whose_clock_is_behind_is_not_asked_without_a_pause(
    tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.new_database()
    name = url.split("/")[3].partition("?")[0]
    postgres.execute(_BEHIND, name)
    postgres.execute(f"ALTER DATABASE {name} SET search_path = behind, pg_catalog, public")
    store = await Store.open(url, tmp_path, node="here")
    bench = Bench(store)
    bench.step("later")
    await store.write(jobs.add, "later", "lane", "in a while", after=timedelta(minutes=5))
    counted = f"SELECT xact_commit FROM pg_stat_database WHERE datname = '{name}'"
    async with bench.running():
        await asyncio.sleep(1.5)
        [(before,)] = await asyncio.to_thread(postgres.execute, counted)
        await asyncio.sleep(3)
        [(after,)] = await asyncio.to_thread(postgres.execute, counted)
    await store.close()
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert after - before < 60


async def test_whoever_comes_back_with_the_database_may_still_write_down_what_it_did(tmp_path: Path) -> None:
    """All leases have run out meanwhile. A hand asks every two seconds whether the database is there again."""
    cluster = new_postgres()
    try:
        url = cluster.new_database()
        mine = await Store.open(url, tmp_path / "mine", node="mine")
        theirs = await Store.open(url, tmp_path / "theirs", node="theirs")
        bench = Bench(theirs)
        bench.step("send")
        await mine.write(jobs.add, "send", "lane", "a mail")
        harvest = await mine.write(lanes.claim, {"send": 1}, lease=timedelta(seconds=2), node="mine")
        async with bench.running():
            await theirs.write(jobs.add, "send", "another lane", "before")
            async with asyncio.timeout(5):
                while not bench.done:
                    await asyncio.sleep(0.05)
            await asyncio.to_thread(cluster.stop, signal.SIGQUIT)
            await asyncio.sleep(4)
            await asyncio.to_thread(cluster.start)
            await asyncio.sleep(2)
            async with asyncio.timeout(5):
                while not await _settled(mine, harvest.claims[0]):
                    await asyncio.sleep(0.1)
            await bench.until(idle)
            assert bench.done == ["before"]
            await mine.write(jobs.add, "send", "lane", "the next")
            await bench.until(idle)
            assert bench.done == ["before", "the next"]
        await mine.close()
        await theirs.close()
    finally:
        cluster.remove()


async def _settled(store: Store, claim: lanes.Claim) -> bool:
    try:
        await store.write(lanes.settle, claim, Try("mine", timedelta(0)))
    except StoreAway:
        return False
    return True
