"""The decision hook, asked over a real connection."""

import asyncio
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from gateway.config.settings import Secret
from gateway.desk.brief import Said, SaidFile
from gateway.desk.decision import Answer, Decision, HandOff, KeepSilent
from gateway.errors import GiveUp, TryLater
from tests.assistant.stand import BULBS, Service, a_brief, an_assistant, decides

SECRET = "whsec_" + b64encode(b"a secret of thirty-two bytes 123").decode()


async def decision_of(answer: Response, **changes: Any) -> Decision:
    async with Service(answer).open() as url, an_assistant(kind="http", url=url) as hook:
        return await hook.decide(a_brief(**changes))


async def test_the_hook_is_told_all_that_the_contract_names() -> None:
    service = Service(decides(action="keep_silent"))
    said = Said("customer", datetime(2026, 3, 1, 9, 30, tzinfo=UTC), "Hi", (SaidFile("a.png", "image/png", 3),))
    async with service.open() as url, an_assistant(kind="http", url=f"{url}/decide") as hook:
        await hook.decide(a_brief(messages=(said,), articles=(BULBS,), subject="Bulb"))
    [told] = service.asked
    assert service.paths == ["/v1/decide"]
    assert set(told) == {
        "version",
        "conversation",
        "customer",
        "messages",
        "articles",
        "fields",
        "policy",
        "deadline_ms",
    }
    assert (told["version"], told["deadline_ms"]) == (1, 5000)
    assert told["conversation"]["subject"] == "Bulb"
    assert told["customer"] == {"address": "ann@mail.example", "name": "Ann Keller", "verified": True}
    assert told["messages"] == [
        {
            "author": "customer",
            "at": "2026-03-01T09:30:00Z",
            "text": "Hi",
            "attachments": [{"name": "a.png", "type": "image/png", "size": 3}],
        }
    ]
    assert told["articles"] == [{"id": "bulbs", "title": BULBS.title, "text": BULBS.text, "url": ""}]
    assert told["fields"][0]["options"] == ["High", "Medium"]
    assert told["policy"] == {"handoff": "quick", "topics": ["legal threats"]}


async def test_the_request_is_signed_as_standard_webhooks_are() -> None:
    service = Service(decides(action="keep_silent"))
    async with service.open() as url, an_assistant(kind="http", url=url, key=Secret(SECRET)) as hook:
        await hook.decide(a_brief("Größe?"))
        await hook.decide(a_brief("Größe?"))
    [first, second] = service.headers
    stamp = first["webhook-timestamp"]
    said = f"{first['webhook-id']}.{stamp}.".encode() + service.bodies[0]
    mac = hmac.digest(b64decode(SECRET.removeprefix("whsec_")), said, "sha256")
    assert first["webhook-signature"] == f"v1,{b64encode(mac).decode()}"
    assert abs(datetime.now(UTC).timestamp() - int(stamp)) < 60
    assert first["webhook-id"] != second["webhook-id"]


async def test_without_a_key_nothing_is_signed() -> None:
    service = Service(decides(action="keep_silent"))
    async with service.open() as url, an_assistant(kind="http", url=url) as hook:
        await hook.decide(a_brief())
    assert "webhook-signature" not in service.headers[0]


async def test_a_full_answer_is_taken_over() -> None:
    decision = await decision_of(
        decides(
            action="answer",
            text=" E27. ",
            summary="Asks for a bulb.",
            language="en",
            sentiment="happy",
            resolved=True,
            fields={"PriorityId": "high", "Unasked": "x"},
            citations=["bulbs"],
            something_new={"a": 1},
        )
    )
    assert isinstance(decision, Answer)
    assert (decision.text, decision.resolved, decision.citations) == ("E27.", True, ("bulbs",))
    assert (decision.about.summary, decision.about.sentiment) == ("Asks for a bulb.", "happy")
    assert decision.about.fields == {"PriorityId": "High"}


async def test_only_the_action_is_required() -> None:
    assert isinstance(await decision_of(decides(action="hand_off")), HandOff)
    assert isinstance(await decision_of(decides(action="keep_silent", text=None, fields=None)), KeepSilent)


async def test_what_no_database_keeps_is_taken_out_of_an_answer() -> None:
    raw = b'{"action": "answer", "text": "a\\ud800b\\u0000c", "summary": "\\u0007ok"}'
    decision = await decision_of(Response(raw, media_type="application/json"))
    assert isinstance(decision, Answer)
    assert (decision.text, decision.about.summary) == ("abc", "ok")


@pytest.mark.parametrize(
    "said",
    [
        {"action": "answer"},
        {"action": "answer", "text": "  \u0000 "},
        {"action": "answer", "text": ["E27"]},
        {"action": "answer", "text": "x" * 20_001},
        {"action": "reply", "text": "E27"},
        {"text": "E27"},
        {"action": "answer", "text": "E27", "resolved": "yes"},
        {"action": "answer", "text": "E27", "citations": "bulbs"},
        {"action": "answer", "text": "E27", "citations": [1]},
        {"action": "hand_off", "fields": ["High"]},
        ["answer"],
        None,
    ],
)
async def test_an_invalid_decision_is_none(said: Any) -> None:
    with pytest.raises(GiveUp, match="not valid"):
        await decision_of(JSONResponse(said))


@pytest.mark.parametrize("garbage", [b"", b"<html>", b'{"action": "answer"', b"[" * 100_000, b"\xff\xfe\x00"])
async def test_garbage_is_no_decision(garbage: bytes) -> None:
    with pytest.raises(GiveUp, match="not JSON"):
        await decision_of(Response(garbage))


async def test_a_broken_hook_is_asked_once_and_said_to_be_down() -> None:
    service = Service(PlainTextResponse("oops", 500), decides(action="answer", text="too late"))
    async with service.open() as url, an_assistant(kind="http", url=url) as hook:
        with pytest.raises(TryLater, match="500"):
            await hook.decide(a_brief())
    assert len(service.bodies) == 1


async def test_a_busy_hook_says_how_long_to_wait() -> None:
    with pytest.raises(TryLater) as caught:
        await decision_of(Response(status_code=429, headers={"Retry-After": "17"}))
    assert caught.value.wait == timedelta(seconds=17)


@pytest.mark.parametrize("status", [204, 301, 400, 401, 404])
async def test_a_refusal_is_not_worth_a_repetition(status: int) -> None:
    with pytest.raises(GiveUp, match=str(status)):
        await decision_of(Response(status_code=status, headers={"Location": "http://192.0.2.1/"}))


async def test_a_silent_hook_is_left_at_the_deadline() -> None:
    over = asyncio.Event()

    async def sleep(request: Request) -> Response:
        await over.wait()
        return Response()

    service, loop = Service(sleep), asyncio.get_running_loop()
    async with service.open() as url, an_assistant(kind="http", url=url) as hook:
        began = loop.time()
        with pytest.raises(TryLater, match="in time"):
            await hook.decide(a_brief(deadline=timedelta(seconds=0.3)))
        took = loop.time() - began
        over.set()
    assert 0.25 < took < 2


async def test_an_answer_that_drips_in_is_left_at_the_deadline() -> None:
    """Each drop comes in good time; the whole never does."""

    async def drops() -> AsyncIterator[bytes]:
        for letter in json.dumps({"action": "answer", "text": "E27" * 100}):
            yield letter.encode()
            await asyncio.sleep(0.02)

    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(TryLater, match="in time"):
        await decision_of(StreamingResponse(drops()), deadline=timedelta(seconds=0.3))
    assert loop.time() - began < 2


async def test_a_huge_answer_is_not_read() -> None:
    with pytest.raises(GiveUp, match="more than"):
        await decision_of(Response(b'{"action": "answer", "text": "' + b"x" * 2_000_000 + b'"}'))


async def test_nobody_at_the_address_is_said_to_be_down() -> None:
    async with an_assistant(kind="http", url="http://127.0.0.1:1/") as hook:
        with pytest.raises(TryLater, match="refuses the connection"):
            await hook.decide(a_brief())
