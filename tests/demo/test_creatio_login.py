"""Who gets in, how long for, and what a sign-in that has ended looks like."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from gateway.demo.creatio.simulator import Simulator
from gateway.demo.creatio.switches import Switches
from gateway.demo.creatio.tenant import Rights
from tests.demo.conftest import Clock
from tests.demo.creatio_client import Caller, a_token, signed_in

FORM = {"client_id": "gateway", "client_secret": "a-client-secret", "grant_type": "client_credentials"}
LOGIN = "/ServiceModel/AuthService.svc/Login"


@pytest.fixture
async def stranger(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(simulator.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://creatio.test") as client:
        yield client


async def log_in(client: httpx.AsyncClient, password: str = "a-password") -> httpx.Response:
    return await client.post(LOGIN, json={"UserName": "gateway", "UserPassword": password})


def session_headers(client: httpx.AsyncClient) -> dict[str, str]:
    return {"ForceUseSession": "true", "BPMCSRF": client.cookies.get("BPMCSRF") or ""}


async def test_a_token_lasts_as_long_as_it_says(caller: Caller, clock: Clock) -> None:
    clock.turn(seconds=3599)
    assert (await caller.ask("GET", "CaseStatus")).status_code == 200
    clock.turn(seconds=1)
    assert (await caller.ask("GET", "CaseStatus")).status_code == 401


async def test_a_revoked_token_and_an_application_switched_off_are_refused(
    caller: Caller, simulator: Simulator
) -> None:
    simulator.doorman.active = False
    assert (await caller.ask("GET", "CaseStatus")).status_code == 401
    simulator.doorman.active = True
    assert (await caller.ask("GET", "CaseStatus")).status_code == 200
    simulator.doorman.revoke()
    assert (await caller.ask("GET", "CaseStatus")).status_code == 401


async def test_a_good_token_without_rights_is_forbidden_not_unauthorised(caller: Caller, simulator: Simulator) -> None:
    simulator.tenant.rights = Rights(may_use_odata=False)
    assert (await caller.ask("GET", "CaseStatus")).status_code == 403
    simulator.allow_all()
    simulator.deny("Case", "write")
    refused = await caller.ask("POST", "Case", json={"Subject": "x"})
    assert (refused.status_code, "permissions" in refused.text) == (403, True)
    assert (await caller.rows("Case", select="Id")) == []


@pytest.mark.parametrize("wrong", [{"client_secret": "guess"}, {"client_id": "nobody"}])
async def test_wrong_credentials_get_no_token(stranger: httpx.AsyncClient, wrong: dict[str, str]) -> None:
    answer = await stranger.post("/connect/token", data=FORM | wrong)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


async def test_only_client_credentials_are_granted(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/connect/token", data=FORM | {"grant_type": "password"})
    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})


async def test_the_discovery_document_names_the_token_address(stranger: httpx.AsyncClient) -> None:
    known = (await stranger.get("/.well-known/openid-configuration")).json()
    assert known["token_endpoint"] == "http://creatio.test/connect/token"


@pytest.mark.parametrize(("position", "status"), [("json_400", 400), ("json_401", 401), ("html_200", 200)])
async def test_a_refused_token_has_every_known_shape(position: str, status: int) -> None:
    simulator = Simulator(switches=replace(Switches(), token_error=position))  # type: ignore[arg-type] # a position
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(simulator.app), base_url="http://creatio.test"
    ) as client:
        answer = await client.post("/connect/token", data=FORM | {"client_secret": "guess"})
    assert answer.status_code == status
    assert ("html" in answer.headers["content-type"]) is (status == 200)


async def test_the_prefix_exists_on_net_framework_only() -> None:
    for runtime, served, missing in (("framework", "/0/odata", "/odata"), ("net", "/odata", "/0/odata")):
        simulator = Simulator(switches=replace(Switches(), runtime=runtime))  # type: ignore[arg-type] # a position
        async with signed_in(simulator) as caller:
            assert (await caller.ask("GET", f"{served}/CaseStatus")).status_code == 200
            assert (await caller.ask("GET", f"{missing}/CaseStatus")).status_code == 404
            assert (await caller.ask("GET", "/api/HealthCheck/Ping")).status_code == 200


async def test_the_forms_login_always_answers_200(stranger: httpx.AsyncClient, simulator: Simulator) -> None:
    refused = await log_in(stranger, "guess")
    assert (refused.status_code, refused.json()["Code"], refused.cookies) == (200, 1, httpx.Cookies())
    accepted = await log_in(stranger)
    assert (accepted.status_code, accepted.json()["Code"]) == (200, 0)
    assert {"BPMLOADER", ".ASPXAUTH", "BPMCSRF", "UserName"} <= set(accepted.cookies)
    assert simulator.doorman.failures == 1


async def test_the_forms_login_is_at_the_root_only(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.post("/0" + LOGIN, json={})).status_code == 401
    assert (await stranger.post(LOGIN.replace("Login", "Logon"), json={})).status_code == 403


async def test_a_session_needs_its_csrf_token_and_its_header(stranger: httpx.AsyncClient) -> None:
    await log_in(stranger)
    headers = session_headers(stranger)
    url = "/0/odata/CaseStatus"
    assert (await stranger.get(url, headers=headers)).status_code == 200
    assert (await stranger.get(url, headers=headers | {"BPMCSRF": "wrong"})).status_code == 403
    assert (await stranger.get(url, headers={"BPMCSRF": headers["BPMCSRF"]})).status_code == 401


async def test_some_versions_give_the_csrf_token_with_the_first_read(
    stranger: httpx.AsyncClient, simulator: Simulator
) -> None:
    simulator.switches = replace(simulator.switches, csrf_cookie="after_get")
    await log_in(stranger)
    assert "BPMCSRF" not in stranger.cookies
    assert (await stranger.get("/0/odata/CaseStatus", headers={"ForceUseSession": "true"})).status_code == 200
    assert (await stranger.get("/0/odata/CaseStatus", headers=session_headers(stranger))).status_code == 200


@pytest.mark.parametrize(
    ("position", "status", "sign"),
    [("status_401", 401, "denied"), ("redirect_302", 302, ""), ("html_200", 200, "login")],
)
async def test_an_idle_session_dies_in_every_known_way(
    stranger: httpx.AsyncClient, simulator: Simulator, clock: Clock, position: str, status: int, sign: str
) -> None:
    simulator.switches = replace(simulator.switches, ended_session=position)  # type: ignore[arg-type] # a position
    await log_in(stranger)
    clock.turn(minutes=61)
    dead = await stranger.get("/0/odata/CaseStatus", headers=session_headers(stranger))
    assert dead.status_code == status
    assert sign in dead.text
    if status == 302:
        assert dead.headers["location"].startswith("/Login/NuiLogin.aspx?ReturnUrl=")


async def test_too_many_wrong_passwords_lock_the_account(
    stranger: httpx.AsyncClient, simulator: Simulator, clock: Clock
) -> None:
    simulator.tenant.set_setting("LoginAttemptCount", 2)
    for _ in range(2):
        await log_in(stranger, "guess")
    assert (await log_in(stranger)).json()["Code"] == 1
    clock.turn(minutes=16)
    assert (await log_in(stranger)).json()["Code"] == 0


async def test_the_log_keeps_no_secret(stranger: httpx.AsyncClient, simulator: Simulator) -> None:
    await a_token(stranger, simulator)
    await log_in(stranger)
    logged = repr(simulator.traffic.calls)
    assert [call.path for call in simulator.traffic.calls] == ["/connect/token", LOGIN]
    assert not any(secret in logged for secret in ("a-client-secret", "a-password", "token-1"))
