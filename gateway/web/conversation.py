"""One conversation, whole, as plain values: entries, what became of each, what happened, what Creatio has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.conversations.conversation import Conversation, Entry
from gateway.desk.addressing import unconfirmed
from gateway.mail.message import Address
from gateway.store import conversations, deliveries, handoffs, history, merging, traces
from gateway.store.database import Store, Transaction
from gateway.store.deliveries import Delivery
from gateway.store.handoffs import Handoff
from gateway.store.history import Happening
from gateway.store.traces import CaseThere, Filed, SeenThere, Went
from gateway.web.shown import Shown, iso


@dataclass(frozen=True, slots=True)
class _Known:
    conversation: Conversation
    came: Mapping[int, traces.Came]
    went: Sequence[Went]
    filed: Sequence[Filed]
    history: Sequence[Happening]
    handoffs: Sequence[Handoff]
    case: CaseThere | None
    seen: Sequence[SeenThere]
    draft: Delivery | None
    merged_into: str | None
    merged: Sequence[str]


async def conversation(store: Store, conversation_id: str, public_url: str) -> Shown | None:
    """None when there is no such conversation."""
    known = await store.read(_gather, conversation_id)
    return None if known is None else _shown(known, public_url)


def _gather(tx: Transaction, conversation_id: str) -> _Known | None:
    found = conversations.load(tx, conversation_id)
    if found is None:
        return None
    return _Known(
        conversation=found,
        came=traces.came(tx, found.id),
        went=traces.went(tx, found.id),
        filed=traces.filed(tx, found.id),
        history=history.of_conversation(tx, found.id),
        handoffs=handoffs.of_conversation(tx, found.id),
        case=traces.case_there(tx, found.case) if found.case else None,
        seen=traces.seen_there(tx, found.case) if found.case else (),
        draft=deliveries.draft_of(tx, found.id),
        merged_into=merging.into(tx, found.id),
        merged=merging.parts_of(tx, found.id),
    )


def _shown(known: _Known, public_url: str) -> Shown:
    one = known.conversation
    entries = [_entry(entry, known) for entry in one.entries]
    return {
        "id": one.id,
        "url": f"{public_url.rstrip('/')}/conversations/{one.id}",
        "subject": one.subject,
        "customer": _address(one.customer),
        "mailbox": one.mailbox,
        "state": one.state.value,
        "held": one.held.value,
        "verified": one.verified,
        "unconfirmed": _address(asked) if (asked := unconfirmed(one)) else None,
        "created": iso(one.created),
        "answers": one.answers,
        "goes_on_from": one.parent,
        "merged_into": known.merged_into,
        "merged": list(known.merged),
        "case": _case(one, known.case),
        "draft": _draft(known),
        "newest": max((entry.id for entry in one.entries), default=0),
        "entries": entries,
        "handoffs": [_handoff(handed) for handed in known.handoffs],
        "filed": [_filed(row) for row in known.filed if row.entry_id is None],
        "history": [{"at": iso(event.at), "what": event.what, "facts": dict(event.facts)} for event in known.history],
        "activities": [{"id": row.id, "verdict": row.verdict, "why": row.why, "at": iso(row.at)} for row in known.seen],
    }


def _entry(entry: Entry, known: _Known) -> Shown:
    came = known.came.get(entry.arrival) if entry.arrival is not None else None
    return {
        "id": entry.id,
        "author": entry.author.value,
        "at": iso(entry.at),
        "arrived": iso(entry.arrived),
        "sender": _address(entry.sender),
        "to": [_address(one) for one in entry.to],
        "cc": [_address(one) for one in entry.cc],
        "subject": entry.subject,
        "message_id": entry.message_id,
        "text": entry.text,
        "quoted": quoted_parts(entry),
        "trust": entry.trust.value,
        "automatic": entry.automatic,
        "attachments": [
            {
                "index": one.index,
                "name": one.name,
                "type": one.type,
                "size": one.size,
                "inline": one.inline,
                "warning": one.warning,
            }
            for one in entry.attachments
        ],
        "arrival": None
        if came is None
        else {
            "id": came.id,
            "door": came.door,
            "received": iso(came.received),
            "fate": came.fate,
            "reasons": list(came.reasons),
        },
        "deliveries": [_went(one) for one in known.went if one.entry_id == entry.id],
        "filed": [_filed(row) for row in known.filed if row.entry_id == entry.id],
    }


def quoted_parts(entry: Entry) -> list[Shown]:
    """What was folded away of a mail, piece by piece, and by which rule."""
    lines = entry.full.split("\n")  # as the trimmer counts them
    found = []
    for first, last, rule, confidence in entry.cuts:
        text = "\n".join(lines[max(first - 1, 0) : last]).strip("\n")
        if text.strip():
            found.append({"text": text, "rule": rule, "confidence": confidence, "lines": [first, last]})
    return found


def _went(one: Went) -> Shown:
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state,
        "why": one.why,
        "attempts": one.attempts,
        "changed": iso(one.changed),
        "recipients": dict(one.recipients),
    }


def _filed(row: Filed) -> Shown:
    return {"id": row.id, "kind": row.kind, "state": row.state, "note": row.note, "at": iso(row.at)}


def _case(one: Conversation, there: CaseThere | None) -> Shown | None:
    if one.case is None:
        return None
    if there is None:
        return {"id": one.case, "number": "", "state": "open", "checked": None}
    return {"id": there.id, "number": there.number, "state": there.state, "checked": iso(there.checked)}


def _draft(known: _Known) -> Shown | None:
    if known.draft is None:
        return None
    entry_id = known.draft.outgoing.entry_id
    text = next((entry.text for entry in known.conversation.entries if entry.id == entry_id), "")
    to = list(known.draft.recipients)
    return {"delivery": known.draft.id, "entry": entry_id, "text": text, "to": to, "at": iso(known.draft.created)}


def _handoff(one: Handoff) -> dict[str, Any]:
    about = one.about
    return {
        "at": iso(one.at),
        "reason": one.reason,
        "by": one.by,
        "summary": about.summary,
        "language": about.language,
        "sentiment": about.sentiment,
        "topic": about.topic,
        "fields": dict(about.fields),
    }


def _address(one: Address) -> dict[str, str]:
    return {"address": one.address, "name": one.name}
