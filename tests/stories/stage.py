"""The whole house on a stage: the real daemon in this process, Creatio's simulator, a mail server that keeps all."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from gateway.config.load import load
from gateway.daemon.house import House
from gateway.demo.capture import Captured, Outbox, capture
from gateway.demo.creatio import ids
from gateway.demo.creatio.simulator import Simulator, serve
from gateway.ports import Names
from gateway.store import survey, workload
from gateway.store.database import Store
from tests.stories.assistant import Assistant, assistant

SUPPORT = "support@shop.example"
CUSTOMER = "ann@mail.example"
_RECURRING = frozenset({"poll", "tend", "fetch"})

Table = Mapping[str, Any]


def settings_text(tables: Mapping[str, Table]) -> str:
    """TOML of tables; a name in double brackets is the first of several."""
    lines: list[str] = []
    for name, values in tables.items():
        if name:
            lines.append(f"[{name}]")
        lines += [f"{key} = {_toml(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case dict():
            return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(_toml(one) for one in value) + "]"
        case _:
            escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return f'"{escaped}"'


def usual_settings(folder: Path, creatio: str, relay: int, assistant: str) -> dict[str, dict[str, Any]]:
    """A safe beginning that a story changes where it is about something."""
    return {
        "": {"public_url": "https://gateway.shop.example", "data_dir": str(folder / "data")},
        "operator": {"notify": ["ops@shop.example"], "staff": ["@shop.example"]},
        "store": {"url": "sqlite"},
        "intake.smtp": {"listen": ["127.0.0.1:0"], "hostname": "gateway.shop.example", "min_free": "1MiB"},
        "[mailbox]": {"address": SUPPORT, "name": "Shop Support", "signature": "Shop Support"},
        "relay": {"host": "127.0.0.1", "port": relay, "tls": "none", "rate": "1000/s"},
        "assistant": {"kind": "http", "url": assistant, "quiet_window": "0s"},
        "creatio": {
            "url": creatio,
            "identity_url": creatio,
            "client_id": "gateway",
            "client_secret": "a-client-secret",
            "hook_token": "a-hook-token-of-some-length",
            "poll": "60s",
        },
        "web": {"listen": "127.0.0.1:0"},
    }


@dataclass
class Stage:
    """What a story plays with. `written` are the mails that customers wrote, in order."""

    house: House
    simulator: Simulator
    outbox: Outbox
    assistant: Assistant
    folder: Path
    written: list[EmailMessage] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.house.store

    # -- who does something -------------------------------------------------------------------------------------

    async def customer_writes(
        self,
        text: str,
        *,
        subject: str = "Where is my order?",
        sender: str = CUSTOMER,
        answering: EmailMessage | Captured | None = None,
        **headers: str,
    ) -> EmailMessage:
        """A mail comes in by SMTP and has its 250 when this returns."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, SUPPORT, subject
        mail["Date"] = format_datetime(self.store.time())
        mail["Message-ID"] = f"<{len(self.written)}.{self.store.time().timestamp():.6f}@mail.example>"
        if answering is not None:
            first = answering if isinstance(answering, EmailMessage) else answering.message
            mail["In-Reply-To"] = first["Message-ID"]
            mail["References"] = f"{first['References'] or ''} {first['Message-ID']}".strip()
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        await self.give(mail, sender)
        self.written.append(mail)
        return mail

    async def give(self, mail: EmailMessage | bytes, sender: str, recipient: str = SUPPORT) -> None:
        """Hand over a mail at the SMTP door."""
        host, port = self.house.addresses["smtp"]
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()

        def send() -> None:
            with smtplib.SMTP(host, port, timeout=20) as client:
                client.sendmail(sender, [recipient], raw)

        await asyncio.to_thread(send)

    async def ask(self, method: str, path: str, **told: Any) -> Any:
        """The API, as the shell commands use it."""
        transport = httpx.AsyncHTTPTransport(uds=str(self.folder / "data" / "gateway.sock"))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=20) as client:
            answer = await client.request(method, f"/api/v1/{path}", **told)
            assert answer.status_code < 400, answer.text
            return answer.json()

    async def hook(self, **body: str) -> int:
        host, port = self.house.addresses["web"]
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"http://{host}:{port}/hooks/creatio/a-hook-token-of-some-length", json=body)
            return answer.status_code

    # -- time ---------------------------------------------------------------------------------------------------

    async def settle(self, *, timeout: float = 20) -> None:
        """Until nothing that is due, and whose partner may be asked, is left to do."""
        quiet = 0
        async with asyncio.timeout(timeout):
            while quiet < 3:
                counts = await self.store.read(survey.counts)
                left_alone = _RECURRING | self.house.held_back
                counted = [one for one in counts if one.step != "fetch"]  # a visit mostly waits
                busy = any(one.working or (one.waiting and one.step not in left_alone) for one in counted)
                quiet = 0 if busy else quiet + 1
                await asyncio.sleep(0.02)

    async def turn(self, by: timedelta) -> None:
        """Let time pass, and what became due be done."""
        self.store.turn_clock(by)
        await self.settle()

    # -- what can be seen ---------------------------------------------------------------------------------------

    @property
    def cases(self) -> Sequence[Table]:
        return self.simulator.tenant.rows("Case")

    def activities(self, case: Table) -> list[Table]:
        """The mails on a case, in the order of their time."""
        here = [one for one in self.simulator.tenant.rows("Activity") if one["CaseId"] == case["Id"]]
        rows = [one for one in here if one["TypeId"] == ids.TYPE_EMAIL]
        return sorted(rows, key=lambda one: str(one["StartDate"]))

    def case_id(self, number: int = 0) -> UUID:
        found = self.cases[number]["Id"]
        assert isinstance(found, UUID)
        return found

    def mails_to(self, address: str) -> list[Captured]:
        return self.outbox.to(address)

    async def conversations(self) -> list[dict[str, Any]]:
        found = (await self.ask("GET", "conversations"))["conversations"]
        assert isinstance(found, list)
        return found

    async def balance(self) -> workload.Balance:
        return await self.store.read(workload.balance)


@asynccontextmanager
async def stage(
    folder: Path,
    *,
    change: Mapping[str, Table] | None = None,
    simulator: Simulator | None = None,
    more: str = "",
    names: Names | None = None,
) -> AsyncIterator[Stage]:
    """Open the house with the usual settings, changed table by table, and `more` TOML; close it in good order.

    Without `names` no DNS is asked.
    """
    house: House | None = None

    def clock() -> datetime:
        return house.store.time() if house is not None and hasattr(house, "store") else datetime.now(UTC)

    tenant = simulator or Simulator(clock=clock)
    async with serve(tenant) as creatio, capture() as outbox, assistant() as played:
        path = write_settings(folder, usual_settings(folder, creatio, outbox.port, played.url), change or {})
        path.write_text(path.read_text() + more)
        house = House(load(path), lambda: load(path), names=names)
        async with running(house):
            yield Stage(house, tenant, outbox, played, folder)


def write_settings(folder: Path, tables: dict[str, dict[str, Any]], change: Mapping[str, Table]) -> Path:
    for name, values in change.items():
        tables.setdefault(name, {}).update(values)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.toml"
    path.write_text(settings_text(tables))
    return path


@asynccontextmanager
async def running(house: House) -> AsyncIterator[None]:
    """The house, open; closed in good order afterwards."""
    stopping = asyncio.Event()
    task = asyncio.create_task(house.run(stopping))
    opened = asyncio.create_task(house.opened.wait())
    try:
        await asyncio.wait({task, opened}, return_when=asyncio.FIRST_COMPLETED, timeout=20)
        if task.done():
            await task
        yield
    finally:
        opened.cancel()
        stopping.set()
        await asyncio.wait_for(task, 60)
