"""All that is known when Creatio is told about a conversation, read in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.conversations.conversation import Conversation
from gateway.desk.case import KnownCase
from gateway.desk.dossier import Dossier, HandedOff, Lost
from gateway.store import cases, conversations, customers, deliveries, handoffs, ledger, merging, splitting, traces
from gateway.store.deliveries import Phase
from gateway.store.schema import arrival
from gateway.store.schema import conversation as conversation_table
from gateway.store.traces import Went
from gateway.store.transaction import Transaction

WORTH_TELLING = timedelta(hours=1)  # a relay may put a mail off for minutes (greylisting)


def gather(tx: Transaction, conversation_id: str) -> Dossier | None:
    """None when there is no such conversation."""
    conversation = conversations.load(tx, conversation_id)
    if conversation is None:
        return None
    case = cases.load(tx, conversation.case) if conversation.case else None
    contact = customers.contact(tx, conversation.customer_id)
    # What a person made a matter of its own does not go on in another's case.
    alone = case is not None or bool(splitting.origins(tx, [conversation_id]))
    customer, went = conversation.customer_id, traces.went(tx, conversation_id)
    return Dossier(
        conversation=conversation,
        now=tx.now,
        contact=contact,
        contact_note=customers.contact_note(tx, customer),
        case=case,
        open_case=None if alone else cases.open_case(tx, customer, conversation.mailbox),
        handoffs=tuple(
            HandedOff(one.at, one.reason, one.about) for one in handoffs.of_conversation(tx, conversation_id)
        ),
        told=ledger.told(tx, conversation_id),
        hidden=_hidden(tx, conversation),
        sent=_sent(went),
        delayed=_delayed(went, tx.now),
        undelivered=deliveries.undelivered(tx, conversation_id),
        remarks=ledger.wanted(tx, conversation_id),
        lost=_lost(tx, conversation_id, [one for one in (contact, conversation.case) if one]),
        others_open=case is not None and _others_open(tx, conversation, case.id),
        merged=merging.into(tx, conversation_id) is not None,
        last_post=ledger.last_post(tx, case.id) if case else None,
    )


def _lost(tx: Transaction, conversation_id: str, used: Sequence[str]) -> tuple[Lost, ...]:
    """What Creatio has lost of this conversation, with the contact and the cases that it hangs on."""
    here = ledger.lost(tx, conversation_id, used)
    if not here:
        return ()
    rows = ledger.lost(tx, conversation_id, [*used, *(row.case_id for row in here if row.case_id)])
    known = {case_id: _where_it_is(tx, case_id) for case_id in {row.case_id for row in rows if row.case_id}}
    return tuple(
        Lost(
            id=row.id,
            kind=row.kind,
            at=row.at,
            case=cases.load(tx, row.id) if row.kind == "case" else known.get(row.case_id),
            entry_id=row.entry_id,
            title=row.facts.get("title", ""),
            text=row.facts.get("text", ""),
            sought=bool(row.facts.get("sought")),
        )
        for row in rows
    )


def _where_it_is(tx: Transaction, case_id: str) -> KnownCase | None:
    """The case, or the one that it was merged into."""
    case, seen = cases.load(tx, case_id), {case_id}
    while case is not None and (into := case.written.get("merged_into")) and into not in seen:
        seen.add(into)
        case = cases.load(tx, into)
    return case


def _sent(went: Sequence[Went]) -> dict[int, str]:
    """Entry -> to whom its mail went."""
    done = [one for one in went if one.state == Phase.DELIVERED.value]
    return {one.entry_id: ", ".join(one.recipients) for one in done if one.entry_id is not None}


def _delayed(went: Sequence[Went], now: datetime) -> dict[int, str]:
    """Entry -> why the relay does not take its mail, where that has lasted for longer than is usual."""
    waiting = [one for one in went if one.state == Phase.QUEUED.value and now - one.created >= WORTH_TELLING]
    return {one.entry_id: one.why for one in waiting if one.entry_id is not None and "delayed" in one.why}


def _hidden(tx: Transaction, conversation: Conversation) -> frozenset[int]:
    """Entries that are never filed (history, what was never said), or not yet (a mail on its way)."""
    here = (arrival.c.conversation_id == conversation.id) & arrival.c.history
    old = {row.id for row in tx.rows(sa.select(arrival.c.id).where(here))}
    history = frozenset(one.id for one in conversation.entries if one.arrival in old)
    return history | deliveries.unsaid(tx, conversation.id) | deliveries.underway(tx, conversation.id)


def _others_open(tx: Transaction, conversation: Conversation, case_id: str) -> bool:
    table = conversation_table
    others = (table.c.case_id == case_id) & (table.c.id != conversation.id) & (table.c.state == "open")
    return tx.execute(sa.select(table.c.id).where(others).limit(1)).first() is not None
