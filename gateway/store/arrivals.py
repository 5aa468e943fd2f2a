"""Arrivals: each mail for each mailbox, exactly as it came, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from gateway.mail.message import Envelope
from gateway.store import marks
from gateway.store.database import Transaction
from gateway.store.schema import arrival


class Fate(StrEnum):
    """Contract 7: each arrival gets exactly one."""

    ANSWERED = "answered"
    HANDED_OFF = "handed_off"
    APPENDED = "appended"
    KEPT_SILENT = "kept_silent"
    RECORDED = "recorded"
    SET_ASIDE = "set_aside"
    DROPPED = "dropped"


class Door(StrEnum):
    SMTP = "smtp"
    IMAP = "imap"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Fresh:
    """A mail about to be kept: `raw` holds its bytes when small, else it is the blob named by `sha256`."""

    mailbox: str
    door: Door
    envelope: Envelope
    size: int
    sha256: str
    raw: bytes | None = None
    received: datetime | None = None
    history: bool = False
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept arrival as the steps see it."""

    id: int
    mailbox: str
    door: Door
    envelope: Envelope
    received: datetime
    history: bool
    size: int
    sha256: str
    raw: bytes | None
    conversation_id: str | None
    fate: Fate | None
    evidence: Mapping[str, Any] | None


ACCEPTED = "accepted"
_ENVELOPE = tuple(field.name for field in fields(Envelope))
_FRESH = sa.insert(arrival).returning(arrival.c.id, sort_by_parameter_order=True)


def add(tx: Transaction, fresh: Fresh) -> int:
    """Keep an arrival and count it as accepted, in the same transaction."""
    [arrival_id] = add_all(tx, [fresh])
    return arrival_id


def add_all(tx: Transaction, fresh: Sequence[Fresh]) -> list[int]:
    """Keep arrivals and count them as accepted; returns their ids in the same order."""
    if not fresh:
        return []
    # Counted in sixteen places, so that arrivals at one moment do not wait for each other on a shared database.
    marks.count_all(tx, ACCEPTED, [one.sha256[:1] for one in fresh])
    return list(tx.connection.execute(_FRESH, [_to_row(one, tx.now) for one in fresh]).scalars())


def fetch(tx: Transaction, arrival_id: int) -> Kept | None:
    row = tx.execute(sa.select(arrival).where(arrival.c.id == arrival_id)).first()
    return None if row is None else _to_kept(row)


def known_place(tx: Transaction, place: str) -> bool:
    """True when the mail of that account, folder, UIDVALIDITY and UID was taken in before."""
    return tx.execute(sa.select(arrival.c.id).where(arrival.c.place == place)).first() is not None


def known_places(tx: Transaction, places: Sequence[str]) -> Mapping[str, bool]:
    """Those of these places whose mail was taken in before, and whether it was history."""
    wanted = sa.select(arrival.c.place, arrival.c.history).where(arrival.c.place.in_(list(places)))
    return {row.place: row.history for row in tx.execute(wanted)}


def known_content(tx: Transaction, mailbox: str, sha256: str) -> bool | None:
    """Whether the mail with this content, fetched before from a folder, was history; None when there is none."""
    same = (arrival.c.mailbox == mailbox) & (arrival.c.sha256 == sha256) & arrival.c.place.is_not(None)
    return tx.execute(sa.select(arrival.c.history).where(same).limit(1)).scalar()


def earlier(tx: Transaction, kept: Kept, message_id: str) -> list[tuple[int, str | None]]:
    """Earlier arrivals at the mailbox under the same Message-ID, oldest first: (arrival id, hash of its content)."""
    same = (arrival.c.message_id == message_id) & (arrival.c.mailbox == kept.mailbox) & (arrival.c.id < kept.id)
    wanted = sa.select(arrival.c.id, arrival.c.content).where(same).order_by(arrival.c.id)
    return [(row.id, row.content) for row in tx.execute(wanted)]


def elsewhere(tx: Transaction, kept: Kept, message_id: str, content: str) -> tuple[int, str] | None:
    """The arrival of the same mail that came to another mailbox before and has its conversation there, if any."""
    same = (arrival.c.message_id == message_id) & (arrival.c.content == content) & (arrival.c.id < kept.id)
    out = [Fate.RECORDED.value, Fate.SET_ASIDE.value, Fate.DROPPED.value]
    alive = arrival.c.conversation_id.is_not(None) & (arrival.c.fate.is_(None) | arrival.c.fate.not_in(out))
    wanted = sa.select(arrival.c.id, arrival.c.mailbox).where(same, alive, arrival.c.mailbox != kept.mailbox)
    row = tx.execute(wanted.order_by(arrival.c.id).limit(1)).first()
    return None if row is None else (row.id, row.mailbox)


def record_reading(
    tx: Transaction, arrival_id: int, message_id: str, content: str, evidence: Mapping[str, Any]
) -> None:
    change = sa.update(arrival).where(arrival.c.id == arrival_id)
    tx.execute(change.values(message_id=message_id, content=content, evidence=dict(evidence)))


def warnings_of(kept: Kept) -> Mapping[str, str]:
    """Attachment -> why it is not to be opened."""
    found: Mapping[str, str] = (kept.evidence or {}).get("warnings") or {}
    return found


def record_warning(tx: Transaction, arrival_id: int, index: int, warning: str) -> None:
    """What the scanner has said of one file since; an empty warning takes the old one away. Its other files,
    that are looked at in the same moment, wait."""
    tx.execute(sa.select(arrival.c.id).where(arrival.c.id == arrival_id).with_for_update())
    kept = fetch(tx, arrival_id)
    if kept is None:
        return
    others = {which: why for which, why in warnings_of(kept).items() if which != str(index)}
    evidence = {**(kept.evidence or {}), "warnings": others | ({str(index): warning} if warning else {})}
    tx.execute(sa.update(arrival).where(arrival.c.id == arrival_id).values(evidence=evidence))


def put_in_conversation(tx: Transaction, arrival_id: int, conversation_id: str, entry_id: int | None) -> None:
    change = sa.update(arrival).where(arrival.c.id == arrival_id)
    tx.execute(change.values(conversation_id=conversation_id, entry_id=entry_id))


def settle(tx: Transaction, arrival_id: int, fate: Fate, reasons: Sequence[str]) -> bool:
    """Give an arrival its fate. A fate is given once: a later one is ignored, except that a person's act replaces
    `set_aside`. True when it took effect."""
    open_or_aside = arrival.c.fate.is_(None) | (arrival.c.fate == Fate.SET_ASIDE.value)
    change = sa.update(arrival).where((arrival.c.id == arrival_id) & open_or_aside)
    done = tx.execute(change.values(fate=fate.value, reasons=list(reasons), fate_at=tx.now))
    return done.rowcount == 1


def settle_undecided(tx: Transaction, conversation_id: str, fate: Fate, reasons: Sequence[str]) -> int:
    """Give every arrival of the conversation that has no fate yet this one; returns how many there were."""
    open_here = (arrival.c.conversation_id == conversation_id) & arrival.c.fate.is_(None)
    change = sa.update(arrival).where(open_here)
    return tx.execute(change.values(fate=fate.value, reasons=list(reasons), fate_at=tx.now)).rowcount


def settle_seen(tx: Transaction, conversation_id: str, seen: int | None, fate: Fate, reasons: Sequence[str]) -> int:
    """Like `settle_undecided`, but only for mails up to the entry `seen`: a newer one has not been thought about."""
    known = arrival.c.entry_id <= seen if seen is not None else sa.true()
    open_here = (arrival.c.conversation_id == conversation_id) & arrival.c.fate.is_(None) & known
    change = sa.update(arrival).where(open_here)
    return tx.execute(change.values(fate=fate.value, reasons=list(reasons), fate_at=tx.now)).rowcount


def undecided(tx: Transaction, conversation_id: str) -> list[Kept]:
    """The mails of the conversation that have no fate yet, oldest first."""
    open_here = (arrival.c.conversation_id == conversation_id) & arrival.c.fate.is_(None)
    return [_to_kept(row) for row in tx.rows(sa.select(arrival).where(open_here).order_by(arrival.c.id))]


def oldest_undecided(tx: Transaction, conversation_id: str) -> datetime | None:
    """When the oldest mail of the conversation that has no fate yet was received."""
    open_here = (arrival.c.conversation_id == conversation_id) & arrival.c.fate.is_(None)
    return tx.execute(sa.select(sa.func.min(arrival.c.received)).where(open_here)).scalar()


def reasons(tx: Transaction, arrival_id: int) -> list[str]:
    """Why the arrival has its fate."""
    return list(tx.execute(sa.select(arrival.c.reasons).where(arrival.c.id == arrival_id)).scalar() or ())


def reopen_fate(tx: Transaction, arrival_id: int) -> None:
    """A person retries what was set aside: it is open again."""
    change = sa.update(arrival).where((arrival.c.id == arrival_id) & (arrival.c.fate == Fate.SET_ASIDE.value))
    tx.execute(change.values(fate=None, reasons=None, fate_at=None))


def take_back_answer(tx: Transaction, conversation_id: str, reason: str) -> None:
    """What an answer had settled, by this reason, is undecided again: the answer was never sent."""
    here = (arrival.c.conversation_id == conversation_id) & (arrival.c.fate == Fate.ANSWERED.value)
    rows = tx.execute(sa.select(arrival.c.id, arrival.c.reasons).where(here)).all()
    taken = [row.id for row in rows if reason in (row.reasons or ())]
    change = sa.update(arrival).where(arrival.c.id.in_(taken))
    tx.execute(change.values(fate=None, reasons=None, fate_at=None))


def fates(tx: Transaction) -> Mapping[str, int]:
    """How many arrivals have each fate; those without one under "open"."""
    wanted = sa.select(arrival.c.fate, sa.func.count().label("mails")).group_by(arrival.c.fate)
    return {row.fate or "open": row.mails for row in tx.execute(wanted)}


def last_received(tx: Transaction, mailbox: str) -> datetime | None:
    """When the newest mail came by itself; what a person fed proves no door."""
    return tx.execute(sa.select(sa.func.max(arrival.c.received)).where(_came_to(mailbox))).scalar()


def times(tx: Transaction, mailbox: str, limit: int = 50) -> list[datetime]:
    """When the newest mails of others came there, newest first; what is only recorded does not count."""
    counts = arrival.c.fate.is_(None) | (arrival.c.fate != Fate.RECORDED.value)
    here = _came_to(mailbox) & counts
    wanted = sa.select(arrival.c.received).where(here).order_by(arrival.c.received.desc()).limit(limit)
    return list(tx.execute(wanted).scalars())


def _came_to(mailbox: str) -> sa.ColumnElement[bool]:
    return (arrival.c.mailbox == mailbox) & (arrival.c.door != Door.FEED.value)


def _to_row(fresh: Fresh, now: datetime) -> dict[str, Any]:
    return {
        "mailbox": fresh.mailbox,
        "door": fresh.door.value,
        "envelope": {name: getattr(fresh.envelope, name) for name in _ENVELOPE},
        "received": min(fresh.received or now, now),  # another server's clock may be ahead
        "history": fresh.history,
        "size": fresh.size,
        "sha256": fresh.sha256,
        "raw": fresh.raw,
        "place": fresh.place,
    }


def _to_kept(row: sa.Row[Any]) -> Kept:
    return Kept(
        id=row.id,
        mailbox=row.mailbox,
        door=Door(row.door),
        envelope=Envelope(**{**row.envelope, "outside": tuple(row.envelope.get("outside", ()))}),
        received=row.received,
        history=row.history,
        size=row.size,
        sha256=row.sha256,
        raw=None if row.raw is None else bytes(row.raw),
        conversation_id=row.conversation_id,
        fate=None if row.fate is None else Fate(row.fate),
        evidence=row.evidence,
    )
