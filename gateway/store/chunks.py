"""Blobs as rows of chunks, for a database that several nodes share."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from gateway.store.named import AT_ONCE, DAY, Named, by_rows, missing
from gateway.store.schema import blob_chunk
from gateway.store.spool import spool_file
from gateway.store.transaction import Engine, Transaction

_CHUNK = 1024 * 1024


class Chunks:
    def __init__(self, spool: Path, engine: Engine) -> None:
        self._spool = spool
        self._engine = engine

    async def keep_bytes(self, raw: bytes) -> str:
        sha256 = hashlib.sha256(raw).hexdigest()
        await self._engine.write(partial(_store, sha256, partial(_slices, raw)))
        return sha256

    async def keep_file(self, path: Path, sha256: str) -> None:
        await self._engine.write(partial(_store, sha256, partial(_pieces, path)))
        await asyncio.to_thread(path.unlink)

    @contextlib.asynccontextmanager
    async def path_of(self, sha256: str) -> AsyncIterator[Path]:
        path = await asyncio.to_thread(spool_file, self._spool)
        try:
            await self._engine.read(partial(_load, sha256, path))
            yield path
        finally:
            await asyncio.to_thread(path.unlink)

    async def read(self, sha256: str, start: int = 0, length: int | None = None) -> bytes:
        found: bytes = await self._engine.read(partial(_range, sha256, start, length))
        return found

    async def sweep(
        self,
        named: Named = by_rows,
        older_than: timedelta = DAY,
    ) -> int:
        removed = 0
        old: list[str] = await self._engine.read(partial(_older, older_than))
        for at in range(0, len(old), AT_ONCE):
            some = old[at : at + AT_ONCE]
            removed += await self._engine.write(partial(_remove, some, older_than, named))
        return removed


def _store(sha256: str, pieces: Callable[[], Iterable[bytes]], tx: Transaction) -> None:
    """Kept already: it only becomes young again, so that nobody sweeps it before its row comes."""
    again = sa.update(blob_chunk).where(blob_chunk.c.sha256 == sha256).values(stored=tx.now)
    if tx.execute(again).rowcount:
        return
    for position, piece in enumerate(pieces()):
        row = {"sha256": sha256, "position": position, "bytes": piece, "stored": tx.now}
        fresh = tx.insert(blob_chunk).values(row)
        tx.execute(fresh.on_conflict_do_update(index_elements=["sha256", "position"], set_={"stored": tx.now}))


def _slices(raw: bytes) -> Iterator[bytes]:
    for at in range(0, len(raw) or 1, _CHUNK):
        yield raw[at : at + _CHUNK]


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield file.read(_CHUNK)
        while piece := file.read(_CHUNK):
            yield piece


def _chunk(sha256: str, position: int, tx: Transaction) -> bytes | None:
    wanted = sa.select(blob_chunk.c.bytes).where(blob_chunk.c.sha256 == sha256, blob_chunk.c.position == position)
    found = tx.scalar(wanted)
    return None if found is None else bytes(found)


def _load(sha256: str, path: Path, tx: Transaction) -> None:
    position = 0
    with path.open("wb") as file:
        while (piece := _chunk(sha256, position, tx)) is not None:
            file.write(piece)
            position += 1
    if position == 0:
        raise missing(sha256)


def _range(sha256: str, start: int, length: int | None, tx: Transaction) -> bytes:
    position, skip = divmod(start, _CHUNK)
    parts: list[bytes] = []
    room = length
    while room is None or room > 0:
        piece = _chunk(sha256, position, tx)
        if piece is None:
            break
        part = piece[skip:] if room is None else piece[skip : skip + room]
        parts.append(part)
        room = None if room is None else room - len(part)
        position, skip = position + 1, 0
        if len(piece) < _CHUNK:
            break
    if not parts and length != 0 and _chunk(sha256, 0, tx) is None:
        raise missing(sha256)
    return b"".join(parts)


def _older(older_than: timedelta, tx: Transaction) -> list[str]:
    wanted = sa.select(blob_chunk.c.sha256).where(blob_chunk.c.position == 0, blob_chunk.c.stored < tx.now - older_than)
    return [row[0] for row in tx.rows(wanted)]


def _remove(
    some: list[str],
    older_than: timedelta,
    named: Named,
    tx: Transaction,
) -> int:
    needed = set(named(tx, some))
    unneeded = [sha256 for sha256 in some if sha256 not in needed]
    # The age is asked again by the statement that removes: who keeps the same content just now makes it young.
    old = sa.delete(blob_chunk).where(blob_chunk.c.sha256.in_(unneeded), blob_chunk.c.stored < tx.now - older_than)
    gone = tx.rows(old.returning(blob_chunk.c.sha256))
    return len({row[0] for row in gone})
