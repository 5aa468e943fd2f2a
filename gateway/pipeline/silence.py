"""A conversation that the assistant called resolved is resolved after `resolve_after` of silence."""

from collections.abc import Sequence
from typing import Any

from gateway.config.settings import Settings
from gateway.log import Event
from gateway.pipeline import handoff
from gateway.pipeline.parts import Job
from gateway.store import conversations, deliveries, jobs
from gateway.store.database import Transaction
from gateway.store.deliveries import Phase

PREFIX = "resolve:"
_ON_ITS_WAY = (Phase.DRAFT, Phase.QUEUED, Phase.AT_DATA)


def resolve_later(tx: Transaction, conversation_id: str, delivery_id: int, settings: Settings) -> None:
    """Look again when the silence is long enough. A newer answer moves the time."""
    name, after = f"{PREFIX}{conversation_id}", settings.assistant.resolve_after
    data: dict[str, Any] = {"delivery": delivery_id}
    jobs.add(tx, "tend", name, name, key=name, after=after, data=data, moves=True)


def resolve_after_silence(tx: Transaction, job: Job, settings: Settings) -> Sequence[Event]:
    """Resolve, if nothing was said since that answer and nobody has taken the conversation over."""
    here = job.subject.removeprefix(PREFIX)
    conversations.lock(tx, here)
    conversation = conversations.load(tx, here)
    answer = deliveries.fetch(tx, int((job.data or {})["delivery"]))
    if conversation is None or answer is None or not conversations.held_by_assistant(tx, here):
        return []
    if any(one.id > (answer.outgoing.entry_id or 0) for one in conversation.entries):
        return []
    if answer.state in _ON_ITS_WAY:
        resolve_later(tx, here, answer.id, settings)
        return []
    if answer.state is not Phase.DELIVERED:
        return []
    return handoff.resolve(tx, here, by="assistant", why=f"silence after mail {answer.id}, which resolved it")
