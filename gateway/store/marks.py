"""Marks, small things to remember by name, and counters that each node keeps for itself."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa

from gateway.store.schema import counter, mark
from gateway.store.transaction import Transaction, insert_into

NOT_TRIMMED = "not_trimmed"  # mails whose quotes could not be looked for: their whole text was kept


def get(tx: Transaction, name: str) -> Any:
    """What was put under this name, or None."""
    return tx.scalar(sa.select(mark.c.value).where(mark.c.name == name))


def put(tx: Transaction, name: str, value: Any) -> None:
    """Remember `value`, anything that JSON can say, under this name."""
    row = {"name": name, "value": value, "at": tx.now}
    fresh = tx.insert(mark).values(row)
    tx.execute(fresh.on_conflict_do_update(index_elements=["name"], set_={"value": fresh.excluded.value, "at": tx.now}))


def forget(tx: Transaction, name: str) -> None:
    tx.execute(sa.delete(mark).where(mark.c.name == name))


def count(tx: Transaction, name: str, by: int = 1, *, node: str = "") -> None:
    """Add to a counter. Counters with much traffic from several nodes name the node, so that none waits for another."""
    tx.execute(_adding(tx.dialect), {"name": name, "node": node, "value": by})


def count_all(tx: Transaction, name: str, nodes: Iterable[str]) -> None:
    """One for each of the nodes named, as often as it is named."""
    counts = sorted(Counter(nodes).items())  # in one order everywhere, so that two who count never wait in a circle
    if counts:
        tx.execute(_adding(tx.dialect), [{"name": name, "node": node, "value": by} for node, by in counts])


def counted(tx: Transaction, name: str) -> int:
    """What a counter stands at, all nodes together."""
    return int(tx.scalar(sa.select(sa.func.coalesce(sa.func.sum(counter.c.value), 0)).where(counter.c.name == name)))


@cache
def _adding(dialect: str) -> sa.Executable:
    """Built once: to build a statement takes longer than to carry it out."""
    fresh = insert_into(counter, dialect)
    more = {"value": counter.c.value + fresh.excluded.value}
    return fresh.on_conflict_do_update(index_elements=["name", "node"], set_=more)
