"""The daemon as a process of its own, to be killed at any moment."""

import asyncio
import signal
import smtplib
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from gateway.demo.capture import Outbox, capture
from gateway.demo.creatio.simulator import Simulator, serve
from tests.stories.assistant import Assistant, assistant
from tests.stories.stage import usual_settings, write_settings


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


@dataclass
class Daemon:
    """`gateway serve` over one settings file. Its log goes to `folder`/log."""

    settings: Path
    socket: Path
    smtp: int
    process: asyncio.subprocess.Process | None = None
    kills: int = 0
    _log: Any = field(default=None, repr=False)

    async def start(self) -> None:
        self._log = (self.settings.parent / "log").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "--config", str(self.settings), "serve", stderr=self._log, stdout=self._log
        )

    async def ready(self, *, timeout: float = 40) -> None:
        async with asyncio.timeout(timeout):
            while not await self._answers():
                assert self.process is not None
                assert self.process.returncode is None, (self.settings.parent / "log").read_text()[-3000:]
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """As a power cut would for the process: no goodbye."""
        await self._end(signal.SIGKILL)
        self.kills += 1

    async def stop(self) -> int:
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(how)
        status = await asyncio.wait_for(self.process.wait(), 60)
        self._log.close()
        return status

    async def ask(self, path: str) -> Any:
        transport = httpx.AsyncHTTPTransport(uds=str(self.socket))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=10) as client:
            return (await client.get(f"/api/v1/{path}")).raise_for_status().json()

    async def tell(self, method: str, path: str) -> None:
        transport = httpx.AsyncHTTPTransport(uds=str(self.socket))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=10) as client:
            (await client.request(method, f"/api/v1/{path}")).raise_for_status()

    async def _answers(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.smtp, timeout=2):
                pass
            await self.ask("status")
        except (OSError, httpx.HTTPError, smtplib.SMTPException):
            return False
        return True


def hand_over(port: int, sender: str, recipient: str, raw: bytes) -> bool:
    """Whether the mail got its 250. Anything else: the sender still has it."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.sendmail(sender, [recipient], raw)
    except (OSError, smtplib.SMTPException):
        return False
    return True


@dataclass
class Neighbourhood:
    """One daemon as a process, between Creatio's simulator, a mail server that keeps all, and an assistant."""

    daemon: Daemon
    simulator: Simulator
    outbox: Outbox
    assistant: Assistant

    async def counters(self) -> dict[str, Any]:
        status = await self.daemon.ask("status")
        found: dict[str, Any] = status["counters"]
        return found

    async def until(self, holds: Callable[[dict[str, Any]], bool], *, timeout: float = 60) -> dict[str, Any]:
        """The counters, once they are so."""
        async with asyncio.timeout(timeout):
            while not holds(found := await self.counters()):
                await asyncio.sleep(0.1)
        return found


@asynccontextmanager
async def neighbourhood(
    folder: Path, *, change: Mapping[str, Mapping[str, Any]] | None = None, started: bool = True
) -> AsyncIterator[Neighbourhood]:
    simulator = Simulator()
    async with serve(simulator) as creatio, capture() as outbox, assistant() as played:
        tables, port = usual_settings(folder, creatio, outbox.port, played.url), free_port()
        tables["intake.smtp"]["listen"] = [f"127.0.0.1:{port}"]
        path = write_settings(folder, tables, change or {})
        daemon = Daemon(path, folder / "data" / "gateway.sock", port)
        try:
            if started:
                await daemon.start()
                await daemon.ready()
            yield Neighbourhood(daemon, simulator, outbox, played)
        finally:
            if daemon.process is not None and daemon.process.returncode is None:
                await daemon.stop()
