"""What the operator must be told: once within minutes, then daily until it is gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.store.database import Transaction
from gateway.store.schema import notice

AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Notice:
    key: str
    text: str
    since: datetime
    told: datetime | None


def raise_notice(tx: Transaction, key: str, text: str) -> bool:
    """Say that something needs the operator. Raised again while it stands, only its words change.

    True when it is new, or is back after it was gone.
    """
    known = tx.execute(sa.select(notice.c.text, notice.c.cleared).where(notice.c.key == key)).first()
    if known is None:
        tx.execute(sa.insert(notice).values(key=key, text=text, since=tx.now))
        return True
    change = sa.update(notice).where(notice.c.key == key)
    if known.cleared is not None:
        tx.execute(change.values(text=text, since=tx.now, told=None, cleared=None))
        return True
    if known.text != text:
        tx.execute(change.values(text=text))
    return False


def clear(tx: Transaction, key: str) -> bool:
    """It is gone; true when it stood until now."""
    gone = sa.update(notice).where((notice.c.key == key) & notice.c.cleared.is_(None)).values(cleared=tx.now)
    return tx.execute(gone).rowcount > 0


def keep(tx: Transaction, prefix: str, found: Mapping[str, str]) -> None:
    """Of the notices whose key begins with `prefix`, exactly these stand: key -> text. The others are gone."""
    here = notice.c.key.startswith(prefix, autoescape=True) & notice.c.cleared.is_(None)
    known = {row.key: row.text for row in tx.rows(sa.select(notice.c.key, notice.c.text).where(here))}
    for key, text in found.items():
        if known.get(key) != text:
            raise_notice(tx, key, text)
    for key in known.keys() - found.keys():
        clear(tx, key)


def standing(tx: Transaction) -> list[Notice]:
    """All that is not gone, oldest first."""
    return _listed(tx, notice.c.cleared.is_(None))


def untold(tx: Transaction) -> list[Notice]:
    """What the operator is to be told now: never told yet, or last told a day ago."""
    due = notice.c.told.is_(None) | (notice.c.told <= tx.now - AGAIN)
    return _listed(tx, notice.c.cleared.is_(None) & due)


def record_told(tx: Transaction, keys: Sequence[str]) -> None:
    tx.execute(sa.update(notice).where(notice.c.key.in_(list(keys))).values(told=tx.now))


def _listed(tx: Transaction, condition: sa.ColumnElement[bool]) -> list[Notice]:
    rows = tx.execute(sa.select(notice).where(condition).order_by(notice.c.since, notice.c.key))
    return [Notice(row.key, row.text, row.since, row.told) for row in rows]
