"""The store: opens its database, brings it up to date, and runs transactions in threads."""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from gateway.errors import GiveUp
from gateway.store import marks
from gateway.store.blobs import Blobs, open_blobs
from gateway.store.folder import FolderLock, network_filesystem, prepare_folder
from gateway.store.migrations.upgrade import upgrade
from gateway.store.postgres import PostgresEngine
from gateway.store.spool import sweep_spool
from gateway.store.sqlite import SqliteEngine
from gateway.store.transaction import StoreAway as StoreAway
from gateway.store.transaction import Transaction as Transaction

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _Place:
    folder: Path
    lock: FolderLock | None


class Store:
    """All that the gateway remembers. Open with `await Store.open(…)`, close with `await store.close()`.

    `node` names this daemon among several on one database and must stay the same over its restarts.
    """

    def __init__(self, engine: SqliteEngine | PostgresEngine, place: _Place, node: str, bell: "_Bell") -> None:
        self.node = node
        self.blobs: Blobs
        self._engine = engine
        self._place = place
        self._bell = bell

    @classmethod
    async def open(cls, url: str, data_dir: Path, *, blobs: str = "", node: str = "") -> "Store":
        """Open the store at `url` ("sqlite": a file in `data_dir`) with its tables up to date.

        Raises GiveUp when this place can never work, StoreAway when the database does not answer now.
        """
        store = await asyncio.to_thread(cls._open, url, data_dir, node)
        try:
            store.blobs = open_blobs(blobs, data_dir, store._engine, shared=store.shared)
        except BaseException:
            await store.close()
            raise
        return store

    @classmethod
    def _open(cls, url: str, data_dir: Path, node: str) -> "Store":
        prepare_folder(data_dir)
        bell = _Bell()
        name = node or f"{socket.gethostname()}:{data_dir.resolve()}"
        if not url.startswith("sqlite"):
            postgres = PostgresEngine(sa.make_url(url), bell.offset, bell.ring)
            postgres.start(upgrade)
            return cls(postgres, _Place(data_dir, None), name, bell)
        if (kind := network_filesystem(data_dir)) is not None:
            raise GiveUp(
                f"data_dir {data_dir} is on {kind}: SQLite's locks and syncs do not hold there; use a local disk"
            )
        lock = FolderLock.take(data_dir)
        sweep_spool(data_dir / "spool", timedelta(0))  # with the lock, nobody else works here
        try:
            sqlite = SqliteEngine(file_of(url, data_dir), bell.offset, bell.ring)
            sqlite.start(upgrade)
        except BaseException:
            lock.release()
            raise
        return cls(sqlite, _Place(data_dir, lock), name, bell)

    async def close(self) -> None:
        await self._engine.close()
        if self._place.lock is not None:
            self._place.lock.release()

    async def read(self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(tx, …)` in a transaction that only reads."""
        result: T = await self._engine.read(lambda tx: fn(tx, *args, **kwargs))
        return result

    async def write(self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(tx, …)` in one transaction, kept on disk when this returns. It may run twice; one run is kept."""
        result: T = await self._engine.write(lambda tx: fn(tx, *args, **kwargs))
        return result

    async def write_together(self, fn: Callable[[Transaction, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """Like `write`, of `fn(tx, items)`: what is asked for by many in one moment may be done in one go.

        `fn` returns a result for each item. It must be the same function each time, and its items must not care
        about each other: when one of them fails, all are run again, each alone.
        """
        result: T = await self._engine.write_together(fn, item)
        return result

    @property
    def shared(self) -> bool:
        """Whether other daemons may work on the same database."""
        return isinstance(self._engine, PostgresEngine)

    @property
    def trouble(self) -> str:
        """Why the last transaction could not be kept; empty when it was."""
        return self._engine.trouble

    async def ready(self) -> bool:
        """Whether the store can keep something now. After trouble it tries, so that asking also ends the trouble."""
        try:
            if self.trouble:
                await self.write(marks.put, "store.tried", 1)
            else:
                await self.read(marks.get, "store.tried")
        except StoreAway:
            return False
        return True

    def free_bytes(self) -> int:
        """How much room the data folder's disk has for us."""
        disk = os.statvfs(self._place.folder)
        return disk.f_bavail * disk.f_frsize

    def on_change(self, ring: Callable[[], None]) -> None:
        """Have `ring` called, in the caller's loop, whenever there may be something new to do."""
        self._bell.listeners.append(ring)

    def time(self) -> datetime:
        """About the store's time, without asking it: for waiting, never for what is written."""
        return datetime.now(UTC) + self._bell.offset()

    def turn_clock(self, by: timedelta) -> None:
        """Let the store's time run ahead by so much more. Only tests do."""
        self._bell.ahead += by
        self._bell.ring()


class _Bell:
    """Who wants to hear of changes, and how far the store's clock was turned."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self.listeners: list[Callable[[], None]] = []

    def offset(self) -> timedelta:
        return self.ahead

    def ring(self) -> None:
        for listener in self.listeners:
            listener()


def file_of(url: str, data_dir: Path) -> Path:
    """`sqlite`, or `sqlite:///path`."""
    path = url.removeprefix("sqlite").removeprefix("://")
    if path in ("", "/"):
        return data_dir / "gateway.sqlite"
    return Path(path.removeprefix("/"))
