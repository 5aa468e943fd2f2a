"""A transaction is kept whole or not at all, and the store says so when it can keep nothing."""

import asyncio
import threading
import traceback
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.errors import GiveUp, StartOver
from gateway.store import jobs, marks
from gateway.store.database import Store, StoreAway, Transaction
from gateway.store.folder import network_filesystem
from gateway.store.schema import entry
from gateway.store.spool import spool_file, sweep_spool


def put(tx: Transaction, name: str, fault: Exception | None = None) -> str:
    marks.put(tx, name, 1)
    if fault is not None:
        raise fault
    return name


async def test_what_was_written_is_there_after_the_store_was_opened_again(url: str, tmp_path: Path) -> None:
    store = await Store.open(url, tmp_path)
    await store.write(marks.put, "kept", {"a": [1, "ä", None]})
    await store.close()
    store = await Store.open(url, tmp_path)
    assert await store.read(marks.get, "kept") == {"a": [1, "ä", None]}
    await store.close()


async def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(StartOver):
        await store.write(put, "half", StartOver("overtaken"))
    assert await store.read(marks.get, "half") is None


async def test_what_is_read_in_one_go_is_of_one_moment(store: Store) -> None:
    """Else a mail that is done between two questions would be missing from both, and the balance would not hold."""
    loop = asyncio.get_running_loop()
    await store.write(marks.put, "first", 1)

    def look(tx: Transaction) -> tuple[object, object]:
        first = marks.get(tx, "first")
        asyncio.run_coroutine_threadsafe(store.write(marks.put, "first", 2), loop).result(10)
        return first, marks.get(tx, "first")

    assert await store.read(look) == (1, 1)
    assert await store.read(marks.get, "first") == 2


async def test_what_a_failed_statement_was_given_is_in_no_error(store: Store) -> None:
    """Its text goes into the log and into the list of what is set aside."""
    lost = sa.insert(entry).values(conversation_id="nowhere", text="what a customer wrote")
    with pytest.raises(sa.exc.DBAPIError) as raised:
        await store.write(lambda tx: tx.execute(lost))
    assert "what a customer wrote" not in "".join(traceback.format_exception(raised.value))


async def test_of_many_at_one_moment_only_the_failing_one_fails(store: Store) -> None:
    faults = {7: GiveUp("no"), 40: StartOver("again")}
    tasks = [store.write(put, f"m{number}", faults.get(number)) for number in range(60)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for number, result in enumerate(results):
        assert result == faults.get(number, f"m{number}")
        assert await store.read(marks.get, f"m{number}") == (None if number in faults else 1)
    assert store.trouble == ""


async def test_all_that_wait_in_one_moment_share_one_commit(tmp_path: Path) -> None:
    store = await Store.open("sqlite", tmp_path)
    all_wait = threading.Event()
    seen: list[object] = []

    def hold_up(tx: Transaction) -> None:
        assert all_wait.wait(10)

    def count(tx: Transaction) -> None:
        marks.count(tx, "shared")
        seen.append(tx.connection.get_transaction())

    first = asyncio.create_task(store.write(hold_up))
    others = [asyncio.create_task(store.write(count)) for _ in range(50)]
    await asyncio.sleep(0)
    all_wait.set()
    await asyncio.gather(first, *others)
    assert await store.read(marks.counted, "shared") == 50
    assert len(set(map(id, seen))) == 1
    await store.close()


async def test_two_who_make_the_same_row_at_one_moment_both_succeed(store: Store) -> None:
    def make_once(tx: Transaction) -> None:
        if marks.get(tx, "once") is None:
            tx.execute(sa.text("INSERT INTO mark (name, value) VALUES ('once', '1')"))
        marks.count(tx, "made")

    await asyncio.gather(*(store.write(make_once) for _ in range(20)))
    assert await store.read(marks.counted, "made") == 20


async def test_a_cancelled_caller_does_not_stop_the_others(store: Store) -> None:
    tasks = [asyncio.create_task(store.write(put, f"m{number}")) for number in range(20)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one for one in results if isinstance(one, BaseException)] == [results[3]]
    assert await store.write(put, "later") == "later"


async def test_the_time_of_a_transaction_stands_still_and_can_be_turned(store: Store) -> None:
    def twice(tx: Transaction) -> tuple[object, object]:
        return tx.now, tx.now

    first, second = await store.write(twice)
    assert first == second
    store.turn_clock(timedelta(days=3))
    later, _ = await store.write(twice)
    assert timedelta(days=3) <= later - first < timedelta(days=3, minutes=1)  # type: ignore[operator]  # two moments
    assert abs(store.time() - later) < timedelta(minutes=1)  # type: ignore[operator]  # a moment


async def test_reading_writes_nothing_on_sqlite(tmp_path: Path) -> None:
    store = await Store.open("sqlite", tmp_path)
    with pytest.raises(StoreAway, match="readonly"):
        await store.read(marks.put, "sly", 1)
    assert await store.read(marks.get, "sly") is None
    await store.close()


async def test_whoever_waits_hears_of_new_jobs_and_of_nothing_else(store: Store) -> None:

    rung = asyncio.Event()
    store.on_change(rung.set)
    await store.write(marks.put, "silent", 1)
    await asyncio.sleep(0)
    assert not rung.is_set()
    await store.write(jobs.add, "read", "a", "1")
    await asyncio.wait_for(rung.wait(), 5)


async def test_text_that_no_database_keeps_is_mended_alike(store: Store) -> None:
    await store.write(marks.put, "nul\x00 and half\ud800", {"x\x00": "y\udfff\x00"})
    assert await store.read(marks.get, "nul\ufffd and half\ufffd") == {"x\ufffd": "y\ufffd\ufffd"}


async def test_a_second_daemon_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    store = await Store.open("sqlite", tmp_path)
    with pytest.raises(GiveUp, match="another gateway works in"):
        await Store.open("sqlite", tmp_path)
    await store.close()
    again = await Store.open("sqlite", tmp_path)
    await again.close()


async def test_what_a_crash_left_in_the_spool_is_gone_at_the_next_start(tmp_path: Path) -> None:
    store = await Store.open("sqlite", tmp_path)
    left = spool_file(tmp_path / "spool")
    left.write_bytes(b"half an attachment")
    assert sweep_spool(tmp_path / "spool") == 0, "while the house is at work, what is young is somebody's"
    await store.close()
    again = await Store.open("sqlite", tmp_path)
    assert not left.exists()
    await again.close()


async def test_a_folder_that_cannot_be_used_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(GiveUp, match="cannot be made"):
        await Store.open("sqlite", tmp_path / "file")
    (tmp_path / "gateway.lock").mkdir()  # stands for any reason why nothing can be written there
    with pytest.raises(GiveUp, match="cannot be written"):
        await Store.open("sqlite", tmp_path)


async def test_two_daemons_may_share_a_postgresql(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres").new_database()
    stores = await asyncio.gather(*(Store.open(url, tmp_path / name, node=name) for name in ("a", "b")))
    await stores[0].write(marks.put, "from a", 1)
    assert await stores[1].read(marks.get, "from a") == 1
    assert all(one.shared for one in stores)
    for one in stores:
        await one.close()


async def test_an_unknown_kind_of_database_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(GiveUp, match="use sqlite or postgresql"):
        await Store.open("mysql://root@127.0.0.1/x", tmp_path)


async def test_a_database_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    with pytest.raises(StoreAway, match="does not answer"):
        await Store.open(f"postgresql://nobody@/x?host={tmp_path}", tmp_path)


def test_a_folder_on_a_network_is_known_as_one(tmp_path: Path) -> None:
    mounts = (
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        f"30 22 0:50 / {tmp_path} rw - nfs4 server:/export rw\n"
        f"31 30 0:51 / {tmp_path}/local rw - xfs /dev/sdb rw\n"
    )
    assert network_filesystem(tmp_path / "mail", mounts) == "nfs4"
    assert network_filesystem(tmp_path / "local" / "mail", mounts) is None
    assert network_filesystem(Path("/srv"), mounts) is None
