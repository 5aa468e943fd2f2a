"""One transaction as its function sees it, and what an engine that runs transactions can do."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.errors import TryLater

T = TypeVar("T")
Work = Callable[["Transaction"], Any]
Together = Callable[["Transaction", Sequence[Any]], Sequence[Any]]
"""Does for many items what a Work does for one; returns a result for each."""


class StoreAway(TryLater):
    """The store cannot be read or written now: nobody's fault, and no partner's.

    It may rarely be unknown whether the transaction was kept (the answer to the commit was lost), so what is tried
    again must be able to find itself done.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why, partner_down=False)


class Transaction:
    """All that is done in it is kept, or none. Its function may run twice, so it touches nothing else."""

    __slots__ = ("_clock", "_now", "connection", "stirs")

    def __init__(self, connection: sa.Connection, clock: Callable[[sa.Connection], datetime]) -> None:
        self.connection = connection
        self.stirs = False  # set by what changes the to-do list: wakes the worker after the commit
        self._clock = clock
        self._now: datetime | None = None

    @property
    def now(self) -> datetime:
        """The store's time, aware, in UTC; one and the same for the whole transaction."""
        if self._now is None:
            self._now = self._clock(self.connection)
        return self._now

    def execute(
        self, statement: sa.Executable, params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> sa.CursorResult[Any]:
        result = self.connection.execute(statement, params)
        assert isinstance(result, sa.CursorResult)
        return result

    def scalar(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return self.connection.execute(statement, params).scalar()

    def rows(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> Sequence[sa.Row[Any]]:
        return self.connection.execute(statement, params).all()

    @property
    def dialect(self) -> str:
        """The kind of database, for statements that are built once for each kind."""
        return self.connection.dialect.name

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update` on either database."""
        return insert_into(table, self.dialect)


def insert_into(table: sa.Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


class Engine(Protocol):
    """Runs functions of a transaction in threads of its own. Errors come out as they are, storage trouble as StoreAway.

    `trouble` is why the last transaction could not be kept, empty when it was.
    """

    trouble: str

    async def read(self, work: Work) -> Any: ...

    async def write(self, work: Work) -> Any: ...

    async def write_together(self, work: Together, item: Any) -> Any: ...

    async def close(self) -> None: ...
