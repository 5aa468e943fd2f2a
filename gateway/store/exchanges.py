"""What passed between one address and machines of ours lately, in all their conversations."""

from collections.abc import Collection, Set
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from gateway.conversations.conversation import Author
from gateway.desk.loops import Turn
from gateway.store.deliveries import Kind, Phase
from gateway.store.schema import delivery, entry, participant
from gateway.store.transaction import Transaction

MOST = 200
_BY_MACHINE = (Kind.ANSWER.value, Kind.ACKNOWLEDGEMENT.value)
_LEFT = (Phase.QUEUED.value, Phase.AT_DATA.value, Phase.DELIVERED.value, Phase.UNKNOWN.value)


def lately(
    tx: Transaction, addresses: Collection[str], here: str, since: timedelta, open: Collection[int]
) -> list[Turn]:
    """The newest mails from these (case-folded) addresses and our automatic ones to them, in order of time.

    `here` is the conversation in which all counts; `open` are the arrivals that wait for a decision.
    """
    theirs = sa.select(participant.c.conversation_id).where(participant.c.address.in_(list(addresses)))
    among = entry.c.conversation_id.in_(theirs) | (entry.c.conversation_id == here)
    wanted = (
        sa.select(entry, delivery.c.ended, delivery.c.state, delivery.c.kind, delivery.c.recipients)
        .join(delivery, delivery.c.entry_id == entry.c.id, isouter=True)
        .where(among, entry.c.arrived > tx.now - since, entry.c.author != Author.AGENT.value)
        .order_by(entry.c.id.desc())
        .limit(MOST)
    )
    rows = [row for row in tx.rows(wanted) if _counts(row, addresses, here)]
    ours = {row.message_id for row in rows if row.author != Author.CUSTOMER.value}
    turns = [_to_turn(row, open, ours) for row in rows]
    return sorted(turns, key=lambda one: one.at)


def _counts(row: sa.Row[Any], addresses: Collection[str], here: str) -> bool:
    if row.author == Author.CUSTOMER.value:
        return row.conversation_id == here or str(row.sender["address"]).casefold() in addresses
    if row.kind not in _BY_MACHINE or row.state not in _LEFT:
        return False
    return row.conversation_id == here or any(one.casefold() in addresses for one in row.recipients)


def _to_turn(row: sa.Row[Any], open: Collection[int], ours: Set[str]) -> Turn:
    if row.author == Author.CUSTOMER.value:
        refers, waits = not ours.isdisjoint(row.rest["in_reply_to"]), row.arrival_id in open
        return Turn(row.conversation_id, row.arrived, ours=False, text=row.text, open=waits, refers=refers)
    return Turn(row.conversation_id, row.ended or row.arrived, ours=True)
