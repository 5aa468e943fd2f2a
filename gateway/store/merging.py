"""Conversations that people found to be one: which goes on in which."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from gateway.store.schema import merged
from gateway.store.transaction import Transaction


def into(tx: Transaction, conversation_id: str) -> str | None:
    """Where this conversation goes on, or None when it was never merged."""
    return survivors(tx, [conversation_id]).get(conversation_id)


def survivors(tx: Transaction, conversation_ids: Collection[str]) -> Mapping[str, str]:
    """Those of these that were merged -> where they go on."""
    wanted = sa.select(merged.c.conversation_id, merged.c.into_id)
    rows = tx.rows(wanted.where(merged.c.conversation_id.in_(list(conversation_ids))))
    return {row.conversation_id: row.into_id for row in rows}


def parts_of(tx: Transaction, conversation_id: str) -> list[str]:
    """What was merged into this conversation, the first merged first."""
    wanted = sa.select(merged.c.conversation_id).where(merged.c.into_id == conversation_id)
    return [row.conversation_id for row in tx.rows(wanted.order_by(merged.c.at, merged.c.conversation_id))]


def add(tx: Transaction, conversation_id: str, into_id: str) -> None:
    """One goes on in the other, and with it all that was merged into it before: nobody follows a chain."""
    tx.execute(sa.update(merged).where(merged.c.into_id == conversation_id).values(into_id=into_id))
    tx.execute(sa.insert(merged).values(conversation_id=conversation_id, into_id=into_id, at=tx.now))
