"""At each single request of a handoff, each fault once: the end is always the same, and nobody has to help."""

import asyncio

import pytest

from gateway.demo.creatio.faults import Fault
from gateway.demo.creatio.simulator import Simulator
from tests.creatio.tenancy import Tenancy, a_tenancy, end_state, handoff

SILENCE = 1.0  # seconds; eight stories run side by side
SIDE_BY_SIDE = 8
FAULTS = [
    Fault.ERROR_500,
    Fault.ERROR_503,
    Fault.TIMEOUT_BEFORE,
    Fault.TIMEOUT_AFTER,
    Fault.LOGIN_PAGE_200,
    Fault.UNAUTHORISED_401,
    Fault.DROPPED,
    Fault.DROPPED_AFTER,
    Fault.ERROR_AFTER,
    Fault.TRUNCATED_AFTER,
    Fault.NO_CONTROLLER_404,
    Fault.FIREWALL_PAGE,
    Fault.COLLECTION_MODIFIED,
]


async def hand_off(there: Tenancy) -> None:
    for change, content in handoff(await there.known()):
        await there.tell(change, content)


async def undisturbed() -> tuple[dict[str, object], int]:
    simulator = Simulator(name="faults")
    async with a_tenancy(simulator) as there:
        await hand_off(there)
    return end_state(simulator), len(simulator.traffic.calls)


async def disturbed(fault: Fault, number: int) -> tuple[dict[str, object], list[str]]:
    simulator = Simulator(name="faults")
    simulator.faults.at(number, fault)
    async with a_tenancy(simulator, timeout=SILENCE) as there:
        await hand_off(there)
    assert simulator.faults.struck == 1
    return end_state(simulator), there.troubles


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.value)
async def test_one_fault_at_any_request_changes_nothing_in_the_end(fault: Fault) -> None:
    wanted, requests = await undisturbed()
    for begin in range(1, requests + 1, SIDE_BY_SIDE):
        numbers = range(begin, min(begin + SIDE_BY_SIDE, requests + 1))
        ends = await asyncio.gather(*(disturbed(fault, number) for number in numbers))
        for number, (end, troubles) in zip(numbers, ends, strict=True):
            assert end == wanted, f"{fault.value} at request {number}: {troubles}"
