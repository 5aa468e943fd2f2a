"""One job is carried out: the step thinks, one transaction writes what came of it and ticks the job off."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain, repeat

from gateway.errors import GiveUp, Misconfigured, StartOver, TryLater
from gateway.health import Condition
from gateway.log import Event, event, get, tell, trouble
from gateway.pipeline.parts import Job, Parts, Unasked, Write
from gateway.pipeline.plan import StepPlan
from gateway.store import lanes, notices
from gateway.store.database import StoreAway, Transaction
from gateway.store.lanes import Claim, LostLease, Try
from gateway.worker.partners import Partners

START_OVERS = 5
FAULTS = 8  # of the program, at one job
MOST_LOST = 8  # hands that died holding one job; then a person looks at it
_STORE_PAUSES = (0.2, 0.5, 1.0, 2.0)
_UNWELL = timedelta(minutes=1)  # how long settings that cannot work are left alone
log = get("worker")

Finish = Callable[[Transaction], Sequence[Event] | None]


async def carry_out(claim: Claim, plan: StepPlan, parts: Parts, partners: Partners) -> None:
    """Do one job to an end: done, put back, or set aside. Whatever its step raises is an instruction."""
    job = Job(
        id=claim.id,
        lane=claim.lane,
        subject=claim.subject,
        attempts=claim.attempts,
        interrupted=claim.lost,
        data=claim.data,
        fence=partial(_fence, claim=claim),
    )
    hand = _Hand(claim, plan, parts, partners, job, asyncio.get_running_loop().time())
    if claim.lost >= MOST_LOST and not plan.patient:
        await hand.give_up(f"the daemon died {claim.lost} times while it did this")
        return
    try:
        await hand.work()
    except LostLease:
        event(log, "lease_lost", step=claim.step, job=claim.id)


def _fence(tx: Transaction, claim: Claim) -> None:
    lanes.fence(tx, claim)


class _Hand:
    """One hand with one job."""

    def __init__(self, claim: Claim, plan: StepPlan, parts: Parts, partners: Partners, job: Job, began: float) -> None:
        self._claim = claim
        self._plan = plan
        self._parts = parts
        self._partners = partners
        self._job = job
        self._began = began
        self._took = 0.0

    async def work(self) -> None:
        why = ""
        for _ in range(START_OVERS):
            try:
                async with asyncio.timeout(self._plan.time_limit.total_seconds()):
                    write = await self._plan.step(self._parts, self._job)
                await self._commit(partial(self._finish, write=write))
            except StartOver as overtaken:
                why = str(overtaken)
            except LostLease:
                raise
            except Exception as error:  # noqa: BLE001 - a fault of one job, whatever it is, must not stop the others
                await self._fail(error)
                return
            else:
                if not isinstance(write, Unasked):
                    await self._partners.succeeded(self._plan, self._parts.health)
                return
        await self._put_back(f"overtaken {START_OVERS} times: {why}", timedelta(seconds=1), counts=True)

    async def give_up(self, why: str) -> None:
        """No repetition helps: the step's last resort, or a person."""
        trouble(log, "given_up", step=self._claim.step, subject=self._claim.subject, why=why, fix="gateway aside")
        await self._commit(partial(self._set_aside, why=why))

    async def _fail(self, error: Exception) -> None:
        match error:
            case StoreAway():
                self._parts.health.note("store", Condition.FAILED, str(error))
                await self._put_back(str(error), timedelta(seconds=1), counts=False)
            case TryLater(patient=True):
                await self._put_back(str(error), error.wait or self._plan.pause(1), counts=False)
            case TryLater():
                await self._try_later(str(error), error.wait, partner_down=error.partner_down)
            case TimeoutError():
                limit = self._plan.time_limit.total_seconds()
                await self._try_later(f"no end within {limit:g} seconds", None, partner_down=True)
            case GiveUp():
                await self.give_up(str(error))
            case Misconfigured():
                await self._try_later(str(error), _UNWELL, partner_down=True)
            case _:
                # The log has the traceback of a fault of ours; facts of the mail are not in it.
                log.error("step_failed", step=self._claim.step, subject=self._claim.subject, exc_info=error)
                await self._count(f"{type(error).__name__}: {error}", None, self._plan.tries or FAULTS)

    async def _try_later(self, why: str, wait: timedelta | None, *, partner_down: bool) -> None:
        """A partner that is away is waited for; a job that fails while its partner serves others is counted."""
        if self._plan.partner is None or not partner_down:
            await self._count(why, wait, self._plan.tries)
            return
        await self._partners.failed(self._plan, self._parts.health, why, wait)
        if self._partners.is_open(self._plan.partner):
            await self._put_back(why, timedelta(seconds=1), counts=False)
        else:
            await self._count(why, wait, self._plan.tries)

    async def _count(self, why: str, wait: timedelta | None, tries: int | None) -> None:
        """The failure was the job's own: after so many it is given up."""
        attempts = self._claim.attempts + 1
        if tries is not None and attempts >= tries:
            await self.give_up(why)
            return
        await self._put_back(why, wait or self._plan.pause(attempts), counts=True)

    async def _put_back(self, why: str, after: timedelta, *, counts: bool) -> None:
        event(log, "put_back", step=self._claim.step, subject=self._claim.subject, why=why, after=after.total_seconds())
        await self._commit(partial(self._again, why=why, after=after, counts=counts))

    def _again(self, tx: Transaction, why: str, after: timedelta, counts: bool) -> None:
        lanes.put_back(tx, self._claim, self._try(why), after=after, counts=counts)

    def _finish(self, tx: Transaction, write: Write) -> Sequence[Event]:
        events = write(tx) or ()
        lanes.settle(tx, self._claim, self._try())
        return events

    def _set_aside(self, tx: Transaction, why: str) -> Sequence[Event]:
        if self._plan.last_resort is not None:
            events = self._plan.last_resort(tx, self._job, why)
            lanes.settle(tx, self._claim, self._try(why))
            return events
        lanes.set_aside(tx, self._claim, self._try(why), holds_lane=self._plan.holds_lane)
        text = f"The step {self._claim.step} of {self._claim.subject} needs a person: {why}. See `gateway aside`"
        notices.raise_notice(tx, f"aside:job:{self._claim.id}", text)
        return [Event("set_aside", {"step": self._claim.step, "job": self._claim.id, "why": why})]

    def _try(self, error: str = "") -> Try:
        return Try(self._parts.store.node, timedelta(seconds=self._took), error[:2000])

    async def _commit(self, finish: Finish) -> None:
        """Write the end of the job. While the store is away the hand waits with what it found out: a mail that was
        sent is recorded as sent even then."""
        self._took = asyncio.get_running_loop().time() - self._began
        pauses = chain(_STORE_PAUSES, repeat(_STORE_PAUSES[-1]))  # ends with the store's return, or with the house
        again = False
        for pause in pauses:
            try:
                tell(log, await self._parts.store.write(_once, self._claim, finish, again))
            except StoreAway as away:
                self._parts.health.note("store", Condition.FAILED, str(away))
                again = True
                await asyncio.sleep(pause)
            else:
                return


def _once(tx: Transaction, claim: Claim, finish: Finish, again: bool) -> Sequence[Event]:
    """The answer to a commit can be lost while the commit is kept: what is tried again may be done already."""
    if again and lanes.was_recorded(tx, claim):
        return []
    return finish(tx) or []
