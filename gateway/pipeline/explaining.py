"""What `gateway explain` says of a mail that was taken in: its own code, with what was kept at that time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.config.settings import Creatio, OAuth, Operator, Secret, Settings, Smtp
from gateway.conversations.conversation import Author, Conversation
from gateway.desk.foresight import Taken
from gateway.desk.telling import Before, tell_of_taken
from gateway.mail.authenticity import answers_from_rows
from gateway.mail.glance import GLANCE, first_id
from gateway.offload import TooHeavy
from gateway.pipeline.parts import Parts
from gateway.store import arrivals, conversations, deliveries, known_ids, merging, traces
from gateway.store.arrivals import Kept
from gateway.store.database import Transaction
from gateway.store.deliveries import Delivery, Kind, Phase
from gateway.store.retention import GONE

PATIENCE = timedelta(seconds=30)
MOST_BEFORE = 50


@dataclass(frozen=True, slots=True)
class _Mail:
    """Where the bytes of a mail are: here, or in the blob of that name."""

    name: str
    at: datetime
    raw: bytes | None
    blob: str


@dataclass(frozen=True, slots=True)
class _Found:
    kept: Kept
    before: tuple[_Mail, ...]
    reasons: tuple[str, ...]
    cancelled: tuple[str, ...]


async def explain(parts: Parts, arrival_id: int) -> dict[str, Any] | None:
    """Contract 10's object, and what did happen beside it. None when there is no such arrival; raises TooHeavy."""
    found = await parts.store.read(_gather, arrival_id)
    if found is None:
        return None
    kept = found.kept
    here = _Mail(f"arrival {kept.id}", kept.received, kept.raw, kept.sha256)
    raw = await _bytes_of(parts, here)
    if raw is None:
        raise TooHeavy("its bytes are kept no longer ([retention] raw)")
    before = [Before(one.name, content, one.at) for one in found.before if (content := await _bytes_of(parts, one))]
    evidence = dict(kept.evidence or {})
    taken = Taken(
        kept.mailbox,
        kept.envelope,
        raw,
        answers=answers_from_rows(evidence.pop("dns", None)),
        received=kept.received,
        history=kept.history,
        sent_by_us=await parts.store.read(known_ids.sent_by_us, first_id(raw[:GLANCE])),
    )
    thought = _for_thinking(parts.settings)
    told = await parts.readers.run(tell_of_taken, here.name, taken, before, thought, timeout=PATIENCE)
    # What was thought of it when it came has reasons of its own: here are those of its fate.
    happened = {**evidence, "fate": kept.fate.value if kept.fate else None, "reasons": list(found.reasons)}
    happened |= {"conversation": kept.conversation_id, "cancelled": list(found.cancelled)}
    return {**told, "happened": happened}


def _gather(tx: Transaction, arrival_id: int) -> _Found | None:
    """The arrival, and the mails that were there when it came: of its conversation, the older one, those merged in."""
    kept = arrivals.fetch(tx, arrival_id)
    if kept is None:
        return None
    here = conversations.load(tx, kept.conversation_id) if kept.conversation_id else None
    older = conversations.load(tx, here.parent) if here and here.parent else None
    merged = [conversations.load(tx, one) for one in merging.parts_of(tx, here.id)] if here else []
    found = [mail for one in (older, *merged, here) if one for mail in _mails_of(tx, one, kept)]
    newest = sorted(found, key=lambda one: one.at)[-MOST_BEFORE:]
    cancelled = tuple(_cancelled(deliveries.of_conversation(tx, here.id), here, kept)) if here else ()
    return _Found(kept, tuple(newest), traces.reasons(tx, arrival_id), cancelled)


def _cancelled(sent: Sequence[Delivery], here: Conversation, kept: Kept) -> Iterator[str]:
    """The answers that never left: what was written for this mail, and what it came in time to stop."""
    theirs = [one for one in here.entries if one.author is Author.CUSTOMER]
    own = next((one.id for one in theirs if one.arrival == kept.id), None)
    answers = [one for one in sent if one.outgoing.kind is Kind.ANSWER and one.outgoing.seen is not None]
    said = 0  # the customer's mails up to this entry have had an answer
    for one in answers:
        seen = one.outgoing.seen or 0
        if one.state is not Phase.CANCELLED:
            said = max(said, seen)
        elif own is not None and said < own <= seen:
            yield f"the answer written for it (mail {one.id}) was cancelled before it left: {one.why}"
        elif own == min((entry.id for entry in theirs if entry.id > seen), default=None):
            yield f"an answer that was written before it came (mail {one.id}) was cancelled before it left: {one.why}"


def _mails_of(tx: Transaction, conversation: Conversation, kept: Kept) -> Iterator[_Mail]:
    sent = {one.outgoing.entry_id: one for one in deliveries.of_conversation(tx, conversation.id)}
    unsaid = deliveries.unsaid(tx, conversation.id)
    for entry in conversation.entries:
        if entry.arrived > kept.received or (entry.arrival or 0) >= kept.id or entry.id in unsaid:
            continue
        came = arrivals.fetch(tx, entry.arrival) if entry.arrival else None
        if came is not None:
            yield _Mail(f"arrival {came.id}", came.received, came.raw, came.sha256)
        elif (went := sent.get(entry.id)) is not None:
            yield _Mail(f"mail {went.id}", entry.arrived, went.outgoing.raw, went.outgoing.blob or "")


async def _bytes_of(parts: Parts, mail: _Mail) -> bytes | None:
    """None when retention has taken them."""
    if mail.raw is not None:
        return None if mail.raw == GONE else mail.raw
    return await parts.store.blobs.read(mail.blob) if mail.blob else None


def _for_thinking(settings: Settings) -> Settings:
    """Without a secret: the mail may be hostile to whoever reads it."""
    listed = Smtp(trusted_authserv_ids=settings.smtp.trusted_authserv_ids) if settings.smtp else None
    return Settings(
        Path(),
        "",
        Path(),
        settings.mailboxes,
        operator=Operator(staff=settings.operator.staff),
        smtp=listed,
        imap=tuple(replace(one, password=Secret(), oauth=OAuth()) for one in settings.imap),
        spam=settings.spam,
        assistant=replace(settings.assistant, key=Secret()),
        creatio=Creatio(reopen_window=settings.creatio.reopen_window),
        mail=settings.mail,
    )
