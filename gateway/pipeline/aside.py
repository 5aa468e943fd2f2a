"""What a person does with what was set aside, held or taken for spam: again, or no more. Nothing ends without a row."""

import re
from collections.abc import Callable
from typing import NamedTuple

from gateway.log import Event
from gateway.pipeline import handoff
from gateway.pipeline.people import Done, NotDone, Result
from gateway.store import arrivals, attention, deliveries, history, jobs, ledger, notices, survey
from gateway.store.arrivals import Fate, Kept
from gateway.store.database import Transaction
from gateway.store.survey import Shown

_WRITTEN = re.compile(r"(?:(job|arrival|mail)-)?(\d{1,18})|(record)-([0-9a-f-]{36})")
GONE = NotDone("that is not set aside (any more)", missing=True)


class Thing(NamedTuple):
    """What is meant: a job, an arrival, a mail on its way out ("mail"), or a record that Creatio refuses."""

    kind: str
    id: str


def name(kind: str, which: int | str) -> str:
    """How such a thing is called outside: a job by its number, the rest by kind and number."""
    return str(which) if kind == "job" else f"{kind}-{which}"


def find(written: str) -> Thing | None:
    """`12`, `job-12`, `arrival-12`, `mail-12` or `record-UUID`."""
    match = _WRITTEN.fullmatch(written.strip().lower())
    if match is None:
        return None
    return Thing(match[3], match[4]) if match[3] else Thing(match[1] or "job", match[2])


def retry(tx: Transaction, thing: Thing, *, by: str) -> Result:
    return _retry_record(tx, thing.id, by) if thing.kind == "record" else _RETRY[thing.kind](tx, int(thing.id), by)


def drop(tx: Transaction, thing: Thing, *, by: str, reason: str = "") -> Result:
    if thing.kind == "record":
        return _drop_record(tx, thing.id, by, reason)
    return _DROP[thing.kind](tx, int(thing.id), by, reason)


def retry_all(tx: Transaction, *, by: str) -> Result:
    """All but mails whose outcome nobody knows: those are only sent again one by one."""
    results = [_retry_job(tx, one.id, by) for one in survey.aside(tx)]
    results += [_read_arrival_again(tx, one.id, by, {}) for one in attention.unreadable(tx)]
    results += [_retry_record(tx, one.line.id, by) for one in ledger.aside(tx)]
    done = [one for one in results if isinstance(one, Done)]
    return Done(f"{len(done)} tried again.", [event for one in done for event in one.events])


def release(tx: Transaction, arrival_id: int, *, by: str) -> Result:
    """It was no spam: it is read again, as though it had just come."""
    kept = arrivals.fetch(tx, arrival_id)
    if kept is None:
        return NotDone("there is no such mail", missing=True)
    if not attention.release(tx, arrival_id):
        return NotDone("it was not taken for spam, or somebody has released it")
    _read_again(tx, kept, {"released": by})
    history.note(tx, "released", arrival=arrival_id, by=by)
    return Done("It is read again as a mail of a person.", [Event("released", {"arrival": arrival_id, "by": by})])


def _retry_job(tx: Transaction, job_id: int, by: str) -> Result:
    known = survey.find(tx, job_id)
    if known is None or not jobs.retry(tx, job_id):
        return GONE
    _clear_notice(tx, "job", job_id)
    _note(tx, known, "retried", by, "")
    return Done(f"Job {job_id} is tried again.", [Event("retried", {"job": job_id, "step": known.step, "by": by})])


def _drop_job(tx: Transaction, job_id: int, by: str, reason: str) -> Result:
    known = survey.find(tx, job_id)
    if known is None or not jobs.drop(tx, job_id):
        return GONE
    why = reason or f"{by} dropped it"
    # The mails that waited for this job have no other: they get their fate with it (contract 7).
    if known.step == "read" and known.subject.isdigit():
        arrivals.settle(tx, int(known.subject), Fate.DROPPED, [why])
    elif known.step == "decide":
        arrivals.settle_undecided(tx, known.subject, Fate.DROPPED, [why])
    elif known.step == "send" and known.subject.isdigit():
        deliveries.discard(tx, int(known.subject), why=why)
    _clear_notice(tx, "job", job_id)
    _note(tx, known, "dropped", by, why)
    return Done(f"Job {job_id} is dropped.", [Event("dropped", {"job": job_id, "step": known.step, "by": by})])


def _retry_arrival(tx: Transaction, arrival_id: int, by: str) -> Result:
    """Who retries this one mail vouches for its sender, if that was what it was set aside for."""
    return _read_arrival_again(tx, arrival_id, by, {"vouched": by})


def _read_arrival_again(tx: Transaction, arrival_id: int, by: str, data: dict[str, str]) -> Result:
    kept = arrivals.fetch(tx, arrival_id)
    if kept is None or kept.fate is not Fate.SET_ASIDE:
        return GONE
    arrivals.reopen_fate(tx, arrival_id)
    _read_again(tx, kept, data)
    _clear_notice(tx, "arrival", arrival_id)
    history.note(tx, "retried", arrival=arrival_id, by=by)
    return Done(f"Mail {arrival_id} is read again.", [Event("retried", {"arrival": arrival_id, "by": by})])


def _drop_arrival(tx: Transaction, arrival_id: int, by: str, reason: str) -> Result:
    kept = arrivals.fetch(tx, arrival_id)
    if kept is None or kept.fate is not Fate.SET_ASIDE:
        return GONE
    arrivals.settle(tx, arrival_id, Fate.DROPPED, [reason or f"{by} dropped it"])
    _clear_notice(tx, "arrival", arrival_id)
    history.note(tx, "dropped", arrival=arrival_id, by=by, reason=reason)
    return Done(f"Mail {arrival_id} is dropped.", [Event("dropped", {"arrival": arrival_id, "by": by})])


def _retry_mail(tx: Transaction, delivery_id: int, by: str) -> Result:
    known = deliveries.fetch(tx, delivery_id)
    if known is None or not deliveries.resend(tx, delivery_id):
        return NotDone("that mail is not held", missing=known is None)
    _clear_notice(tx, "mail", delivery_id)
    history.note(tx, "sent_again", conversation=known.outgoing.conversation_id, delivery=delivery_id, by=by)
    return Done("The same mail is sent again.", [Event("sent_again", {"delivery": delivery_id, "by": by})])


def _drop_mail(tx: Transaction, delivery_id: int, by: str, reason: str) -> Result:
    known = deliveries.fetch(tx, delivery_id)
    if known is None or known.state is not deliveries.Phase.UNKNOWN:
        return NotDone("that mail is not held", missing=known is None)
    deliveries.discard(tx, delivery_id, why=reason or f"{by} dropped it")
    _clear_notice(tx, "mail", delivery_id)
    conversation = known.outgoing.conversation_id
    history.note(tx, "mail_dropped", conversation=conversation, delivery=delivery_id, by=by, reason=reason)
    return Done("The mail is not sent again.", [Event("mail_dropped", {"delivery": delivery_id, "by": by})])


def _retry_record(tx: Transaction, record_id: str, by: str) -> Result:
    conversation = ledger.retry(tx, record_id)
    if conversation is None:
        return GONE
    handoff.tell_creatio(tx, conversation)
    _clear_notice(tx, "record", record_id)
    history.note(tx, "retried", conversation=conversation, record=record_id, by=by)
    return Done("Creatio is told again.", [Event("retried", {"record": record_id, "by": by})])


def _drop_record(tx: Transaction, record_id: str, by: str, reason: str) -> Result:
    conversation = ledger.drop(tx, record_id)
    if conversation is None:
        return GONE
    _clear_notice(tx, "record", record_id)
    history.note(tx, "dropped", conversation=conversation, record=record_id, by=by, reason=reason)
    return Done("Creatio is not told again.", [Event("dropped", {"record": record_id, "by": by})])


_RETRY: dict[str, Callable[[Transaction, int, str], Result]] = {
    "job": _retry_job,
    "arrival": _retry_arrival,
    "mail": _retry_mail,
}
_DROP: dict[str, Callable[[Transaction, int, str, str], Result]] = {
    "job": _drop_job,
    "arrival": _drop_arrival,
    "mail": _drop_mail,
}


def _read_again(tx: Transaction, kept: Kept, data: dict[str, str]) -> None:
    lane = kept.envelope.sender.casefold() or kept.mailbox
    jobs.add(tx, "read", lane, str(kept.id), key=f"read:{kept.id}", data=data)


def _clear_notice(tx: Transaction, kind: str, which: int | str) -> None:
    notices.clear(tx, f"aside:{kind}:{which}")


def _note(tx: Transaction, known: Shown, what: str, by: str, why: str) -> None:
    conversation = known.subject if known.step in ("decide", "file", "upload") else None
    arrival = int(known.subject) if known.step == "read" and known.subject.isdigit() else None
    history.note(tx, what, conversation=conversation, arrival=arrival, step=known.step, by=by, reason=why)
