"""The story: the real daemon between two stand-ins, told step by step, each with where to look."""

import asyncio
import contextlib
import os
import smtplib
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx

from gateway import log as logs
from gateway.config.load import load
from gateway.daemon.house import House
from gateway.demo import mails
from gateway.demo.capture import Captured, Outbox, capture
from gateway.demo.creatio.process import Hook
from gateway.demo.creatio.schema import Row, id_of
from gateway.demo.creatio.simulator import Simulator, serve
from gateway.demo.setting import SUPPORT_AT, write_settings

PATIENCE = 20.0  # seconds for each step


class Broken(Exception):
    """A step of the story did not happen."""


@dataclass(slots=True)
class Scene:
    """The daemon and its two stand-ins."""

    house: House
    simulator: Simulator
    outbox: Outbox
    creatio: str
    socket: Path

    @property
    def inbox(self) -> str:
        host, port = self.house.addresses["web"]
        return f"http://{host}:{port}"

    async def write(self, mail: EmailMessage) -> None:
        """A customer's mail, over real SMTP."""
        host, port = self.house.addresses["smtp"]

        def send() -> None:
            with smtplib.SMTP(host, port, timeout=PATIENCE) as client:
                client.send_message(mail, to_addrs=[SUPPORT_AT])

        await asyncio.to_thread(send)

    async def ask(self, method: str, path: str, **told: Any) -> Any:
        """The daemon's API, through its socket; by its folder, for a socket's whole path may be too long (unix(7))."""
        folder = os.open(self.socket.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            transport = httpx.AsyncHTTPTransport(uds=f"/proc/self/fd/{folder}/{self.socket.name}")
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=PATIENCE) as client:
                answer = await client.request(method, f"/api/v1/{path}", **told)
                return answer.raise_for_status().json()
        finally:
            os.close(folder)

    def case(self) -> Row:
        return self.simulator.tenant.rows("Case")[0]

    def activities(self) -> list[Row]:
        return [one for one in self.simulator.tenant.rows("Activity") if one["CaseId"] == self.case()["Id"]]


async def tell(*, once: bool = False) -> int:
    """Tell it all; afterwards leave the inbox open until Ctrl-C, unless `once`. 0, or 1 and the reason."""
    logs.start(quiet=True)
    status = 0
    with tempfile.TemporaryDirectory(prefix="gateway-demo-") as folder:
        try:
            async with _scene(Path(folder)) as scene:
                await _play(scene)
                if not once:
                    await _stay_open(scene)
        except* (Broken, httpx.HTTPError, OSError, smtplib.SMTPException) as broken:
            print(f"\nThe story broke off: {'; '.join(_reasons(broken))}", file=sys.stderr)
            status = 1
    return status


def _reasons(broken: BaseExceptionGroup[BaseException]) -> list[str]:
    """The stand-ins run in groups of tasks: what breaks off comes out of them wrapped."""
    found: list[str] = []
    for one in broken.exceptions:
        found += _reasons(one) if isinstance(one, BaseExceptionGroup) else [str(one) or type(one).__name__]
    return found


@asynccontextmanager
async def _scene(folder: Path) -> AsyncIterator[Scene]:
    simulator = Simulator(name="demo")
    async with AsyncExitStack() as stack:
        creatio = await stack.enter_async_context(serve(simulator))
        outbox = await stack.enter_async_context(capture())
        path = write_settings(folder, creatio, outbox.port, _free_port())
        house, stopping = House(load(path), lambda: load(path)), asyncio.Event()
        running = asyncio.create_task(house.run(stopping))
        try:
            await _opened(house, running)
            scene = Scene(house, simulator, outbox, creatio, folder / "data" / "gateway.sock")
            simulator.hook = Hook(f"{scene.inbox}/hooks/creatio/demo-hook-token-of-the-story")
            yield scene
        finally:
            stopping.set()
            await running


def _free_port() -> int:
    """The one that people know, or any: a demo may run beside another."""
    for port in (8080, 0):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)) as door:
            return int(door.getsockname()[1])
    raise Broken("no port is free on this machine")


async def _opened(house: House, running: asyncio.Task[None]) -> None:
    opened = asyncio.create_task(house.opened.wait())
    await asyncio.wait({opened, running}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    opened.cancel()
    if running.done():
        await running
    if not house.opened.is_set():
        raise Broken(f"the daemon's doors did not open: {house.health.snapshot()}")


async def _play(scene: Scene) -> None:
    """Five mails; each step waits until what it tells of can be seen outside the daemon."""
    now = datetime.now(UTC)
    print(f"\nA support address, {mails.SUPPORT}, on this machine.")
    print(f"  the inbox      {scene.inbox}\n  Creatio        {scene.creatio}  (a simulator)")

    _title(1, "Clara asks something that an article answers")
    await scene.write(mails.question(now))
    [answer] = await _until("the assistant's answer to Clara", lambda: scene.outbox.to(mails.CLARA))
    _show(answer)

    _title(2, "Omar complains: the assistant hands off, Creatio gets a case")
    first = mails.complaint(now)
    await scene.write(first)
    await _until("a case with Omar's mail and its picture", lambda: _case_is_whole(scene))
    _show_case(scene)

    _title(3, "Omar writes again: it is added to the same case")
    await scene.write(mails.second(now, first))
    await _until("Omar's second mail on the case", lambda: len(_incoming(scene)) == 2)
    if len(scene.simulator.tenant.rows("Case")) != 1:
        raise Broken("a second case was opened")
    newest = _incoming(scene)[-1]
    print(f"  the case has {len(_incoming(scene))} mails; the newest, without what it quoted:")
    _quote(_plain(str(newest["Body"])))

    _title(4, "Anna answers in Creatio: Omar gets it in the same thread")
    await scene.simulator.agent.reply(id_of(scene.case()), mails.REPLY)
    [reply] = await _until("Anna's reply to Omar", lambda: scene.outbox.to(mails.OMAR))
    if str(first["Message-ID"]) not in str(reply.message["References"]):
        raise Broken("the reply is not in Omar's thread")
    _show(reply)

    _title(5, "Anna closes the case: the conversation is resolved")
    await scene.simulator.agent.close(id_of(scene.case()))
    await _until_state(scene, "resolved")
    print("  the conversation is resolved in the inbox too")
    await _balance(scene)


async def _balance(scene: Scene) -> None:
    counters = (await scene.ask("GET", "status"))["counters"]
    if not counters["balanced"]:
        raise Broken(f"not every mail is accounted for: {counters}")
    print(f"\nEvery mail is accounted for: {counters['accepted']} taken in, {_fates(counters)}.")


def _fates(counters: dict[str, Any]) -> str:
    rest = {key.replace("_", " "): value for key, value in counters.items() if key not in ("accepted", "balanced")}
    return ", ".join(f"{value} {key}" for key, value in rest.items() if value)


async def _until(what: str, found: Callable[[], Any]) -> Any:
    """What `found` gives once it is something."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not (value := found()):
                await asyncio.sleep(0.02)
            return value
    except TimeoutError:
        raise Broken(f"{what} did not come within {PATIENCE:g} seconds") from None


async def _until_state(scene: Scene, state: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                found = (await scene.ask("GET", "conversations"))["conversations"]
                if any(one["customer"]["address"] == mails.OMAR and one["state"] == state for one in found):
                    return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise Broken(f"Omar's conversation did not become {state}") from None


def _incoming(scene: Scene) -> list[Row]:
    """The customer's mails on the case, in order."""
    if not scene.simulator.tenant.rows("Case"):
        return []
    rows = [one for one in scene.activities() if mails.OMAR in str(one["Sender"])]
    return sorted(rows, key=lambda one: str(one["StartDate"]))


def _case_is_whole(scene: Scene) -> bool:
    tenant = scene.simulator.tenant
    if not _incoming(scene):
        return False
    [first] = _incoming(scene)[:1]
    files = [one for one in tenant.rows("ActivityFile") if one["ActivityId"] == first["Id"]]
    return any(("ActivityFile", one["Id"], "Data") in tenant.blobs for one in files)


def _show_case(scene: Scene) -> None:
    tenant, case = scene.simulator.tenant, scene.case()
    priority = tenant.get("CasePriority", case["PriorityId"])
    files = [str(one["Name"]) for one in tenant.rows("ActivityFile")]
    print(f"  {case['Number']}: {case['Subject']}")
    print(f"  priority {priority['Name'] if priority else '-'}, with {', '.join(files)}; its description:")
    _quote(str(case["Symptoms"]))
    print(f"  look: {scene.creatio} plays the rep's side")


def _show(mail: Captured) -> None:
    message = mail.message
    print(f"  From: {message['From']}\n  To: {message['To']}\n  Subject: {message['Subject']}")
    body = message.get_body(("plain",))
    _quote(body.get_content() if body is not None else "")


def _quote(text: str) -> None:
    for line in text.strip().splitlines()[:12]:
        print(f"  | {line}".rstrip())


def _plain(html: str) -> str:
    return "\n".join(line for line in html.replace("<p>", "").replace("</p>", "\n").replace("<br />", "").splitlines())


def _title(number: int, text: str) -> None:
    print(f"\n{number}. {text}")


async def _stay_open(scene: Scene) -> None:
    link = (await scene.ask("POST", "invitations", json={"name": "demo"}))["url"]
    print(f"\nThe inbox is open: {link}\nCreatio, where you can play the rep: {scene.creatio}\nCtrl-C ends it all.")
    webbrowser.open(link)
    await asyncio.Event().wait()
