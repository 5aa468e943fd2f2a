"""Blobs as files in a folder, synced before anybody may name them."""

import asyncio
import contextlib
import errno
import hashlib
import os
import re
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from gateway.errors import GiveUp
from gateway.store.folder import sync_folder
from gateway.store.named import AT_ONCE, DAY, Named, by_rows, missing
from gateway.store.transaction import Engine, StoreAway, Transaction

_HASH = re.compile(r"[0-9a-f]{64}")


class Shelf:
    """`folder`/ab/abcdef…: the file's name is its content's sha256."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder = folder
        self._engine = engine
        self._removing = threading.Lock()  # between looking how old a file is and removing it, none is put there

    async def keep_bytes(self, raw: bytes) -> str:
        sha256 = hashlib.sha256(raw).hexdigest()
        await asyncio.to_thread(self._keep, sha256, partial(_write, raw))
        return sha256

    async def keep_file(self, path: Path, sha256: str) -> None:
        await asyncio.to_thread(self._keep, sha256, partial(_take_over, path))

    @contextlib.asynccontextmanager
    async def path_of(self, sha256: str) -> AsyncIterator[Path]:
        path = self._place(sha256)
        if not await asyncio.to_thread(path.is_file):
            raise missing(sha256)
        yield path

    async def read(self, sha256: str, start: int = 0, length: int | None = None) -> bytes:
        return await asyncio.to_thread(self._read, sha256, start, length)

    async def sweep(
        self,
        named: Named = by_rows,
        older_than: timedelta = DAY,
    ) -> int:
        before = time.time() - older_than.total_seconds()
        old = await asyncio.to_thread(lambda: list(self._older(before)))
        removed = 0
        for at in range(0, len(old), AT_ONCE):
            some = old[at : at + AT_ONCE]
            needed = await self._engine.read(partial(_ask, named, some))
            for sha256 in set(some) - set(needed):
                removed += await asyncio.to_thread(self._remove, sha256, before)
        return removed

    def _place(self, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise GiveUp(f"no blob is named {sha256[:80]!r}")
        return self._folder / sha256[:2] / sha256

    def _keep(self, sha256: str, fill: Callable[[Path], None]) -> None:
        """Sync the content, give it its name, sync the name. An older copy is replaced: this one is surely synced."""
        place = self._place(sha256)
        fresh = place.with_name(f".{uuid4().hex}")
        try:
            self._make_folder(place.parent)
            fill(fresh)
            with self._removing:
                os.replace(fresh, place)
            sync_folder(place.parent)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise StoreAway(f"a blob cannot be kept: {error.strerror}") from error

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(folder.parent)
            sync_folder(folder.parent.parent)

    def _read(self, sha256: str, start: int, length: int | None) -> bytes:
        try:
            with self._place(sha256).open("rb") as file:
                file.seek(start)
                return file.read(-1 if length is None else length)
        except FileNotFoundError:
            raise missing(sha256) from None
        except OSError as error:
            raise StoreAway(f"a blob cannot be read: {error.strerror}") from error

    def _older(self, before: float) -> Iterator[str]:
        """Names of old blobs. What a crash left half written is removed on the way."""
        for path in self._folder.glob("??/*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime >= before:
                    continue
                if path.name.startswith("."):
                    path.unlink()
                elif _HASH.fullmatch(path.name):
                    yield path.name

    def _remove(self, sha256: str, before: float) -> int:
        place = self._place(sha256)
        with self._removing, contextlib.suppress(FileNotFoundError):
            if place.stat().st_mtime < before:
                place.unlink()
                return 1
        return 0


def _write(raw: bytes, to: Path) -> None:
    with to.open("xb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _take_over(path: Path, to: Path) -> None:
    """Move a file that may lie on another disk. A sync of what was synced already costs nothing."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    os.utime(path)  # it counts as young from now on: its row comes next
    try:
        os.replace(path, to)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with path.open("rb") as source, to.open("xb") as file:
            shutil.copyfileobj(source, file, 1024 * 1024)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def _ask(named: Named, hashes: list[str], tx: Transaction) -> Collection[str]:
    return named(tx, hashes)
