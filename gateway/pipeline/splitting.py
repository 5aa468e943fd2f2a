"""A person says that one mail of a conversation is another matter: it becomes a conversation of its own."""

from dataclasses import replace

from gateway.conversations.conversation import Author, Conversation, Entry, Held, State
from gateway.desk.case import sender_failed
from gateway.desk.dossier import Remark
from gateway.desk.records import row_id
from gateway.log import Event
from gateway.mail import tokens
from gateway.mail.message import Address
from gateway.pipeline import handoff
from gateway.pipeline.people import NO_CONVERSATION, Done, NotDone, Result
from gateway.store import arrivals, conversations, deliveries, history, known_ids, ledger, merging, splitting
from gateway.store.database import Transaction
from gateway.store.installation import Installation, identity


def split(tx: Transaction, conversation_id: str, entry_id: int, *, by: str, url: str) -> Result:
    """The mail begins a conversation that people have, with a case of its own; what answers it belongs there.

    What was said stays where it was said, here and in Creatio. Said twice, it is done once.
    """
    conversations.lock(tx, conversation_id)
    found = conversations.load(tx, conversation_id)
    if found is None:
        return NO_CONVERSATION
    mail = next((one for one in found.entries if one.id == entry_id), None)
    if mail is None or mail.author is not Author.CUSTOMER:
        return NotDone("that is no mail of the customer in this conversation")
    ours = identity(tx)
    fresh = _beginning(found, mail, ours)
    if conversations.load(tx, fresh.id) is not None:
        if back := merging.into(tx, fresh.id):
            return NotDone(f"it was conversation {fresh.id}, which was merged into {back} since")
        return Done(f"It is conversation {fresh.id} already.")
    if why := _why_not(tx, found):
        return NotDone(why)
    events = _stop(tx, found, by)
    _begin(tx, found, fresh, replace(mail, id=0, key=splitting.key_of_copy(ours, mail.key)))
    history.note(tx, "split_into", conversation=found.id, other=fresh.id, entry=mail.id, by=by)
    history.note(tx, "split_from", conversation=fresh.id, other=found.id, by=by)
    if found.case is not None:
        there = f"{url.rstrip('/')}/conversations/{fresh.id}"
        text = f"The mail “{mail.subject}” goes on in a conversation of its own: {there}"
        told = Remark(row_id(found.id, f"split {fresh.id}"), "A mail became a matter of its own", text, tx.now)
        ledger.want(tx, found.id, found.case, told)
        handoff.tell_creatio(tx, found.id)
    events += handoff.hand_off(tx, fresh.id, reason=f"{by} made it a matter of its own", by=by)
    told_of = Event("split", {"conversation": found.id, "into": fresh.id, "by": by})
    return Done(f"It is conversation {fresh.id} now, and people have it.", [told_of, *events])


def _why_not(tx: Transaction, found: Conversation) -> str:
    if merging.into(tx, found.id) is not None:
        return "the conversation was merged into another"
    if sender_failed(found):
        return "its sender was proved false"
    if sum(one.author is Author.CUSTOMER for one in found.entries) < 2:
        return "it is the only mail of the customer here"
    return ""


def _beginning(found: Conversation, mail: Entry, ours: Installation) -> Conversation:
    here = ours.derive(mail.key, "split", "conversation")
    return replace(
        found,
        id=here,
        subject=mail.subject,
        state=State.OPEN,
        held=Held.PERSON,
        anchor=tokens.anchor(ours.secret, found.mailbox, here),
        case=None,
        parent=found.id,
        answers=0,
    )


def _begin(tx: Transaction, found: Conversation, fresh: Conversation, mail: Entry) -> None:
    conversations.begin(tx, fresh)
    splitting.add(tx, fresh.id, found.id)
    entry_id = conversations.add_entry(tx, fresh.id, mail, fresh.mailbox)
    known_ids.move(tx, fresh.mailbox, mail.message_id, found.id, fresh.id, entry_id)
    for address, trust in conversations.participants(tx, found.id).items():
        conversations.join(tx, fresh.id, Address(address), trust)
        if address in found.confirmed:
            conversations.confirm(tx, fresh.id, Address(address))


def _stop(tx: Transaction, found: Conversation, by: str) -> list[Event]:
    """Nobody gets two answers: where the assistant was still to answer, people have what is left, too."""
    why = f"{by} took a mail out of it"
    waiting = deliveries.cancel_answers(tx, found.id, why=why) or arrivals.undecided(tx, found.id)
    return handoff.hand_off(tx, found.id, reason=why, by=by) if waiting else []
