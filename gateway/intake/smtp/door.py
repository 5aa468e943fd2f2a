"""The door: opened, told new settings, closed."""

import asyncio
import contextlib
import logging
import os
import select
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from gateway.intake.smtp import replies
from gateway.intake.smtp.dialogue import converse
from gateway.intake.smtp.hall import Hall
from gateway.intake.smtp.received import Accept, Addressing, Received, SpooledFile
from gateway.intake.smtp.session import Session, State
from gateway.intake.smtp.settings import DoorSettings, Limits, Login
from gateway.intake.smtp.spool import SUFFIX
from gateway.log import event, get

__all__ = ["Accept", "Addressing", "Door", "DoorSettings", "Limits", "Login", "Received", "SpooledFile", "open_door"]

BACKLOG = 1024
LETTING_IN = 1.0  # seconds for who has connected and was not heard yet, when the door closes
LEFTOVER = 3600.0  # seconds: an older file in `incoming` has no session any more, in this process or another

log = get("intake.smtp")


class Door:
    """An open SMTP door. `addresses` are where it listens, as (host, port), or (path,) for a Unix socket."""

    def __init__(
        self, hall: Hall, servers: Sequence[asyncio.AbstractServer], listeners: Sequence[socket.socket]
    ) -> None:
        self._hall = hall
        self._servers = tuple(servers)
        self._listeners = tuple(listeners)
        self.addresses = tuple(_address(one) for one in listeners)

    def reload(self, settings: DoorSettings) -> None:
        """For the sessions to come: TLS, limits, peers, sizes. Where it listens does not change."""
        self._hall.settings = settings

    def counts(self) -> Mapping[str, int]:
        """Since the start: connections, mails, and each way in which something was refused or cut; `open` is now."""
        return {**self._hall.counts, "open": len(self._hall.sessions)}

    async def close(self, grace: float) -> None:
        """Take no more: 421 4.3.2 to all who wait or begin; a mail on its way has `grace` seconds to be kept."""
        sharing = await self._let_in_who_waits() if self._hall.settings.reuse_port else []
        self._hall.closing = True
        for server in self._servers:
            server.close()
        for one in sharing:
            _turn_away_who_waits(one)
            await asyncio.sleep(0.01)  # whoever was let in last becomes a session now, and is told
        for session in tuple(self._hall.sessions):
            session.dismiss()
        await self._until(lambda: not self._busy(), grace)
        for session in tuple(self._hall.sessions):
            session.throw_out()
        if self._hall.storing:
            await asyncio.wait(self._hall.storing, timeout=grace)
        await self._until(lambda: not self._hall.sessions, self._hall.patience())
        for session in tuple(self._hall.sessions):
            session.abort()
        await asyncio.get_running_loop().run_in_executor(None, self._hall.threads.shutdown)
        event(log, "door_closed", **self.counts())

    async def _let_in_who_waits(self) -> list[socket.socket]:
        """Another process has the port too, and whoever waits at this socket when it closes would be cut off. With no
        room left the kernel sends the next ones there; who is waiting already is let in. Returns the sockets anew: they
        stay open until the last of those has been heard."""
        own = [one for one in self._listeners if one.fileno() >= 0 and _shares_port(one)]
        waiting = select.poll()
        for one in own:
            one.listen(0)
            waiting.register(one, select.POLLIN)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LETTING_IN):
                while waiting.poll(0):  # noqa: ASYNC110 - the kernel's queue tells nobody
                    await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)  # asyncio makes a session one turn after it has taken the connection
        return [one.dup() for one in own]

    def _busy(self) -> bool:
        return any(one.state in (State.RECEIVING, State.STORING) for one in self._hall.sessions)

    async def _until(self, quiet: Callable[[], bool], seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not quiet():
                    await self._hall.something_ended()


async def open_door(
    settings: DoorSettings,
    addressing: Addressing,
    accept: Accept,
    *,
    enough_room: Callable[[], bool],
    sockets: Sequence[socket.socket] | None = None,
) -> Door:
    """Listen on the running loop: on the sockets given (they are closed with the door), else on `settings.listen`.
    One that is given with a port of `settings.listen_tls` is for TLS.

    Raises OSError when an address is not to be had.
    """
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # aiosmtpd's own: it names addresses
    settings.incoming.mkdir(parents=True, exist_ok=True)
    _sweep(settings.incoming)
    hall = Hall(settings, addressing, accept, enough_room)
    ports = {port for _, port in settings.listen_tls if port}
    secured = [one for one in sockets or () if _address(one)[-1] in ports]
    secured = secured or bind(settings.listen_tls, reuse_port=settings.reuse_port)
    given = [one for one in sockets or () if one not in secured]
    listeners = given or bind(settings.listen, reuse_port=settings.reuse_port)
    loop = asyncio.get_running_loop()
    servers: list[asyncio.AbstractServer] = []
    for one in listeners:
        create = loop.create_unix_server if one.family == socket.AF_UNIX else loop.create_server
        servers.append(await create(partial(Session, hall, converse), sock=one, backlog=BACKLOG))
    for one in secured:
        servers.append(await _serve_tls(hall, one))
    door = Door(hall, servers, [*listeners, *secured])
    event(log, "door_open", addresses=[str(address) for address in door.addresses])
    return door


async def _serve_tls(hall: Hall, one: socket.socket) -> asyncio.AbstractServer:
    """TLS from the first byte, for each session with the newest certificate: a reload makes another context."""

    def take_newest(wire: ssl.SSLObject, name: str | None, first: ssl.SSLContext) -> None:
        wire.context = hall.settings.tls or first

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.sni_callback = take_newest
    patience = hall.settings.limits.handshake
    session = partial(Session, hall, converse)
    return await asyncio.get_running_loop().create_server(
        session, sock=one, backlog=BACKLOG, ssl=context, ssl_handshake_timeout=patience
    )


def bind(listen: Sequence[tuple[str, int]], *, reuse_port: bool = False) -> list[socket.socket]:
    """A listening socket for each address. `reuse_port` lets the next process open the same port before this ends."""
    bound: list[socket.socket] = []
    try:
        for host, port in listen:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            one = socket.socket(family, socket.SOCK_STREAM)
            bound.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if reuse_port:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((host.strip("[]"), port))
            one.listen(BACKLOG)
            one.setblocking(False)
    except OSError:
        for one in bound:
            one.close()
        raise
    return bound


def _turn_away_who_waits(one: socket.socket) -> None:
    """Who has come in the very moment of closing is told to come again, and is not cut off."""
    with one, contextlib.suppress(OSError):  # which is that nobody waits any more
        one.setblocking(False)
        while True:
            late, _ = one.accept()
            with late, contextlib.suppress(OSError):
                late.send(replies.CLOSING + b"\r\n")


def _shares_port(one: socket.socket) -> bool:
    return one.family != socket.AF_UNIX and bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT))


def _address(one: socket.socket) -> tuple[object, ...]:
    name = one.getsockname()
    return tuple(name[:2]) if isinstance(name, tuple) else (name,)


def _sweep(incoming: Path) -> None:
    """Remove what a crash left half-arrived: nobody got a 250 for it."""
    for path in incoming.glob(f"*{SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > LEFTOVER:
                os.unlink(path)
