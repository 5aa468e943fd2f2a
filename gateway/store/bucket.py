"""Blobs in an S3-like store, through obstore where it is installed."""

import asyncio
import contextlib
import hashlib
import importlib
import importlib.util
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from gateway.errors import Fault, GiveUp, Misconfigured
from gateway.store.named import AT_ONCE, DAY, Named, by_rows
from gateway.store.spool import spool_file
from gateway.store.transaction import Engine, StoreAway, Transaction


def open_bucket(url: str, spool: Path, engine: Engine) -> "Bucket":
    """Raises Misconfigured when obstore is not installed or does not know the address."""
    if importlib.util.find_spec("obstore") is None:
        raise _misconfigured(f"{url} needs the package obstore (pip install obstore), or name a folder")
    try:
        bucket = importlib.import_module("obstore.store").from_url(url)
    except Exception as error:
        raise _misconfigured(f"{url} cannot be used: {error}") from error
    return Bucket(bucket, spool, engine)


class Bucket:
    """Objects named by their sha256. The service answers a put only when it is kept."""

    def __init__(self, bucket: Any, spool: Path, engine: Engine) -> None:
        self._bucket = bucket
        self._spool = spool
        self._engine = engine

    async def keep_bytes(self, raw: bytes) -> str:
        sha256 = hashlib.sha256(raw).hexdigest()
        await self._ask(self._bucket.put_async(sha256, raw))
        return sha256

    async def keep_file(self, path: Path, sha256: str) -> None:
        await self._ask(self._bucket.put_async(sha256, path))
        await asyncio.to_thread(path.unlink)

    @contextlib.asynccontextmanager
    async def path_of(self, sha256: str) -> AsyncIterator[Path]:
        path = await asyncio.to_thread(spool_file, self._spool)
        try:
            found = await self._ask(self._bucket.get_async(sha256))
            with path.open("wb") as file:
                async for piece in found.stream():
                    await asyncio.to_thread(file.write, piece)
            yield path
        finally:
            await asyncio.to_thread(path.unlink)

    async def read(self, sha256: str, start: int = 0, length: int | None = None) -> bytes:
        size = (await self._ask(self._bucket.head_async(sha256)))["size"]
        end = size if length is None else min(size, start + length)
        if start >= end:
            return b""
        return bytes(await self._ask(self._bucket.get_range_async(sha256, start=start, end=end)))

    async def sweep(
        self,
        named: Named = by_rows,
        older_than: timedelta = DAY,
    ) -> int:
        before = datetime.now(UTC) - older_than
        removed = 0
        async for batch in self._bucket.list(chunk_size=AT_ONCE):
            old = [one["path"] for one in batch if one["last_modified"] < before]
            needed = set(await self._engine.read(partial(_needed, named, old)))
            for sha256 in set(old) - needed:
                await self._ask(self._bucket.delete_async(sha256))
                removed += 1
        return removed

    async def _ask(self, call: Any) -> Any:
        try:
            return await call
        except FileNotFoundError as error:
            raise GiveUp(f"a blob is not in the bucket: restore it from a backup, then retry ({error})") from error
        except Exception as error:
            raise StoreAway(f"the bucket does not answer: {error}") from error


def _needed(named: Named, hashes: list[str], tx: Transaction) -> Collection[str]:
    return named(tx, hashes)


def _misconfigured(why: str) -> Misconfigured:
    return Misconfigured([Fault("config.toml", 0, "store.blobs", why)])
