"""Who may be asked now: each partner's breaker, its state in health, and what the operator is told."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from gateway.health import Condition, Health
from gateway.log import event, get, trouble
from gateway.pipeline.breaker import Breaker
from gateway.pipeline.plan import StepPlan
from gateway.store import notices
from gateway.store.database import Store, StoreAway, Transaction

log = get("worker")
_FIX = "nothing is lost, it is tried again by itself; `gateway check {partner}` tests the connection"


class Partners:
    """The breakers of all partners. `busy` counts the hands that are with one."""

    def __init__(self, store: Store, plans: Mapping[str, StepPlan]) -> None:
        self._store = store
        self._breakers: dict[str, Breaker] = {}
        self._busy: Counter[str] = Counter()
        self._all_hands: Counter[str] = Counter()
        self.plan(plans)

    def plan(self, plans: Mapping[str, StepPlan]) -> None:
        self._all_hands = Counter()
        for plan in plans.values():
            if plan.partner is not None:
                self._all_hands[plan.partner] += plan.hands

    def free_hands(self, plan: StepPlan, wanted: int, now: datetime) -> int:
        """How many of the wanted hands may go to the step's partner now."""
        if plan.partner is None or plan.partner not in self._breakers:
            return wanted
        allowed = self._breakers[plan.partner].hands(now)
        return wanted if allowed is None else max(0, min(wanted, allowed - self._busy[plan.partner]))

    def next_probe(self, now: datetime) -> datetime | None:
        """When the first of the partners that are left alone may be asked again."""
        probes = [one.next_probe() for one in self._breakers.values()]
        return min((probe for probe in probes if probe is not None and probe > now), default=None)

    def enter(self, plan: StepPlan) -> None:
        if plan.partner is not None:
            self._busy[plan.partner] += 1

    def leave(self, plan: StepPlan) -> None:
        if plan.partner is not None:
            self._busy[plan.partner] -= 1

    def is_open(self, partner: str | None) -> bool:
        return partner is not None and partner in self._breakers and self._breakers[partner].is_open

    async def succeeded(self, plan: StepPlan, health: Health) -> None:
        if plan.partner is None:
            return
        breaker = self._breakers.get(plan.partner)
        trusted_again = breaker is not None and breaker.succeeded(self._all_hands[plan.partner])
        health.note(plan.partner, Condition.WORKING)
        if trusted_again:
            event(log, "partner_back", partner=plan.partner)
            await self._tell(notices.clear, f"partner:{plan.partner}")

    async def failed(self, plan: StepPlan, health: Health, why: str, wait: timedelta | None) -> None:
        if plan.partner is None:
            return
        breaker = self._breakers.setdefault(plan.partner, Breaker())
        opened = breaker.failed(self._store.time(), why, wait)
        health.note(plan.partner, Condition.FAILED, why, again=breaker.next_probe())
        if opened:
            fix = _FIX.format(partner=plan.partner)
            trouble(log, "partner_away", partner=plan.partner, why=why, fix=fix)
            await self._tell(_raise, f"partner:{plan.partner}", f"{plan.partner} does not answer: {why}. {fix}")

    async def _tell(self, act: object, *args: str) -> None:
        assert callable(act)
        try:
            await self._store.write(act, *args)
        except StoreAway:
            return  # the store's own trouble is told by health


def _raise(tx: Transaction, key: str, text: str) -> None:
    notices.raise_notice(tx, key, text)
