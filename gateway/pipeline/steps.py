"""The steps of a mail's life: their names, hands, time limits, partners, and what ends a job that cannot be done."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from gateway.config.settings import Settings
from gateway.log import Event
from gateway.pipeline import handoff, recording
from gateway.pipeline.decide import decide
from gateway.pipeline.fetch import fetch
from gateway.pipeline.file import file
from gateway.pipeline.listen import listen
from gateway.pipeline.parts import Job
from gateway.pipeline.plan import StepPlan
from gateway.pipeline.poll import poll
from gateway.pipeline.read import read
from gateway.pipeline.scan import give_up, scan
from gateway.pipeline.send import send
from gateway.pipeline.tend import tend
from gateway.pipeline.upload import upload
from gateway.store import arrivals
from gateway.store.database import Transaction

_MINUTE = timedelta(minutes=1)
_OFTEN = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 15, 60))


def plan_steps(settings: Settings) -> Mapping[str, StepPlan]:
    """Step -> its plan. The name is the step's in the to-do list."""
    thinking = settings.assistant.timeout + _MINUTE
    connections = sum(one.connections for one in (settings.relay, *settings.relays))
    return {
        "read": StepPlan(read, hands=4, time_limit=2 * _MINUTE, tries=4, last_resort=_set_arrival_aside),
        "decide": StepPlan(decide, hands=8, time_limit=thinking, tries=3, last_resort=_give_to_people),
        "file": StepPlan(file, hands=20, time_limit=10 * _MINUTE, partner="creatio", holds_lane=True),
        # Few hands, so that however many files wait, Creatio has time for replies and new cases.
        "upload": StepPlan(upload, hands=3, time_limit=10 * _MINUTE, partner="creatio"),
        # A scanner that is away is waited for without an end; a file that it never takes, for about two hours.
        "scan": StepPlan(scan, hands=2, time_limit=2 * _MINUTE, partner="scanner", last_resort=give_up),
        "listen": StepPlan(listen, hands=6, time_limit=5 * _MINUTE, partner="creatio"),
        "poll": StepPlan(poll, hands=1, time_limit=5 * _MINUTE, partner="creatio", tries=None, backoff=_OFTEN),
        # RFC 5321 §4.5.3.2: a relay may take five minutes for MAIL and RCPT each, two for DATA, ten after the dot.
        "send": StepPlan(send, hands=connections, time_limit=30 * _MINUTE, partner="relay", tries=None),
        "fetch": StepPlan(
            fetch, hands=len(settings.imap), time_limit=15 * _MINUTE, patient=True, tries=None, backoff=_OFTEN
        ),
        "tend": StepPlan(tend, hands=2, time_limit=10 * _MINUTE, tries=None, backoff=_OFTEN),
    }


def _set_arrival_aside(tx: Transaction, job: Job, why: str) -> Sequence[Event]:
    kept = arrivals.fetch(tx, int(job.subject))
    return [] if kept is None else recording.set_aside(tx, kept=kept, why=why)


def _give_to_people(tx: Transaction, job: Job, why: str) -> Sequence[Event]:
    """Any failure hands off, also one of ours."""
    return handoff.hand_off(tx, job.subject, reason=f"no decision could be made: {why}", by="system")
