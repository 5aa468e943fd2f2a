"""Keep a mail: bytes and name are on disk before anybody says 250."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
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


@dataclass(frozen=True, slots=True)
class _Kept:
    """What has been found out about a mail before its transaction: `raw` when it is small, and its `writer`."""

    incoming: Incoming
    size: int
    sha256: str
    raw: bytes | None
    writer: str


async def accept(store: Store, incoming: Incoming) -> Sequence[int]:
    """Keep the mail for each of its mailboxes and queue READ; returns the arrivals' ids.

    Returns only after everything is on disk. Raises TryLater or OSError when it is not: the sender keeps the mail.
    Mails that arrive in one moment share a transaction.
    """
    raw = incoming.raw
    if isinstance(raw, Spooled):
        head = _head_of(raw.path)
        await store.blobs.keep_file(raw.path, raw.sha256)
        kept = _Kept(incoming, raw.size, raw.sha256, None, first_from(head))
    else:
        small = len(raw) <= INLINE
        if not small:
            await store.blobs.keep_bytes(raw)
        digest = hashlib.sha256(raw).hexdigest()
        kept = _Kept(incoming, len(raw), digest, raw if small else None, first_from(raw[:GLANCE]))
    return await store.write_together(_keep_all, kept)


def _keep_all(tx: Transaction, kept: Sequence[_Kept]) -> list[list[int]]:
    fresh: list[Fresh] = []
    writers: list[str] = []
    counts: list[int] = []
    taken: set[str] = set()
    for one in kept:
        place = one.incoming.place
        if place is not None and (place in taken or arrivals.known_place(tx, place)):
            counts.append(0)
            continue
        taken |= {place} if place is not None else set()
        some = _arrivals_of(one)
        fresh += some
        writers += [one.writer or each.envelope.sender.casefold() or each.mailbox for each in some]
        counts.append(len(some))
    ids = iter(arrivals.add_all(tx, fresh))
    found = [list(islice(ids, count)) for count in counts]
    numbers = (str(number) for some in found for number in some)
    jobs.add_all(tx, "read", list(zip(writers, numbers, strict=True)))
    return found


def _arrivals_of(kept: _Kept) -> list[Fresh]:
    incoming = kept.incoming
    return [
        Fresh(
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
        for envelope, mailbox in zip(incoming.envelopes, incoming.mailboxes, strict=True)
    ]


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(GLANCE)


def tell_accepted(ids: Sequence[int], incoming: Incoming) -> None:
    """Log the arrival once it is kept: who it is for, never what it says."""
    for arrival_id, mailbox in zip(ids, incoming.mailboxes, strict=False):
        event(log, "accepted", arrival=arrival_id, mailbox=mailbox, door=incoming.door.value)
