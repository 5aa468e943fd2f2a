"""Who has a conversation: given to people, given back, resolved, opened again. All of it inside one transaction."""

from gateway.conversations.conversation import Author, Held, State
from gateway.desk.decision import Understanding
from gateway.log import Event
from gateway.store import arrivals, cases, conversations, deliveries, handoffs, history, jobs
from gateway.store.arrivals import Fate
from gateway.store.database import Transaction


def hand_off(
    tx: Transaction, conversation_id: str, *, reason: str, by: str, about: Understanding | None = None
) -> list[Event]:
    """Give a conversation to people: the assistant falls silent, what it has not sent is not sent, Creatio is told."""
    thought = about or conversations.understanding(tx, conversation_id)
    conversations.set_held(tx, conversation_id, Held.PERSON, reason)
    conversations.set_state(tx, conversation_id, State.OPEN)
    conversations.remember_understanding(tx, conversation_id, thought)
    handoffs.add(tx, conversation_id, reason, by, thought)
    deliveries.cancel_answers(tx, conversation_id, why=f"handed off: {reason}")
    jobs.cancel(tx, f"decide:{conversation_id}")
    count = arrivals.settle_undecided(tx, conversation_id, Fate.HANDED_OFF, [reason])
    history.note(tx, "handed_off", conversation=conversation_id, reason=reason, by=by)
    tell_creatio(tx, conversation_id)
    return [Event("handed_off", {"conversation": conversation_id, "reason": reason, "by": by, "mails": count})]


def take_over(tx: Transaction, conversation_id: str, *, why: str) -> list[Event]:
    """A person acted on it (an agent's reply, a changed owner): the assistant is silent from now on."""
    if not conversations.held_by_assistant(tx, conversation_id):
        return []
    conversations.set_held(tx, conversation_id, Held.PERSON, why)
    deliveries.cancel_answers(tx, conversation_id, why=why)
    jobs.cancel(tx, f"decide:{conversation_id}")
    arrivals.settle_undecided(tx, conversation_id, Fate.APPENDED, [why])
    history.note(tx, "taken_over", conversation=conversation_id, why=why)
    tell_creatio(tx, conversation_id)  # of the mails that waited for a decision
    return [Event("taken_over", {"conversation": conversation_id, "why": why})]


def resume(tx: Transaction, conversation_id: str, *, by: str) -> list[Event]:
    """Give it back to the assistant, which answers from the customer's next mail on."""
    conversations.set_held(tx, conversation_id, Held.ASSISTANT, "")
    history.note(tx, "given_back", conversation=conversation_id, by=by)
    return [Event("given_back", {"conversation": conversation_id, "by": by})]


def resolve(tx: Transaction, conversation_id: str, *, by: str, why: str) -> list[Event]:
    """Nothing more is to be done. Creatio is told unless it is Creatio that told us (`by` is then "creatio")."""
    if conversations.state(tx, conversation_id) is State.RESOLVED:
        return []
    conversations.set_state(tx, conversation_id, State.RESOLVED)
    history.note(tx, "resolved", conversation=conversation_id, by=by, why=why)
    if by != "creatio":
        deliveries.cancel_answers(tx, conversation_id, why="resolved")
        tell_creatio(tx, conversation_id)
    arrivals.settle_undecided(tx, conversation_id, Fate.KEPT_SILENT, [f"resolved: {why}"])
    return [Event("resolved", {"conversation": conversation_id, "by": by})]


def reopen(tx: Transaction, conversation_id: str, *, by: str, why: str) -> list[Event]:
    if conversations.state(tx, conversation_id) is State.OPEN:
        return []
    conversations.set_state(tx, conversation_id, State.OPEN)
    history.note(tx, "reopened", conversation=conversation_id, by=by, why=why)
    if by != "creatio":
        tell_creatio(tx, conversation_id)
    return [Event("reopened", {"conversation": conversation_id, "by": by})]


def begun_by_rep(tx: Transaction, conversation_id: str) -> bool:
    """A rep wrote first and nobody has a case of it: what comes of that is no lesser than a customer's first mail."""
    talk = conversations.load(tx, conversation_id)
    if talk is None or talk.case is not None or not talk.entries or handoffs.of_conversation(tx, conversation_id):
        return False
    return min(talk.entries, key=lambda one: one.id).author is Author.AGENT


def tell_creatio(tx: Transaction, conversation_id: str) -> None:
    """Queue FILE: it finds out by itself what Creatio has not been told yet. In the lane of the customer."""
    lane = cases.lane_of(tx, conversation_id)
    jobs.add(tx, "file", str(lane), conversation_id, key=f"file:{conversation_id}")


def upload_files(tx: Transaction, conversation_id: str) -> None:
    """Queue UPLOAD: the files of what Creatio has been told. In a lane of its own, so that no mail waits for them."""
    jobs.add(tx, "upload", conversation_id, conversation_id, key=f"upload:{conversation_id}")
