"""What is remembered once Creatio was told something, or did not take it. Each ends by queueing the next thing."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.desk.case import CaseState, KnownCase, Tenant
from gateway.desk.dossier import Dossier, handoff_id
from gateway.desk.records import (
    AppendTo,
    Change,
    ChangeCase,
    FileContent,
    FindContact,
    NewActivity,
    NewCase,
    NewContact,
    NewFile,
    NewMessageData,
    NewNote,
    NewPost,
)
from gateway.log import Event
from gateway.pipeline import handoff, merging, writing_again
from gateway.ports import FoundContact
from gateway.store import cases, conversations, customers, history, ledger, notices
from gateway.store.database import Transaction
from gateway.store.ledger import Line

CLOCK = "creatio:clock"
_QUARTER, _NEARLY = timedelta(minutes=15), timedelta(minutes=3)
_KINDS = {
    NewContact: "contact",
    NewCase: "case",
    NewActivity: "activity",
    NewMessageData: "message_data",
    NewFile: "file",
    FileContent: "data",
    NewNote: "note",
    NewPost: "post",
    ChangeCase: "change",
}


def contact_found(tx: Transaction, dossier: Dossier, asked: FindContact, found: FoundContact | None) -> list[Event]:
    """Somebody in Creatio has the address, several have it (a note), or nobody: then a contact is made next."""
    customer_id = dossier.conversation.customer_id
    if any(one.id == asked.id for one in dossier.lost):
        writing_again.contact_sought(tx, dossier, asked, found)
    elif found is None:
        ledger.doubtful(tx, Line(asked.id, "contact", dossier.conversation.id), "nobody in Creatio has the address")
    else:
        customers.set_contact(tx, customer_id, found.id or None, found.note)
    handoff.tell_creatio(tx, dossier.conversation.id)
    return []


def contact_gone(tx: Transaction, dossier: Dossier, found: FoundContact | None) -> list[Event]:
    """The customer's contact was merged or deleted: told again with whoever has the address now, else with nobody."""
    here, gone = dossier.conversation.id, dossier.their_contact
    other, note = (found.id, found.note) if found is not None else ("", "their contact was deleted in Creatio")
    customers.set_contact(tx, dossier.conversation.customer_id, other or None, note)
    history.note(tx, "contact_gone", conversation=here, contact=gone, other=other)
    handoff.tell_creatio(tx, here)
    return [Event("contact_gone", {"conversation": here, "contact": gone, "other": other})]


def appended(tx: Transaction, dossier: Dossier, to: AppendTo) -> list[Event]:
    here = dossier.conversation.id
    conversations.set_case(tx, here, to.case_id)
    merging.follow_case(tx, here, to.case_id)
    history.note(tx, "case_appended", conversation=here, case=to.case_id)
    handoff.tell_creatio(tx, here)
    return [Event("case_appended", {"conversation": here, "case": to.case_id})]


def written(tx: Transaction, dossier: Dossier, tenant: Tenant, change: Change, facts: Mapping[str, Any]) -> list[Event]:
    """The change is made; what it settles besides counts as told with it."""
    if any(one.id == change.id for one in dossier.lost):
        return writing_again.written(tx, dossier, tenant, change, facts)
    here, line = dossier.conversation.id, _line(dossier, change)
    ledger.done(tx, line, _said(change))
    for settled in _settled_by(change):
        ledger.done(tx, Line(settled, "settled", here, line.case_id, line.entry_id), note=f"told by {line.id}")
    notices.clear(tx, _notice(change))
    events = [Event("filed", {"conversation": here, "kind": line.kind, "case": line.case_id})]
    match change:
        case NewContact():
            customers.set_contact(tx, dossier.conversation.customer_id, change.id)
        case NewCase():
            events = _case_made(tx, dossier, tenant, change, facts)
            _compare_clocks(tx, str(facts.get("created", "")))
        case ChangeCase():
            _case_changed(tx, tenant, change, facts)
        case NewNote() if change.id in {handoff_id(dossier.conversation, one) for one in dossier.handoffs}:
            cases.note(tx, change.case_id, "provisional", "")
        case NewActivity():
            cases.touch(tx, change.case_id)
    _go_on(tx, here, change)
    return events


def simplified(tx: Transaction, dossier: Dossier, change: Change, why: str, variant: int) -> list[Event]:
    """Creatio refused this form; the next job tries a simpler one."""
    line = _line(dossier, change)
    if any(one.id == change.id for one in dossier.lost):
        ledger.still_lost(tx, change.id, why, {"variant": variant})
    else:
        ledger.refused(tx, line, why, variant=variant)
    _go_on(tx, dossier.conversation.id, change)
    return [Event("refused", {"conversation": dossier.conversation.id, "kind": line.kind, "why": why})]


def set_aside(tx: Transaction, dossier: Dossier, change: Change, why: str) -> list[Event]:
    """Creatio takes it in no form: kept and shown; the lane goes on. A file's refusal becomes a note on the case."""
    here, line = dossier.conversation.id, _line(dossier, change)
    ledger.set_aside(tx, line, why)
    if not isinstance(change, NewFile | FileContent):
        text = f"Creatio does not take the {line.kind} {line.id} of conversation {here}: {why}"
        notices.raise_notice(tx, _notice(change), text)
    history.note(tx, "not_filed", conversation=here, kind=line.kind, record=line.id, why=why)
    _go_on(tx, here, change)
    return [Event("not_filed", {"conversation": here, "kind": line.kind, "why": why})]


def _compare_clocks(tx: Transaction, created: str) -> None:
    """A row that was made just now, labelled with another hour: its times are those of the technical user's zone."""
    try:
        apart = datetime.fromisoformat(created) - tx.now
    except (ValueError, TypeError):
        return
    quarters = round(apart / _QUARTER)
    if abs(quarters) < 2 or abs(apart - quarters * _QUARTER) > _NEARLY:
        notices.clear(tx, CLOCK)
        return
    where = f"{abs(quarters) * 15} minutes {'ahead of' if quarters > 0 else 'behind'} UTC"
    fix = "sign in to Creatio as the technical user → profile → Time zone: (UTC) Coordinated Universal Time"
    notices.raise_notice(tx, CLOCK, f"Creatio's times are {where}, though labelled as UTC: {fix}")


def _go_on(tx: Transaction, conversation_id: str, change: Change) -> None:
    if isinstance(change, NewFile | FileContent):
        handoff.upload_files(tx, conversation_id)
    else:
        handoff.tell_creatio(tx, conversation_id)


def _case_made(
    tx: Transaction, dossier: Dossier, tenant: Tenant, made: NewCase, facts: Mapping[str, Any]
) -> list[Event]:
    """`facts` may hold the case's number and, under "seen", its columns as Creatio has just shown them."""
    conversation, number = dossier.conversation, str(facts.get("number", ""))
    seen = {str(word): str(value) for word, value in dict(facts.get("seen") or {}).items()}
    columns = {"subject": made.subject, "description": made.description, "owner": made.owner, "group": made.group}
    columns |= {"contact": made.contact} | {f"field:{name}": value for name, value in made.fields.items()}
    given = {word: seen.get(word, "") for word in ("status", "owner") if seen and not columns.get(word)}
    marks = {"provisional": "" if made.settles else "yes", "apart": "yes" if made.apart else "", "parent": made.parent}
    fresh = KnownCase(
        id=made.id,
        customer_id=conversation.customer_id,
        mailbox=conversation.mailbox,
        opened_by=conversation.id,
        state=tenant.state_of(seen["status"]) if seen.get("status") else CaseState.OPEN,
        created=tx.now,
        changed=tx.now,
        checked=tx.now,
        number=number,
        seen=seen,
        written={word: value for word, value in columns.items() if value}
        | given
        | marks
        | {"without": ", ".join(made.without)},
    )
    cases.add(tx, fresh)
    conversations.set_case(tx, conversation.id, made.id)
    merging.follow_case(tx, conversation.id, made.id)
    history.note(tx, "case_opened", conversation=conversation.id, case=made.id, number=number)
    return [Event("case_opened", {"conversation": conversation.id, "case": made.id, "number": number})]


def _case_changed(tx: Transaction, tenant: Tenant, change: ChangeCase, facts: Mapping[str, Any]) -> None:
    """`facts` say which columns were left to others, under "left", and what the case shows now, under "seen"."""
    left = frozenset(str(word) for word in facts.get("left") or ())
    shown = dict(facts.get("seen") or {})
    # Where Creatio's own processes went on from our value, theirs counts as written.
    columns = {word: str(shown.get(word, value)) for word, value in change.values.items() if word not in left}
    status = columns.get("status")
    cases.record_written(tx, change.case_id, columns, tenant.state_of(status) if status else None)
    if status and tenant.state_of(status) is CaseState.OPEN:
        cases.note(tx, change.case_id, "reopened", change.id)


def _said(change: Change) -> dict[str, Any]:
    """What only this row says, should Creatio lose it; all else can be written again from what we know."""
    match change:
        case NewNote():
            return {"title": change.title, "text": change.text}
        case NewPost():
            return {"text": change.text}
        case NewActivity() if change.variant:
            return {"variant": change.variant}
        case _:
            return {}


def _line(dossier: Dossier, change: Change) -> Line:
    case_id = change.id if isinstance(change, NewCase) else getattr(change, "case_id", None)
    if case_id is None and not isinstance(change, NewContact):
        case_id = dossier.case.id if dossier.case else None
    return Line(change.id, _KINDS[type(change)], dossier.conversation.id, case_id, getattr(change, "entry_id", None))


def _settled_by(change: Change) -> tuple[str, ...]:
    match change:
        case NewCase() | NewActivity() | NewPost() | ChangeCase():
            return change.settles
        case _:
            return ()


def _notice(change: Change) -> str:
    return f"aside:record:{change.id}"
