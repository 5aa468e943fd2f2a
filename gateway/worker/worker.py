"""The worker: looks for due jobs, gives each to a hand, keeps the leases of those in hand."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta

from gateway.health import Condition
from gateway.log import event, get, trouble
from gateway.pipeline.parts import Parts
from gateway.pipeline.plan import StepPlan
from gateway.store import jobs, lanes
from gateway.store.database import StoreAway
from gateway.store.lanes import Claim
from gateway.worker.carrying import carry_out
from gateway.worker.partners import Partners

LEASE = timedelta(seconds=30)
SHARED_LOOK = 0.5  # seconds: another daemon on the same database may have added something
LONGEST_LOOK = 60.0
RETURNING = 3.0  # seconds after a database was away: hands of others with leases that ran out write down what they did
SET_BACK = timedelta(minutes=1)  # a clock that is set back by less holds nothing up for long
SUSPECT = 3  # hands that died holding one job: it runs alone from then on, so that it kills nobody else's work
GRACE = 25.0  # seconds for the hands to finish when the house closes
log = get("worker")


class Worker:
    """`parts` and `plans` give the newest ones: a reload makes others, for the next job.

    Run it with `run(stopping)`; when that event is set it takes nothing more, and its hands finish.
    """

    def __init__(
        self, parts: Callable[[], Parts], plans: Callable[[], Mapping[str, StepPlan]], *, lease: timedelta = LEASE
    ) -> None:
        self._parts = parts
        self._plans = plans
        self._lease = lease
        self._store = parts().store
        self._looked = self._store.time()
        self._heard = self._not_before = 0.0  # ticks: when the store last answered, and until when nothing is taken
        self._partners = Partners(self._store, plans())
        self._hands: dict[asyncio.Task[None], Claim] = {}
        self._busy: Counter[str] = Counter()
        self._alone: list[Claim] = []
        self._one_suspect = asyncio.Lock()
        self._bell = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping` is set and the hands are done."""
        self._store.on_change(self._bell.set)
        self._heard = asyncio.get_running_loop().time()
        await self._take_back(stopping)
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(self._keep_leases())
            ending = group.create_task(self._ring_at(stopping))
            while not stopping.is_set():
                self._bell.clear()
                pause = await self._look(group)
                await self._wait(pause)
            await self._finish()
            keeping.cancel()
            ending.cancel()

    def reloaded(self) -> None:
        self._partners.plan(self._plans())
        self._bell.set()

    async def hands_of_now_done(self) -> None:
        """Until all that is in hand at this moment has come to its end."""
        if self._hands:
            await asyncio.wait(list(self._hands))

    def held_back(self) -> frozenset[str]:
        """Steps that cannot begin now whatever is due: their partner is away and left alone for a while."""
        now = self._store.time()
        return frozenset(step for step, plan in self._plans().items() if not self._partners.free_hands(plan, 1, now))

    async def _take_back(self, stopping: asyncio.Event) -> None:
        """What this daemon held when it died is due at once; with the folder's lock nobody else can hold anything."""
        while not stopping.is_set():
            try:
                freed = await self._store.write(lanes.free, self._store.node if self._store.shared else None)
                await self._mind_clock()
            except StoreAway:
                await asyncio.sleep(1)
                continue
            if freed:
                event(log, "taken_back", lanes=freed)
            return

    async def _look(self, group: asyncio.TaskGroup) -> float:
        """Take what is due and can be done now; returns for how many seconds there is nothing more to do."""
        hands = self._free_hands()
        if not hands:
            return LONGEST_LOOK
        held = {claim.token for claim in self._hands.values()}
        try:
            if (pause := await self._pause_after_outage(held)) > 0:
                return pause
            if self._store.time() < self._looked - SET_BACK:
                await self._mind_clock()
            self._looked = self._store.time()
            harvest = await self._store.write(lanes.claim, hands, lease=self._lease, node=self._store.node, held=held)
        except StoreAway as away:
            self._parts().health.note("store", Condition.FAILED, str(away))
            return 2.0  # a little longer than the hands that wait to write down what they have done
        self._hear()
        self._parts().health.note("store", Condition.WORKING)
        for claim in harvest.claims:
            self._begin(group, claim)
        pauses = [due - harvest.now for step, due in harvest.next_due.items() if hands.get(step)]
        now = self._store.time()
        if (probe := self._partners.next_probe(now)) is not None:
            pauses.append(probe - now)
        pause = max(0.0, min(pauses).total_seconds()) if pauses else LONGEST_LOOK
        return min(pause, SHARED_LOOK * random.uniform(0.7, 1.3) if self._store.shared else LONGEST_LOOK)  # noqa: S311 - jitter

    async def _mind_clock(self) -> None:
        """What waits for a time of a clock that has been set back since is due at the same distance from now. A shared
        database has a clock of its own."""
        if self._store.shared:
            return
        back = await self._store.write(jobs.bring_forward)
        if back:
            trouble(log, "clock_set_back", by=str(back), fix="nothing to do: what waits is done as soon as before")

    async def _pause_after_outage(self, held: Collection[str]) -> float:
        """For how long nothing is taken from a shared database that was away: whoever held a lane writes first."""
        ticks = asyncio.get_running_loop().time()
        if self._store.shared and ticks - self._heard > self._lease.total_seconds() / 2:
            await self._store.write(lanes.renew, held, lease=self._lease)
            self._hear()
        return self._not_before - ticks

    def _hear(self) -> None:
        """The store answers. After a silence in which leases may have run out, nobody takes them at once."""
        ticks = asyncio.get_running_loop().time()
        if self._store.shared and ticks - self._heard > self._lease.total_seconds() / 2:
            self._not_before = ticks + RETURNING
        self._heard = ticks

    def _free_hands(self) -> dict[str, int]:
        """Step -> how many more jobs of it may begin now. None while a suspect job runs, or waits to run, alone."""
        if self._alone:
            return {}
        plans, now = self._plans(), self._store.time()
        free: dict[str, int] = {}
        together: Counter[str] = Counter()
        for step, plan in plans.items():
            wanted = plan.hands - self._busy[step]
            taken = together[plan.partner or ""] if self._partners.is_open(plan.partner) else 0
            number = self._partners.free_hands(plan, wanted, now) - taken
            if number > 0:
                free[step] = number
                together[plan.partner or ""] += number
        return free

    def _begin(self, group: asyncio.TaskGroup, claim: Claim) -> None:
        plan = self._plans()[claim.step]
        self._busy[claim.step] += 1
        self._partners.enter(plan)
        if claim.lost >= SUSPECT and not plan.patient:
            self._alone.append(claim)
        task = group.create_task(self._carry(claim, plan), name=f"{claim.step} {claim.subject}")
        self._hands[task] = claim
        task.add_done_callback(self._ended)

    async def _carry(self, claim: Claim, plan: StepPlan) -> None:
        try:
            if claim not in self._alone:
                await carry_out(claim, plan, self._parts(), self._partners)
                return
            async with self._one_suspect:
                others = [task for task, one in self._hands.items() if one not in self._alone and not self._waits(one)]
                if others:
                    await asyncio.wait(others)
                await carry_out(claim, plan, self._parts(), self._partners)
        # A fault here must not end the other hands; the lease runs out and the job is taken up again.
        except Exception:
            log.exception("hand_failed", step=claim.step, job=claim.id)

    def _waits(self, claim: Claim) -> bool:
        return self._plans()[claim.step].patient

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return  # still in `_hands`: its lane is given back when the house closes
        claim = self._hands.pop(task)
        self._busy[claim.step] -= 1
        self._partners.leave(self._plans()[claim.step])
        if claim in self._alone:
            self._alone.remove(claim)
        self._bell.set()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            return

    async def _ring_at(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._bell.set()

    async def _keep_leases(self) -> None:
        """Renew what is in hand well before it runs out. While the store is away nobody can take it either."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            held = {claim.token for claim in self._hands.values()}
            try:
                await self._store.write(lanes.renew, held, lease=self._lease)
            except StoreAway:
                continue
            self._hear()

    async def _finish(self) -> None:
        """Patient visits end at once, the other hands have a while; what is not done is given back untouched."""
        for task, claim in list(self._hands.items()):
            if self._waits(claim):
                task.cancel()
        if self._hands:
            await asyncio.wait(list(self._hands), timeout=GRACE)
        late = [task for task in self._hands if not task.done()]
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        if self._hands:
            try:
                await self._store.write(lanes.let_go, list(self._hands.values()))
            except StoreAway:
                event(log, "not_given_back", lanes=len(self._hands))
