"""LISTEN: a case is read again; what a rep said there becomes an entry and a mail, what they did there is followed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from gateway.config.settings import Settings
from gateway.desk.addressing import is_for_customer
from gateway.desk.case import CaseSeen, KnownCase, Tenant
from gateway.desk.replies import ActivitySeen, Kind, Ruling, Verdict, addressed, conversation_of
from gateway.log import Event
from gateway.pipeline import budget, relayed, relaying, repeated, watching
from gateway.pipeline.parts import Job, Parts, Write, nothing
from gateway.pipeline.relayed import Beside, Failed, Outcome, Recorded, Sent, Unsent
from gateway.pipeline.relaying import Unsendable
from gateway.pipeline.ruling import Board, read_board, rule
from gateway.pipeline.watching import look_at_case as look_at_case
from gateway.ports import Crm
from gateway.store import cases, jobs, known_ids
from gateway.store.database import Transaction

_TO_TELL = (Ruling.MAIL, Ruling.RECORD)
NOBODY = "it is addressed to nobody. With the customer's address in “To” it is mailed"
SOON = timedelta(seconds=30)  # a mail that Creatio is sending tells nobody when it has been sent
RARELY, ENOUGH = timedelta(hours=1), timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Found:
    """What one look gave. `outcome` is of the first reply in line; `more`: there are others after it."""

    board: Board
    verdicts: Sequence[tuple[ActivitySeen, Verdict]]
    outcome: Outcome | None
    more: bool
    learnt: Mapping[str, str]


async def listen(parts: Parts, job: Job) -> Write:
    """Read the case and rule on its rows. One reply at a time is told, in the order they were written, each once."""
    before = await parts.store.read(_before, job.subject)
    if parts.crm is None or before is None:
        return nothing
    known, now = before
    seen = await parts.crm.read_case(known.id)
    if seen is None:
        return partial(watching.lose, case_id=known.id)
    tenant = await parts.crm.tenant()
    observe = partial(watching.observe, before=known, seen=seen, tenant=tenant, settings=parts.settings, checked=now)
    if await parts.store.read(watching.is_to_follow, known, seen):
        return observe
    found = await _look(parts, parts.crm, known, seen, tenant)
    noting = partial(budget.note, calls=parts.crm.take_call_count(), node=parts.store.node)
    return partial(_write, found=found, settings=parts.settings, observe=observe, noting=noting)


def _before(tx: Transaction, case_id: str) -> tuple[KnownCase, datetime] | None:
    known = cases.load(tx, case_id)
    return None if known is None else (known, tx.now)


async def _look(parts: Parts, crm: Crm, known: KnownCase, seen: CaseSeen, tenant: Tenant) -> _Found:
    rows = await crm.read_activities(known.id)
    board = await parts.store.read(read_board, known, rows, parts.settings, tenant)
    verdicts = rule(board, rows)
    if any(verdict.ruling is Ruling.FAILED for _, verdict in verdicts):
        board = replace(board, handed_over=await parts.store.read(repeated.is_mail_open, known.id))
    replies = [(row, verdict) for row, verdict in verdicts if _has_outcome(board, verdict)]
    outcome = await _treat(parts, crm, board, *replies[0], number=seen.number) if replies else None
    learnt = await _learn(crm, board, rows)
    return _Found(board, verdicts, outcome, len(replies) > 1, learnt)


async def _treat(parts: Parts, crm: Crm, board: Board, row: ActivitySeen, verdict: Verdict, *, number: str) -> Outcome:
    """The reply with its body, for the conversation that it answers."""
    whole = await crm.read_activity(row)
    answered = await parts.store.read(known_ids.find, [whole.in_reply_to] if whole.in_reply_to else [])
    answers = answered[0].conversation_id if answered else ""
    conversation = conversation_of(row, board.talks, board.people, number, answers)
    if verdict.ruling is Ruling.FAILED:
        said = await relaying.read_reply(parts, whole, board.rules, number)
        return Failed(row, verdict, None if isinstance(said, Unsendable) else said.text, whole.message_id)
    beside = conversation is None or not is_for_customer(conversation, addressed(row))
    if verdict.ruling is Ruling.RECORD and beside:
        return Beside(row, whole.message_id)
    if conversation is None:
        why = f"it is addressed to {row.recipients or 'nobody'}, who takes no part in the conversation"
        return Unsent(row, board.talks[0] if board.talks else None, why, whole.message_id)
    said = await relaying.read_reply(parts, whole, board.rules, number)
    if isinstance(said, Unsendable):
        return Unsent(row, conversation, said.why)
    if beside:
        why = f"it is addressed to {row.recipients}, not to {conversation.customer.address}"
        return Unsent(row, conversation, why, whole.message_id)
    if verdict.ruling is Ruling.RECORD:
        return Recorded(row, conversation, whole, said)
    if row.kind is Kind.EMAIL and not addressed(row):
        return Unsent(row, conversation, NOBODY, whole.message_id)
    written = await relaying.write_mail(parts, crm, whole, conversation, said)
    if isinstance(written, Unsendable):
        return Unsent(row, conversation, written.why)
    return Sent(row, conversation, written, relaying.writer_of(whole).name, whole.message_id)


async def _learn(crm: Crm, board: Board, rows: Sequence[ActivitySeen]) -> Mapping[str, str]:
    """The Message-IDs of mails that Creatio has sent and that had none yet when they were recorded."""
    learnt: dict[str, str] = {}
    for row in rows:
        known = board.known.get(row.id)
        if known is not None and known.entry_id is not None and known.state.get(relayed.LEARNT) == "no":
            whole = await crm.read_activity(row)
            if whole.message_id:
                learnt[row.id] = whole.message_id
    return learnt


def _write(tx: Transaction, found: _Found, settings: Settings, observe: Write, noting: Write) -> Sequence[Event]:
    noting(tx)
    board, case_id = found.board, found.board.case.id
    events: list[Event] = []
    for row, verdict in found.verdicts:
        if not _has_outcome(board, verdict):
            relayed.remember(tx, board, row, verdict)
    if found.outcome is not None:
        events += relayed.tell(tx, board, found.outcome, settings)
    for activity_id, message_id in found.learnt.items():
        relayed.learn(tx, case_id, board.known[activity_id], message_id)
    events += observe(tx) or ()
    waiting = [_waited(board, row) for row, verdict in found.verdicts if verdict.ruling is Ruling.WAITING]
    if found.more:
        watching.look_at_case(tx, case_id)
    elif waiting and min(waiting) < ENOUGH:
        again = min(max(SOON, min(waiting)), RARELY)
        jobs.add(tx, "listen", case_id, case_id, key=f"listen:{case_id}", after=again)
    return events


def _has_outcome(board: Board, verdict: Verdict) -> bool:
    """What Creatio could not send may have come to us all the same."""
    return verdict.ruling in _TO_TELL or (verdict.ruling is Ruling.FAILED and board.handed_over)


def _waited(board: Board, row: ActivitySeen) -> timedelta:
    known = board.known.get(row.id)
    return board.now - known.since if known is not None and known.verdict == Ruling.WAITING.value else timedelta(0)
