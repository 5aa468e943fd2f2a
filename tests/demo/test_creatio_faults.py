"""The faults on the way to the simulator: which request they strike, what is done all the same, what is seen."""

import httpx
import pytest

from gateway.demo.creatio.faults import AFTER, Fault
from gateway.demo.creatio.simulator import Simulator, serve
from tests.demo.creatio_client import EMAIL_ORIGIN, Caller, a_token

SEEN = {
    Fault.ERROR_500: 500,
    Fault.ERROR_502: 502,
    Fault.ERROR_503: 503,
    Fault.ERROR_504: 504,
    Fault.THROTTLED_429: 429,
    Fault.UNAUTHORISED_401: 401,
    Fault.REDIRECT_302: 302,
    Fault.LOGIN_PAGE_200: 200,
    Fault.ERROR_BODY_200: 200,
    Fault.FIREWALL_PAGE: 403,
    Fault.NO_CONTROLLER_404: 404,
    Fault.COLLECTION_MODIFIED: 200,
    Fault.ERROR_AFTER: 500,
    Fault.TRUNCATED_AFTER: 201,
}
CASE = {"Subject": "Late order", "OriginId": EMAIL_ORIGIN}


@pytest.mark.parametrize("fault", SEEN, ids=lambda fault: fault.value)
async def test_a_fault_strikes_once_and_is_done_or_not_as_it_says(
    caller: Caller, simulator: Simulator, fault: Fault
) -> None:
    simulator.faults.next(fault, when=lambda call: call.entity == "Case")
    assert (await caller.ask("GET", "CaseStatus?$select=Id")).status_code == 200
    answer = await caller.ask("POST", "Case", json=CASE)
    assert answer.status_code == SEEN[fault]
    assert len(simulator.tenant.rows("Case")) == (1 if fault in AFTER else 0)
    assert simulator.faults.struck == 1
    assert (await caller.ask("POST", "Case", json=CASE)).status_code == 201


async def test_a_number_strikes_that_request_and_says_when_to_come_back(caller: Caller, simulator: Simulator) -> None:
    simulator.faults.at(len(simulator.traffic.calls) + 2, Fault.THROTTLED_429, retry_after=7)
    assert (await caller.ask("GET", "CaseStatus?$select=Id")).status_code == 200
    struck = await caller.ask("GET", "CaseStatus?$select=Id")
    assert (struck.status_code, struck.headers["retry-after"]) == (429, "7")
    assert [call.fault for call in simulator.traffic.calls[-2:]] == ["", "429"]


@pytest.mark.parametrize(
    ("fault", "error", "rows"),
    [
        (Fault.DROPPED, httpx.RemoteProtocolError, 0),
        (Fault.DROPPED_AFTER, httpx.RemoteProtocolError, 1),
        (Fault.TIMEOUT_BEFORE, httpx.ReadTimeout, 0),
        (Fault.TIMEOUT_AFTER, httpx.ReadTimeout, 1),
    ],
)
async def test_silence_and_a_cut_are_real_on_a_port(fault: Fault, error: type[Exception], rows: int) -> None:
    simulator = Simulator()
    async with serve(simulator) as url, httpx.AsyncClient(base_url=url, timeout=0.5, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {await a_token(client, simulator)}"
        simulator.faults.next(fault)
        with pytest.raises((error, httpx.ReadError)):
            await client.post("/0/odata/Case", json=CASE)
    assert len(simulator.tenant.rows("Case")) == rows


async def test_writers_of_one_case_are_counted(caller: Caller, simulator: Simulator) -> None:
    await caller.a_mail(await caller.a_case())
    assert (simulator.traffic.most_writers, simulator.traffic.in_flight) == (1, 0)
    assert simulator.traffic.count("POST", "Activity") == 1
