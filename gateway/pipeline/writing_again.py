"""What is remembered once Creatio has again what it had lost."""

from collections.abc import Mapping
from typing import Any

from gateway.conversations.conversation import State
from gateway.desk.case import CaseState, Tenant
from gateway.desk.dossier import Dossier
from gateway.desk.records import Change, FindContact, NewCase, row_id
from gateway.log import Event
from gateway.pipeline import handoff
from gateway.ports import FoundContact
from gateway.store import cases, customers, history, ledger
from gateway.store.database import Transaction


def contact_sought(tx: Transaction, dossier: Dossier, asked: FindContact, found: FoundContact | None) -> None:
    """Somebody else has the address by now, or nobody: then our contact is made again."""
    if found is None:
        ledger.still_lost(tx, asked.id, "nobody in Creatio has the address", {"sought": True})
        return
    customers.set_contact(tx, dossier.conversation.customer_id, found.id or None, found.note)
    ledger.written_again(tx, asked.id, note=f"the address is another contact's now: {found.id}", ours=False)


def written(tx: Transaction, dossier: Dossier, tenant: Tenant, change: Change, facts: Mapping[str, Any]) -> list[Event]:
    """It is there again. Its line of the ledger stays whose it was."""
    here, kind = dossier.conversation.id, next(one.kind for one in dossier.lost if one.id == change.id)
    ledger.written_again(tx, change.id)
    history.note(tx, "written_again", conversation=here, kind=kind, record=change.id)
    if isinstance(change, NewCase):
        _case_made_again(tx, dossier, tenant, change, facts)
    handoff.tell_creatio(tx, here)
    return [Event("written_again", {"conversation": here, "kind": kind, "record": change.id})]


def _case_made_again(
    tx: Transaction, dossier: Dossier, tenant: Tenant, made: NewCase, facts: Mapping[str, Any]
) -> None:
    """It begins as a new one does: what its status and owner were is Creatio's to say from now on."""
    seen = {str(word): str(value) for word, value in dict(facts.get("seen") or {}).items()}
    state = tenant.state_of(seen["status"]) if seen.get("status") else CaseState.OPEN
    cases.put_back(tx, made.id, str(facts.get("number", "")), seen, state)
    conversation = dossier.conversation
    if conversation.state is State.RESOLVED and conversation.entries and conversation.case == made.id:
        # That it is resolved here was told to a case that is gone.
        told = row_id(conversation.entries[-1].key, f"resolved from {seen.get('status', '')}")
        ledger.forget(tx, told)
