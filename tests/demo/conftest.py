"""A simulator, a caller signed in to it, and a clock that is turned by hand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from gateway.demo.creatio.simulator import Simulator
from tests.demo.creatio_client import Caller, signed_in


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Simulator:
    return Simulator(clock=clock)


@pytest.fixture
async def caller(simulator: Simulator) -> AsyncIterator[Caller]:
    async with signed_in(simulator) as caller:
        yield caller
