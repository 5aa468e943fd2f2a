"""A customer whose matter went to people is told so: once a conversation, where the mailbox wants it."""

from collections.abc import Sequence
from functools import partial

from gateway.config.settings import Settings
from gateway.conversations.conversation import Author, Conversation
from gateway.desk.acknowledging import may_acknowledge, sentence
from gateway.desk.addressing import replied_to
from gateway.log import Event
from gateway.pipeline import answering, handoff
from gateway.pipeline.answering import Words, Written, mailbox_of
from gateway.pipeline.parts import Job, Parts, Write, nothing
from gateway.pipeline.situation import loop_with
from gateway.store import conversations, deliveries, history, installation, jobs
from gateway.store.database import Transaction
from gateway.store.deliveries import Kind

PREFIX = "acknowledge:"


def acknowledge_soon(tx: Transaction, conversation: Conversation, settings: Settings) -> None:
    """Queue it where the mailbox wants it at all."""
    if mailbox_of(settings, conversation.mailbox).reply.acknowledge:
        name = f"{PREFIX}{conversation.id}"
        jobs.add(tx, "tend", name, name, key=name)


async def acknowledge(parts: Parts, job: Job) -> Write:
    """Nothing, where the customer has heard of us meanwhile, or a machine may be reading."""
    found = await parts.store.read(_look, job.subject.removeprefix(PREFIX), parts.settings)
    if found is None:
        return nothing
    conversation, language = found
    ours = await parts.store.read(installation.identity)
    key = ours.derive(conversation.mailbox, conversation.id, "acknowledgement")
    words = Words(Author.ASSISTANT, Kind.ACKNOWLEDGEMENT, sentence(language), key, automatic=True)
    written = await answering.write_words(parts, conversation, words)
    return partial(_record, written=written, conversation_id=conversation.id, settings=parts.settings)


def _look(tx: Transaction, conversation_id: str, settings: Settings) -> tuple[Conversation, str] | None:
    """The conversation, and the customer's language as far as it is known."""
    conversation = conversations.load(tx, conversation_id)
    if conversation is None or conversations.held_by_assistant(tx, conversation_id):
        return None
    mailbox, longest = mailbox_of(settings, conversation.mailbox), settings.assistant.answer_max_age
    unsaid = deliveries.unsaid(tx, conversation_id)
    if not may_acknowledge(conversation, mailbox, now=tx.now, longest=longest, unsaid=unsaid):
        return None
    newest = replied_to(conversation)
    if loop_with(tx, conversation, [newest.arrival] if newest and newest.arrival else []):
        return None
    return conversation, conversations.understanding(tx, conversation_id).language


def _record(tx: Transaction, *, written: Written, conversation_id: str, settings: Settings) -> Sequence[Event]:
    conversations.lock(tx, conversation_id)
    known = conversations.find_entry(tx, written.entry.key) is not None
    if known or _look(tx, conversation_id, settings) is None:
        return []
    delivery_id = answering.keep(tx, written)
    conversations.take_back_answer(tx, conversation_id)  # it answers nothing
    history.note(tx, "acknowledged", conversation=conversation_id, delivery=delivery_id)
    handoff.tell_creatio(tx, conversation_id)
    return [Event("acknowledged", {"conversation": conversation_id, "delivery": delivery_id})]
