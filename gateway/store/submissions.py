"""Mails that reps send from Creatio through our SMTP door: which row of Creatio is which mail, and who has got it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.store import deliveries
from gateway.store.arrivals import Fate, Kept
from gateway.store.schema import arrival, conversation, delivery, entry, seen_activity
from gateway.store.transaction import Transaction

SENT_AS = "sent_as"


@dataclass(frozen=True, slots=True)
class Said:
    """An entry that may be the same reply. `people` are the case-folded addresses it is to; `got` are those who have
    it from us, or will. `case` is that of its conversation, or empty. `files` are the hashes of what is attached.
    `has_row`: a row of Creatio is it; `has_mail`: it was submitted."""

    entry_id: int
    key: str
    conversation_id: str
    case: str
    at: datetime
    subject: str
    text: str
    people: frozenset[str]
    got: frozenset[str]
    files: frozenset[str]
    has_row: bool
    has_mail: bool


def served(tx: Transaction, kept: Kept, message_id: str, content: str) -> frozenset[str]:
    """Who has got this very mail from us, or will: the same id and content, submitted before. Who was refused, or from
    whom it came back, has not.

    `SENT_AS` in the evidence of an arrival is the mail made of it, or None where its row had been mailed before.
    """
    same = (arrival.c.message_id == message_id) & (arrival.c.mailbox == kept.mailbox) & (arrival.c.content == content)
    done = (arrival.c.fate == Fate.RECORDED.value) & (arrival.c.id != kept.id)
    got: set[str] = set()
    for row in tx.rows(sa.select(arrival.c.envelope, arrival.c.evidence).where(same, done)):
        if SENT_AS in (evidence := row.evidence or {}):
            made = None if evidence[SENT_AS] is None else deliveries.fetch(tx, evidence[SENT_AS])
            missed = set(made.recipients) - set(_reached(made.recipients)) if made is not None else set()
            got |= set(row.envelope.get("outside", ())) - missed
    return frozenset(got)


def mails_without_row(tx: Transaction, case_id: str, since: datetime) -> Sequence[Said]:
    """What was submitted since then and was not yet seen as a row, on this case or its own, oldest first."""
    found = mails_since(tx, since)
    claimed = _entries_of_rows(tx, {case_id, *_cases(tx, {one.conversation_id for one in found})})
    return [one for one in found if one.entry_id not in claimed]


def mails_since(tx: Transaction, since: datetime) -> Sequence[Said]:
    """What was submitted since then, oldest first."""
    ours = (delivery.c.kind == "agent") & (delivery.c.created > since)
    mailed = sa.select(delivery.c.entry_id).where(ours, delivery.c.entry_id.is_not(None))
    return _read(tx, entry.c.id.in_(mailed) & entry.c.arrival_id.is_not(None))


def replies(tx: Transaction, conversation_id: str) -> Sequence[Said]:
    """What reps have said in a conversation, oldest first."""
    return _read(tx, (entry.c.conversation_id == conversation_id) & (entry.c.author == "agent"))


def _reached(recipients: Mapping[str, str]) -> list[str]:
    return [who for who, what in recipients.items() if not what.startswith("refused")]


def _cases(tx: Transaction, conversation_ids: Collection[str]) -> set[str]:
    here = conversation.c.id.in_(sorted(conversation_ids)) & conversation.c.case_id.is_not(None)
    return {row.case_id for row in tx.rows(sa.select(conversation.c.case_id).where(here))}


def _entries_of_rows(tx: Transaction, case_ids: Collection[str]) -> set[int]:
    here = seen_activity.c.case_id.in_(sorted(case_ids)) & seen_activity.c.entry_id.is_not(None)
    return {row.entry_id for row in tx.rows(sa.select(seen_activity.c.entry_id).where(here))}


def _read(tx: Transaction, where: sa.ColumnElement[bool]) -> list[Said]:
    wanted = sa.select(entry, conversation.c.case_id).join(conversation, conversation.c.id == entry.c.conversation_id)
    these = sa.select(entry.c.id).where(where)  # not as a list: a week may have thousands
    rows = list(tx.rows(wanted.where(where).order_by(entry.c.id)))
    made = _entries_of_rows(tx, {row.case_id for row in rows if row.case_id})
    theirs = sa.select(entry.c.conversation_id).where(where)
    came = sa.select(arrival.c.entry_id).where(arrival.c.conversation_id.in_(theirs), arrival.c.entry_id.is_not(None))
    submitted = {row.entry_id for row in tx.rows(came)}
    alive = delivery.c.entry_id.in_(these) & (delivery.c.state != "cancelled")
    got: dict[int, set[str]] = {}
    for mail in tx.rows(sa.select(delivery.c.entry_id, delivery.c.recipients).where(alive)):
        got.setdefault(mail.entry_id, set()).update(who.casefold() for who in _reached(mail.recipients))
    return [
        Said(
            entry_id=row.id,
            key=row.key,
            conversation_id=row.conversation_id,
            case=row.case_id or "",
            at=row.arrived,
            subject=row.subject,
            text=row.text,
            people=frozenset(one["address"].casefold() for name in ("to", "cc") for one in row.rest.get(name, ())),
            got=frozenset(got.get(row.id, ())),
            files=frozenset(one["sha256"] for one in row.rest["attachments"] if not one["inline"]),
            has_row=row.id in made,
            has_mail=row.id in submitted,
        )
        for row in rows
    ]
