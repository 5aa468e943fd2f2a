"""What the ledger says, a page of conversations at a time, to be compared with what is in Creatio."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gateway.desk.records import row_id
from gateway.store.ledger import DONE, LOST, Line
from gateway.store.schema import case, conversation, entry, ledger
from gateway.store.transaction import Transaction

_HANGS_ON_MAIL = ("activity", "message_data", "file", "data")


@dataclass(frozen=True, slots=True)
class Page:
    """`written` are the rows that Creatio has been given, each with why it could not be written again ("" if it can).

    `mails` are (conversation id, key) of all mails in order. `cases`: id -> number, of all that these rows are on;
    `made` are those of them that we made. `filled`: id of a file that was uploaded -> the line of its bytes. `last` is
    where the next page begins, empty after the last one.
    """

    written: Sequence[tuple[Line, str]]
    mails: Sequence[tuple[str, str]]
    cases: Mapping[str, str]
    made: Collection[str]
    filled: Mapping[str, Line]
    last: str


def page(tx: Transaction, after: str, limit: int, kinds: Collection[str]) -> Page:
    """The conversations that follow `after`, by their ids. `kinds` are those that can be looked for in Creatio."""
    order = sa.select(conversation.c.id, conversation.c.case_id).where(conversation.c.id > after)
    here = tx.rows(order.order_by(conversation.c.id).limit(limit))
    ids = [row.id for row in here]
    mails = tx.rows(
        sa.select(entry.c.id, entry.c.conversation_id, entry.c.key)
        .where(entry.c.conversation_id.in_(ids))
        .order_by(entry.c.id)
    )
    kept = {row.id for row in mails}
    there = ledger.c.conversation_id.in_(ids) & ledger.c.state.in_((DONE, LOST)) & ledger.c.kind.in_(list(kinds))
    rows = [row for row in tx.rows(sa.select(ledger).where(there).order_by(ledger.c.id)) if row.facts.get("ours", True)]
    on = sorted({one for row in (*here, *rows) if (one := row.case_id)})
    numbers = {row.id: row.number for row in tx.rows(sa.select(case.c.id, case.c.number).where(case.c.id.in_(on)))}
    made = (ledger.c.kind == "case") & ledger.c.id.in_(on) & ledger.c.state.in_((DONE, LOST))
    return Page(
        written=[(_line(row), _why_not(row, kept)) for row in rows],
        mails=[(row.conversation_id, row.key) for row in mails],
        cases=numbers,
        made=frozenset(row.id for row in tx.rows(sa.select(ledger.c.id).where(made))),
        filled=_filled(tx, ids),
        last=ids[-1] if len(ids) == limit else "",
    )


def _filled(tx: Transaction, conversation_ids: Sequence[str]) -> dict[str, Line]:
    """An empty file has no bytes to lose."""
    mine = ledger.c.conversation_id.in_(conversation_ids) & (ledger.c.kind == "data") & (ledger.c.state == DONE)
    lines = {row.id: _line(row) for row in tx.rows(sa.select(ledger).where(mine))}
    wanted = entry.c.id.in_(sorted({one.entry_id for one in lines.values() if one.entry_id is not None}))
    found: dict[str, Line] = {}
    for row in tx.rows(sa.select(entry.c.key, entry.c.rest).where(wanted)):
        for one in row.rest["attachments"]:
            file = row_id(row.key, f"file {one['index']}")
            line = lines.get(row_id(file, "data"))
            if line is not None and one["size"]:
                found[file] = line
    return found


def _line(row: sa.Row[tuple[object, ...]]) -> Line:
    return Line(row.id, row.kind, row.conversation_id, row.case_id, row.entry_id)


def _why_not(row: sa.Row[tuple[object, ...]], kept: Collection[int]) -> str:
    if row.kind in _HANGS_ON_MAIL and row.entry_id not in kept:
        return "its mail is no longer kept here"
    if row.kind in ("note", "post") and not row.facts.get("text"):
        return "what it said is not kept"
    return ""
