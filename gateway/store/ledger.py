"""The ledger: one row for each row that we make or change in Creatio, and for each note that it must still be told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.desk.dossier import Remark, Told
from gateway.store.schema import conversation, ledger
from gateway.store.transaction import Transaction

# A row's state. "doubtful" is wanted or begun; what is "refused" for good has `final` in its facts; "lost" was done,
# and is to be written again.
DONE, DOUBTFUL, REFUSED, LOST = "done", "doubtful", "refused", "lost"


@dataclass(frozen=True, slots=True)
class Line:
    """What a row of the ledger is about. `id` is the Creatio row's own; for a change, of what it changes."""

    id: str
    kind: str
    conversation_id: str
    case_id: str | None = None
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that Creatio does not take in any form: a person may have it tried again."""

    line: Line
    why: str
    at: datetime


def told(tx: Transaction, conversation_id: str) -> Mapping[str, Told]:
    """What became of each thing that Creatio was told about the conversation, by the ids of records."""
    wanted = sa.select(ledger).where(ledger.c.conversation_id == conversation_id)
    return {row.id: _to_told(row) for row in tx.rows(wanted)}


def done(tx: Transaction, line: Line, facts: Mapping[str, Any] | None = None, note: str = "") -> None:
    """It is in Creatio."""
    _put(tx, line, DONE, note, facts or {})


def doubtful(tx: Transaction, line: Line, note: str = "") -> None:
    """It was begun, or looked for and not found."""
    _put(tx, line, DOUBTFUL, note, {})


def refused(tx: Transaction, line: Line, why: str, *, variant: int) -> None:
    """Creatio refused it so far in `variant` forms; a simpler one is tried."""
    _put(tx, line, REFUSED, why, {"variant": variant})


def set_aside(tx: Transaction, line: Line, why: str) -> None:
    """Creatio refused it for good: nothing more is tried by itself."""
    _put(tx, line, REFUSED, why, {"final": True})


def want(tx: Transaction, conversation_id: str, case_id: str | None, remark: Remark) -> None:
    """The rep must be told this. Wanted twice, it is told once."""
    row = {
        "id": remark.id,
        "kind": "note",
        "case_id": case_id,
        "conversation_id": conversation_id,
        "entry_id": remark.entry_id,
        "state": DOUBTFUL,
        "note": "",
        "facts": {"title": remark.title, "text": remark.text},
        "at": tx.now,
    }
    tx.execute(tx.insert(ledger).values(row).on_conflict_do_nothing(index_elements=["id"]))


def wanted(tx: Transaction, conversation_id: str) -> tuple[Remark, ...]:
    """What the rep must still be told, oldest first."""
    here = (ledger.c.conversation_id == conversation_id) & (ledger.c.state != DONE) & (ledger.c.kind == "note")
    rows = tx.rows(sa.select(ledger).where(here).order_by(ledger.c.at, ledger.c.id))
    return tuple(
        Remark(row.id, row.facts["title"], row.facts["text"], row.at, row.entry_id)
        for row in rows
        if "title" in row.facts
    )


def ids_of_case(tx: Transaction, case_id: str) -> frozenset[str]:
    """The ids of all rows that we made, or have begun to make, for the conversations of a case."""
    here = sa.select(conversation.c.id).where(conversation.c.case_id == case_id)
    ours = (ledger.c.case_id == case_id) | ledger.c.conversation_id.in_(here)
    return frozenset(row.id for row in tx.rows(sa.select(ledger.c.id).where(ours)))


def known(tx: Transaction, record_ids: Collection[str]) -> frozenset[str]:
    """Those of these ids that the ledger has, whatever it says of them."""
    some = list(record_ids)
    found: set[str] = set()
    for begin in range(0, len(some), 500):
        here = sa.select(ledger.c.id).where(ledger.c.id.in_(some[begin : begin + 500]))
        found |= {row.id for row in tx.rows(here)}
    return frozenset(found)


def conversations_of_case(tx: Transaction, case_id: str) -> list[str]:
    """The conversations of which anything was ever told on the case."""
    here = (ledger.c.case_id == case_id) & ledger.c.conversation_id.is_not(None)
    return [str(row[0]) for row in tx.rows(sa.select(ledger.c.conversation_id).where(here).distinct())]


def lose(tx: Transaction, record_ids: Collection[str]) -> int:
    """Creatio has lost these rows: they are to be written again; returns how many that are."""
    there = ledger.c.id.in_(list(record_ids)) & (ledger.c.state == DONE)
    return tx.execute(sa.update(ledger).where(there).values(state=LOST, note="Creatio has lost it")).rowcount


def lost(tx: Transaction, conversation_id: str, record_ids: Collection[str]) -> Sequence[sa.Row[Any]]:
    """The lost rows of a conversation, and these wherever they belong."""
    meant = (ledger.c.conversation_id == conversation_id) | ledger.c.id.in_(list(record_ids))
    return tx.rows(sa.select(ledger).where(ledger.c.state == LOST, meant).order_by(ledger.c.at, ledger.c.id))


def still_lost(tx: Transaction, record_id: str, why: str, facts: Mapping[str, Any]) -> None:
    """It is not there yet; `facts` say what is tried next."""
    row = tx.execute(sa.select(ledger.c.facts).where(ledger.c.id == record_id)).first()
    known = dict(row.facts) if row is not None else {}
    change = sa.update(ledger).where(ledger.c.id == record_id)
    tx.execute(change.values(note=why[:2_000], facts={**known, **facts}))


def written_again(tx: Transaction, record_id: str, *, note: str = "written again", ours: bool = True) -> None:
    """Creatio has it again, or (`ours` false) has something else for it."""
    row = tx.execute(sa.select(ledger.c.facts).where(ledger.c.id == record_id)).first()
    known = {name: value for name, value in (row.facts if row is not None else {}).items() if name != "sought"}
    change = sa.update(ledger).where(ledger.c.id == record_id)
    tx.execute(change.values(state=DONE, note=note, facts=known if ours else {**known, "ours": False}))


def forget(tx: Transaction, record_id: str) -> None:
    """It was told to a row that is gone: it may be told anew."""
    tx.execute(sa.delete(ledger).where(ledger.c.id == record_id))


def last_post(tx: Transaction, case_id: str) -> datetime | None:
    """When we last wrote in the case's feed."""
    posts = (ledger.c.case_id == case_id) & (ledger.c.kind == "post") & (ledger.c.state == DONE)
    at = tx.rows(sa.select(ledger.c.at).where(posts).order_by(ledger.c.at.desc()).limit(1))
    return at[0].at if at else None


def aside(tx: Transaction) -> Sequence[Refusal]:
    """All that Creatio refused for good, oldest first."""
    rows = tx.rows(sa.select(ledger).where(ledger.c.state == REFUSED).order_by(ledger.c.at, ledger.c.id))
    return [
        Refusal(Line(row.id, row.kind, row.conversation_id, row.case_id, row.entry_id), row.note, row.at)
        for row in rows
        if row.facts.get("final") and not row.facts.get("dropped")
    ]


def retry(tx: Transaction, record_id: str) -> str | None:
    """Have it told again from its whole form on; returns its conversation, or None when it was not set aside."""
    row = tx.execute(sa.select(ledger).where((ledger.c.id == record_id) & (ledger.c.state == REFUSED))).first()
    if row is None or not row.facts.get("final"):
        return None
    kept = {name: row.facts[name] for name in ("title", "text") if name in row.facts}
    change = sa.update(ledger).where(ledger.c.id == record_id)
    tx.execute(change.values(state=DOUBTFUL, note="", facts=kept))
    return str(row.conversation_id)


def drop(tx: Transaction, record_id: str) -> str | None:
    """A person lets it be; returns its conversation, or None when it was not set aside."""
    row = tx.execute(sa.select(ledger).where((ledger.c.id == record_id) & (ledger.c.state == REFUSED))).first()
    if row is None or not row.facts.get("final") or row.facts.get("dropped"):
        return None
    tx.execute(sa.update(ledger).where(ledger.c.id == record_id).values(facts={**row.facts, "dropped": True}))
    return str(row.conversation_id)


def _put(tx: Transaction, line: Line, state: str, note: str, facts: Mapping[str, Any]) -> None:
    known = tx.execute(sa.select(ledger.c.facts).where(ledger.c.id == line.id)).first()
    words = {name: known.facts[name] for name in ("title", "text") if known is not None and name in known.facts}
    row = {
        "id": line.id,
        "kind": line.kind,
        "case_id": line.case_id,
        "conversation_id": line.conversation_id,
        "entry_id": line.entry_id,
        "state": state,
        "note": note[:2_000],
        "facts": words | dict(facts),
        "at": tx.now,
    }
    changed = {name: value for name, value in row.items() if name != "id"}
    tx.execute(tx.insert(ledger).values(row).on_conflict_do_update(index_elements=["id"], set_=changed))


def _to_told(row: sa.Row[Any]) -> Told:
    facts = row.facts
    return Told(
        done=row.state in (DONE, LOST),
        ours=bool(facts.get("ours", True)),
        variant=int(facts.get("variant", 0)),
        final=row.state == REFUSED and bool(facts.get("final")),
        why=row.note,
        case=row.case_id or "",
    )
