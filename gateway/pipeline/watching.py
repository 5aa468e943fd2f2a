"""What a case in Creatio says about its conversations: closed, opened again, taken over, merged, gone."""

from dataclasses import replace
from datetime import UTC, datetime

from gateway.config.settings import Settings
from gateway.conversations.conversation import State
from gateway.desk import activities
from gateway.desk.case import CaseSeen, CaseState, KnownCase, Tenant, changed_by_others
from gateway.desk.dossier import Dossier
from gateway.desk.filing import next_filing
from gateway.desk.records import ChangeCase
from gateway.errors import StartOver
from gateway.log import Event
from gateway.pipeline import handoff
from gateway.pipeline.filing_rules import rules_for
from gateway.store import cases, conversations, dossiers, history, jobs, notices
from gateway.store.database import Transaction

_ACTIVE = (CaseState.OPEN, CaseState.PAUSED)
_CLOSED = (CaseState.RESOLVED, CaseState.FINAL)
_ALWAYS = datetime.max.replace(tzinfo=UTC)


def look_at_case(tx: Transaction, case_id: str) -> bool:
    """Queue LISTEN for a case that we know; false for any other, which is none of our business."""
    if cases.load(tx, case_id) is None:
        return False
    jobs.add(tx, "listen", case_id, case_id, key=f"listen:{case_id}")
    return True


def observe(
    tx: Transaction,
    before: KnownCase,
    seen: CaseSeen,
    tenant: Tenant,
    settings: Settings,
    *,
    checked: datetime,
) -> list[Event]:
    """Take in what Creatio showed. `before` is what we knew when we asked, at `checked`: a write of ours since then
    starts over."""
    known = cases.hold(tx, seen.id)
    if known is None:
        return []
    if (known.seen, known.written) != (before.seen, before.written):
        raise StartOver("the case was written to while it was read")
    if is_to_follow(tx, known, seen):
        return _follow(tx, known, seen)
    gathered = [dossiers.gather(tx, one) for one in conversations.of_case(tx, seen.id)]
    there = [one for one in gathered if one is not None]
    ours = [value for one in there for value in _coming(one, known, tenant, settings)]
    told = [_take_in(tx, one, known, seen, tenant, ours) for one in there]
    cases.record_seen(tx, seen, checked=checked)
    if known.state in _CLOSED and seen.state in _ACTIVE:
        cases.note(tx, seen.id, "reopened", seen.modified)
    if seen.state not in _ACTIVE:
        notices.clear(tx, hanging_reply(seen.id))
    return [event for events in told for event in events]


def lose(tx: Transaction, case_id: str) -> list[Event]:
    """The case is no longer there: a later mail begins another."""
    cases.lose(tx, case_id)
    for conversation_id in conversations.of_case(tx, case_id):
        history.note(tx, "case_gone", conversation=conversation_id, case=case_id)
    return [Event("case_gone", {"case": case_id})]


def hanging_reply(case_id: str) -> str:
    """The key of the notice that a rep's reply on the case does not reach its customer."""
    return f"reply:{case_id}"


def _coming(dossier: Dossier, known: KnownCase, tenant: Tenant, settings: Settings) -> list[tuple[str, str]]:
    """The words and values that we are about to write: Creatio may show them before its answer has reached us."""
    as_looked_at = replace(dossier, case=replace(known, checked=_ALWAYS))
    coming = next_filing(as_looked_at, rules_for(settings, dossier.conversation), tenant)
    return list(coming.values.items()) if isinstance(coming, ChangeCase) else []


def _take_in(
    tx: Transaction, dossier: Dossier, known: KnownCase, seen: CaseSeen, tenant: Tenant, ours: list[tuple[str, str]]
) -> list[Event]:
    """What the case's new state means for one of its conversations. What we are just writing means nothing."""
    here = dossier.conversation.id
    closed = known.is_active and seen.state not in _ACTIVE
    opened = known.state in _CLOSED and seen.state in _ACTIVE
    where = f"case {seen.number or known.number} is {tenant.status_name(seen.status)} in Creatio"
    events: list[Event] = []
    if person := _changed_by_person(known, seen, ours):
        events += handoff.take_over(tx, here, why=f"somebody changed the case's {person} in Creatio")
    if ("status", seen.status) in ours:
        return events
    # A mail that the rep had not seen when they closed the case opens it again as soon as it is filed.
    if closed and not any(activities.opens_again(one) for one in dossier.untold()):
        events += handoff.resolve(tx, here, by="creatio", why=where)
    if opened and dossier.conversation.state is State.RESOLVED:
        events += handoff.reopen(tx, here, by="creatio", why=where)
    return events


def _changed_by_person(known: KnownCase, seen: CaseSeen, ours: list[tuple[str, str]]) -> str:
    """Owner or status, when somebody gave it a new value since the last look; empty when nobody did.

    An owner taken away is nobody's taking over, nor is a resolved case that Creatio closes by itself.
    """
    columns = seen.columns()
    for word in changed_by_others(columns, known.written):
        value = columns[word]
        aged = known.state is CaseState.RESOLVED and seen.state is CaseState.FINAL
        if value == known.seen.get(word) or (word, value) in ours or (word == "owner" and not value):
            continue
        if not (word == "status" and aged):
            return word
    return ""


def is_to_follow(tx: Transaction, known: KnownCase, seen: CaseSeen) -> bool:
    """Whether its conversations must go on elsewhere. Cases merged in a circle are not followed for ever."""
    if not seen.merged_into:
        return False
    target = cases.load(tx, seen.merged_into)
    fresh = known.written.get("merged_into") != seen.merged_into or bool(conversations.of_case(tx, seen.id))
    return fresh and (target is None or not target.written.get("merged_into"))


def _follow(tx: Transaction, known: KnownCase, seen: CaseSeen) -> list[Event]:
    for conversation_id in cases.follow(tx, known, seen.merged_into, since=seen.modified):
        history.note(tx, "case_merged", conversation=conversation_id, case=known.id, into=seen.merged_into)
        handoff.tell_creatio(tx, conversation_id)
    look_at_case(tx, seen.merged_into)
    look_at_case(tx, known.id)  # a rep may still have answered there
    return [Event("case_merged", {"case": known.id, "into": seen.merged_into})]
