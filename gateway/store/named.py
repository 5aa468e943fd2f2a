"""Which blobs a row still names."""

from collections.abc import Callable, Collection
from datetime import timedelta

import sqlalchemy as sa

from gateway.errors import GiveUp
from gateway.store.schema import arrival, delivery
from gateway.store.transaction import Transaction

Named = Callable[[Transaction, Collection[str]], Collection[str]]
AT_ONCE = 500
DAY = timedelta(days=1)


def by_rows(tx: Transaction, hashes: Collection[str]) -> Collection[str]:
    """Those of these blobs that an arrival or a delivery still needs."""
    kept = tx.rows(sa.select(arrival.c.sha256).where(arrival.c.sha256.in_(hashes), arrival.c.raw.is_(None)))
    sent = tx.rows(sa.select(delivery.c.blob).where(delivery.c.blob.in_(hashes)))
    return {row[0] for row in (*kept, *sent)}


def missing(sha256: str) -> GiveUp:
    return GiveUp(f"the blob {sha256} is not in the store: restore it from a backup, then retry")
