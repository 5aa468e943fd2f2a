"""A real SMTP door on loopback in a thread of its own, with a real folder behind it."""

import argparse
import asyncio
import ipaddress
import os
import re
import socket
import ssl
import sys
import threading
import uuid
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import uvloop

from gateway.intake.smtp.auth import known_users
from gateway.intake.smtp.door import Accept, Door, DoorSettings, Limits, Received, SpooledFile, open_door

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
MAILBOX = "b@dst.test"


@dataclass
class Directory:
    """Who lives at dst.test: b, with any digits or sub-address behind it; and bücher.test under both its names."""

    lookups: int = 0
    raises: Exception | None = None

    def lookup(self, recipient: str) -> str | None:
        self.lookups += 1
        if self.raises is not None:
            raise self.raises
        local, _, domain = recipient.rpartition("@")
        local = local.casefold().split("+")[0]
        if domain in ("bücher.test", "xn--bcher-kva.test"):
            return f"{local}@bücher.test"
        if domain == "dst.test" and (found := re.fullmatch(r"b(\d*)", local)):
            return f"b{found[1]}@dst.test" if len(found[1]) < 5 else None
        return MAILBOX if domain == "dst.test" and local == "help" else None

    def is_local_domain(self, domain: str) -> bool:
        return domain in ("dst.test", "bücher.test", "xn--bcher-kva.test")


@dataclass
class Shelf:
    """Keeps mails as files, name and bytes synced; `before` runs first and may raise or wait."""

    folder: Path
    before: Callable[[], Awaitable[None]] | None = None
    received: list[Received] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    async def __call__(self, mail: Received) -> None:
        if self.before is not None:
            await self.before()
        await asyncio.to_thread(self._keep, mail)
        with self.changed:
            self.received.append(mail)
            self.changed.notify_all()

    def _keep(self, mail: Received) -> None:
        target = self.folder / f"{uuid.uuid4().hex}.eml"
        if isinstance(mail.raw, SpooledFile):
            mail.raw.path.rename(target)
        else:
            with target.open("wb") as file:
                file.write(mail.raw)
                file.flush()
                os.fsync(file.fileno())
        handle = os.open(self.folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)

    def mails(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.glob("*.eml"), key=lambda path: path.stat().st_mtime)]

    def wait_for(self, count: int, seconds: float = 20) -> list[bytes]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.received) >= count, seconds), f"only {len(self.received)}"
        return self.mails()


class Stand:
    """The door with everything around it; `call` runs a coroutine on its loop."""

    def __init__(
        self, folder: Path, *, loop: str = "asyncio", sockets: Sequence[socket.socket] | None = None, **settings: Any
    ) -> None:
        (folder / "kept").mkdir(exist_ok=True)
        self.shelf = Shelf(folder / "kept")
        self.directory = Directory()
        self.has_room = True
        self.settings = replace(
            DoorSettings(hostname="gw.test", incoming=folder / "incoming", trusted_peers=LOOPBACK), **settings
        )
        self._new_loop = uvloop.new_event_loop if loop == "uvloop" else asyncio.new_event_loop
        self._sockets = sockets
        self._listen = self.settings.listen or (("127.0.0.1", 0),)
        self._ready: Future[Door] = Future()
        self._thread = threading.Thread(target=self._run, name="stand", daemon=True)
        self.faults: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        self.door = self._ready.result(10)
        self.port = int(str(self.door.addresses[0][-1])) if len(self.door.addresses[0]) == 2 else 0
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin_to_close(self, grace: float) -> "Future[None]":
        return asyncio.run_coroutine_threadsafe(self.door.close(grace), self._loop)

    def close(self, grace: float = 5) -> None:
        if self._thread.is_alive():
            self.begin_to_close(grace).result(60)
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    def reload(self, **settings: Any) -> None:
        """New settings for the sessions to come."""
        self.settings = replace(self.settings, **settings)
        changed = Future[None]()

        def tell() -> None:
            self.door.reload(self.settings)
            changed.set_result(None)

        self._loop.call_soon_threadsafe(tell)
        changed.result(10)

    def hold_up(self, until: threading.Event) -> None:
        """Its loop does nothing meanwhile: whoever connects has to wait."""
        self._loop.call_soon_threadsafe(until.wait, 10)

    def call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=self._new_loop) as runner:
            runner.run(self._live())

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _, context: self.faults.append(context))
        self._stop = asyncio.Event()
        settings = replace(self.settings, listen=self._listen)
        try:
            accept = await self.prepare()
            door = await open_door(
                settings, self.directory, accept, enough_room=lambda: self.has_room, sockets=self._sockets
            )
        except Exception as error:
            self._ready.set_exception(error)
            raise
        self._ready.set_result(door)
        await self._stop.wait()
        await self.clear_up()

    async def forever(self) -> None:
        """Until the stand ends."""
        await self._stop.wait()

    async def prepare(self) -> Accept:
        """What is behind the door."""
        return self.shelf

    async def clear_up(self) -> None:
        """The door is closed."""


def main() -> None:
    """The stand as a process: prints its port, ends with its input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--loop", default="asyncio")
    parser.add_argument("--max-size", type=int, default=50 * 1024 * 1024)
    parser.add_argument("--cert")
    parser.add_argument("--stranger", action="store_true")
    parser.add_argument("--store", default="", help="a real store behind the door: sqlite, or postgresql://…")
    options = parser.parse_args()
    context = None
    if options.cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.cert)
    options.folder.mkdir(exist_ok=True)
    stand = _kind(options.store)(
        options.folder,
        loop=options.loop,
        max_size=options.max_size,
        listen=(("127.0.0.1", options.port),),
        tls=context,
        authenticate=known_users({"u": "good"}),
        limits=Limits(auth_delay=0),
        trusted_peers=() if options.stranger else LOOPBACK,
    )
    with stand:
        print(stand.port, flush=True)
        sys.stdin.read()


def _kind(url: str) -> Callable[..., Stand]:
    if not url:
        return Stand
    from tests.intake.reception import Reception  # it builds on this module

    return partial(Reception, url=url)


if __name__ == "__main__":
    main()
