"""The server itself: its socket, its end, and what it says while the store is away."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.config.settings import StoreSettings
from gateway.web.server import open_endpoint, open_socket_file, serve_web
from tests.peers.postgres import new_postgres
from tests.web.house import HOOK_TOKEN, House, open_house, usual_settings
from tests.web.visitor import Visitor


async def test_only_our_own_user_opens_the_socket(house: House) -> None:
    assert house.socket.stat().st_mode & 0o777 == 0o600


async def test_a_socket_left_behind_is_replaced_wherever_the_data_folder_is(tmp_path: Path) -> None:
    folder = tmp_path / "a folder with a very long name" / ("x" * 100)
    folder.mkdir(parents=True)
    for _ in range(2):
        door = open_socket_file(folder / "gateway.sock")
        assert (folder / "gateway.sock").is_socket()
        door.close()


async def test_a_request_under_way_is_answered_when_the_house_closes() -> None:
    begun, go_on, stopping = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(request: Request) -> Response:
        begun.set()
        await go_on.wait()
        return PlainTextResponse("done")

    door = open_endpoint("127.0.0.1:0")
    address = f"http://127.0.0.1:{door.getsockname()[1]}"
    async with asyncio.TaskGroup() as group, httpx.AsyncClient(trust_env=False, timeout=20) as http:
        serving = group.create_task(serve_web(Starlette(routes=[Route("/", slow)]), [door], stopping))
        asked = group.create_task(http.get(address))
        await begun.wait()
        stopping.set()
        go_on.set()
        assert (await asked).text == "done"
        await asyncio.wait_for(serving, 10)


async def test_while_the_store_is_away_everything_says_come_back_and_recovers_by_itself(tmp_path: Path) -> None:
    cluster = await asyncio.to_thread(new_postgres)
    settings = replace(usual_settings(tmp_path), store=StoreSettings(cluster.new_database()))
    try:
        async with open_house(tmp_path, settings) as house, Visitor(house) as maria:
            await maria.accept_invitation("maria")
            await asyncio.to_thread(cluster.stop)
            page = await maria.http.get("/")
            assert (page.status_code, "Please come back in a minute" in page.text) == (503, True)
            assert page.headers["retry-after"] == "10"
            told = await maria.api("GET", "status")
            assert (told.status_code, told.json()["error"][:17]) == (503, "not possible now:")
            body = {"event_type": "new_activity", "caseId": "8a6e0c9e-5b7f-4a55-9a0c-0e6d6d4f5a11"}
            assert (await maria.http.post(f"/hooks/creatio/{HOOK_TOKEN}", json=body)).status_code == 503
            assert (await maria.http.get("/healthz")).status_code == 200
            await asyncio.to_thread(cluster.start)
            assert (await maria.http.get("/")).status_code == 200
    finally:
        await asyncio.to_thread(cluster.remove)
