"""A house with windows on loopback: the real store, the real server, nothing that sends."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gateway.assistant.absent import Absent
from gateway.config.settings import Creatio, Mailbox, Secret, Settings, Smtp, Web
from gateway.health import Condition, Finding, Health
from gateway.offload import Readers
from gateway.pipeline.parts import Parts
from gateway.store import installation
from gateway.store.database import Store
from gateway.web.app import build_app
from gateway.web.server import open_endpoint, open_socket_file, serve_web
from gateway.web.surroundings import Door, Surroundings
from tests.fakes import FakeRelay

SUPPORT = "support@shop.example"
BILLING = "billing@shop.example"
HOOK_TOKEN = "a-hook-token-of-some-length"


@dataclass
class House:
    """`tested` are the areas that were asked to be tested; `trouble` is why no mail could be taken."""

    parts: Parts
    around: Surroundings
    port: int
    hook_port: int
    trouble: str = ""
    tested: list[str] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.parts.store

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket(self) -> Path:
        return self.parts.settings.data_dir / "gateway.sock"

    def change_web(self, **values: Any) -> None:
        """Other settings of [web], as after a reload."""
        settings = self.parts.settings
        self.parts = replace(self.parts, settings=replace(settings, web=replace(settings.web, **values)))


def usual_settings(folder: Path) -> Settings:
    return Settings(
        path=folder / "config.toml",
        public_url="http://127.0.0.1:8080",
        data_dir=folder / "data",
        mailboxes=(
            Mailbox(SUPPORT, receives_at=("in-support@gateway.shop.example",), name="Shop Support", mode="draft"),
            Mailbox(BILLING, name="Shop Billing"),
        ),
        smtp=Smtp(),
        creatio=Creatio(url="https://shop.creatio.example", hook_token=Secret(HOOK_TOKEN)),
        web=Web(metrics_token=Secret("a-metrics-token")),
    )


@asynccontextmanager
async def open_house(folder: Path, settings: Settings | None = None) -> AsyncIterator[House]:
    """Windows behind all three doors, served until the context ends."""
    chosen = settings or usual_settings(folder)
    store = await Store.open(chosen.store.url, chosen.data_dir, node="here")
    readers = Readers(processes=1)
    stopping = asyncio.Event()
    try:
        await store.write(installation.found)
        house = _build(Parts(store, chosen, Absent(), FakeRelay(), readers, _health()))
        async with asyncio.TaskGroup() as group:
            inbox, hook = open_endpoint("127.0.0.1:0"), open_endpoint("127.0.0.1:0")
            house.port, house.hook_port = inbox.getsockname()[1], hook.getsockname()[1]
            doors = {Door.INBOX: inbox, Door.HOOK: hook, Door.SOCKET: open_socket_file(house.socket)}
            for door, listening in doors.items():
                group.create_task(serve_web(build_app(house.around, door), [listening], stopping))
            yield house
            stopping.set()
    finally:
        await readers.close()
        await store.close()


def _build(parts: Parts) -> House:
    async def reload() -> Settings:
        return house.parts.settings

    async def test(area: str) -> Sequence[Finding]:
        house.tested.append(area)
        return [
            Finding(area, True, f"{area} answers"),
            Finding(area, False, "the certificate ends in 3 days", "renew it", warning=True),
        ]

    async def not_ready() -> str:
        return house.trouble

    around = Surroundings(lambda: house.parts, reload, test, not_ready, version="0.1.0")
    house = House(parts, around, 0, 0)
    return house


def _health() -> Health:
    health = Health()
    for name in ("smtp", "assistant", "creatio", "store"):
        health.note(name, Condition.WORKING)
    health.note("relay", Condition.FAILED, "connection refused by smtp.shop.example:587")
    return health
