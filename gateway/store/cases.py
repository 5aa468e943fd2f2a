"""Cases that we opened or follow, what is on them, and the activities that we have seen there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from gateway.desk.case import CaseSeen, CaseState, KnownCase
from gateway.store import conversations
from gateway.store.schema import case, conversation, seen_activity
from gateway.store.transaction import Transaction

NEVER_CHECKED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SeenActivity:
    """A row of the case that was looked at: the ruling and its reason, for the state that it was in then.

    `entry_id` is the entry that was made of it, if any. `since` is when it was first seen with this ruling.
    """

    id: str
    verdict: str
    why: str
    state: Mapping[str, str]
    entry_id: int | None
    since: datetime


def load(tx: Transaction, case_id: str) -> KnownCase | None:
    row = tx.execute(sa.select(case).where(case.c.id == case_id)).first()
    return None if row is None else _to_case(row)


def hold(tx: Transaction, case_id: str) -> KnownCase | None:
    """The case, which nobody else changes before this transaction ends: what is changed is made from what was there."""
    tx.execute(sa.select(case.c.id).where(case.c.id == case_id).with_for_update())
    return load(tx, case_id)


def add(tx: Transaction, fresh: KnownCase) -> None:
    """Remember a case; one that is known already stays as it is."""
    row = {
        "id": fresh.id,
        "number": fresh.number,
        "customer_id": fresh.customer_id,
        "mailbox": fresh.mailbox,
        "conversation_id": fresh.opened_by,
        "state": fresh.state.value,
        "seen": dict(fresh.seen),
        "written": dict(fresh.written),
        "created": fresh.created,
        "checked": fresh.checked,
        "changed": fresh.changed,
    }
    tx.execute(tx.insert(case).values(row).on_conflict_do_nothing(index_elements=["id"]))


def put_back(tx: Transaction, case_id: str, number: str, seen: Mapping[str, str], state: CaseState) -> None:
    """Creatio had lost the case and has it again, as it shows a new one: its own status and owner count as written."""
    known = hold(tx, case_id)
    if known is None:
        return
    given = {word: seen[word] for word in ("status", "owner") if word in seen}
    values = {"number": number or known.number, "seen": dict(seen), "written": {**known.written, **given}}
    _change(tx, case_id, {**values, "state": state.value, "checked": tx.now, "changed": tx.now})


def open_case(tx: Transaction, customer_id: int, mailbox: str) -> KnownCase | None:
    """The customer's newest case of this mailbox that we opened and that is neither resolved nor final."""
    active = case.c.state.in_([CaseState.OPEN.value, CaseState.PAUSED.value])
    theirs = (case.c.customer_id == customer_id) & (case.c.mailbox == mailbox) & active & (case.c.conversation_id != "")
    rows = tx.rows(sa.select(case).where(theirs).order_by(case.c.created.desc(), case.c.id))
    return next((_to_case(row) for row in rows if row.written.get("apart") != "yes"), None)


def lane_of(tx: Transaction, conversation_id: str) -> int:
    """Whose lane a conversation is filed in: its customer's, or the case's, for several may share one."""
    joined = sa.select(case.c.customer_id).join(conversation, conversation.c.case_id == case.c.id)
    owner = tx.scalar(joined.where(conversation.c.id == conversation_id))
    return conversations.customer_of(tx, conversation_id) if owner is None else int(owner)


def record_seen(tx: Transaction, seen: CaseSeen, *, checked: datetime) -> None:
    """Creatio showed the case. What it gave a new case by itself counts as written with it."""
    known = hold(tx, seen.id)
    if known is None:
        return
    columns = {**seen.columns(), "owner_name": seen.owner_name, "modified": seen.modified}
    first = {word: columns[word] for word in ("owner", "status") if word not in known.written}
    values: dict[str, Any] = {
        "number": seen.number or known.number,
        "state": seen.state.value,
        "seen": columns,
        "written": {**known.written, **first},
        "checked": max(checked, known.checked),
    }
    if known.seen.get("modified") != seen.modified:
        values["changed"] = tx.now
    _change(tx, seen.id, values)


def record_written(tx: Transaction, case_id: str, columns: Mapping[str, str], state: CaseState | None = None) -> None:
    """We wrote these columns, so they are what Creatio shows next; `state` is what a new status means."""
    known = hold(tx, case_id)
    if known is None:
        return
    values: dict[str, Any] = {
        "written": {**known.written, **columns},
        "seen": {**known.seen, **columns},
        "changed": tx.now,
    }
    _change(tx, case_id, values if state is None else values | {"state": state.value})


def note(tx: Transaction, case_id: str, word: str, value: str) -> None:
    """Remember something of our own about the case, beside its columns."""
    known = hold(tx, case_id)
    if known is not None:
        _change(tx, case_id, {"written": {**known.written, word: value}})


def touch(tx: Transaction, case_id: str) -> None:
    """Something was added to the case."""
    _change(tx, case_id, {"changed": tx.now})


def lose(tx: Transaction, case_id: str) -> None:
    """It is no longer in Creatio."""
    _change(tx, case_id, {"state": CaseState.GONE.value, "checked": tx.now})


def follow(tx: Transaction, known: KnownCase, into: str, *, since: str) -> list[str]:
    """A case was merged into another: its conversations go on there; returns them.

    `since` is Creatio's time of the merging: what was said there before was not said in these conversations.
    """
    fresh = replace(known, id=into, number="", opened_by="", state=CaseState.OPEN, checked=NEVER_CHECKED, seen={})
    add(tx, replace(fresh, written={"followed": since, "followed_number": known.number}, changed=tx.now))
    _change(tx, known.id, {"state": CaseState.FINAL.value, "written": {**known.written, "merged_into": into}})
    moved = conversations.of_case(tx, known.id)
    for conversation_id in moved:
        conversations.set_case(tx, conversation_id, into)
    return moved


def activities(tx: Transaction, activity_ids: Sequence[str]) -> dict[str, SeenActivity]:
    """What was made of these rows so far, by their ids, on whatever case they were then."""
    wanted = sa.select(seen_activity).where(seen_activity.c.id.in_(list(activity_ids)))
    return {
        row.id: SeenActivity(row.id, row.verdict, row.why, row.state, row.entry_id, row.at) for row in tx.rows(wanted)
    }


def remember_activity(
    tx: Transaction,
    case_id: str,
    activity_id: str,
    *,
    verdict: str,
    why: str,
    state: Mapping[str, str],
    entry_id: int | None = None,
) -> None:
    """Keep a ruling with its reason; an entry once made of the row stays."""
    known = tx.execute(sa.select(seen_activity).where(seen_activity.c.id == activity_id)).first()
    if known is None:
        row = {"id": activity_id, "case_id": case_id, "verdict": verdict, "why": why, "state": dict(state)}
        tx.execute(sa.insert(seen_activity).values(row | {"entry_id": entry_id, "at": tx.now}))
        return
    values = {
        "case_id": case_id,
        "verdict": verdict,
        "why": why,
        "state": dict(state),
        "entry_id": entry_id or known.entry_id,
        "at": known.at if known.verdict == verdict else tx.now,
    }
    tx.execute(sa.update(seen_activity).where(seen_activity.c.id == activity_id).values(values))


def _change(tx: Transaction, case_id: str, values: Mapping[str, Any]) -> None:
    tx.execute(sa.update(case).where(case.c.id == case_id).values(dict(values)))


def _to_case(row: sa.Row[Any]) -> KnownCase:
    return KnownCase(
        id=row.id,
        customer_id=row.customer_id,
        mailbox=row.mailbox,
        opened_by=row.conversation_id,
        state=CaseState(row.state),
        created=row.created,
        changed=row.changed,
        checked=row.checked or NEVER_CHECKED,
        number=row.number,
        seen=row.seen,
        written=row.written,
    )
