"""Where a conversation stands when it is to be decided on: all that the thought depends on, read in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from gateway.config.settings import Settings
from gateway.conversations.conversation import Author, Conversation, Entry
from gateway.desk.addressing import recipient_of, unconfirmed
from gateway.desk.loops import LOOK_BACK, find_loop
from gateway.desk.policy import Standing
from gateway.mail.trust import Trust
from gateway.pipeline.answering import mailbox_of
from gateway.store import arrivals, conversations, deliveries, exchanges, pauses
from gateway.store.arrivals import Kept
from gateway.store.database import Transaction
from gateway.store.deliveries import Delivery, Kind, Phase
from gateway.store.pauses import What

_UNSAID = (Phase.DRAFT, Phase.CANCELLED)


@dataclass(frozen=True, slots=True)
class Situation:
    """`seen` is the customer's newest entry: another one by the time of writing means that the thought is overtaken.

    `hidden` are entries that the customer has not got: drafts, answers that were cancelled or have not left yet.
    `draft`: an answer is kept for a person to approve.
    """

    conversation: Conversation
    standing: Standing
    seen: int | None
    hidden: frozenset[int]
    draft: bool


def look(tx: Transaction, conversation_id: str, settings: Settings) -> Situation | None:
    """None when there is nothing to decide: no mail of the conversation waits for a decision."""
    conversation = conversations.load(tx, conversation_id)
    open_mails = arrivals.undecided(tx, conversation_id)
    if conversation is None or not open_mails:
        return None
    sent = deliveries.of_conversation(tx, conversation_id)
    mailbox = mailbox_of(settings, conversation.mailbox)
    return Situation(
        conversation=conversation,
        standing=_standing(tx, conversation, open_mails, sent, settings),
        seen=conversations.newest_customer_entry(tx, conversation_id),
        hidden=frozenset(one.outgoing.entry_id for one in sent if one.outgoing.entry_id and _is_unsaid(one)),
        draft=mailbox.mode == "draft",
    )


def _standing(
    tx: Transaction,
    conversation: Conversation,
    open_mails: Sequence[Kept],
    sent: Sequence[Delivery],
    settings: Settings,
) -> Standing:
    mailbox = mailbox_of(settings, conversation.mailbox)
    waiting = _waiting(conversation, open_mails, sent)
    newest = waiting[-1] if waiting else None
    evidence = open_mails[-1].evidence or {}
    changed = unconfirmed(conversation)
    return Standing(
        texts=[one.text for one in waiting],
        oldest=min((one.arrived for one in waiting), default=open_mails[0].received),
        now=tx.now,
        may_answer=newest is not None and not newest.automatic,
        trust=newest.trust if newest else Trust.UNVERIFIED,
        hidden_characters=int(evidence.get("hidden_characters") or 0),
        answers=conversation.answers,
        answers_this_hour=deliveries.answers_since(tx, tx.now - timedelta(hours=1)),
        mode=mailbox.mode,
        state=mailbox.state,
        paused=pauses.active(tx, What.ASSISTANT, conversation.mailbox),
        unconfirmed=changed.address if changed else "",
        loop=loop_with(tx, conversation, [one.id for one in open_mails]),
    )


def loop_with(tx: Transaction, conversation: Conversation, open_mails: Sequence[int]) -> str:
    """Why whoever would be answered here may be a machine, or nothing."""
    writers = [one.sender.key for one in conversation.entries if one.arrival in open_mails]
    peers = {recipient_of(conversation).key, *writers}
    turns = exchanges.lately(tx, peers, conversation.id, LOOK_BACK, open_mails)
    return find_loop(turns, conversation.id, tx.now)


def _waiting(conversation: Conversation, open_mails: Sequence[Kept], sent: Sequence[Delivery]) -> list[Entry]:
    """The mails to be decided on; those that a draft answered in time wait for a person, and grow no older."""
    ids = {one.id for one in open_mails}
    here = [one for one in conversation.entries if one.author is Author.CUSTOMER and one.arrival in ids]
    drafted = max((one.outgoing.seen or 0 for one in sent if one.state is Phase.DRAFT), default=0)
    waiting = [one for one in here if one.id > drafted] or here
    return sorted(waiting, key=lambda one: one.id)


def _is_unsaid(one: Delivery) -> bool:
    return one.state in _UNSAID or (one.state is Phase.QUEUED and one.outgoing.kind is Kind.ANSWER)
