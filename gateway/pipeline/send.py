"""SEND: a mail of ours goes to the relay, at most once by itself. What became of it is told to whom it matters."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from gateway.config.settings import Relay, Settings
from gateway.errors import GiveUp, TryLater
from gateway.health import Condition
from gateway.log import Event
from gateway.pipeline import dispatch, handoff
from gateway.pipeline.answering import mailbox_of, way_out
from gateway.pipeline.dispatch import NotNow
from gateway.pipeline.parts import Job, Parts, Unasked, Write, nothing
from gateway.pipeline.watch import DELAYED
from gateway.ports import Parcel, Unknown, Verdict
from gateway.store import conversations, deliveries, history, notices, outcomes
from gateway.store.database import Transaction
from gateway.store.deliveries import Delivery, Kind, Phase

SOONEST, LATEST = timedelta(minutes=5), timedelta(hours=1)  # between two tries of a mail that the relay delays
TELL_AFTER = timedelta(hours=4)
MOST_COPIES = 3  # of a mail whose outcome stays unknown although it is sent again; then a person looks at it
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300))  # while one of several relays is away
_DIED = "the gateway stopped after the mail had begun to leave; nobody knows whether the relay took it"


async def send(parts: Parts, job: Job) -> Write:
    """One try. Died before "at DATA": sent again. Died after it: unknown, and again only if the settings say so."""
    mail = await parts.store.read(deliveries.fetch, int(job.subject))
    if mail is None or mail.state not in (Phase.QUEUED, Phase.AT_DATA):
        return nothing
    way = way_out(parts.settings, mailbox_of(parts.settings, mail.outgoing.mailbox))
    if mail.state is Phase.AT_DATA:
        lost: Mapping[str, Verdict] = dict.fromkeys(mail.waiting, Unknown(_DIED))
        return Unasked(partial(_record, job=job, mail=mail, verdicts=lost, way=way))
    try:
        verdicts = await _hand_over(parts, job, mail, way)
    except NotNow:
        return Unasked(partial(dispatch.put_off, delivery_id=mail.id, settings=parts.settings))
    except TryLater as away:
        if not away.partner_down or len(_ways(parts.settings)) < 2:
            raise
        # One of several: the others go on, so it is this mail that waits, not all that are to be sent.
        parts.health.note(_place(way), Condition.FAILED, str(away))
        wait = away.wait or _PAUSES[min(job.attempts, len(_PAUSES) - 1)]
        raise TryLater(str(away), wait=wait, partner_down=False) from None
    if len(_ways(parts.settings)) > 1:
        parts.health.note(_place(way), Condition.WORKING)
    return partial(_record, job=job, mail=mail, verdicts=verdicts, way=way)


def _ways(settings: Settings) -> list[Relay]:
    return [one for one in (settings.relay, *settings.relays) if one.host]


def _place(way: Relay) -> str:
    """What one of several relays is called among the connections."""
    return f"relay:{way.name or way.host}"


async def _hand_over(parts: Parts, job: Job, mail: Delivery, way: Relay) -> Mapping[str, Verdict]:
    """Give it to the relay. Whatever is raised, the mail has not left; a hand that dies raises nothing."""
    touched = False

    async def may_go() -> None:
        await parts.store.read(dispatch.check, mail.id)

    async def at_data() -> None:
        nonlocal touched
        touched = True
        await parts.store.write(_mark, mail, job)

    parcel = Parcel(mail.outgoing.sender, mail.waiting, await _bytes(parts, mail), way.name)
    try:
        return dict(await parts.relay.send(parcel, at_data, may_go))
    except (TryLater, GiveUp, NotNow):
        if touched:
            await parts.store.write(_unmark, mail, job)
        raise


async def _bytes(parts: Parts, mail: Delivery) -> bytes:
    if mail.outgoing.raw is not None:
        return mail.outgoing.raw
    assert mail.outgoing.blob is not None
    return await parts.store.blobs.read(mail.outgoing.blob)


def _mark(tx: Transaction, mail: Delivery, job: Job) -> None:
    """The one thing that is written halfway: whoever lost the lane, or should not send any more, does not."""
    job.fence(tx)
    if mail.outgoing.conversation_id is not None:
        conversations.lock(tx, mail.outgoing.conversation_id)
    dispatch.check(tx, mail.id)
    if not outcomes.mark_at_data(tx, mail.id):
        raise NotNow


def _unmark(tx: Transaction, mail: Delivery, job: Job) -> None:
    job.fence(tx)
    outcomes.mark_queued(tx, mail.id)


def _record(
    tx: Transaction, *, job: Job, mail: Delivery, verdicts: Mapping[str, Verdict], way: Relay
) -> Sequence[Event]:
    after = outcomes.record(tx, mail.id, verdicts)
    if after.state is Phase.UNKNOWN and way.unknown == "resend" and after.attempts < MOST_COPIES:
        outcomes.mark_queued(tx, mail.id)
        after = deliveries.fetch(tx, mail.id) or after
    if after.state is Phase.QUEUED:
        since = _delayed_since(job, tx.now)
        if tx.now - since < way.give_up:
            return _try_again(tx, after, since)
        after = outcomes.give_up(tx, mail.id, f"given up after {_words(way.give_up)}: {after.why}")
    return _ended(tx, after)


def _try_again(tx: Transaction, mail: Delivery, since: datetime) -> Sequence[Event]:
    waited = tx.now - since
    pause = min(max(waited, SOONEST), LATEST)
    deliveries.send_again(tx, mail, after=pause, data={"since": since.isoformat()})
    if waited >= TELL_AFTER and mail.outgoing.kind is not Kind.NOTICE:
        notices.raise_notice(
            tx, f"{DELAYED}{mail.id}", f"Mail {mail.id} is delayed since {since:%F %H:%M} UTC: {mail.why}"
        )
    here = mail.outgoing.conversation_id
    if here is not None:
        history.note(tx, "delayed", conversation=here, delivery=mail.id, why=mail.why)
        handoff.tell_creatio(tx, here)
    return [Event("delayed", {"delivery": mail.id, "conversation": here, "again_in": int(pause.total_seconds())})]


def _ended(tx: Transaction, mail: Delivery) -> Sequence[Event]:
    """Delivered, refused or unknown: the case is told; people get the conversation when an answer was refused."""
    notices.clear(tx, f"{DELAYED}{mail.id}")
    here, kind, word = mail.outgoing.conversation_id, mail.outgoing.kind, mail.state.value
    events = [Event(word, {"delivery": mail.id, "conversation": here, "kind": kind.value})]
    if here is None:
        if kind is Kind.PASSED_ON and mail.state is not Phase.DELIVERED:
            to = ", ".join(mail.outgoing.recipients)[:200]
            notices.raise_notice(tx, f"aside:mail:{mail.id}", f"A notification of Creatio to {to}: {word}, {mail.why}")
        return events
    history.note(tx, word, conversation=here, delivery=mail.id, why=mail.why)
    deliveries.wake_next(tx, here)
    if mail.state is Phase.REFUSED and conversations.held_by_assistant(tx, here):
        return events + handoff.hand_off(tx, here, reason=f"our answer was refused: {mail.why}"[:500], by="system")
    if mail.state is Phase.REFUSED and handoff.begun_by_rep(tx, here):
        return events + handoff.hand_off(tx, here, reason=f"a rep's mail was refused: {mail.why}"[:500], by="system")
    if mail.state is Phase.REFUSED:
        events += handoff.reopen(tx, here, by="system", why="our reply was refused")
    if mail.state is Phase.UNKNOWN:
        text = f"Mail {mail.id} of conversation {here}: outcome unknown ({mail.why}). Send it again or drop it."
        notices.raise_notice(tx, f"aside:mail:{mail.id}", text)
    handoff.tell_creatio(tx, here)
    return events


def _delayed_since(job: Job, now: datetime) -> datetime:
    """Since when the relay puts it off; waiting for a relay that is away does not count against the mail."""
    since = (job.data or {}).get("since")
    return datetime.fromisoformat(since) if isinstance(since, str) else now


def _words(pause: timedelta) -> str:
    hours = pause.total_seconds() / 3600
    return f"{hours / 24:g} days" if hours >= 48 else f"{hours:g} hours"
