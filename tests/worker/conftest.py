"""A worker with steps made for the test, on the real store of either database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.config.settings import Settings
from gateway.health import Health
from gateway.pipeline.parts import Job, Parts, Write
from gateway.pipeline.plan import StepPlan
from gateway.store import jobs, survey
from gateway.store.database import Store, Transaction
from gateway.worker.worker import Worker
from tests.store.conftest import postgres as postgres
from tests.store.conftest import store as store
from tests.store.conftest import url as url


def nothing(tx: Transaction) -> None:
    return None


@dataclass
class Bench:
    """Steps by name, and the worker over them. `done` lists what the steps were given, in order."""

    store: Store
    steps: dict[str, StepPlan] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    health: Health = field(default_factory=Health)

    def step(self, name: str, act: Callable[[Job], Awaitable[Write]] | None = None, **plan: Any) -> None:
        async def do(parts: Parts, job: Job) -> Write:
            self.done.append(job.subject)
            return nothing if act is None else await act(job)

        told: dict[str, Any] = {"hands": 4, "time_limit": timedelta(seconds=5)} | plan
        self.steps[name] = StepPlan(do, **told)

    def parts(self) -> Parts:
        settings = Settings(Path("config.toml"), "https://gateway.example", Path("/nowhere"), ())
        absent = cast(Any, None)  # steps made for a test ask for none of these
        return Parts(self.store, settings, absent, absent, absent, self.health)

    def plans(self) -> Mapping[str, StepPlan]:
        return self.steps

    async def add(self, step: str, lane: str, subject: str, **told: Any) -> int:
        return await self.store.write(jobs.add, step, lane, subject, **told)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Worker]:
        worker, stopping = Worker(self.parts, self.plans, lease=timedelta(seconds=6)), asyncio.Event()
        task = asyncio.create_task(worker.run(stopping))
        try:
            yield worker
        finally:
            stopping.set()
            await asyncio.wait_for(task, 30)

    async def until(self, holds: Callable[[list[survey.Count]], bool]) -> list[survey.Count]:
        """Look at the to-do list until `holds`; fails after ten seconds."""
        async with asyncio.timeout(10):
            while not holds(counts := await self.store.read(survey.counts)):
                await asyncio.sleep(0.01)
        return counts


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store)


def idle(counts: list[survey.Count]) -> bool:
    return all(one.waiting == one.later == one.working == 0 for one in counts)
