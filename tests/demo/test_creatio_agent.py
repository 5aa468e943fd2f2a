"""The rep and the processes of the simulator: rows as reps leave them, and calls of the hook as Creatio makes them."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.demo.creatio import ids
from gateway.demo.creatio.agent import Attached, Style
from gateway.demo.creatio.process import Hook
from gateway.demo.creatio.schema import ZERO, Row
from gateway.demo.creatio.simulator import Simulator
from tests.demo.creatio_client import Caller

EMAIL, TASK = ids.TYPE_EMAIL, ids.TYPE_TASK


class Door:
    """Answers the hook: with `statuses` in turn, then with 202; keeps what came. `silent`: it never answers."""

    def __init__(self, *statuses: int, silent: bool = False) -> None:
        self.statuses = list(statuses)
        self.silent = silent
        self.bodies: list[dict[str, Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.bodies.append(await request.json())
        if self.silent:
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await Response(status_code=self.statuses.pop(0) if self.statuses else 202)(scope, receive, send)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(self, log_level="critical", lifespan="off", access_log=False))
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listening]))
            try:
                yield f"http://127.0.0.1:{listening.getsockname()[1]}/hooks/creatio/t"
            finally:
                server.force_exit = server.should_exit = True


def row_of(simulator: Simulator, made: UUID, entity: str = "Activity") -> Row:
    return simulator.tenant.tables[entity][made]


@pytest.fixture
async def case(caller: Caller) -> UUID:
    made = await caller.a_case()
    await caller.a_mail(made)
    return UUID(made["Id"])


async def test_creatios_own_sending_has_two_phases_and_the_last_word_fires_nothing(
    simulator: Simulator, case: UUID
) -> None:
    made = await simulator.agent.begin_sending(case, "<p>Hi</p>")
    row = row_of(simulator, made)
    assert (row["EmailSendStatusId"], row["SendDate"]) == (ids.SEND_IN_PROGRESS, None)
    assert simulator.tenant.mailed == []
    await simulator.agent.finish_sending(made)
    assert (row["EmailSendStatusId"], row["StatusId"]) == (ids.SENDED, ids.ACTIVITY_COMPLETED)
    assert row["SendDate"] is not None
    assert [one.activity for one in simulator.tenant.mailed] == [made]


@pytest.mark.parametrize(
    ("style", "kind", "status"),
    [
        (Style.COMPLETED, EMAIL, ids.ACTIVITY_COMPLETED),
        (Style.DRAFT, EMAIL, ids.ACTIVITY_NOT_STARTED),
        (Style.TASK, TASK, ids.ACTIVITY_COMPLETED),
        (Style.TO_DO, TASK, ids.ACTIVITY_NOT_STARTED),
        (Style.NOTICE, EMAIL, ids.ACTIVITY_COMPLETED),
    ],
)
async def test_each_way_to_say_something_leaves_its_row(
    simulator: Simulator, case: UUID, style: Style, kind: UUID, status: UUID
) -> None:
    row = row_of(simulator, await simulator.agent.reply(case, "<p>Hi</p>", style=style))
    assert (row["TypeId"], row["StatusId"], row["CaseId"]) == (kind, status, case)


@pytest.mark.parametrize(("style", "entity"), [(Style.FEED, "SocialMessage"), (Style.PORTAL, "PortalMessage")])
async def test_posts_are_no_activities(simulator: Simulator, case: UUID, style: Style, entity: str) -> None:
    row = row_of(simulator, await simulator.agent.reply(case, "<p>Hi</p>", style=style), entity)
    assert row["EntityId"] == case


async def test_a_mail_that_could_not_be_sent_says_why(simulator: Simulator, case: UUID) -> None:
    row = row_of(simulator, await simulator.agent.reply(case, "x", style=Style.ERROR))
    assert "550" in str(row["ErrorOnSend"])
    assert simulator.tenant.mailed == []


async def test_an_inline_file_is_shown_by_creatios_own_address(simulator: Simulator, case: UUID) -> None:
    files = [Attached("logo.png", b"png", inline=True)]
    made = await simulator.agent.reply(case, '<img src="cid:logo.png">', files=files)
    [file] = [row for row in simulator.tenant.rows("ActivityFile") if row["ActivityId"] == made]
    assert f"/rest/FileService/GetFile/080c9917-7ec9-42e5-86ff-75a683d4f124/{file['Id']}" in str(
        row_of(simulator, made)["Body"]
    )


async def test_a_visitor_sees_the_picture_where_the_mail_shows_it(
    caller: Caller, simulator: Simulator, case: UUID
) -> None:
    picture = b"\x89PNG\r\n\x1a\n and so on"
    files = [
        Attached("lamp.png", picture, inline=True),
        Attached("page.png", b"<script>alert(1)</script>", inline=True),
    ]
    body = '<p>See <img src="cid:lamp.png" alt="lamp.png"> <img src="https://a.example/1.gif" alt="afar"></p>'
    made = await simulator.agent.reply(case, body, files=files)
    address = f"/play/cases/{case}"
    page = (await caller.ask("GET", address)).text
    [source] = re.findall(r'<img src="([^"]+)" alt="lamp.png">', page)
    assert "[afar]" in page
    shown = await caller.ask("GET", urljoin(address, source), headers={"Authorization": ""})
    assert (shown.content, shown.headers["Content-Type"]) == (picture, "image/png")
    [_, other] = [row["Id"] for row in simulator.tenant.rows("ActivityFile") if row["ActivityId"] == made]
    assert (await caller.ask("GET", urljoin(address, f"{source[:-36]}{other}"))).status_code == 404
    unsigned = await caller.ask("GET", f"/0/{source.removeprefix('../')}", headers={"Authorization": ""})
    assert unsigned.status_code == 401, "Creatio's own address is for who is signed in"


async def test_the_hook_is_called_with_the_case_and_nothing_else(simulator: Simulator, case: UUID) -> None:
    door = Door()
    async with door.open() as url:
        simulator.hook = Hook(url, background=False)
        await simulator.agent.reply(case, "<p>Hi</p>")
        await simulator.agent.resolve(case)
    assert door.bodies == [
        {"event_type": "new_activity", "caseId": str(case)},
        {"event_type": "case_closed", "caseId": str(case)},
    ]


async def test_the_gateways_own_rows_call_the_hook_too(caller: Caller, simulator: Simulator, case: UUID) -> None:
    door = Door()
    async with door.open() as url:
        simulator.hook = Hook(url, background=False)
        await caller.a_mail({"Id": str(case)})
    assert door.bodies == [{"event_type": "new_activity", "caseId": str(case)}]


async def test_a_call_that_fails_is_repeated_at_once_and_then_lost(simulator: Simulator, case: UUID) -> None:
    door = Door(500, 500)
    async with door.open() as url:
        simulator.hook = Hook(url, background=False, repeats=2)
        await simulator.agent.reply(case, "<p>Hi</p>")
        assert [call.status for call in simulator.process.calls] == [500, 500, 202]
        door.statuses = [500, 500, 500]
        await simulator.agent.reply(case, "<p>Hi</p>")
        assert [call.status for call in simulator.process.calls[3:]] == [500, 500, 500]


async def test_a_hook_that_does_not_answer_is_given_up(simulator: Simulator, case: UUID) -> None:
    door = Door(silent=True)
    async with door.open() as url:
        simulator.hook = Hook(url, background=False, timeout=0.1)
        await simulator.agent.reply(case, "<p>Hi</p>")
    assert [call.status for call in simulator.process.calls] == [0]


async def test_processes_that_are_missing_call_nobody(simulator: Simulator, case: UUID) -> None:
    lost = simulator.process.lost
    await simulator.agent.reply(case, "<p>Hi</p>")
    assert simulator.process.lost == lost + 1


@pytest.mark.parametrize("form", ["upper", "braces", "placeholder", "zero", "extra"])
async def test_bodies_come_in_every_spelling(simulator: Simulator, case: UUID, form: Any) -> None:
    door = Door()
    async with door.open() as url:
        simulator.hook = replace(Hook(url, background=False), form=form)
        await simulator.agent.reply(case, "<p>Hi</p>")
    expected = {
        "upper": str(case).upper(),
        "braces": "{" + str(case).upper() + "}",
        "placeholder": "[#Case.Id#]",
        "zero": str(ZERO),
        "extra": str(case),
    }
    assert [body["caseId"] for body in door.bodies] == [expected[form]]
