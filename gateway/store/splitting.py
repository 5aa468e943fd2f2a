"""Mails that people took out of a conversation to be a matter of their own: which conversation came out of which."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from gateway.store import marks
from gateway.store.installation import Installation
from gateway.store.schema import mark
from gateway.store.transaction import Transaction

_PREFIX = "split:"


def origins(tx: Transaction, conversation_ids: Collection[str]) -> Mapping[str, str]:
    """Those of these that were split off -> where they come from, in the first place."""
    names = [f"{_PREFIX}{one}" for one in conversation_ids]
    rows = tx.rows(sa.select(mark.c.name, mark.c.value).where(mark.c.name.in_(names)))
    return {row.name.removeprefix(_PREFIX): str(row.value) for row in rows}


def key_of_copy(ours: Installation, key: str) -> str:
    """The key of the mail where it was split off to; the one there may be split off in turn."""
    return ours.derive(key, "split", "entry")


def add(tx: Transaction, conversation_id: str, origin: str) -> None:
    """What was split off what was split off is of the first one's family: the one between may be unknown to a mail."""
    marks.put(tx, f"{_PREFIX}{conversation_id}", origins(tx, [origin]).get(origin, origin))


def forget(tx: Transaction, conversation_ids: Collection[str]) -> None:
    tx.execute(sa.delete(mark).where(mark.c.name.in_([f"{_PREFIX}{one}" for one in conversation_ids])))
