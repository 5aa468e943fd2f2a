"""Every Message-ID that we have seen or sent: the ledger that threads mail and recognises our own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gateway.store.database import Transaction
from gateway.store.schema import known_id


@dataclass(frozen=True, slots=True)
class Known:
    """`people` are the case-folded addresses that mail was from and to; `ours` says that we sent it."""

    message_id: str
    conversation_id: str
    entry_id: int | None
    ours: bool
    people: frozenset[str]


def add(
    tx: Transaction,
    mailbox: str,
    message_id: str,
    conversation_id: str,
    entry_id: int | None,
    *,
    ours: bool,
    people: Iterable[str],
) -> None:
    """Remember an id. One that is known already stays where it is, so nobody can move it by using it again."""
    here = (known_id.c.mailbox == mailbox) & (known_id.c.message_id == message_id)
    if tx.execute(sa.select(known_id.c.message_id).where(here)).first() is not None:
        return
    row = {
        "mailbox": mailbox,
        "message_id": message_id,
        "conversation_id": conversation_id,
        "entry_id": entry_id,
        "ours": ours,
        "people": sorted(set(people)),
    }
    tx.execute(sa.insert(known_id), row)


def move(tx: Transaction, mailbox: str, message_id: str, origin: str, conversation_id: str, entry_id: int) -> None:
    """A person says that the mail of this id belongs to another conversation: what answers it does, too.

    Only out of `origin`: an id that somebody used again stays with the conversation that it was first seen in.
    """
    here = (known_id.c.mailbox == mailbox) & (known_id.c.message_id == message_id)
    theirs = here & (known_id.c.conversation_id == origin)
    tx.execute(sa.update(known_id).where(theirs).values(conversation_id=conversation_id, entry_id=entry_id))


def find(tx: Transaction, message_ids: Sequence[str], mailbox: str | None = None) -> list[Known]:
    """What is known of these ids, at one mailbox or at all of them."""
    if not message_ids:
        return []
    here: list[sa.ColumnElement[bool]] = [known_id.c.message_id.in_(list(dict.fromkeys(message_ids))[:200])]
    if mailbox is not None:
        here.append(known_id.c.mailbox == mailbox)
    return [
        Known(row.message_id, row.conversation_id, row.entry_id, row.ours, frozenset(row.people))
        for row in tx.execute(sa.select(known_id).where(*here))
    ]


def sent_by_us(tx: Transaction, message_id: str) -> bool:
    wanted = sa.select(known_id.c.message_id).where((known_id.c.message_id == message_id) & known_id.c.ours)
    return tx.execute(wanted).first() is not None
