"""Keep a mail: bytes and name are on disk before anybody says 250."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.log import event, get
from gateway.mail.glance import GLANCE, first_from
from gateway.mail.message import Envelope
from gateway.store import arrivals, jobs
from gateway.store.arrivals import Door, Fresh
from gateway.store.database import Store, Transaction

INLINE = 64 * 1024  # up to here a mail lives in the database; measured, see docs/dependencies.md
log = get("pipeline")


@dataclass(frozen=True, slots=True)
class Spooled:
    """A big mail in a file that is already synced; it is taken over, not copied."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One mail for one or more mailboxes: `envelopes` and `mailboxes` run side by side.

    `received` is IMAP's INTERNALDATE, or None for now. `history`: only recorded, never decided, filed or answered.
    `place` is unique for a mail in an IMAP folder, so that it is taken in once.
    """

    envelopes: tuple[Envelope, ...]
    mailboxes: tuple[str, ...]
    raw: bytes | Spooled
    door: Door
    received: datetime | None = None
    history: bool = False
    place: str | None = None


async def accept(store: Store, incoming: Incoming) -> Sequence[int]:
    """Keep the mail for each of its mailboxes and queue READ; returns the arrivals' ids.

    Returns only after everything is on disk. Raises TryLater or OSError when it is not: the sender keeps the mail.
    """
    raw = incoming.raw
    if isinstance(raw, Spooled):
        head = _head_of(raw.path)
        await store.blobs.keep_file(raw.path, raw.sha256)
        kept = Fresh("", incoming.door, incoming.envelopes[0], raw.size, raw.sha256)
    else:
        head = raw[:GLANCE]
        digest = hashlib.sha256(raw).hexdigest()
        small = len(raw) <= INLINE
        if not small:
            await store.blobs.keep_bytes(raw)
        kept = Fresh("", incoming.door, incoming.envelopes[0], len(raw), digest, raw if small else None)
    return await store.write(_keep, incoming, kept, first_from(head))


def _keep(tx: Transaction, incoming: Incoming, kept: Fresh, writer: str) -> list[int]:
    if incoming.place is not None and arrivals.known_place(tx, incoming.place):
        return []
    ids = []
    for envelope, mailbox in zip(incoming.envelopes, incoming.mailboxes, strict=True):
        fresh = Fresh(
            mailbox=mailbox,
            door=incoming.door,
            envelope=envelope,
            size=kept.size,
            sha256=kept.sha256,
            raw=kept.raw,
            received=incoming.received,
            history=incoming.history,
            place=incoming.place,
        )
        arrival_id = arrivals.add(tx, fresh)
        jobs.add(tx, "read", writer or envelope.sender.casefold() or mailbox, str(arrival_id))
        ids.append(arrival_id)
    return ids


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(GLANCE)


def tell_accepted(ids: Sequence[int], incoming: Incoming) -> None:
    """Log the arrival once it is kept: who it is for, never what it says."""
    for arrival_id, mailbox in zip(ids, incoming.mailboxes, strict=False):
        event(log, "accepted", arrival=arrival_id, mailbox=mailbox, door=incoming.door.value)
