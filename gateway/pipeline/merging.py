"""A person says that two conversations are one: the one goes on in the other."""

from gateway.conversations.conversation import Conversation, Held, State
from gateway.desk.case import sender_failed
from gateway.desk.dossier import Remark
from gateway.desk.records import row_id
from gateway.log import Event
from gateway.pipeline import handoff
from gateway.pipeline.people import NO_CONVERSATION, Done, NotDone, Result
from gateway.store import arrivals, conversations, deliveries, history, jobs, ledger, merging
from gateway.store.arrivals import Fate
from gateway.store.database import Transaction


def merge(tx: Transaction, conversation_id: str, into: str, *, by: str, url: str) -> Result:
    """From now on all that belongs to the one belongs to the other. What was said stays where it was said, and what
    the assistant has not sent is not sent: people have the matter if anybody waited for an answer."""
    for one in sorted({conversation_id, into}):
        conversations.lock(tx, one)
    found = conversations.load(tx, conversation_id)
    target = conversations.load(tx, merging.into(tx, into) or into)
    if found is None or target is None:
        return NO_CONVERSATION
    if (known := merging.into(tx, found.id)) is not None:
        return Done("It was merged already.") if known == target.id else NotDone(f"it was merged into {known} before")
    if why := _why_not(found, target):
        return NotDone(why)
    waiting = _stop(tx, found, target, by)
    merging.add(tx, found.id, target.id)
    follow_case(tx, target.id, target.case)
    _tell_reps(tx, found, target, url)
    events = [Event("merged", {"conversation": found.id, "into": target.id, "by": by}), *waiting]
    return Done("It is merged: the customer's mails go there from now on.", events)


def follow_case(tx: Transaction, conversation_id: str, case_id: str | None) -> None:
    """The conversation has its case: what was merged into it and has none goes on there too."""
    for one in merging.parts_of(tx, conversation_id):
        known = conversations.load(tx, one)
        if case_id is not None and known is not None and known.case is None:
            conversations.set_case(tx, one, case_id)
            handoff.tell_creatio(tx, one)


def _why_not(found: Conversation, target: Conversation) -> str:
    if found.id == target.id:
        return "it is the same conversation"
    if found.mailbox != target.mailbox:
        return f"it is at {found.mailbox}, the other at {target.mailbox}"
    if found.customer_id != target.customer_id:
        # Whose mails the assistant and the reps read there would be told to somebody else.
        theirs = f"it is {found.customer.address}'s, the other is {target.customer.address}'s"
        return f"{theirs}: nobody may read another's mails"
    if sender_failed(found) or sender_failed(target):
        return "its sender was proved false"
    return ""


def _stop(tx: Transaction, found: Conversation, target: Conversation, by: str) -> list[Event]:
    """Nothing more is done in the one; whoever waits there is waited for in the other, by people."""
    why = f"merged into {target.id} by {by}"
    deliveries.cancel_answers(tx, found.id, why=why)
    jobs.cancel(tx, f"decide:{found.id}")
    waiting = arrivals.settle_undecided(tx, found.id, Fate.HANDED_OFF, [why])
    conversations.set_held(tx, found.id, Held.PERSON, why)
    conversations.set_state(tx, found.id, State.RESOLVED)
    history.note(tx, "merged_into", conversation=found.id, other=target.id, by=by)
    history.note(tx, "merged_from", conversation=target.id, other=found.id, by=by)
    handoff.tell_creatio(tx, found.id)
    if waiting:
        return handoff.hand_off(tx, target.id, reason="a conversation that waits for an answer was merged in", by=by)
    if found.state is State.RESOLVED:
        return []
    events = handoff.reopen(tx, target.id, by=by, why="an open conversation was merged in")
    if found.held is Held.PERSON:
        events += handoff.take_over(tx, target.id, why="a conversation that people have was merged in")
    return events


def _tell_reps(tx: Transaction, found: Conversation, target: Conversation, url: str) -> None:
    """A note on each of their cases leads to the other conversation. The one on a case to come waits for it."""
    there = f"{url.rstrip('/')}/conversations/"
    text = f"The conversation “{found.subject}” was merged into this one: {there}{found.id}"
    told = Remark(row_id(target.id, f"merged {found.id}"), "Another conversation was merged in", text, tx.now)
    ledger.want(tx, target.id, target.case, told)
    if target.case is not None:
        handoff.tell_creatio(tx, target.id)
    if found.case is not None and found.case != target.case:
        text = f"This conversation goes on in “{target.subject}”: {there}{target.id}"
        gone = Remark(row_id(found.id, f"merged into {target.id}"), "Merged into another conversation", text, tx.now)
        ledger.want(tx, found.id, found.case, gone)
