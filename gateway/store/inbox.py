"""What the inbox lists: conversations that fit a view and a search."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from gateway.store.schema import conversation, delivery, entry
from gateway.store.transaction import Transaction

PAGE = 50
_SNIPPET = 160


class View(StrEnum):
    ALL = "all"
    OPEN = "open"
    PEOPLE = "people"  # a person has it, and it is not resolved
    DRAFTS = "drafts"  # an answer waits for a person's approval
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Line:
    """One conversation in the list. `text` is the beginning of its newest entry, whose author is `author`."""

    id: str
    subject: str
    name: str
    address: str
    mailbox: str
    state: str
    held: str
    why: str
    changed: datetime
    answers: int
    draft: bool
    case: str | None
    author: str = ""
    text: str = ""


_DRAFT = (
    sa.select(delivery.c.id)
    .where(delivery.c.conversation_id == conversation.c.id, delivery.c.state == "draft")
    .exists()
    .label("draft")
)
_VIEWS = {
    View.ALL: sa.true(),
    View.OPEN: conversation.c.state == "open",
    View.PEOPLE: sa.and_(conversation.c.state == "open", conversation.c.held == "person"),
    View.DRAFTS: sa.and_(conversation.c.state == "open", _DRAFT),
    View.RESOLVED: conversation.c.state == "resolved",
}


def find(tx: Transaction, view: View, query: str = "", *, page: int = 1) -> list[Line]:
    """One page of what fits, newest change first. Every word of `query` must occur in it."""
    wanted = sa.select(conversation, _DRAFT).where(_fits(view, query))
    ordered = wanted.order_by(conversation.c.changed.desc(), conversation.c.id)
    rows = tx.rows(ordered.limit(PAGE).offset((max(page, 1) - 1) * PAGE))
    newest = _newest(tx, [row.id for row in rows])
    return [
        Line(
            id=row.id,
            subject=row.subject,
            name=row.name,
            address=row.address,
            mailbox=row.mailbox,
            state=row.state,
            held=row.held,
            why=row.held_why,
            changed=row.changed,
            answers=row.answers,
            draft=bool(row.draft),
            case=row.case_id,
            author=newest.get(row.id, ("", ""))[0],
            text=newest.get(row.id, ("", ""))[1],
        )
        for row in rows
    ]


def count(tx: Transaction, view: View, query: str = "") -> int:
    return int(tx.scalar(sa.select(sa.func.count()).select_from(conversation).where(_fits(view, query))))


def _fits(view: View, query: str) -> sa.ColumnElement[bool]:
    conditions: list[sa.ColumnElement[bool]] = [_VIEWS[view]]
    for word in query.split()[:10]:
        said = entry.c.searchable.contains(word.casefold(), autoescape=True)
        within = sa.select(entry.c.id).where(entry.c.conversation_id == conversation.c.id, said).exists()
        by_id = sa.or_(conversation.c.id == word.lower(), conversation.c.case_id == word.lower())
        address = conversation.c.address.icontains(word, autoescape=True)
        conditions.append(sa.or_(within, by_id, address, conversation.c.subject.icontains(word, autoescape=True)))
    return sa.and_(*conditions)


def _newest(tx: Transaction, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    if not ids:
        return {}
    last = sa.select(sa.func.max(entry.c.id)).where(entry.c.conversation_id.in_(ids)).group_by(entry.c.conversation_id)
    wanted = sa.select(entry.c.conversation_id, entry.c.author, sa.func.substr(entry.c.text, 1, _SNIPPET).label("said"))
    return {row.conversation_id: (row.author, row.said) for row in tx.rows(wanted.where(entry.c.id.in_(last)))}
