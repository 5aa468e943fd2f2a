"""Outlook's own thread numbers: which of our conversations each was seen in."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from gateway.store.schema import outlook_thread
from gateway.store.transaction import Transaction

MOST = 10


def remember(tx: Transaction, mailbox: str, thread: str, conversation_id: str) -> None:
    """A mail with this Thread-Index has its place in that conversation."""
    if thread:
        row = {"mailbox": mailbox, "thread": thread, "conversation_id": conversation_id}
        tx.execute(tx.insert(outlook_thread).values(row).on_conflict_do_nothing())


def conversations_of(tx: Transaction, mailbox: str, thread: str) -> list[str]:
    if not thread:
        return []
    here = (outlook_thread.c.mailbox == mailbox) & (outlook_thread.c.thread == thread)
    return [row.conversation_id for row in tx.rows(sa.select(outlook_thread.c.conversation_id).where(here).limit(MOST))]


def threads_of(tx: Transaction, chosen: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Conversation -> the threads seen in it."""
    found: dict[str, set[str]] = {}
    for row in tx.rows(sa.select(outlook_thread).where(outlook_thread.c.conversation_id.in_(list(chosen)))):
        found.setdefault(row.conversation_id, set()).add(row.thread)
    return {name: frozenset(threads) for name, threads in found.items()}
