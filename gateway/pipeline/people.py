"""All that a person can do with a conversation, and with the whole house. Each act notes who did it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Concatenate, ParamSpec

from gateway.conversations.conversation import State
from gateway.desk.addressing import unconfirmed
from gateway.desk.replies import Ruling
from gateway.errors import GiveUp
from gateway.log import Event, event, get, tell
from gateway.pipeline import answering, handoff
from gateway.pipeline.answering import Written
from gateway.pipeline.parts import Parts
from gateway.pipeline.ruling import SEND_HERE
from gateway.pipeline.watching import look_at_case
from gateway.store import cases, conversations, deliveries, handoffs, history, merging, pauses, traces
from gateway.store.database import Store, Transaction
from gateway.store.pauses import What

P = ParamSpec("P")
log = get("pipeline")
_AT_ONCE = 50  # conversations handed off in one transaction, so that a pause never stops the mail coming in


@dataclass(frozen=True, slots=True)
class Done:
    """It is done; `text` says so to who asked."""

    text: str
    events: Sequence[Event] = ()


@dataclass(frozen=True, slots=True)
class NotDone:
    """It could not be, and nothing was changed. `missing`: there is no such thing."""

    why: str
    missing: bool = False


Result = Done | NotDone
NO_CONVERSATION = NotDone("there is no such conversation", missing=True)
NO_DRAFT = NotDone("there is no draft (any more)")
MERGED = NotDone("it was merged into another conversation: go on there")
OVERTAKEN = NotDone("the customer has written again meanwhile: read that first, then send")


async def act(
    store: Store, fn: Callable[Concatenate[Transaction, P], Result], *args: P.args, **kwargs: P.kwargs
) -> Result:
    """Carry out one of these acts; what happened is logged once it is kept."""
    result = await store.write(fn, *args, **kwargs)
    if isinstance(result, Done):
        tell(log, result.events)
    return result


def hand_off(tx: Transaction, conversation_id: str, *, by: str, reason: str = "") -> Result:
    known = conversations.load(tx, conversation_id)
    if known is None:
        return NO_CONVERSATION
    with_people = not conversations.held_by_assistant(tx, conversation_id) and known.state is State.OPEN
    if with_people and handoffs.of_conversation(tx, conversation_id):
        return Done("People have it already.")
    events = handoff.hand_off(tx, conversation_id, reason=reason or f"{by} gave it to people", by=by)
    return Done("It is with people now.", events)


def resolve(tx: Transaction, conversation_id: str, *, by: str, reason: str = "") -> Result:
    if not _there(tx, conversation_id):
        return NO_CONVERSATION
    events = handoff.resolve(tx, conversation_id, by=by, why=reason or f"{by} resolved it")
    return Done("It is resolved." if events else "It was resolved already.", events)


def reopen(tx: Transaction, conversation_id: str, *, by: str, reason: str = "") -> Result:
    if not _there(tx, conversation_id):
        return NO_CONVERSATION
    if merging.into(tx, conversation_id) is not None:
        return MERGED
    events = handoff.reopen(tx, conversation_id, by=by, why=reason or f"{by} opened it again")
    return Done("It is open again." if events else "It was open already.", events)


def resume(tx: Transaction, conversation_id: str, *, by: str, reason: str = "") -> Result:
    if not _there(tx, conversation_id):
        return NO_CONVERSATION
    if merging.into(tx, conversation_id) is not None:
        return MERGED
    if conversations.held_by_assistant(tx, conversation_id):
        return Done("The assistant has it already.")
    if reason:
        history.note(tx, "note", conversation=conversation_id, by=by, reason=reason)
    events = handoff.resume(tx, conversation_id, by=by)
    return Done("The assistant answers again, from the customer's next mail on.", events)


async def reply(
    parts: Parts, conversation_id: str, text: str, *, by: str, seen: int | None = None, once: str = ""
) -> Result:
    """A person answers the customer. `seen` is the newest entry that they knew, if they could see it; what is sent
    twice under one `once` is mailed once."""
    said = tidy(text)
    if not said:
        return NotDone("the reply is empty")
    found = await parts.store.read(conversations.load, conversation_id)
    if found is None:
        return NO_CONVERSATION
    written = await answering.write_person_reply(parts, found, said, by=by, once=once)
    return await act(parts.store, _record_reply, written, conversation_id, seen, by=by)


async def approve_draft(
    parts: Parts, conversation_id: str, *, by: str, text: str = "", seen: int | None = None
) -> Result:
    """The newest draft is sent, with other words if `text` has any."""
    if await parts.store.read(conversations.load, conversation_id) is None:
        return NO_CONVERSATION
    draft = await parts.store.read(deliveries.draft_of, conversation_id)
    if draft is None:
        return NO_DRAFT
    said = tidy(text)
    written = None
    if said and said != tidy(await parts.store.read(_text_of, conversation_id, draft.outgoing.entry_id)):
        try:
            written = await answering.rewrite_draft(parts, draft, said)
        except GiveUp as gone:
            return NotDone(str(gone), missing=True)
    return await act(parts.store, _record_approval, draft.id, conversation_id, seen, by=by, written=written)


def discard_draft(tx: Transaction, conversation_id: str, *, by: str, reason: str = "") -> Result:
    """A person does not want the assistant's draft: the matter is theirs, so that no mail ends in silence."""
    if not _there(tx, conversation_id):
        return NO_CONVERSATION
    if deliveries.draft_of(tx, conversation_id) is None:
        return NO_DRAFT
    history.note(tx, "draft_discarded", conversation=conversation_id, by=by, reason=reason)
    events = handoff.hand_off(tx, conversation_id, reason=reason or "the draft was discarded", by=by)
    return Done("The draft is gone; people have the conversation now.", events)


def confirm_address(tx: Transaction, conversation_id: str, address: str, *, by: str) -> Result:
    """Replies may go to the address that writes here now, although nothing proves it."""
    known = conversations.load(tx, conversation_id)
    if known is None:
        return NO_CONVERSATION
    asked = unconfirmed(known)
    if asked is None or asked.key != address.strip().casefold():
        return NotDone(f"{address.strip() or 'no address'} is not waiting to be confirmed here")
    conversations.confirm(tx, conversation_id, asked)
    history.note(tx, "address_confirmed", conversation=conversation_id, address=asked.address, by=by)
    told = Event("address_confirmed", {"conversation": conversation_id, "by": by})
    return Done(f"Replies go to {asked.address} from now on.", [told])


def send_from_here(tx: Transaction, conversation_id: str, activity_id: str, *, by: str) -> Result:
    """Mail what Creatio could not send. The row is read again first: if Creatio has sent it meanwhile, it is not."""
    known = conversations.load(tx, conversation_id)
    if known is None or known.case is None:
        return NO_CONVERSATION
    here = {one.id for one in traces.seen_there(tx, known.case)} & {activity_id.strip().strip("{}").lower()}
    row = next(iter(cases.activities(tx, list(here)).values()), None)
    if row is None or row.verdict != Ruling.FAILED.value or row.entry_id is not None:
        return NotDone("that is no reply which Creatio could not send")
    state = {**row.state, SEND_HERE: by}
    cases.remember_activity(tx, known.case, row.id, verdict=row.verdict, why=row.why, state=state)
    look_at_case(tx, known.case)
    history.note(tx, "sent_from_here", conversation=conversation_id, activity=row.id, by=by)
    told = Event("sent_from_here", {"conversation": conversation_id, "activity": row.id, "by": by})
    return Done("It is read again, and mailed from here unless Creatio has sent it.", [told])


async def pause(store: Store, what: What, mailbox: str, *, by: str) -> Result:
    """Stop the assistant or all sending. The assistant's answers that have not begun to leave go to people."""
    begun = await store.write(_begin_pause, what, mailbox, by)
    handed = 0
    while what is What.ASSISTANT and (some := await store.write(_hand_off_unsent, mailbox, by)):
        handed += len(some)
        tell(log, some)
    where = f"for {mailbox}" if mailbox else "everywhere"
    if begun:
        event(log, "paused", what=what.value, mailbox=mailbox, by=by, handed_off=handed)
    told = f" {handed} unsent answer{'' if handed == 1 else 's'} handed to people." if handed else ""
    return Done(f"{_NAMES[what]} is paused {where}.{told}")


def unpause(tx: Transaction, what: What, mailbox: str, *, by: str) -> Result:
    if not pauses.end(tx, what, mailbox):
        return Done(f"{_NAMES[what]} was not paused {f'for {mailbox}' if mailbox else 'everywhere'}.")
    if what is What.SENDING:
        deliveries.wake(tx, mailbox)
    history.note(tx, "unpaused", pause=what.value, mailbox=mailbox, by=by)
    return Done(
        f"{_NAMES[what]} goes on{f' for {mailbox}' if mailbox else ''}.",
        [Event("unpaused", {"what": what.value, "mailbox": mailbox, "by": by})],
    )


def tidy(text: str) -> str:
    """A text as it was typed, whatever line ends its form sent."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


_NAMES = {What.ASSISTANT: "The assistant", What.SENDING: "Sending"}


def _record_reply(tx: Transaction, written: Written, conversation_id: str, seen: int | None, *, by: str) -> Result:
    if conversations.find_entry(tx, written.entry.key) is not None:
        return Done("It was sent already.")
    if _overtaken(tx, conversation_id, seen):
        return OVERTAKEN
    return Done("Your reply is on its way.", answering.reply(tx, written, by=by))


def _record_approval(
    tx: Transaction, draft: int, conversation_id: str, seen: int | None, *, by: str, written: Written | None
) -> Result:
    if _overtaken(tx, conversation_id, seen):
        return OVERTAKEN
    events = answering.approve(tx, draft, by=by, written=written)
    return NO_DRAFT if events is None else Done("The answer is on its way.", events)


def _overtaken(tx: Transaction, conversation_id: str, seen: int | None) -> bool:
    return seen is not None and (conversations.newest_customer_entry(tx, conversation_id) or 0) > seen


def _text_of(tx: Transaction, conversation_id: str, entry_id: int | None) -> str:
    found = conversations.load(tx, conversation_id)
    return next((one.text for one in found.entries if one.id == entry_id), "") if found else ""


def _begin_pause(tx: Transaction, what: What, mailbox: str, by: str) -> bool:
    begun = pauses.begin(tx, what, mailbox, by)
    if begun:
        history.note(tx, "paused", pause=what.value, mailbox=mailbox, by=by)
    return begun


def _hand_off_unsent(tx: Transaction, mailbox: str, by: str) -> list[Event]:
    events: list[Event] = []
    for conversation_id in traces.unsent_answers(tx, mailbox, _AT_ONCE):
        events += handoff.hand_off(tx, conversation_id, reason=f"{by} paused the assistant", by=by)
    return events


def _there(tx: Transaction, conversation_id: str) -> bool:
    return conversations.load(tx, conversation_id) is not None
