"""PostgreSQL: a few threads, a connection each; conflicts are run again, lost connections are made anew."""

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gateway.errors import GiveUp
from gateway.store.transaction import StoreAway, Together, Transaction, Work
from gateway.store.types import write_json

_THREADS = 8
_RUNS = 8  # of one transaction that others get in the way of
_NOW = sa.select(sa.func.statement_timestamp())
# serialization_failure, deadlock_detected, lock_not_available; unique_violation: somebody else made the same row in
# this moment, and the next run will find it.
_CONFLICTS = frozenset({"40001", "40P01", "55P03", "23505"})
_AWAY = ("08", "53", "57", "58", "25006")  # connection, resources (disk full), shutdown, I/O, a standby
_SESSION = """
    SET statement_timeout = '60s'; SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '120s';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""


class PostgresEngine:
    """`stirred` is called in the caller's loop after a commit that changed the to-do list."""

    def __init__(self, url: sa.URL, offset: Callable[[], timedelta], stirred: Callable[[], None]) -> None:
        self.trouble = ""
        self._offset = offset
        self._stirred = stirred
        self._engine = _engine(url)
        # What is read is one moment's: a page or a balance put together from two would add up to nothing.
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="store")

    def start(self, prepare: Callable[[sa.Connection], None]) -> None:
        """Look at the server, let `prepare` bring the tables up to date."""
        try:
            with self._engine.begin() as connection:
                _refuse_unsafe(connection)
                prepare(connection)
        except sa.exc.OperationalError as error:
            raise StoreAway(f"PostgreSQL does not answer: {error.orig}") from error

    async def read(self, work: Work) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, self._reading, work, None)

    async def write(self, work: Work) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._run, self._engine, work, loop)

    async def write_together(self, work: Together, item: Any) -> Any:
        """Each item in a transaction of its own: they are carried out side by side here."""
        return await self.write(lambda tx: work(tx, [item])[0])

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown, wait=True)
        self._engine.dispose()

    def _run(self, engine: sa.Engine, work: Work, loop: asyncio.AbstractEventLoop | None) -> Any:
        """One transaction, run again while others get in its way. Without a loop it is for reading."""
        for run in range(_RUNS):
            attempt = _Attempt()
            try:
                result = attempt.carry_out(engine, work, self._now)
            except sa.exc.TimeoutError as error:
                raise self._away(error) from error
            except sa.exc.DBAPIError as error:
                if not self._worth_another_run(error, attempt, run):
                    raise
                # Two that met will not meet again at once when each waits a different moment.
                time.sleep(random.uniform(0, 0.01) * run)  # noqa: S311 - not a secret
                continue
            if loop is not None:
                self.trouble = ""
                if attempt.stirs:
                    loop.call_soon_threadsafe(self._stirred)
            return result
        raise AssertionError("the last run has returned or raised")

    def _worth_another_run(self, error: sa.exc.DBAPIError, attempt: "_Attempt", run: int) -> bool:
        state = getattr(error.orig, "sqlstate", None)
        last = run == _RUNS - 1
        if state in _CONFLICTS:
            if last and state != "23505":
                raise self._away(error) from error
            return not last
        if error.connection_invalidated or _is_away(error, state):
            # A kept connection may have died of old age: one fresh try, unless the commit may have been heard.
            if error.connection_invalidated and run == 0 and not attempt.committing:
                return True
            raise self._away(error) from error
        return False

    def _away(self, error: sa.exc.SQLAlchemyError) -> StoreAway:
        self.trouble = f"PostgreSQL cannot be used now: {getattr(error, 'orig', error)}"
        return StoreAway(self.trouble)

    def _now(self, connection: sa.Connection) -> datetime:
        # statement_timestamp(), read once: a volatile clock inside a statement would keep the indexes from being used.
        moment: datetime = connection.execute(_NOW).scalar_one()
        return moment.astimezone(UTC) + self._offset()


class _Attempt:
    """One run of a transaction, and how far it came."""

    def __init__(self) -> None:
        self.committing = False
        self.stirs = False

    def carry_out(self, engine: sa.Engine, work: Work, clock: Callable[[sa.Connection], datetime]) -> Any:
        with engine.connect() as connection:
            tx = Transaction(connection, clock)
            result = work(tx)
            self.committing = True
            connection.commit()
            self.stirs = tx.stirs
            return result


def _engine(url: sa.URL) -> sa.Engine:
    plain = {"postgresql", "postgres", "postgresql+psycopg"}
    if url.drivername not in plain:
        raise GiveUp(f"[store] url: {url.drivername} is not known; use sqlite or postgresql://…")
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=_THREADS,
        max_overflow=0,
        pool_timeout=20,
        json_serializer=write_json,
        hide_parameters=True,  # an error's text goes into the log, and a parameter may be what a customer wrote
        connect_args={
            "connect_timeout": 5,
            "application_name": "gateway",
            "keepalives_idle": 15,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20000,
        },
    )

    def prepare(raw: Any, record: object) -> None:
        raw.execute(_SESSION)
        raw.commit()

    sa.event.listen(engine, "connect", prepare)
    sa.event.listen(engine, "handle_error", _leave_out_detail)
    return engine


def _leave_out_detail(context: sa.engine.ExceptionContext) -> None:
    """PostgreSQL names the failing row in the lines below the first, with all that is in it."""
    foreign, ours = context.original_exception, context.sqlalchemy_exception
    if getattr(foreign, "sqlstate", None) is None or ours is None:
        return
    foreign.args = (str(foreign).partition("\n")[0],)
    ours.args = (f"{type(foreign).__name__}: {foreign}",)


def _refuse_unsafe(connection: sa.Connection) -> None:
    version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    if version < 140000:
        raise GiveUp(f"[store] url: PostgreSQL {version // 10000} is too old, 14 or newer is needed")
    if connection.exec_driver_sql("SHOW fsync").scalar_one() != "on":
        raise GiveUp("[store] url: this PostgreSQL runs with fsync = off and would lose mail; switch it on")


def _is_away(error: sa.exc.DBAPIError, state: str | None) -> bool:
    if state is None:
        return isinstance(error, sa.exc.OperationalError)
    return state.startswith(_AWAY)
