"""One arrival as plain values, and its text, read anew and only ever shown as text."""

from datetime import timedelta
from typing import Any

from gateway.mail.limits import Unreadable
from gateway.mail.message import Message
from gateway.mail.reading import attachment_bytes, attachment_of_file, read_file, read_message
from gateway.offload import TooHeavy
from gateway.pipeline.parts import Parts
from gateway.store import arrivals, history, traces
from gateway.store.arrivals import Kept
from gateway.store.database import Transaction
from gateway.store.history import Happening
from gateway.web.shown import Shown, iso

_PATIENCE = timedelta(seconds=10)
_LONGEST_TEXT = 200_000


async def arrival(parts: Parts, arrival_id: int) -> Shown | None:
    """None when there is no such arrival."""
    found = await parts.store.read(_gather, arrival_id)
    if found is None:
        return None
    kept, came, happened = found
    evidence = dict(kept.evidence or {})
    return {
        "id": kept.id,
        "mailbox": kept.mailbox,
        "door": kept.door.value,
        "received": iso(kept.received),
        "history": kept.history,
        "size": kept.size,
        "envelope": {"sender": kept.envelope.sender, "recipient": kept.envelope.recipient, "peer": kept.envelope.peer},
        "conversation": kept.conversation_id,
        "fate": kept.fate.value if kept.fate else None,
        "reasons": list(came),
        "origin": evidence.get("origin"),
        "from": evidence.get("from", ""),
        "subject": evidence.get("subject", ""),
        "evidence": evidence,
        "happened": [{"at": iso(one.at), "what": one.what, "facts": dict(one.facts)} for one in happened],
    }


def _gather(tx: Transaction, arrival_id: int) -> tuple[Kept, tuple[str, ...], list[Happening]] | None:
    kept = arrivals.fetch(tx, arrival_id)
    if kept is None:
        return None
    return kept, traces.reasons(tx, arrival_id), history.of_arrival(tx, arrival_id)


async def read_text(parts: Parts, arrival_id: int) -> Shown:
    """What the mail says, and its files; `why` when it cannot be read."""
    kept = await parts.store.read(arrivals.fetch, arrival_id)
    assert kept is not None
    try:
        message: Message = await _run(parts, kept, read_message, read_file)
    except (TooHeavy, Unreadable) as heavy:
        return {"text": "", "attachments": [], "why": heavy.reason}
    warnings = arrivals.warnings_of(kept)
    files = [
        {"index": one.index, "name": one.name, "size": one.size, "warning": warnings.get(str(one.index), "")}
        for one in message.attachments
    ]
    return {"text": message.body.text[:_LONGEST_TEXT], "attachments": files, "why": ""}


async def cut_out(parts: Parts, kept: Kept, index: int) -> bytes:
    """The bytes of one attachment. Raises Unreadable or TooHeavy."""
    content: bytes = await _run(parts, kept, attachment_bytes, attachment_of_file, index)
    return content


async def _run(parts: Parts, kept: Kept, of_bytes: Any, of_file: Any, *arguments: int) -> Any:
    if kept.raw is not None:
        return await parts.readers.run(of_bytes, kept.raw, *arguments, timeout=_PATIENCE)
    async with parts.store.blobs.path_of(kept.sha256) as path:
        return await parts.readers.run(of_file, str(path), *arguments, timeout=_PATIENCE)
