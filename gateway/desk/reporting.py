"""What became of our replies, and whatever else was found out, told to the rep as notes on the case."""

from collections.abc import Iterator

from gateway.conversations.conversation import Entry, State
from gateway.desk.case import CaseState, KnownCase, Tenant
from gateway.desk.dossier import Dossier
from gateway.desk.records import ChangeCase, NewNote, row_id


def delivery_notes(dossier: Dossier, case: KnownCase, tenant: Tenant) -> Iterator[NewNote | ChangeCase]:
    """What became of each reply is told to the rep in words; one that did not arrive opens a resolved case again."""
    for one, title, text, kind in _delivered(dossier):
        made = row_id(one.key, kind)
        if not dossier.settled(made):
            yield NewNote(made, case.id, title, text, dossier.now, dossier.their_contact, one.id)
        again = row_id(made, "reopened")
        is_open = one.id in dossier.undelivered and dossier.conversation.state is State.OPEN
        if is_open and case.state is CaseState.RESOLVED and tenant.reopened and not dossier.settled(again):
            only_if = {"status": case.seen.get("status", "")}
            yield ChangeCase(again, case.id, {"status": tenant.reopened}, only_if, "a reply did not arrive")


def remarks(dossier: Dossier, case: KnownCase) -> Iterator[NewNote | ChangeCase]:
    """Whatever else was found out that the rep must know."""
    for one in dossier.remarks:
        if not dossier.settled(one.id):
            yield NewNote(one.id, case.id, one.title, one.text, one.at, dossier.their_contact, one.entry_id)


def _delivered(dossier: Dossier) -> Iterator[tuple[Entry, str, str, str]]:
    """Entry, title, text and kind of each note. A mail that we noted ourselves was sent: it is there."""
    customer = dossier.conversation.customer.address
    for one in dossier.conversation.entries:
        told = dossier.told.get(row_id(one.key, "activity"))
        if one.id in dossier.sent and told is not None and not told.ours:
            yield one, "Reply sent", f"The reply “{one.subject}” was sent to {dossier.sent[one.id]}.", "sent"
        if one.id in dossier.delayed:
            text = f"The reply “{one.subject}” to {customer} is delayed and tried again: {dossier.delayed[one.id]}"
            yield one, "Reply delayed", text, "delayed"
        why = dossier.undelivered.get(one.id)
        if why:
            doubtful = "unknown:" in why
            title = "Reply perhaps not delivered" if doubtful else "Reply not delivered"
            text = (
                f"The reply “{one.subject}” to {customer} {'may not have arrived' if doubtful else 'did not arrive'}: "
            )
            yield one, title, text + why, f"undelivered {why}"
