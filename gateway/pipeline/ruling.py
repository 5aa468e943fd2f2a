"""The rows on a case before they are ruled on: what we made of them before, whose they are, the rules they meet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gateway.config.settings import Settings
from gateway.conversations.conversation import Conversation
from gateway.desk.case import KnownCase, Tenant
from gateway.desk.dossier import Dossier, handoff_id
from gateway.desk.filing import next_filing, next_upload
from gateway.desk.records import row_id
from gateway.desk.replies import (
    ActivitySeen,
    ReplyRules,
    Ruling,
    Verdict,
    addressed,
    changed,
    judge,
    names_case,
)
from gateway.pipeline.filing_rules import rules_for
from gateway.store import cases, conversations, customers, dossiers, ledger
from gateway.store.cases import SeenActivity
from gateway.store.database import Transaction

_ALWAYS = datetime.max.replace(tzinfo=UTC)

SEND_HERE = "send_here"  # beside a row's state: who asked to mail from here what Creatio could not send


@dataclass(frozen=True, slots=True)
class Board:
    """`people` are the case-folded addresses of each conversation. `since`: before it the case was not ours to follow,
    in Creatio's own time. `now` is when this was read. `handed_over`: Creatio gave us a mail whose row is not known."""

    case: KnownCase
    talks: tuple[Conversation, ...]
    people: Mapping[str, Collection[str]]
    known: Mapping[str, SeenActivity]
    rules: ReplyRules
    since: str
    now: datetime
    handed_over: bool = False


def read_board(
    tx: Transaction, case: KnownCase, rows: Sequence[ActivitySeen], settings: Settings, tenant: Tenant
) -> Board:
    gathered = [dossiers.gather(tx, conversation_id) for conversation_id in _conversations(tx, case.id)]
    there = [one for one in gathered if one is not None]
    ours = ledger.ids_of_case(tx, case.id) | frozenset(id for one in there for id in _coming(one, settings, tenant))
    told = settings.creatio.replies
    return Board(
        case=case,
        talks=tuple(one.conversation for one in there),
        people={one.conversation.id: _people(tx, one.conversation) for one in there},
        known=cases.activities(tx, [row.id for row in rows]),
        rules=ReplyRules(
            types=told.types,
            deliver=told.deliver,
            task_category=told.task_category,
            task_prefix=told.task_prefix,
            authors=told.authors,
            ours=ours,
            us=next((row.author for row in rows if row.id in ours and row.author), ""),
        ),
        since=case.written.get("followed", ""),
        now=tx.now,
    )


def rule(board: Board, rows: Sequence[ActivitySeen]) -> list[tuple[ActivitySeen, Verdict]]:
    """A verdict for each row that is new, has changed, or is being waited for; never twice for one that was told."""
    return [(row, _judge(board, row)) for row in rows if _is_due(board.known.get(row.id), row)]


def _is_due(known: SeenActivity | None, row: ActivitySeen) -> bool:
    if known is None:
        return True
    looked_for = known.verdict == Ruling.WAITING.value or SEND_HERE in known.state
    return known.entry_id is None and (changed(row, known.state) or looked_for)


def _judge(board: Board, row: ActivitySeen) -> Verdict:
    verdict = judge(row, board.rules)
    # Both are Creatio's own times, so they can be compared with each other.
    if verdict.ruling is not Ruling.OURS and row.created and row.created < board.since:
        verdict = _judge_older(board, row, verdict)
    known = board.known.get(row.id)
    wished = known.state.get(SEND_HERE, "") if known is not None else ""
    if verdict.ruling is Ruling.FAILED and wished and not row.sent_at:
        return Verdict(Ruling.MAIL, f"{wished} has it sent from here: {verdict.why}")
    return verdict


def _judge_older(board: Board, row: ActivitySeen, verdict: Verdict) -> Verdict:
    """It was there before the merger, or came with it from the case that was ours: that one's number tells."""
    theirs = any(addressed(row) & frozenset(people) for people in board.people.values())
    if theirs and names_case(row.title, board.case.written.get("followed_number", "")):
        return verdict
    if theirs and verdict.ruling is Ruling.MAIL:
        why = "it was written before its case was merged. If they have not got it, please send it again"
        return Verdict(Ruling.FAILED, why)
    return Verdict(Ruling.NEVER, "written before the customer's conversation came to this case")


def _conversations(tx: Transaction, case_id: str) -> list[str]:
    """Those on the case, and those that were on it: a rep may still answer on a case that was closed."""
    return list(dict.fromkeys((*conversations.of_case(tx, case_id), *ledger.conversations_of_case(tx, case_id))))


def _people(tx: Transaction, one: Conversation) -> frozenset[str]:
    written = (*conversations.participants(tx, one.id), *customers.addresses(tx, one.customer_id), one.customer.key)
    return frozenset(address.casefold() for address in written)


def _coming(dossier: Dossier, settings: Settings, tenant: Tenant) -> list[str]:
    """The ids of what we are about to write: a row may show before its answer has reached us."""
    conversation = dossier.conversation
    as_looked_at = dossier if dossier.case is None else replace(dossier, case=replace(dossier.case, checked=_ALWAYS))
    rules = rules_for(settings, conversation)
    coming = [next_filing(as_looked_at, rules, tenant), next_upload(dossier, rules, tenant)]
    mails = [row_id(one.key, kind) for one in conversation.entries for kind in ("activity", "notice")]
    notes = [handoff_id(conversation, one) for one in dossier.handoffs] + [one.id for one in dossier.remarks]
    return [*mails, *notes, *(one.id for one in coming if one is not None and hasattr(one, "id"))]
