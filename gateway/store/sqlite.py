"""SQLite: one writing thread with one connection and group commit, a few reading threads."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import sqlalchemy as sa

from gateway.store.transaction import StoreAway, Together, Transaction, Work
from gateway.store.types import write_json

_TOGETHER = 256  # functions that share one commit at most
_READERS = 3
# The log is copied into the file each 16 MB, not each 4: a quarter more mails a second (gateway bench smtp).
_PRAGMAS = (
    *("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"),
    *("journal_size_limit=67108864", "temp_store=MEMORY"),
)
# The codes that speak of the disk, the file or memory, not of the statement: BUSY LOCKED NOMEM READONLY IOERR CORRUPT
# FULL CANTOPEN PROTOCOL NOTADB.
_TROUBLE = frozenset({5, 6, 7, 8, 10, 11, 13, 14, 15, 26})


@dataclass(frozen=True, slots=True)
class _Request:
    """`work` is a Work, or with an `item` (in a tuple) a Together."""

    work: Callable[..., Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    item: tuple[Any, ...] = ()

    def answer(self, result: Any, error: BaseException | None) -> None:
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


class SqliteEngine:
    """`stirred` is called in the caller's loop after a commit that changed the to-do list."""

    def __init__(self, path: Path, offset: Callable[[], timedelta], stirred: Callable[[], None]) -> None:
        self.trouble = ""
        self._path = path
        self._offset = offset
        self._stirred = stirred
        self._requests: SimpleQueue[_Request | None] = SimpleQueue()
        self._writing = _writing_engine(path)
        self._reading = _reading_engine(path)
        self._connection: sa.Connection | None = None
        self._torn = True  # a sync may have failed, here or before a crash: the log is written anew before any promise
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")
        self._writer = threading.Thread(target=self._write_all, name="store-write", daemon=True)

    def start(self, prepare: Callable[[sa.Connection], None]) -> None:
        """Open the file, let `prepare` bring its tables up to date, and begin to take transactions."""
        try:
            with self._connected().begin():
                prepare(self._connected())
        except BaseException as error:
            self._close()
            if _is_trouble(error):
                raise StoreAway(f"the store cannot be opened: {getattr(error, 'orig', error)}") from error
            raise
        self._writer.start()

    async def read(self, work: Work) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def write(self, work: Work) -> Any:
        return await self._ask(work)

    async def write_together(self, work: Together, item: Any) -> Any:
        return await self._ask(work, item)

    async def _ask(self, work: Callable[..., Any], *item: Any) -> Any:
        loop = asyncio.get_running_loop()
        request = _Request(work, loop.create_future(), loop, item)
        self._requests.put(request)
        return await request.future

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    # -- reading ----------------------------------------------------------------------------------------------------

    def _read(self, work: Work) -> Any:
        try:
            with self._reading.connect() as connection:
                return work(Transaction(connection, self._now))
        except sa.exc.DBAPIError as error:
            if not _is_trouble(error):
                raise
            raise StoreAway(f"the store cannot be read: {error.orig}") from error

    # -- writing: all below runs in the one writing thread -------------------------------------------------------------

    def _write_all(self) -> None:
        while (batch := self._take()) is not None:
            if not self._commit_together(batch):
                for request in batch:
                    self._commit_together([request])
            del batch  # what was written is not held in memory while nothing happens

    def _take(self) -> list[_Request] | None:
        """All that wait in this moment; None when the house closes."""
        first = self._requests.get()
        if first is None:
            return None
        batch = [first]
        with suppress(Empty):
            while len(batch) < _TOGETHER:
                following = self._requests.get_nowait()
                if following is None:
                    self._requests.put(None)
                    break
                batch.append(following)
        return [request for request in batch if not request.future.cancelled()]

    def _commit_together(self, batch: list[_Request]) -> bool:
        """Run them in one transaction and answer them; false when one failed and each must be run alone."""
        if not batch:
            return True
        results: list[Any] = []
        stirs = False
        groups = _group(batch)
        batch = [request for group in groups for request in group]
        try:
            connection = self._connected()
            with connection.begin():
                for group in groups:
                    tx = Transaction(connection, self._now)
                    results += _carry_out(group, tx)
                    stirs = stirs or tx.stirs
        except BaseException as error:  # noqa: BLE001 - this thread serves everybody: any error belongs to who asked
            return self._answer_failure(batch, error)
        self.trouble = ""
        self._answer(batch, results, None, stirs)
        return True

    def _answer_failure(self, batch: list[_Request], error: BaseException) -> bool:
        if _is_trouble(error) or isinstance(error, StoreAway):
            self.trouble = f"the store cannot be written: {getattr(error, 'orig', error)}"
            self._let_go()
            self._answer(batch, [], StoreAway(self.trouble), stirs=False)
            return True
        if len(batch) > 1:
            return False
        self._answer(batch, [], error, stirs=False)
        return True

    def _answer(self, batch: list[_Request], results: list[Any], error: BaseException | None, stirs: bool) -> None:
        def tell() -> None:
            for index, request in enumerate(batch):
                request.answer(None if error else results[index], error)
            if stirs:
                self._stirred()

        with suppress(RuntimeError):  # the caller's loop has ended: nobody waits any more
            batch[0].loop.call_soon_threadsafe(tell)

    def _connected(self) -> sa.Connection:
        if self._connection is None:
            connection = self._writing.connect()
            try:
                if self._torn:
                    _rewrite_log(connection)
                    self._torn = False
            except BaseException:
                _end(connection)
                raise
            self._connection = connection
        return self._connection

    def _let_go(self) -> None:
        """Close all connections. After a failed sync nobody knows which pages the disk has: none is trusted again."""
        self._torn = True
        self._reading.dispose()
        connection, self._connection = self._connection, None
        if connection is not None:
            _end(connection)

    def _now(self, connection: sa.Connection) -> datetime:
        # An embedded database has no clock of its own: SQLite would ask this machine's as well, in milliseconds.
        return datetime.now(UTC) + self._offset()

    def _close(self) -> None:
        self._requests.put(None)
        if self._writer.is_alive():
            self._writer.join()
        self._readers.shutdown(wait=True)
        self._reading.dispose()
        if self._connection is not None:
            _end(self._connection)
        self._writing.dispose()


def _group(batch: list[_Request]) -> list[list[_Request]]:
    """Requests that bring an item for the same work are one; all others stand alone."""
    groups: dict[Any, list[_Request]] = {}
    for request in batch:
        groups.setdefault(request.work if request.item else id(request), []).append(request)
    return list(groups.values())


def _carry_out(group: list[_Request], tx: Transaction) -> Sequence[Any]:
    """The results, one a request."""
    work = group[0].work
    items = [item for request in group for item in request.item]
    results: Sequence[Any] = work(tx, items) if items else [work(tx)]
    return results


def _writing_engine(path: Path) -> sa.Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection

    engine = sa.create_engine(
        "sqlite://", creator=connect, poolclass=sa.pool.NullPool, json_serializer=write_json, hide_parameters=True
    )
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _reading_engine(path: Path) -> sa.Engine:
    def connect() -> sqlite3.Connection:
        where = f"{path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False, timeout=5)
        connection.execute("PRAGMA query_only=1")
        return connection

    engine = sa.create_engine(
        "sqlite://",
        creator=connect,
        poolclass=sa.pool.QueuePool,
        pool_size=_READERS,
        json_serializer=write_json,
        hide_parameters=True,
    )
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _rewrite_log(connection: sa.Connection) -> None:
    """Copy the whole log into the file and begin it anew.

    Linux marks pages clean when their sync fails, so frames of the log may be in memory and on no disk; new ones
    behind them would be lost with them. Copied, every page is written and synced once more.
    """
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # outside any transaction
    if busy:
        raise StoreAway("its log is still being read")


def _end(connection: sa.Connection) -> None:
    with suppress(sa.exc.SQLAlchemyError):
        connection.invalidate()
    with suppress(sa.exc.SQLAlchemyError):
        connection.close()


def _is_trouble(error: BaseException) -> bool:
    code = getattr(getattr(error, "orig", error), "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _TROUBLE
