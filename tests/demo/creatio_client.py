"""A plain HTTP caller of the simulator, as somebody with curl would be: signs in, asks, and hides nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid5

import httpx

from gateway.demo.creatio.simulator import Simulator

EMAIL_ORIGIN = "7f9e1f1e-f46b-1410-3492-0050ba5d6c38"
EMAIL = "e2831dec-cfc0-df11-b00f-001d60e938c6"
INCOMING = "7f9d1f86-f36b-1410-068c-20cf30b39373"
OUTGOING = "7f6d3f94-f36b-1410-068c-20cf30b39373"
ZERO = "00000000-0000-0000-0000-000000000000"


def an_id(of: str) -> str:
    return str(uuid5(UUID(int=7), of))


class Caller:
    """Calls of the technical user, below `/0/odata/` unless the path begins with a slash."""

    def __init__(self, client: httpx.AsyncClient, prefix: str) -> None:
        self.client = client
        self.prefix = prefix

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        url = path if path.startswith("/") else f"{self.prefix}/odata/{path}"
        return await self.client.request(method, url, **more)

    async def rows(self, entity: str, **options: str) -> list[dict[str, Any]]:
        answer = await self.ask("GET", entity, params={f"${name}": text for name, text in options.items()})
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["value"]
        return rows

    async def make(self, entity: str, **columns: Any) -> dict[str, Any]:
        answer = await self.ask("POST", entity, json=columns)
        assert answer.status_code == 201, answer.text
        row: dict[str, Any] = answer.json()
        return row

    async def a_case(self, **columns: Any) -> dict[str, Any]:
        return await self.make("Case", **{"Subject": "Late order", "OriginId": EMAIL_ORIGIN} | columns)

    async def a_mail(self, case: dict[str, Any], **columns: Any) -> dict[str, Any]:
        usual = {"Title": "Late order", "TypeId": EMAIL, "MessageTypeId": INCOMING, "CaseId": case["Id"]}
        sent = {"SendDate": "2026-05-04T10:00:00Z", "Sender": "Ada <ada@example.com>", "Body": "Where is it?"}
        return await self.make("Activity", **usual | sent | columns)


@asynccontextmanager
async def signed_in(simulator: Simulator) -> AsyncIterator[Caller]:
    """A caller with a fresh token, without a network: the application is called directly."""
    transport = httpx.ASGITransport(simulator.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://creatio.test") as client:
        client.headers["Authorization"] = "Bearer " + await a_token(client, simulator)
        yield Caller(client, "/0" if simulator.switches.runtime == "framework" else "")


async def a_token(client: httpx.AsyncClient, simulator: Simulator) -> str:
    known = simulator.doorman.credentials
    form = {"client_id": known.client_id, "client_secret": known.client_secret, "grant_type": "client_credentials"}
    answer = await client.post("/connect/token", data=form)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token
