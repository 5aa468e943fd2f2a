"""What the operator must know is looked for: set aside, held, out of balance, a partner that is away, a full disk."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from gateway.config.settings import Settings
from gateway.health import Condition, Connection
from gateway.log import Event
from gateway.pipeline import knocking
from gateway.pipeline.parts import Parts, Write
from gateway.store import attention, deliveries, notices, pauses, survey, traces, workload
from gateway.store.database import Transaction
from gateway.store.deliveries import Phase
from gateway.store.pauses import What
from gateway.store.workload import Balance

LASTING = timedelta(minutes=2)  # a partner that is away shorter than this is nobody's business
LONG_PAUSE = timedelta(hours=1)
MOST = 5_000
DELAYED = "delayed:"


async def look_around(parts: Parts) -> Write:
    """Raise what is found, clear what is gone. The state of the connections is that of this node."""
    away = _away(parts.health.snapshot(), datetime.now(UTC))
    disk = _disk(parts.store.free_bytes(), parts.settings)
    return partial(_note, away=away, disk=disk, node=parts.store.node)


async def weigh(parts: Parts) -> Write:
    """Contract 7's equation. Only what is out of balance twice counts: two reads of one moment need not agree."""
    first = await parts.store.read(workload.balance)
    balance = first if first.holds else await parts.store.read(workload.balance)
    return partial(_note_balance, balance=balance)


def _away(connections: Mapping[str, Connection], now: datetime) -> dict[str, str]:
    return {
        name: f"{name} does not work since {one.since:%F %H:%M} UTC: {one.why}"
        for name, one in connections.items()
        if one.condition is Condition.FAILED and now - one.since >= LASTING
    }


def _disk(free: int, settings: Settings) -> str:
    least = settings.smtp.min_free if settings.smtp else 0
    if free >= least:
        return ""
    return (
        f"The disk of {settings.data_dir} has {free // 2**20} MiB left, less than min_free ({least // 2**20} MiB): "
        "no mail is taken until there is room"
    )


def _note(tx: Transaction, *, away: Mapping[str, str], disk: str, node: str) -> Sequence[Event]:
    prefix, told = f"connection:{node}:", {one.key for one in notices.standing(tx)}
    # What the worker has said of a partner is not said twice.
    unsaid = {f"{prefix}{name}": why for name, why in away.items() if f"partner:{name}" not in told}
    notices.keep(tx, prefix, unsaid)
    notices.keep(tx, f"disk:{node}", {f"disk:{node}": disk} if disk else {})
    # What is just tried again by itself is no news when it is refused again.
    waiting = [*survey.aside(tx, MOST), *knocking.being_tried(tx)]
    notices.keep(tx, "aside:job:", {f"aside:job:{one.id}": _job(one) for one in waiting})
    unread = attention.unreadable(tx, MOST)
    words = {f"aside:arrival:{one.id}": f"Mail {one.id} to {one.mailbox} is set aside: {one.why}" for one in unread}
    notices.keep(tx, "aside:arrival:", words)
    unknown = attention.held(tx, MOST)
    held = {f"aside:mail:{one.id}": f"Mail {one.id} is held, outcome unknown: {one.why}" for one in unknown}
    notices.keep(tx, "aside:mail:", held)
    notices.keep(tx, "paused:", _long_pauses(tx))
    for key in told:
        if key.startswith(DELAYED) and not _still_delayed(tx, int(key.removeprefix(DELAYED))):
            notices.clear(tx, key)
    return []


def _job(one: survey.Shown) -> str:
    error = one.error.splitlines()[-1] if one.error else "no reason given"
    return f"Job {one.id} ({one.step} of {one.subject}) is set aside: {error[:300]}"


def _still_delayed(tx: Transaction, delivery_id: int) -> bool:
    mail = deliveries.fetch(tx, delivery_id)
    return mail is not None and mail.state is Phase.QUEUED


def _long_pauses(tx: Transaction) -> dict[str, str]:
    """Who has paused sending may have forgotten it; mail waits."""
    waiting = traces.deliveries_by_state(tx).get("queued", 0)
    return {
        f"paused:{one.mailbox or 'everywhere'}": f"{waiting} mails wait: {one.by} paused sending "
        f"({one.mailbox or 'everywhere'}) at {one.since:%F %H:%M} UTC"
        for one in pauses.listed(tx)
        if one.what == What.SENDING.value and waiting and tx.now - one.since >= LONG_PAUSE
    }


def _note_balance(tx: Transaction, *, balance: Balance) -> Sequence[Event]:
    if balance.holds:
        notices.clear(tx, "balance")
        return []
    told = ", ".join(f"{fate} {number}" for fate, number in balance.fates.items())
    text = (
        f"Mails do not add up: accepted {balance.accepted}, but waiting {balance.waiting}, in work {balance.in_work}, "
        f"{told}. This is a fault of the program: keep the data folder and report it"
    )
    notices.raise_notice(tx, "balance", text)
    return [Event("out_of_balance", {"accepted": balance.accepted, "waiting": balance.waiting, **balance.fates})]
