"""What became of a mail that was given to the relay, recipient by recipient."""

from collections.abc import Mapping

import sqlalchemy as sa

from gateway.ports import Delayed, Delivered, Refused, Unknown, Verdict
from gateway.store.deliveries import WAITING, Delivery, Phase, change, fetch
from gateway.store.schema import delivery
from gateway.store.transaction import Transaction


def mark_at_data(tx: Transaction, delivery_id: int) -> bool:
    """From here on the mail may have left; false when it is not to be sent any more."""
    queued = (delivery.c.id == delivery_id) & (delivery.c.state == Phase.QUEUED.value)
    marked = {"state": Phase.AT_DATA.value, "attempts": delivery.c.attempts + 1, "changed": tx.now}
    return tx.execute(sa.update(delivery).where(queued).values(marked)).rowcount == 1


def mark_queued(tx: Transaction, delivery_id: int) -> None:
    """The mail did not leave after all, or is to leave again."""
    here = (delivery.c.id == delivery_id) & delivery.c.state.in_([Phase.AT_DATA.value, Phase.UNKNOWN.value])
    tx.execute(sa.update(delivery).where(here).values(state=Phase.QUEUED.value, changed=tx.now, ended=None))


def record(tx: Transaction, delivery_id: int, verdicts: Mapping[str, Verdict]) -> Delivery:
    """Keep what became of each recipient; the delivery's state follows. Returns it as it is then."""
    known = fetch(tx, delivery_id)
    assert known is not None
    recipients = dict(known.recipients) | {who: _said(verdict) for who, verdict in verdicts.items()}
    state = _state(recipients)
    ended = None if state is Phase.QUEUED else tx.now
    why = "; ".join(f"{who}: {what}" for who, what in recipients.items() if not what.startswith("delivered"))
    change(tx, delivery_id, state=state.value, recipients=recipients, why=why[:2_000], ended=ended)
    changed = fetch(tx, delivery_id)
    assert changed is not None
    return changed


def give_up(tx: Transaction, delivery_id: int, why: str) -> Delivery:
    """No more tries for those who have not got it."""
    known = fetch(tx, delivery_id)
    assert known is not None
    return record(tx, delivery_id, {who: Refused(0, why) for who in known.waiting})


def _said(verdict: Verdict) -> str:
    match verdict:
        case Delivered():
            return f"delivered: {verdict.text}"
        case Delayed():
            return f"delayed: {verdict.code} {verdict.text}"
        case Refused():
            return f"refused: {verdict.code or ''} {verdict.text}".replace("  ", " ")
        case Unknown():
            return f"unknown: {verdict.text}"


def _state(recipients: Mapping[str, str]) -> Phase:
    said = [what.partition(":")[0] for what in recipients.values()]
    if "unknown" in said:
        return Phase.UNKNOWN
    if WAITING in said or "delayed" in said:
        return Phase.QUEUED
    return Phase.DELIVERED if "delivered" in said else Phase.REFUSED
