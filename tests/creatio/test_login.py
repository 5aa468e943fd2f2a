"""Signing in: in two ways, renewed in time, dead sign-ins known in every disguise, never a loop."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.config.settings import Secret
from gateway.creatio.login import identity_of, site_of
from gateway.demo.creatio.faults import Fault
from gateway.demo.creatio.simulator import Simulator
from gateway.demo.creatio.switches import Switches
from gateway.errors import TryLater
from tests.creatio.tenancy import CASE, Tenancy, TurnedTime, a_case, a_tenancy

BY_NAME: dict[str, Any] = {
    "client_id": "",
    "client_secret": Secret(),
    "user": "gateway",
    "password": Secret("a-password"),
}


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.creatio.com",
        "https://acme.creatio.com/",
        "acme.creatio.com",
        " https://acme.creatio.com/0 ",
        "https://acme.creatio.com/0/",
        "https://acme.creatio.com/0/Shell/?autoOpenIdLogin=true#Section/Cases",
    ],
)
def test_an_address_is_taken_as_people_paste_it(url: str) -> None:
    assert site_of(url) == "https://acme.creatio.com"
    assert identity_of(site_of(url)) == "https://acme-is.creatio.com"


def test_a_site_below_a_path_keeps_it() -> None:
    assert site_of("http://crm.example.com:8080/creatio/") == "http://crm.example.com:8080/creatio"


@pytest.mark.parametrize("how", [{}, BY_NAME], ids=["oauth", "forms"])
@pytest.mark.parametrize("runtime", ["framework", "net"])
async def test_both_ways_in_lead_into_both_runtimes(how: dict[str, Any], runtime: Any) -> None:
    async with a_tenancy(Simulator(switches=Switches(runtime=runtime)), **how) as there:
        assert (await there.crm.tenant()).statuses
        await there.tell(a_case())
        assert there.row("Case", CASE)["Subject"] == "Late order"


async def test_a_site_that_moves_to_the_other_runtime_is_found_again() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        there.simulator.switches = replace(there.simulator.switches, runtime="net")
        assert "404" in str(await trouble(there))
        assert await there.crm.read_case(CASE) is None


async def test_a_session_whose_csrf_token_comes_late_works_too() -> None:
    async with a_tenancy(Simulator(switches=Switches(csrf_cookie="after_get")), **BY_NAME) as there:
        await there.tell(a_case())
        assert there.row("Case", CASE)


@pytest.mark.parametrize("how", [{}, BY_NAME], ids=["oauth", "forms"])
@pytest.mark.parametrize("disguise", ["status_401", "redirect_302", "html_200"])
async def test_a_sign_in_that_has_ended_is_renewed_once_in_every_disguise(how: dict[str, Any], disguise: Any) -> None:
    time = TurnedTime()
    async with a_tenancy(Simulator(switches=Switches(ended_session=disguise), clock=time), **how) as there:
        await there.crm.tenant()
        before = sign_ins(there)
        time.ahead += timedelta(hours=2)
        assert await there.crm.read_case(CASE) is None
        assert sign_ins(there) == before + 1


async def test_a_token_is_renewed_before_it_ends() -> None:
    async with a_tenancy() as there:
        await there.crm.read_case(CASE)
        there.clock.turn(timedelta(seconds=3600 - 61))
        await there.crm.read_case(CASE)
        assert sign_ins(there) == 1
        there.clock.turn(timedelta(seconds=2))
        await there.crm.read_case(CASE)
        assert sign_ins(there) == 2
        assert there.simulator.traffic.count(having=lambda call: call.status == 401) == 0


async def test_calls_that_find_the_sign_in_ended_together_renew_it_once() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        there.simulator.doorman.revoke()
        await asyncio.gather(*(there.crm.read_case(CASE) for _ in range(8)))
        assert sign_ins(there) == 2


@pytest.mark.parametrize("shape", ["json_400", "json_401", "html_200"])
async def test_a_refused_secret_is_not_tried_again_soon(shape: Any) -> None:
    simulator = Simulator(switches=Switches(token_error=shape))
    async with a_tenancy(simulator, client_secret=Secret("wrong-secret")) as there:
        first = await trouble(there)
        for _ in range(20):
            await trouble(there)
        assert simulator.doorman.failures == 1
        there.clock.turn(first.wait or timedelta(0))
        second = await trouble(there)
        assert simulator.doorman.failures == 2
        assert (second.wait or timedelta(0)) > (first.wait or timedelta(0)) > timedelta(0)
        assert first.partner_down
        assert "wrong-secret" not in str(first)


async def test_a_wrong_password_does_not_lock_the_account() -> None:
    simulator = Simulator()
    simulator.tenant.set_setting("LoginAttemptCount", 3)
    async with a_tenancy(simulator, **{**BY_NAME, "password": Secret("wrong-password")}) as there:
        for _ in range(20):
            there.clock.turn(timedelta(seconds=10))
            assert "wrong-password" not in str(await trouble(there))
        assert simulator.doorman.failures == 1


async def test_an_application_that_is_switched_off_is_not_asked_for_token_after_token() -> None:
    async with a_tenancy() as there:
        there.simulator.doorman.active = False
        for _ in range(30):
            await trouble(there)
        assert sign_ins(there) <= 5


async def test_a_right_that_is_missing_is_no_ended_sign_in_even_when_it_looks_so() -> None:
    async with a_tenancy(Simulator(switches=Switches(missing_right="401"))) as there:
        await there.crm.tenant()
        there.simulator.deny("Case", "read")
        for _ in range(4):
            assert "not let in here" in str(await trouble(there))
        assert sign_ins(there) <= 6
        there.simulator.allow_all()
        assert await there.crm.read_case(CASE) is None


async def test_a_write_whose_sign_in_had_ended_is_made_once() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        there.simulator.faults.next(Fault.LOGIN_PAGE_200, when=lambda call: call.method == "POST")
        await there.tell(a_case())
        assert len(there.simulator.tenant.rows("Case")) == 1


async def test_a_token_service_that_is_away_is_no_refusal() -> None:
    async with a_tenancy() as there:
        there.simulator.faults.next(Fault.ERROR_503, retry_after=7)
        assert (await trouble(there)).wait == timedelta(seconds=7)
        assert await there.crm.read_case(CASE) is None


async def test_an_identity_address_that_leads_to_a_page_is_said_so() -> None:
    async with a_tenancy() as there:
        there.simulator.switches = replace(there.simulator.switches, token_error="html_200")
        there.simulator.doorman.credentials = replace(there.simulator.doorman.credentials, client_secret="other")
        assert "identity_url is wrong" in str(await trouble(there))


def sign_ins(there: Tenancy) -> int:
    return there.simulator.traffic.count(having=lambda call: call.path.endswith(("/connect/token", "/Login")))


async def trouble(there: Tenancy) -> TryLater:
    with pytest.raises(TryLater) as caught:
        await there.crm.read_case(CASE)
    return caught.value
