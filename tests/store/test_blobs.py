"""Large bytes are on disk before anybody may name them, and what no row names is swept."""

import contextlib
import errno
import hashlib
import os
import resource
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import GiveUp, Misconfigured
from gateway.store import arrivals, deliveries
from gateway.store.blobs import SMALL
from gateway.store.database import Store, StoreAway
from tests.store import seeds

NEVER = "0" * 64
ANY_AGE = timedelta(days=-1)


def some_bytes(size: int, seed: int = 1) -> bytes:
    return (hashlib.sha256(bytes([seed])).digest() * (size // 32 + 1))[:size]


@pytest.mark.parametrize("size", [0, 1, SMALL + 1, 1 << 20, (1 << 20) + 1, 2_500_000])
async def test_bytes_come_back_as_they_were(store: Store, size: int) -> None:
    raw = some_bytes(size)
    name = await store.blobs.keep_bytes(raw)
    assert name == hashlib.sha256(raw).hexdigest()
    assert await store.blobs.read(name) == raw
    async with store.blobs.path_of(name) as path:
        assert path.read_bytes() == raw


async def test_a_part_is_read_without_the_rest(store: Store) -> None:
    raw = some_bytes(2_500_000)
    name = await store.blobs.keep_bytes(raw)
    for start, length in (
        (0, 10),
        (1_048_570, 20),
        (2_499_990, 100),
        (2_500_000, 5),
        (9_999_999, 5),
        (1_048_576, None),
    ):
        end = None if length is None else start + length
        assert await store.blobs.read(name, start, length) == raw[start:end]


async def test_a_file_is_taken_over(store: Store, tmp_path: Path) -> None:
    raw = some_bytes(1_500_000)
    name = hashlib.sha256(raw).hexdigest()
    for _ in range(2):  # the second copy is the same blob
        path = tmp_path / "spooled"
        path.write_bytes(raw)
        await store.blobs.keep_file(path, name)
        assert not path.exists()
    assert await store.blobs.read(name) == raw


async def test_a_blob_that_is_gone_says_what_to_do(store: Store) -> None:
    with pytest.raises(GiveUp, match="restore it from a backup"):
        await store.blobs.read(NEVER)
    with pytest.raises(GiveUp, match="restore it from a backup"):
        async with store.blobs.path_of(NEVER):
            pass


async def test_what_no_row_names_is_swept_after_a_day(store: Store) -> None:
    names = [await store.blobs.keep_bytes(some_bytes(100_000, seed)) for seed in range(4)]
    await store.write(arrivals.add, seeds.a_mail(raw=None, sha256=names[0]))
    await store.write(deliveries.add, seeds.a_parcel(raw=None, blob=names[1]))
    await store.write(arrivals.add, seeds.a_mail(raw=b"small", sha256=names[2]))  # its bytes are in its row
    assert await store.blobs.sweep() == 0
    assert await store.blobs.sweep(older_than=ANY_AGE) == 2
    for name, stays in zip(names, (True, True, False, False), strict=True):
        if stays:
            assert await store.blobs.read(name, 0, 1)
        else:
            with pytest.raises(GiveUp):
                await store.blobs.read(name)


async def test_content_that_comes_again_is_young_again(tmp_path: Path) -> None:
    store = await Store.open("sqlite", tmp_path)
    raw = some_bytes(100_000)
    name = await store.blobs.keep_bytes(raw)
    place = tmp_path / "blobs" / name[:2] / name
    os.utime(place, (0, 0))
    await store.blobs.keep_bytes(raw)
    assert await store.blobs.sweep() == 0
    os.utime(place, (0, 0))
    half_written = place.with_name(".half")
    half_written.write_bytes(b"x")
    os.utime(half_written, (0, 0))
    assert await store.blobs.sweep() == 1
    assert list(place.parent.iterdir()) == []
    await store.close()


async def test_a_name_that_is_none_reaches_no_file(tmp_path: Path) -> None:
    store = await Store.open("sqlite", tmp_path)
    with pytest.raises(GiveUp, match="no blob is named"):
        await store.blobs.read("../../etc/passwd")
    await store.close()


async def test_nobody_else_may_read_a_blob(tmp_path: Path) -> None:
    store = await Store.open("sqlite", tmp_path / "data")
    name = await store.blobs.keep_bytes(some_bytes(100_000))
    place = tmp_path / "data" / "blobs" / name[:2]
    assert place.stat().st_mode & 0o077 == 0
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    await store.close()


@contextlib.contextmanager
def small_files(largest: int) -> Iterator[None]:
    """No file of this process may grow beyond it: a disk without room, as far as a blob can tell."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_without_room_nothing_is_left_of_a_blob(tmp_path: Path) -> None:
    store = await Store.open("sqlite", tmp_path)
    with small_files(300_000), pytest.raises(StoreAway, match=os.strerror(errno.EFBIG)):
        await store.blobs.keep_bytes(some_bytes(400_000))
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []
    await store.blobs.keep_bytes(some_bytes(400_000))
    await store.close()


async def test_a_store_that_finds_no_room_at_its_start_says_so(tmp_path: Path) -> None:
    with small_files(10_000), pytest.raises(StoreAway, match="cannot be opened"):
        await Store.open("sqlite", tmp_path)
    store = await Store.open("sqlite", tmp_path)
    assert await store.ready()
    await store.close()


async def test_a_bucket_without_its_library_or_with_a_wrong_address_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="blobs"):
        await Store.open("sqlite", tmp_path, blobs="nothing://known")
    store = await Store.open("sqlite", tmp_path)  # the folder was let go of
    await store.close()
