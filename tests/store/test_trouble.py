"""The disk fails, is full, or the database goes away: nobody is told "kept" who is not, and it mends by itself."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store import jobs, marks, survey
from gateway.store.database import Store, StoreAway, Transaction
from tests.peers.postgres import Postgres, new_postgres
from tests.peers.strace import failing
from tests.store.elsewhere import opened


@pytest.mark.parametrize(
    ("calls", "error"),
    [("fdatasync", "EIO"), ("fsync", "EIO"), ("fsync,fdatasync", "ENOSPC"), ("pwrite64", "ENOSPC")],
)
def test_a_failing_disk_is_told_and_then_forgotten(tmp_path: Path, calls: str, error: str) -> None:
    with opened(tmp_path) as there:
        assert there.ask("write before") == "ok None"
        with failing(there.id, calls, error):
            # SQLite syncs its log by fdatasync, its folder and our blobs by fsync.
            told = there.ask("write during") if calls != "fsync" else there.ask("blob x")
            assert told.startswith("away ")
            assert there.ask("ready") == ("ok False" if calls != "fsync" else "ok True")
        assert there.ask("ready") == "ok True"
        assert there.ask("trouble") == "ok "
        assert there.ask("write after") == "ok None"
        assert there.ask("blob x").startswith("ok ")
        assert [there.ask(f"get {name}") for name in ("before", "after")] == ["ok True"] * 2


def test_a_blob_whose_name_is_not_on_the_disk_is_not_kept(tmp_path: Path) -> None:
    with opened(tmp_path) as there:
        assert there.ask("blob x").startswith("ok ")
        with failing(there.id, "fsync", "EIO", when="3+"):  # two are made
            assert there.ask("blob x").startswith("ok ")
        with failing(there.id, "fsync", "EIO", when="2+"):  # the bytes, and then their name
            assert there.ask("blob x").startswith("away ")
        assert there.ask("blob x").startswith("ok ")


def test_what_was_kept_before_and_after_a_failed_sync_is_there_after_a_crash(tmp_path: Path) -> None:
    with opened(tmp_path) as there:
        there.ask("write before")
        with failing(there.id, "fdatasync", "EIO"):
            assert there.ask("write during").startswith("away ")
        assert there.ask("write after") == "ok None"
        there.kill()
    with opened(tmp_path) as again:
        assert [again.ask(f"get {name}") for name in ("before", "after")] == ["ok True"] * 2


def test_after_a_failed_sync_the_log_is_written_anew_before_anything_is_promised(tmp_path: Path) -> None:
    with opened(tmp_path) as there:
        for number in range(20):
            there.ask(f"write {number}")
        log = tmp_path / "gateway.sqlite-wal"
        long_before = log.stat().st_size
        with failing(there.id, "fdatasync", "EIO"):
            assert there.ask("write during").startswith("away ")
        assert there.ask("write after") == "ok None"
        # Linux calls pages clean whose sync has failed: frames behind them would be lost with them.
        assert log.stat().st_size < long_before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=3m", "none", folder], capture_output=True)
    if not done or done.returncode:
        pytest.skip("this test needs a small disk of its own, and may not mount one")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


async def test_a_full_disk_is_waited_for(small_disk: Path) -> None:
    store = await Store.open("sqlite", small_disk / "data")
    await store.write(marks.put, "before", 1)
    ballast = small_disk / "ballast"
    fill(ballast)
    with pytest.raises(StoreAway, match=r"full|disk I/O"):
        await write_much(store)
    with pytest.raises(StoreAway, match=os.strerror(28)):
        await store.blobs.keep_bytes(b"x" * 100_000)
    assert not await store.ready()
    assert store.free_bytes() < 100_000
    assert await store.read(marks.get, "before") == 1
    ballast.unlink()
    assert await store.ready()
    await store.blobs.keep_bytes(b"x" * 100_000)
    await store.close()


async def write_much(store: Store) -> None:
    for number in range(400):
        await store.write(marks.put, f"during {number}", "x" * 4000)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (65536, 4096):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    cluster = new_postgres()
    yield cluster
    cluster.remove()


async def test_a_database_that_goes_away_is_waited_for(own_postgres: Postgres, tmp_path: Path) -> None:
    store = await Store.open(own_postgres.new_database(), tmp_path)
    await store.write(marks.put, "before", 1)
    for how in (signal.SIGINT, signal.SIGQUIT):
        own_postgres.stop(how)
        with pytest.raises(StoreAway):
            await store.write(marks.put, "during", 1)
        with pytest.raises(StoreAway):
            await store.read(marks.get, "before")
        with pytest.raises(StoreAway):
            await store.blobs.keep_bytes(b"x" * 100_000)
        assert not await store.ready()
        assert "PostgreSQL" in store.trouble
        own_postgres.start()
        assert await store.ready()
        assert store.trouble == ""
    assert await store.read(marks.get, "before") == 1
    assert await store.read(marks.get, "during") is None
    await store.close()


async def test_connections_that_died_while_nobody_looked_are_made_anew(own_postgres: Postgres, tmp_path: Path) -> None:
    store = await Store.open(own_postgres.new_database(), tmp_path)
    await asyncio.gather(*(store.read(marks.get, "warm") for _ in range(8)))
    own_postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gateway'")
    await asyncio.gather(*(store.write(marks.put, f"m{number}", 1) for number in range(8)))
    await store.close()


async def test_a_transaction_cut_in_its_middle_is_kept_whole_or_not_at_all(
    own_postgres: Postgres, tmp_path: Path
) -> None:
    store = await Store.open(own_postgres.new_database(), tmp_path)
    cuts = 0

    def cut_once(tx: Transaction) -> None:
        nonlocal cuts
        jobs.add(tx, "read", "a", "1")
        if cuts == 0:
            cuts += 1
            own_postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state LIKE 'idle in%'")
        marks.count(tx, "ran")

    await store.write(cut_once)
    assert cuts == 1
    [count] = await store.read(survey.counts)
    assert count.waiting == await store.read(marks.counted, "ran") == 1
    await store.close()
