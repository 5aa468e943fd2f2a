"""What Creatio's business processes may say, and how little of it is believed (contract 5)."""

import time

import httpx
import pytest

from gateway.store import survey
from tests.web.house import HOOK_TOKEN, House
from tests.web.seeds import Mail, open_case, receive

HERE = f"/hooks/creatio/{HOOK_TOKEN}"
UNKNOWN = "8a6e0c9e-5b7f-4a55-9a0c-0e6d6d4f5a11"


@pytest.fixture(params=["inbox", "hook door"])
def door(request: pytest.FixtureRequest, house: House) -> str:
    return house.url if request.param == "inbox" else f"http://127.0.0.1:{house.hook_port}"


async def knock(door: str, path: str = HERE, **told: object) -> httpx.Response:
    async with httpx.AsyncClient(base_url=door, trust_env=False, timeout=20) as http:
        return await http.request(str(told.pop("method", "POST")), path, **told)  # type: ignore[arg-type]  # as httpx takes it


async def test_a_known_case_is_looked_at_once_however_often_it_is_told(house: House, door: str) -> None:
    here, _ = await house.store.write(receive, Mail("Hello"))
    case = await house.store.write(open_case, here, "SR1")
    for written in (case, case.upper(), f"{{{case}}}", f" {{{case.upper()}}} "):
        answer = await knock(door, json={"event_type": "new_activity", "caseId": written, "activityId": "x"})
        assert answer.status_code == 202
    [job] = await house.store.read(survey.open_for, case)
    assert job.step == "listen"


@pytest.mark.parametrize("word", ["case_closed", "case_resolved", "status_changed"])
async def test_closures_are_taken_like_activities(house: House, door: str, word: str) -> None:
    here, _ = await house.store.write(receive, Mail("Hello"))
    case = await house.store.write(open_case, here, "SR1")
    assert (await knock(door, json={"event_type": word, "caseId": case})).status_code == 202
    assert len(await house.store.read(survey.open_for, case)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"event_type": "new_activity"},
        {"event_type": "new_activity", "caseId": UNKNOWN},
        {"event_type": "new_activity", "caseId": "[#Case.Id#]"},
        {"event_type": "new_activity", "caseId": "00000000-0000-0000-0000-000000000000"},
        {"event_type": "something_else", "caseId": UNKNOWN},
        {"event_type": ["new_activity"], "caseId": {"a": 1}},
    ],
)
async def test_what_is_of_no_use_is_taken_and_ignored(house: House, door: str, body: dict[str, object]) -> None:
    assert (await knock(door, json=body)).status_code == 202
    assert await house.store.read(survey.counts) == []


async def test_the_token_may_come_as_a_bearer(door: str) -> None:
    told = {"authorization": f"Bearer {HOOK_TOKEN}"}
    assert (await knock(door, "/hooks/creatio", json={}, headers=told)).status_code == 202


async def test_a_wrong_token_learns_nothing(door: str) -> None:
    for path, headers, code in (
        ("/hooks/creatio/wrong", {}, 404),
        ("/hooks/creatio/", {}, 404),
        ("/hooks/creatio", {}, 401),
        ("/hooks/creatio", {"authorization": "Bearer wrong"}, 401),
        ("/hooks/creatio", {"authorization": "Bearer"}, 401),
    ):
        answer = await knock(door, path, json={}, headers=headers)
        assert answer.status_code == code, path
        assert HOOK_TOKEN not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"[" * 60_000])
async def test_what_is_no_json_object_is_a_bad_request(door: str, body: bytes) -> None:
    assert (await knock(door, content=body)).status_code == 400


async def test_only_posts_are_taken(door: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert (await knock(door, method=method)).status_code == 405


async def test_a_body_that_goes_on_and_on_is_refused(door: str) -> None:
    assert (await knock(door, content=b'{"a": "' + b"x" * 100_000 + b'"}')).status_code == 413
    assert (await knock(door, content=b"x" * 3_000_000)).status_code == 413


async def test_hooks_are_answered_in_less_than_a_second(house: House, door: str) -> None:
    here, _ = await house.store.write(receive, Mail("Hello"))
    case = await house.store.write(open_case, here, "SR1")
    for _ in range(5):
        begun = time.monotonic()
        assert (await knock(door, json={"event_type": "new_activity", "caseId": case})).status_code == 202
        assert time.monotonic() - begun < 1


async def test_behind_the_hooks_own_door_is_nothing_else(house: House) -> None:
    door = f"http://127.0.0.1:{house.hook_port}"
    for path in ("/", "/sign-in", "/metrics", "/healthz", "/readyz", "/api/v1/status", "/api/v1/openapi.json"):
        assert (await knock(door, path, method="GET")).status_code == 404, path
