"""Conversations that may be a mail's home, with all that matching wants to know of them."""

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from gateway.conversations.conversation import State
from gateway.conversations.matching import Candidate, KnownMail
from gateway.store import conversations, merging, outlook, splitting
from gateway.store.database import Transaction
from gateway.store.schema import case, conversation, entry, known_id, participant

MOST = 40
OF_ONE_WRITER = 20


def gather(
    tx: Transaction,
    mailbox: str,
    *,
    sender: str,
    references: Sequence[str],
    named: Iterable[str],
    case_numbers: Iterable[str],
    thread: str = "",
) -> list[Candidate]:
    """The conversations at `mailbox` that the references, our tokens (`named`), Outlook's `thread`, case numbers or
    the writer point to."""
    wanted = dict.fromkeys(named)
    wanted.update(dict.fromkeys(_of_references(tx, mailbox, references)))
    wanted.update(dict.fromkeys(outlook.conversations_of(tx, mailbox, thread)))
    wanted.update(dict.fromkeys(_of_cases(tx, mailbox, case_numbers)))
    wanted.update(dict.fromkeys(_of_writer(tx, mailbox, sender)))
    gone = merging.survivors(tx, list(wanted)[:MOST])
    chosen = list(dict.fromkeys([*list(wanted)[:MOST], *gone.values()]))
    rows = tx.execute(sa.select(conversation).where(conversation.c.id.in_(chosen), conversation.c.mailbox == mailbox))
    mails = _known_mails(tx, chosen, references)
    origins = splitting.origins(tx, chosen)
    numbers, threads = _case_numbers(tx, chosen), outlook.threads_of(tx, chosen)
    return [
        Candidate(
            id=row.id,
            mailbox=row.mailbox,
            subject=row.subject,
            state=State(row.state),
            changed=row.changed,
            participants=conversations.participants(tx, row.id),
            mails=tuple(mails.get(row.id, ())),
            thread_indexes=threads.get(row.id, frozenset()),
            case_number=numbers.get(row.id, ""),
            merged_into=gone.get(row.id, ""),
            split_from=origins.get(row.id, ""),
        )
        for row in rows.all()
    ]


def _of_references(tx: Transaction, mailbox: str, references: Sequence[str]) -> list[str]:
    here = (known_id.c.mailbox == mailbox) & known_id.c.message_id.in_(list(references)[:200])
    return list(tx.execute(sa.select(known_id.c.conversation_id).where(here).distinct()).scalars())


def _of_cases(tx: Transaction, mailbox: str, numbers: Iterable[str]) -> list[str]:
    listed = list(numbers)[:10]
    if not listed:
        return []
    here = (case.c.number.in_(listed)) & (case.c.mailbox == mailbox)
    wanted = sa.select(conversation.c.id).join(case, case.c.id == conversation.c.case_id).where(here)
    return list(tx.execute(wanted).scalars())


def _of_writer(tx: Transaction, mailbox: str, sender: str) -> list[str]:
    takes_part = participant.c.conversation_id == conversation.c.id
    here = (participant.c.address == sender) & (conversation.c.mailbox == mailbox)
    wanted = sa.select(conversation.c.id).join(participant, takes_part).where(here)
    return list(tx.execute(wanted.order_by(conversation.c.changed.desc()).limit(OF_ONE_WRITER)).scalars())


def _known_mails(tx: Transaction, chosen: Sequence[str], references: Sequence[str]) -> Mapping[str, list[KnownMail]]:
    here = known_id.c.conversation_id.in_(chosen) & known_id.c.message_id.in_(list(references)[:200])
    wanted = sa.select(known_id, entry.c.sender).join(entry, entry.c.id == known_id.c.entry_id, isouter=True)
    found: dict[str, list[KnownMail]] = {}
    for row in tx.execute(wanted.where(here)):
        writer = "" if row.sender is None else str(row.sender["address"]).casefold()
        mail = KnownMail(row.message_id, row.ours, frozenset(row.people), writer)
        found.setdefault(row.conversation_id, []).append(mail)
    return found


def _case_numbers(tx: Transaction, chosen: Sequence[str]) -> Mapping[str, str]:
    wanted = sa.select(conversation.c.id, case.c.number).join(case, case.c.id == conversation.c.case_id)
    return {row.id: row.number for row in tx.execute(wanted.where(conversation.c.id.in_(chosen)))}
