"""What a person has stopped: the assistant or all sending, everywhere or for one mailbox. Survives restarts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from gateway.store.database import Transaction
from gateway.store.schema import pause

EVERYWHERE = ""


class What(StrEnum):
    ASSISTANT = "assistant"
    SENDING = "sending"


@dataclass(frozen=True, slots=True)
class Pause:
    """`mailbox` is empty when all of them are meant."""

    what: str
    mailbox: str
    since: datetime
    by: str


def active(tx: Transaction, what: str, mailbox: str) -> bool:
    """True while that is paused for that mailbox, or for all."""
    here = (pause.c.what == what) & pause.c.mailbox.in_([EVERYWHERE, mailbox])
    return tx.execute(sa.select(pause.c.what).where(here).limit(1)).first() is not None


def begin(tx: Transaction, what: What, mailbox: str, by: str) -> bool:
    """Pause; false when it was paused already, and then the first one's name stays."""
    if tx.execute(sa.select(pause.c.what).where(_exactly(what, mailbox))).first() is not None:
        return False
    tx.execute(sa.insert(pause).values(what=what.value, mailbox=mailbox, since=tx.now, by=by))
    return True


def end(tx: Transaction, what: What, mailbox: str) -> bool:
    """Go on; false when that was not paused. A pause for all is not ended by naming one mailbox."""
    return tx.execute(sa.delete(pause).where(_exactly(what, mailbox))).rowcount > 0


def listed(tx: Transaction) -> list[Pause]:
    rows = tx.execute(sa.select(pause).order_by(pause.c.what, pause.c.mailbox))
    return [Pause(row.what, row.mailbox, row.since, row.by) for row in rows]


def _exactly(what: What, mailbox: str) -> sa.ColumnElement[bool]:
    return (pause.c.what == what.value) & (pause.c.mailbox == mailbox)
